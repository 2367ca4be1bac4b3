"""What the expert says goes into the judgement, and what she said when is told apart."""

from datetime import UTC, datetime, timedelta

import pytest

from capsule_flows.judging import judge
from capsule_flows.said import Change, Preferences, Said, prices_of, said_of
from capsule_kit.answers import NoAnswer
from capsule_kit.criteria import Criterion, ErrorCost
from judgement.examples import class_manifest, from_counts, manifest_of, tables

M, B = "malignant", "benign"
DECLARED = (
    ErrorCost(answer=M, prediction=B, cost=20, meaning="missed"),
    ErrorCost(answer=B, prediction=M, cost=1, meaning="alarm"),
)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
FLOOR = Criterion(metric="right", at_least=0.9)
LATER = Criterion(metric="ppv", at_least=0.5)


def test_her_one_answer_prices_a_miss_in_false_alarms_and_stands_before_what_was_declared() -> None:
    manifest = class_manifest(costs=DECLARED)
    said = Said(preferences=Preferences(false_alarms=9))
    prices = {
        (one.answer, one.prediction): one.cost for one in prices_of(manifest, said.preferences)
    }
    assert prices == {(M, B): 9, (B, M): 1}
    answers, predictions, scores = [M, M, B, B], [M, B, B, M], [0.9, 0.05, 0.2, 0.7]
    found, _ = judge(*tables(answers, predictions, scores), manifest, said)
    assert found.benefit is not None
    assert (found.benefit.false_alarms, found.benefit.threshold) == (9, 0.1)
    assert found.benefit.in_use == (0.2, 0.7)
    assert found.cost is not None
    assert (found.cost.total, found.cost.per_case) == (10, 2.5)
    assert [one.cost for one in found.cost.severities] == [9, 1]
    assert found.cost.high is not None
    assert found.cost.high > 2.5


def test_the_declared_costs_imply_a_threshold_until_she_has_spoken() -> None:
    found, _ = judge(*tables([M, B], [M, B], [0.9, 0.1]), class_manifest(costs=DECLARED))
    assert found.benefit is not None
    assert found.benefit.threshold == pytest.approx(1 / 21)


def test_the_price_of_a_single_case_stands_before_its_kinds() -> None:
    said = Said(preferences=Preferences(cases={"c0": 500}))
    found, table = judge(*tables([M, M], [B, B], [0.1, 0.1]), class_manifest(costs=DECLARED), said)
    assert list(table["cost"]) == [500, 20]
    assert found.cost is not None
    assert [one.cost for one in found.cost.severities] == [500, 20, 1]


def test_a_word_for_the_harm_of_a_case_prices_it_once_she_has_said_what_the_word_costs() -> None:
    brought = tables([M, M, M, B], [B, B, B, B], [0.1] * 4)
    harms = {"c0": "critical", "c1": "serious", "c2": "minor", "c3": "critical"}
    unpriced, _ = judge(*brought, class_manifest(costs=DECLARED), Said(harms=harms))
    assert unpriced.cost is not None
    assert unpriced.cost.total == 60
    preferences = Preferences(harms={"critical": 500, "serious": 40}, cases={"c1": 7})
    said = Said(preferences=preferences, harms=harms)
    found, table = judge(*brought, class_manifest(costs=DECLARED), said)
    # A price of the very case stands before the word's, a word without a price leaves its kind's.
    assert table.set_index("row")["cost"].to_dict() == {2: 500, 3: 7, 4: 20, 5: 0}
    assert found.cost is not None
    assert [(one.cost, one.meaning, one.count) for one in found.cost.severities] == [
        (500, "called critical, case by case", 1),
        (40, "called serious, case by case", 0),
        (20, "missed", 1),
        (7, "", 1),
        (1, "alarm", 0),
    ]


def test_a_case_left_out_or_that_she_cannot_judge_is_in_no_rate_and_told_both_ways() -> None:
    said = Said(preferences=Preferences(left_out=("c0",)), words={"c1": "cannot judge"})
    found, _ = judge(*tables([M, M, M, B], [B, M, M, B]), class_manifest(), said)
    assert (found.cases, found.judged, found.right) == (4, 2, 2)
    told = {
        one.why: (one.cases, one.counted, one.otherwise and one.otherwise.k)
        for one in found.set_apart
    }
    assert told == {"left out": (1, False, 2), "cannot judge": (1, False, 3)}


def test_a_criterion_given_before_the_trial_is_prespecified_and_one_given_after_it_is_added() -> (
    None
):
    revisions = [
        (BEGAN - timedelta(days=1), Preferences(criteria=(FLOOR,))),
        (BEGAN + timedelta(days=1), Preferences(criteria=(LATER,))),
    ]
    said = said_of(revisions, BEGAN, {})
    found, _ = judge(*from_counts({(M, M): 30}), class_manifest(), said)
    assert [(one.criterion, one.origin) for one in found.criteria] == [
        (FLOOR, "prespecified"),
        (LATER, "added"),
    ]


def test_a_changed_criterion_stands_beside_the_declared_one_and_says_when_it_was_changed() -> None:
    stricter, laxer = (FLOOR.model_copy(update={"at_least": bound}) for bound in (0.95, 0.5))
    revisions = [
        (
            BEGAN - timedelta(days=1),
            Preferences(changes=(Change(declared=FLOOR, wanted=stricter),)),
        ),
        (BEGAN + timedelta(days=1), Preferences(changes=(Change(declared=FLOOR, wanted=laxer),))),
    ]
    said = said_of(revisions, BEGAN, {})
    found, _ = judge(*from_counts({(M, M): 30}), class_manifest(criteria=[FLOOR]), said)
    assert [(one.criterion, one.origin, one.instead_of) for one in found.criteria] == [
        (FLOOR, "prespecified", None),
        (stricter, "prespecified", FLOOR),
        (laxer, "changed", FLOOR),
    ]
    # A release that declares it no longer has nothing that was changed.
    later, _ = judge(*from_counts({(M, M): 30}), class_manifest(), said)
    assert [(one.criterion, one.origin, one.instead_of) for one in later.criteria] == [
        (stricter, "prespecified", None),
        (laxer, "added", None),
    ]


def test_outputs_without_an_answer_are_judged_by_her_words_alone() -> None:
    manifest = manifest_of(NoAnswer(meaning="a summary"), [FLOOR])
    inputs, answers, predictions = tables(["x"] * 4, ["one", "two", "three", "four"])
    nobody, table = judge(inputs, answers.iloc[:0], predictions, manifest)
    assert nobody.rate is None
    assert nobody.headline == (
        "Nobody has said yet whether the 4 outputs are right: your word on each is the evidence."
    )
    assert table["right"].isna().all()
    said = Said(words={"c0": "right", "c1": "acceptable", "c2": "wrong"})
    found, _ = judge(inputs, answers.iloc[:0], predictions, manifest, said)
    assert (found.right, found.judged) == (2, 3)
    assert found.headline.startswith("You called 2 of 3 outputs right or acceptable (67 %")
    assert found.assessed is not None
    assert found.assessed.sentence == "You called 1 right, 1 acceptable, 1 wrong. 1 output left."
    assert found.criteria[0].outcome == "too few to tell"

"""Two trials weighed: critical breaks first, and neither is called better on other cases or answers."""

import pytest

from capsule_flows.judging import judge
from capsule_flows.paired import cases_to_notice, power
from capsule_flows.weighing import BREAKS, FIXES, weigh
from capsule_kit.criteria import ErrorCost
from judgement.examples import class_manifest, tables
from judgement.test_comparing import B, M, judged

TEN = [B] * 8 + [M] * 2


def test_a_break_on_a_critical_case_is_the_first_thing_said_and_shown() -> None:
    found, table = weigh(judged(TEN, TEN), judged(TEN, [M, *TEN[1:9], B]), critical={"c9", "c4"})
    assert found.critical_broken == ("row 11",)
    assert found.sentences[0] == "1 of 2 critical cases broke: row 11."
    assert list(table["case_id"])[:2] == ["c9", "c0"]
    assert list(table["critical"])[:2] == [True, False]


def test_versions_on_the_same_cases_have_a_test_an_interval_and_what_so_few_cases_cannot_say() -> (
    None
):
    before = judged([B] * 50, [B] * 44 + [M] * 6)
    found, _ = weigh(before, judged([B] * 50, [M] * 9 + [B] * 36 + [B] * 5))
    assert (found.withheld, found.comparison.broken, found.comparison.fixed) == (None, 9, 6)
    assert found.p == pytest.approx(0.6072, abs=1e-4)
    assert found.difference is not None
    assert found.difference.value == pytest.approx(-0.06)
    assert "9 against 6: chance alone makes a change as lopsided in 61 of 100" in found.sentences[1]
    assert "does not say there is none" in found.sentences[-1]


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (judged([B] * 5, [B] * 5), "1 case only in the second"),
        (judged([B] * 3, [B] * 3), "1 case only in the first"),
        (judged([B, B, B, M], [B] * 4), "The answers to 1 case differ"),
        (judged([B, B, B, None], [B] * 4), "The answers to 1 case differ"),
    ],
)
def test_on_other_cases_or_answers_neither_is_called_better(after, why) -> None:
    found, table = weigh(judged([B] * 4, [B, B, B, M]), after)
    assert why in str(found.withheld)
    assert (found.p, found.difference, found.cost_p, found.power) == (None, None, None, None)
    assert found.sentences[-1] == found.withheld
    assert len(table) >= 4


def test_the_costs_of_both_stand_beside_each_other() -> None:
    costs = (ErrorCost(answer=M, prediction=B, cost=10, meaning="missed"),)
    one, other = (
        judge(*tables([M] * 6, [B] * wrong + [M] * (6 - wrong)), class_manifest(costs=costs))[1]
        for wrong in (0, 6)
    )
    found, _ = weigh(one, other)
    assert (found.cost_before, found.cost_after) == (0, 10)
    assert found.cost_p == pytest.approx(2 / 64)


def test_nothing_on_either_side_is_said_and_not_weighed() -> None:
    found, table = weigh(judged([], []), judged([], []))
    assert found.withheld is not None
    assert table.empty


def test_the_power_is_that_of_the_exact_test() -> None:
    # Six changes, all one way, are the fewest that are noticed: 2 / 2**6 is the first under 0.05.
    assert power(5, 0.9, 0.1) == 0
    assert power(6, 1.0, 0.0) == pytest.approx(1)
    enough = cases_to_notice(BREAKS, FIXES)
    assert power(enough, BREAKS, FIXES) >= 0.8 > power(enough - 5, BREAKS, FIXES)

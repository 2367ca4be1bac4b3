"""A threshold's consequences are counts of these cases, priced by the expert's own answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsule_flows.thresholds import (
    Scored,
    call_all,
    consequence,
    declared_alarms,
    in_words,
    threshold_in_use,
)
from capsule_kit.criteria import ErrorCost


def found(scores: list[float], events: list[int], called: list[int]) -> Scored:
    return Scored(
        "malignant", np.array(events, bool), np.array(scores, float), np.array(called, bool)
    )


FOUR = found([0.1, 0.4, 0.6, 0.9], [0, 1, 0, 1], [0, 0, 1, 1])


def test_a_threshold_misses_alarms_and_costs_what_she_says() -> None:
    here = consequence(FOUR, 0.5, alarms=9)
    assert here.calls == (1, 1, 1, 1)
    assert here.price == 1 * 9 + 1
    assert here.benefit == pytest.approx(1 / 4 - 1 / 4 / 9)
    assert in_words(here, "malignant") == (
        "From a score of 0.5 on it misses 1 of 2 malignant and raises 1 false alarm in 2 others."
    )


def test_without_her_answer_nothing_is_priced() -> None:
    assert consequence(FOUR, 0.5).price is None
    assert consequence(FOUR, 0.5).benefit is None


def test_calling_all_misses_none_and_calling_none_alarms_none() -> None:
    assert call_all(FOUR).calls == (2, 0, 2, 0)
    assert consequence(FOUR, 1.01).calls == (0, 2, 0, 2)


def test_the_threshold_in_use_is_told_from_what_was_called() -> None:
    assert threshold_in_use(FOUR) == 0.6
    assert threshold_in_use(found([0.301, 0.507], [0, 1], [0, 1])) == 0.5
    assert threshold_in_use(found([0.5061, 0.5074], [0, 1], [0, 1])) == 0.5074


def test_calls_that_do_not_follow_the_score_have_no_threshold() -> None:
    assert threshold_in_use(found([0.2, 0.8], [0, 1], [1, 0])) is None
    assert threshold_in_use(found([0.2, 0.8], [0, 1], [0, 0])) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1), st.floats(0.001, 1))
def test_the_threshold_in_use_calls_what_was_called(
    cases: list[tuple[float, bool]], threshold: float
) -> None:
    scores = np.array([score for score, _ in cases])
    called = scores >= threshold
    one = Scored("x", np.array([event for _, event in cases]), scores, called)
    told = threshold_in_use(one)
    if called.any():
        assert told is not None
        assert ((scores >= told) == called).all()
    else:
        assert told is None


def test_two_declared_costs_say_how_many_false_alarms_a_miss_is_worth() -> None:
    costs = (
        ErrorCost(answer="malignant", prediction="benign", cost=20, meaning="x"),
        ErrorCost(answer="benign", prediction="malignant", cost=2, meaning="x"),
    )
    assert declared_alarms(costs, "malignant") == 10
    assert declared_alarms(costs[:1], "malignant") is None

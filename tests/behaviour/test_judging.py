"""What a check shows: held, broken or not comparable, worst first, with an interval and in words."""

import math
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from behaviour.examples import NUMBER, SCORED, Model, cases, contract, said_by, tried, under_ids
from capsule_flows.behaviour_changes import derived
from capsule_flows.behaviour_checks import (
    Again,
    BehaviourCheck,
    Expected,
    Reordered,
    Shifted,
    Swapped,
    Way,
)
from capsule_flows.behaviour_judging import Behaved, behaved
from capsule_flows.behaviour_words import asked
from capsule_kit.answers import ClassAnswer, NoAnswer, RankAnswer, TimeAnswer

RAISED = Shifted(column="dose", by=10, percent=True)
TEN = [float(one) for one in range(5, 55, 5)]


def risk(rows: pd.DataFrame) -> list[float]:
    """Rises with the dose."""
    return [dose / 100 for dose in rows["dose"]]


def dips(rows: pd.DataFrame) -> list[float]:
    """Rises with the dose up to 50, then falls."""
    return [dose / 100 if dose <= 50 else 1.5 - dose / 50 for dose in rows["dose"]]


def test_a_model_that_does_as_it_should_is_held_and_nothing_is_called_certain() -> None:
    found = tried(risk, cases(TEN), RAISED, way="does not fall")
    assert (found.held, found.broken, found.not_comparable) == (10, 0, 0)
    assert found.sentence == (
        "Raising dose by 10 % lowered the score of high in none of 10 cases (plausibly 28 % or less)."
    )
    assert found.notes == ()


def test_the_worst_broken_case_comes_first_and_is_told() -> None:
    found = tried(dips, cases([10, 48, 50, 49]), RAISED, way="does not fall")
    assert [one.case for one in found.listed] == ["P2", "P3", "P1"]
    assert found.listed[0].before_score == 0.5
    assert found.listed[0].after_score == pytest.approx(0.4)
    assert found.largest == pytest.approx(0.1)
    assert found.sentence.startswith(
        "Raising dose by 10 % lowered the score of high in 3 of 4 cases (75 %"
    )
    assert found.sentence.endswith("the largest fall was 0.1.")


@pytest.mark.parametrize(
    ("way", "within", "broken"),
    [
        ("does not fall", None, 0),
        ("does not rise", None, 2),
        ("does not rise", 0.06, 0),
        ("rises", None, 0),
        ("rises", 0.03, 1),
        ("falls", None, 2),
        ("stays", None, 1),
        ("stays", 0.01, 2),
        ("stays", 0.06, 1),
    ],
)
def test_each_expectation_of_a_score(way: Way, within: float | None, broken: int) -> None:
    # 0.2 becomes 0.22 and 0.48 becomes 0.528, another class.
    assert tried(risk, cases([20, 48]), RAISED, way=way, within=within).broken == broken


@pytest.mark.parametrize(
    ("way", "within", "broken"),
    [
        ("stays", None, 1),
        ("stays", 5, 0),
        ("stays", 0, 2),
        ("does not rise", 0.3, 1),
        ("falls", None, 2),
    ],
)
def test_each_expectation_of_a_number(way: Way, within: float | None, broken: int) -> None:
    # 2 becomes 2.2, within the tolerance of 0.5; 20 becomes 22.
    def dose(rows: pd.DataFrame) -> list[float]:
        return list(rows["dose"])

    found = tried(dose, cases([2, 20]), RAISED, way=way, within=within, answer=NUMBER)
    assert found.broken == broken


def test_what_must_rise_is_told_by_how_often_it_did() -> None:
    found = tried(dips, cases([10, 20, 50, 49]), RAISED, way="rises")
    assert (found.held, found.broken, found.word) == (2, 2, "broken")
    assert found.sentence.startswith(
        "Raising dose by 10 % raised the score of high in 2 of 4 cases"
    )
    every = tried(risk, cases(TEN), RAISED, way="rises")
    assert every.sentence == (
        "Raising dose by 10 % raised the score of high in 10 of 10 cases (plausibly 72 % or more)."
    )


def test_rounding_of_the_machine_is_no_fall() -> None:
    def nearly(rows: pd.DataFrame) -> list[float]:
        return [0.1 + 0.2 if dose == 10 else 0.3 for dose in rows["dose"]]

    assert tried(nearly, cases([10]), RAISED, way="does not fall").broken == 0


def test_classes_without_a_score_stay_or_do_not() -> None:
    words = ClassAnswer(column="truth", classes=("low", "high"), meaning="x")

    def by_sex(rows: pd.DataFrame) -> list[str]:
        return ["high" if sex == "male" else "low" for sex in rows["sex"]]

    found = tried(by_sex, cases(TEN), Swapped(column="sex"), answer=words)
    assert (found.broken, found.largest) == (10, None)
    assert found.sentence == (
        "Swapping sex for the other choice changed the answer in 10 of 10 cases (plausibly 72 % or more)."
    )


def test_a_missing_prediction_is_never_a_pass() -> None:
    def silent(rows: pd.DataFrame) -> list[float | None]:
        return [None if dose > 50 else dose / 100 for dose in rows["dose"]]

    found = tried(silent, cases([10, 20, 48, 50]), RAISED, way="does not fall")
    assert (found.held, found.broken, found.not_comparable) == (2, 0, 2)
    assert "2 cases cannot be compared" in found.notes[0]


@pytest.mark.parametrize("value", [None, math.nan])
@pytest.mark.parametrize("way", ["stays", "does not fall", "rises"])
def test_no_prediction_at_all_is_a_sentence(value: float | None, way: Way) -> None:
    found = tried(lambda rows: [value] * len(rows), cases([10, 20]), RAISED, way=way)
    assert (found.held, found.rate, found.not_comparable) == (0, None, 2)
    assert "nothing can be said" in found.sentence


def test_a_model_that_wavers_is_told_apart_from_one_that_misbehaves() -> None:
    found = tried(risk, cases(TEN), RAISED, way="does not fall", before=dips)
    assert found.control is None or not found.control.k
    wavering = tried(risk, cases(TEN), RAISED, before=lambda rows: [0.9] * len(rows))
    assert wavering.control is not None
    assert wavering.control.k == 10
    assert "does not answer the same twice" in wavering.notes[0]


def test_without_a_trial_before_it_says_that_wavering_was_not_seen() -> None:
    check = BehaviourCheck(changes=(RAISED,))
    made = derived(cases([10]), contract(), check)
    run = said_by(risk, under_ids(made.rows), SCORED)
    found = behaved(run, None, check, contract(), made.left_out)
    assert found.held == 1
    assert "was not seen" in found.notes[0]


def by_place(rows: pd.DataFrame) -> list[float]:
    """Looks at nothing but where a row stands."""
    return [place / len(rows) for place in range(len(rows))]


@pytest.mark.parametrize(("model", "broken"), [(risk, 0), (by_place, 3)])
def test_a_model_that_looks_at_the_order_is_found(model: Model, broken: int) -> None:
    found = tried(model, cases([10, 20, 30, 40]), Reordered(), within=0)
    assert (found.broken > 0) == (broken > 0)
    assert found.held + found.broken == 4


def test_a_case_by_itself_shows_a_model_that_looks_at_the_others() -> None:
    def ranked(rows: pd.DataFrame) -> list[float]:
        return list(rows["dose"].rank(pct=True) - 0.1)

    inputs = cases([10, 20, 30])
    only = (inputs["case_id"][0],)
    assert tried(ranked, inputs, Again(), only=only).broken == 1
    assert tried(risk, inputs, Again(), only=only).broken == 0


@pytest.mark.parametrize("change", [Reordered(), Again()])
def test_the_whole_table_without_a_trial_before_cannot_be_compared(
    change: Reordered | Again,
) -> None:
    check = BehaviourCheck(changes=(change,))
    inputs = cases([10, 20])
    found = behaved(said_by(risk, inputs, SCORED), None, check, contract(), {})
    assert found.rate is None
    assert "There is no trial" in found.notes[0]


def test_cases_left_out_are_counted_with_the_reason() -> None:
    found = tried(risk, cases([10, 95]), RAISED, way="does not fall")
    assert found.held == 1
    assert found.notes == (
        "1 case left out: “dose” would no longer be a number from 0 to 100 mg/L.",
    )


numbers = st.one_of(st.none(), st.floats(0, 1), st.just(math.nan))
ANSWERS = (
    SCORED,
    NUMBER,
    TimeAnswer(column="t", unit="months", meaning="x", example=1),
    TimeAnswer(column="t", unit="months", event="e", predicts="time", meaning="x", example=1),
    RankAnswer(column="r", meaning="x"),
    NoAnswer(output="number", meaning="x"),
)


@given(
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6),
    st.sampled_from(ANSWERS),
    st.sampled_from(("stays", "does not fall", "does not rise", "falls", "rises")),
    st.one_of(st.none(), st.floats(0, 2)),
)
@settings(max_examples=60, deadline=None)
def test_every_case_is_counted_once_and_no_sentence_is_broken(pairs, answer, way, within) -> None:
    inputs = cases([10.0] * len(pairs))
    said = iter([old for old, _ in pairs] + [new for _, new in pairs])
    check = BehaviourCheck(changes=(RAISED,), expected=Expected(way=way, within=within))
    made = derived(inputs, contract(answer), check)
    run = said_by(lambda rows: [next(said) for _ in range(len(rows))], under_ids(made.rows), answer)
    found: Behaved = behaved(run, None, check, contract(answer), made.left_out)
    assert found.held + found.broken + found.not_comparable == len(pairs)
    known = sum(
        old is not None and new is not None and old == old and new == new for old, new in pairs
    )
    assert found.held + found.broken == known
    told = " ".join((found.sentence, *found.notes, asked(check, contract(answer))))
    assert not {"nan", "inf", "-inf", "<na>"} & set(re.findall(r"[\w<>-]+", told.lower()))
    assert Behaved.model_validate_json(found.model_dump_json()) == found

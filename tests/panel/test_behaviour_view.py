"""A check is said by fields made from the contract, and what came of it is words, not numbers alone."""

from uuid import uuid4

import pytest

from behaviour.examples import NUMBER, cases, contract, tried
from capsule_blocks.behaviours import Behaviour, BehaviourOutcome
from capsule_blocks.tables import Trial
from capsule_flows.behaviour import Known
from capsule_flows.behaviour_checks import (
    BehaviourCheck,
    Expected,
    Reordered,
    SetTo,
    Shifted,
    Swapped,
)
from capsule_kit.answers import ClassAnswer
from capsule_panel import behaviour_shown
from capsule_panel.behaviour_form import HOWS, KINDS, LOWER, RAISE, WHOLE, BehaviourForm
from capsule_panel.review import ON_DESK

RAISED = Shifted(column="dose", by=10, percent=True)


def form(answer=NUMBER) -> BehaviourForm:
    return BehaviourForm(contract(answer), lambda which: ("c1",) if which == ON_DESK else None)


def test_a_raised_dose_is_asked_not_to_lower_the_prediction() -> None:
    one = form()
    assert one.read() == BehaviourCheck(changes=(RAISED,), expected=Expected(way="does not fall"))
    one._how.value, one._value.value, one._among.value = LOWER, "2,5", "mg/L"
    assert one._way.value == "does not rise"
    one._cases.value, one._way.value, one._within.value = ON_DESK, "stays", "0.05"
    assert one.read() == BehaviourCheck(
        changes=(Shifted(column="dose", by=-2.5),),
        cases=("c1",),
        expected=Expected(way="stays", within=0.05),
    )


def test_every_change_that_the_contract_offers_can_be_said() -> None:
    one, said = form(), set()
    for name in one._what.options.values():
        one._what.value = name
        for how in one._how.options:
            one._how.value = how
            if KINDS[how] == "set" and not one._among.visible:
                one._value.value = "2026-01-02" if name == "seen_on" else "7"
            check = one.read()
            assert isinstance(check, BehaviourCheck), (name, how, check)
            said.add(check.changes[0].kind)
    assert said == set(HOWS)


def test_the_cases_as_a_whole_and_a_value_chosen() -> None:
    one = form()
    one._what.value = WHOLE
    assert one.read() == BehaviourCheck(changes=(Reordered(),))
    one._what.value, one._how.value, one._among.value = "sex", "is set to", "male"
    assert one.read() == BehaviourCheck(changes=(SetTo(column="sex", value="male"),))


def test_two_columns_are_changed_together_and_one_never_twice() -> None:
    one = form()
    one._on_and()
    assert "raising dose by 10\xa0%; and:" in one._told.object
    assert "A column can be changed once" in one.read()
    one._what.value = WHOLE
    assert "by themselves alone" in one.read()
    one._what.value = "sex"
    assert one.read().changes == (RAISED, Swapped(column="sex"))
    one._have(())
    assert one.read().changes == (Swapped(column="sex"),)
    assert not one._over.visible


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("_value", "lots", "Say by how much"),
        ("_value", "0", "Say by how much"),
        ("_within", "-1", "from 0 on"),
        ("_within", "near", "from 0 on"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(field: str, written: str, said: str) -> None:
    one = form()
    getattr(one, field).value = written
    assert said in one.read()


def test_where_nothing_can_rise_it_can_only_stay() -> None:
    one = form(ClassAnswer(column="truth", classes=("a", "b"), meaning="x"))
    assert one._how.value == RAISE
    assert (one._way.options, one._way.value, one._within.visible) == (["stays"], "stays", False)


def falls(rows):
    return [-dose for dose in rows["dose"]]


def outcome(found) -> BehaviourOutcome:
    return BehaviourOutcome(
        behaviour_id=uuid4(),
        flow_run_id=uuid4(),
        kind="judged" if found else "model failed",
        sentence=found.sentence if found else "It ran out of memory.",
        found=found.model_dump(mode="json") if found else None,
    )


def test_the_result_has_a_word_a_sentence_and_the_broken_cases() -> None:
    broken = tried(falls, cases([10, 30]), RAISED, way="does not fall", answer=NUMBER)
    shown = behaviour_shown.outcome(outcome(broken))
    assert "Broken" in shown
    assert "lowered the predicted risk in 2 of 2 cases" in shown
    assert shown.index("P1") < shown.index("P0")
    held = tried(falls, cases([10]), RAISED, way="does not rise", answer=NUMBER)
    assert "Held" in behaviour_shown.outcome(outcome(held))
    silent = tried(lambda rows: [None] * len(rows), cases([10]), RAISED, answer=NUMBER)
    assert "Not all seen" in behaviour_shown.outcome(outcome(silent))


def test_a_failed_run_says_nothing_of_the_behaviour() -> None:
    shown = behaviour_shown.outcome(outcome(None))
    assert "Nothing can be said of its behaviour" in shown


def test_many_broken_cases_are_folded_and_a_hostile_name_is_only_a_name() -> None:
    names = ["<img src=x onerror=alert(1)>", *(f"P{place}" for place in range(14))]
    found = tried(
        falls, cases([10.0] * 15, patient=names), RAISED, way="does not fall", answer=NUMBER
    )
    shown = behaviour_shown.outcome(outcome(found))
    assert "5 more broken cases" in shown
    assert "<img" not in shown


def test_earlier_checks_are_listed_with_what_came_of_them_and_what_goes_on() -> None:
    check = BehaviourCheck(changes=(RAISED,), expected=Expected(way="does not fall"))
    row = Behaviour(
        capsule="example",
        case_set_id=uuid4(),
        derived_id=uuid4(),
        asked=check.model_dump(mode="json"),
        check_hash="a",
        by="Ada",
    )
    run = Trial(
        flow_run_id=uuid4(),
        release_id="r1",
        capsule="example",
        case_set_name="Monday",
        door="behaviour",
        by="Ada",
    )
    found = tried(falls, cases([10]), RAISED, way="does not fall", answer=NUMBER)
    shown = behaviour_shown.earlier(
        [Known(row, ((run, outcome(found)), (run, None)))], contract(NUMBER)
    )
    assert "Raising dose by 10\xa0%: the predicted risk does not fall" in shown
    assert "Broken" in shown
    assert "Going on" in shown
    told = behaviour_shown.derived(run, [Known(row, ((run, outcome(found)),))], contract(NUMBER))
    assert "Nobody knows an answer to them" in told
    assert "lowered the predicted risk in 1 of 1 case" in told
    assert behaviour_shown.earlier([], contract(NUMBER)) == ""

"""A case is kept by one click, with what is said of it; her cases that flipped are asked of once."""

from pathlib import Path

import pytest

from capsule_flows.challenge import challenge_cases
from capsule_flows.flips import flips_of
from capsule_flows.replaying import replay_capsule
from capsule_panel import flips_view, keeping
from capsule_panel.flips_view import told as flip_told
from capsule_panel.keeping import KeepCase, Keeping, KeepView
from capsule_panel.person import Person
from judgement.examples import class_manifest, number_manifest
from replay.place import B, M, Place, older

ROWS = [("p1", "lung", 50.0), ("<b>p2</b>", "skin", 60.0), ("p3", "lung", 70.0)]
ANSWER = class_manifest().contract.answer


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Give a place; of the Prefect server, of which none runs here, nothing has to be taken down."""
    monkeypatch.setattr(keeping, "take_down", lambda resources, case_set_id: None)
    return Place.new(tmp_path)


def a_trial(place: Place, name: str = "Ada") -> tuple[Keeping, Person]:
    cases = place.bring(ROWS, [M, B, M])
    run_id = place.tried(cases, place.release("one"), older(55))
    trial = place.where.ledger.trial(run_id)
    assert trial is not None
    person = Person()
    person.field.value = name
    return Keeping(place.where, trial, person), person


def the_case(place: Place, keep: Keeping, number: int) -> dict[str, object]:
    judged = place.where.store.judged(keep._trial.flow_run_id)
    assert judged is not None
    return {str(key): value for key, value in judged.iloc[number].items()}


async def test_one_click_keeps_the_case_with_the_reason_she_gave_for_her_word(place: Place) -> None:
    keep, _ = a_trial(place)
    one = KeepCase(keep, ANSWER)
    await one.load([])
    one.take_up(the_case(place, keep, 0), "missed in March")
    await one._on_keep(None)
    (kept,) = challenge_cases(place.where, "example")
    assert (kept.case, kept.shelf, kept.sort, kept.critical) == ("p1", "open", "typical", False)
    assert (kept.reason, kept.by) == ("missed in March", "Ada")
    assert "kept as typical by Ada" in one._said.object
    one.take_up(the_case(place, keep, 2), "")
    assert one._said.object == ""


async def test_all_cases_are_kept_as_she_says_and_what_was_said_before_is_told(
    place: Place,
) -> None:
    keep, person = a_trial(place)
    view = KeepView(place.where, keep._trial, person, ANSWER)
    view._fields._sort.value, view._fields._critical.value = "rare", True
    view._fields._sealed.value, view._fields.reason.value = True, "<i>a cyst</i>"
    await view._on_keep(None)
    found = challenge_cases(place.where, "example")
    assert {(one.shelf, one.sort, one.critical) for one in found} == {("sealed", "rare", True)}
    assert "Nobody has looked at the sealed cases since." in view._before.object
    assert "<i>" not in view._before.object


async def test_without_a_name_nothing_is_kept(place: Place) -> None:
    keep, _ = a_trial(place, "")
    one = KeepCase(keep, ANSWER)
    one.take_up(the_case(place, keep, 0), "")
    await one._on_keep(None)
    assert "Write your name" in one._said.object
    assert place.where.ledger.kept() == []


async def test_a_tolerance_that_is_no_number_is_said(place: Place) -> None:
    keep, _ = a_trial(place)
    one = KeepCase(keep, number_manifest().contract.answer)
    one.take_up(the_case(place, keep, 0), "")
    one._fields._tolerance.value = "about 2"
    await one._on_keep(None)
    assert "problem" in one._said.object
    assert place.where.ledger.kept() == []


async def test_cases_that_are_nearly_the_same_are_pointed_out(place: Place) -> None:
    place.release("one")
    other = place.bring([("p9", "lung", 50.0)], [M], name="another")
    place.keep(other)
    keep, _ = a_trial(place)
    one = KeepCase(keep, ANSWER)
    one.take_up(the_case(place, keep, 0), "")
    await one._on_keep(None)
    assert "Nearly the same as each other: p" in one._said.object


async def test_she_is_asked_once_of_a_case_that_flipped_and_its_name_is_not_obeyed(
    place: Place,
) -> None:
    a_trial(place)
    cases = place.where.ledger.case_set("example", "Monday")
    assert cases is not None
    place.keep(cases)
    for release, model in (("two", lambda row: M), ("three", older(65))):
        at = place.at(place.release(release), model)
        replay_capsule(at, round_name="night", why="night")
    flips = flips_of(place.where, "Ada")
    assert {one.row["case"]: one.row["change"] for one in flips} == {
        "p1": "broken",
        "<b>p2</b>": "fixed",
    }
    assert "<b>" not in "".join(map(flip_told, flips))
    asking = flips_view._Asking(place.where, flips[0], "Ada")
    assert asking._fields.visible
    asking._reason.value = "a cyst"
    await asking._answer("disputed")
    assert not asking._fields.visible
    (said,) = [one.said for one in flips_of(place.where, "Ada") if one.said]
    assert (said.word, said.reason) == ("disputed", "a cyst")
    again = flips_view._Asking(place.where, flips_of(place.where, "Ada")[-1], "Ada")
    assert not again._fields.visible
    assert "You disputed" in again._said.object

"""The sealed shelf: closed to authors, open to whose it is, and each look is a row."""

import pytest

from capsule_blocks.behaviours import Behaviour
from capsule_blocks.replays import Replay
from capsule_blocks.tables import CaseSet, Trial, Upload
from capsule_flows.permission import LOCAL_AUTHOR, Visitor, may
from capsule_flows.sealed_shelf import SealedAway, insist_open, is_sealed, looked, looks
from replay.place import B, M, Place, older

ADA = Visitor(role="expert", owner="ada", lent={"example": frozenset()})
EVE = Visitor(role="author", owner="eve")
ROWS = [("p1", "lung", 50.0), ("p2", "skin", 60.0)]
ACTS = ("see trial", "speak", "keep cases", "see what others did")


def a_trial(place: Place, cases: CaseSet, owner: str | None = "ada") -> Trial:
    at = place.at(place.release("one"), older(55))
    trial = place.where.ledger.trial(at.runs.start(cases.name, f"a key for {cases.name}"))
    assert trial is not None
    return Trial(**{**trial.model_dump(), "owner": owner})


def test_before_anything_is_sealed_an_author_may_see_the_trial(place: Place) -> None:
    trial = a_trial(place, place.bring(ROWS, [M, B], owner="ada"))
    assert may(place.where.ledger, EVE, "see trial", trial)


@pytest.mark.parametrize("cases", [(), ("p1",)])
def test_a_trial_with_a_sealed_case_is_closed_to_authors_and_open_to_whose_it_is(
    place: Place, cases: tuple[str, ...]
) -> None:
    brought = place.bring(ROWS, [M, B], owner="ada")
    trial, ledger = a_trial(place, brought), place.where.ledger
    place.keep(brought, *cases, shelf="sealed")
    for act in ACTS:
        assert not may(ledger, EVE, act, trial), act
    assert not may(ledger, EVE, "use cases", brought)
    assert not may(ledger, EVE, "see cases", brought)
    assert may(ledger, ADA, "see trial", trial)
    assert may(ledger, LOCAL_AUTHOR, "see trial", trial)
    assert may(ledger, EVE, "open capsule", "example")
    with pytest.raises(SealedAway, match="which the command shows to nobody"):
        insist_open(ledger, trial)


def test_what_an_author_sealed_of_his_own_stays_open_to_him(place: Place) -> None:
    brought = place.bring(ROWS, [M, B], owner="eve")
    place.keep(brought, shelf="sealed", by="Eve")
    assert may(place.where.ledger, EVE, "see trial", a_trial(place, brought, owner="eve"))
    other = Visitor(role="author", owner="ann")
    assert not may(place.where.ledger, other, "see trial", a_trial(place, brought, owner="eve"))


def test_the_same_cases_under_another_name_are_sealed_too(place: Place) -> None:
    first, second = place.bring(ROWS, [M, B]), place.bring(ROWS, [M, B], name="again")
    place.keep(first, shelf="sealed")
    assert is_sealed(place.where.ledger, second)


def test_a_case_taken_back_stays_sealed_until_it_is_opened(place: Place) -> None:
    place.release("one")
    brought, ledger = place.bring(ROWS, [M, B]), place.where.ledger
    place.keep(brought, "p1", shelf="sealed")
    place.keep(brought, "p1", shelf="sealed", withdrawn=True)
    assert is_sealed(ledger, brought)
    place.keep(brought, "p1", shelf="open")
    assert not is_sealed(ledger, brought)


def test_the_file_that_sealed_cases_came_in_is_closed_too(place: Place) -> None:
    ledger = place.where.ledger
    upload = Upload(capsule="example", filename="a.csv", sha256="a" * 64, size=1, by="Ada")
    ledger.add(upload)
    brought = place.bring(ROWS, [M, B], owner="ada", upload=upload.id)
    assert not is_sealed(ledger, upload)
    place.keep(brought, shelf="sealed")
    assert is_sealed(ledger, upload)


def test_the_composed_cases_of_a_replay_are_closed_where_one_of_them_is_sealed(
    place: Place,
) -> None:
    ledger, release = place.where.ledger, place.release("one").release()
    composed = {name: place.bring(ROWS, [M, B], name=name) for name in ("open", "sealed")}
    composed["sealed"] = place.bring(ROWS[:1], [M], name="one sealed")
    for number, (name, cases) in enumerate(composed.items()):
        ledger.add(
            Replay(
                capsule="example",
                release_id=release.id,
                round=f"night {number}",
                why="night",
                asked_hash="a" * 64,
                case_set_id=cases.id,
                cases=2,
                sealed=int(name == "sealed"),
            )
        )
    assert {name: is_sealed(ledger, cases) for name, cases in composed.items()} == {
        "open": False,
        "sealed": True,
    }


def test_each_look_at_the_sealed_shelf_is_a_row_and_no_other_is(place: Place) -> None:
    brought, ledger = place.bring(ROWS, [M, B]), place.where.ledger
    trial = a_trial(place, brought)
    looked(ledger, trial, door="/trial", by="Ada", owner="ada")
    assert looks(ledger, "example") == []
    place.keep(brought, "p1", shelf="sealed")
    for door in ("/trial", "/report"):
        looked(ledger, trial, door=door, by="Ada", owner="ada")
    told = [
        (one.door, one.by, one.flow_run_id, one.case_set_id) for one in looks(ledger, "example")
    ]
    assert told == [(door, "Ada", trial.flow_run_id, brought.id) for door in ("/report", "/trial")]


def test_cases_changed_from_sealed_ones_are_sealed_too(place: Place) -> None:
    brought, changed = place.bring(ROWS, [M, B]), place.bring(ROWS[:1], [M], name="changed")
    place.where.ledger.add(
        Behaviour(
            capsule="example",
            case_set_id=brought.id,
            derived_id=changed.id,
            asked={"changes": []},
            check_hash="a" * 64,
            by="Ada",
        )
    )
    assert not is_sealed(place.where.ledger, changed)
    place.keep(brought, shelf="sealed")
    assert is_sealed(place.where.ledger, changed)

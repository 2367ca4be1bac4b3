"""What is kept for good: the newest word on a case holds, the same case is one, nothing is changed in place."""

import pytest

from capsule_blocks.tables import AnswersRevision
from capsule_flows.challenge import challenge_cases
from capsule_flows.keeping import NoTolerance, UnknownCases, pointed_out
from judgement.examples import number_manifest
from replay.place import B, M, Place

ROWS = [("p1", "lung", 50.0), ("p2", "skin", 60.0), ("p3", "lung", 70.0)]


def test_a_whole_case_set_is_kept_with_what_is_said_of_it(place: Place) -> None:
    place.release("one")
    cases = place.bring(ROWS, [M, B, None], owner="ada@clinic.example")
    place.keep(cases, critical=True, sort="rare", shelf="sealed", reason="missed in March")
    found = {one.case: one for one in challenge_cases(place.where, "example")}
    assert set(found) == {"p1", "p2", "p3"}
    one = found["p1"]
    assert (one.critical, one.sort, one.shelf, one.reason) == (
        True,
        "rare",
        "sealed",
        "missed in March",
    )
    assert (one.answer, found["p2"].answer, found["p3"].answer) == (M, B, None)
    assert (one.by, one.owner, one.case_set_id) == ("Ada", "ada@clinic.example", cases.id)


def test_single_cases_are_kept_by_name_or_id_and_the_others_are_not(place: Place) -> None:
    place.release("one")
    cases = place.bring(ROWS, [M, B, M])
    third = place.where.store.inputs(cases.inputs_hash)["case_id"].iloc[2]
    place.keep(cases, "p1", third)
    assert place.names() == ["p1", "p3"]


def test_the_newest_word_on_a_case_holds_and_may_take_it_back(place: Place) -> None:
    place.release("one")
    cases = place.bring(ROWS, [M, B, M])
    place.keep(cases, critical=True)
    place.keep(cases, "p2", withdrawn=True)
    place.keep(cases, "p3", critical=False, sort="trick")
    found = {one.case: (one.critical, one.sort) for one in challenge_cases(place.where, "example")}
    assert found == {"p1": (True, "typical"), "p3": (False, "trick")}
    place.keep(cases, "p2")
    assert place.names() == ["p1", "p2", "p3"]
    assert len(place.where.ledger.kept("example")) == 4


def test_the_same_case_in_two_case_sets_is_one_as_said_last(place: Place) -> None:
    place.release("one")
    monday, tuesday = place.bring(ROWS, [M, B, M]), place.bring(ROWS[:1], [B], name="Tuesday")
    place.keep(monday)
    place.keep(tuesday, sort="rare")
    found = challenge_cases(place.where, "example")
    (first,) = [one for one in found if one.case == "p1"]
    assert len(found) == 3
    assert (first.sort, first.answer, first.case_set_id) == ("rare", B, tuesday.id)


def test_a_row_that_stands_twice_is_one_challenge_case(place: Place) -> None:
    place.release("one")
    place.keep(place.bring([ROWS[0], ROWS[0]], [M, M]))
    assert place.names() == ["p1"]


def test_a_corrected_answer_is_the_answer_from_then_on(place: Place) -> None:
    place.release("one")
    cases = place.bring(ROWS, [M, B, M])
    place.keep(cases)
    known = place.where.store.answers(
        cases.inputs_hash, place.where.ledger.latest_answers(cases.id).answers_hash
    ).assign(answer=[B, B, M])
    anew = place.where.store.seal_anew(cases.inputs_hash, known)
    place.where.ledger.add_revision(
        AnswersRevision(case_set_id=cases.id, answers_hash=anew, reason="biopsy", by="Ada")
    )
    found = {one.case: one.answer for one in challenge_cases(place.where, "example")}
    assert found == {"p1": B, "p2": B, "p3": M}


def test_cases_that_differ_by_their_name_or_by_rounding_are_pointed_out(place: Place) -> None:
    place.release("one")
    rows = [*ROWS, ("p4", "lung", 50.0), ("p5", "skin", 60.0001), ("p6", "skin", 61.0)]
    place.keep(place.bring(rows, [M, B, M, M, B, B]))
    groups = [sorted(one.case for one in group) for group in pointed_out(place.where, "example")]
    assert sorted(groups) == [["p1", "p4"], ["p2", "p5"]]


def test_a_case_that_is_not_there_is_refused_by_its_name(place: Place) -> None:
    place.release("one")
    with pytest.raises(UnknownCases, match="'Monday' has no case called 'p9'"):
        place.keep(place.bring(ROWS, [M, B, M]), "p9")
    assert place.where.ledger.kept() == []


def test_a_tolerance_is_for_numbers_and_above_0(place: Place) -> None:
    place.release("one")
    with pytest.raises(NoTolerance, match="the answer is no number"):
        place.keep(place.bring(ROWS, [M, B, M]), tolerance=0.1)
    manifest = number_manifest()
    place.release("two", manifest)
    numbers = place.bring(ROWS, [1.0, 2.0, 3.0], name="numbers", manifest=manifest)
    with pytest.raises(NoTolerance, match="above 0"):
        place.keep(numbers, tolerance=0.0)

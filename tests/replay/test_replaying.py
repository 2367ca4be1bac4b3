"""A replay through the real ledger and the real store, on a server in memory."""

import pytest
from sqlmodel import select

from capsule_blocks.replays import Replay, ReplayRun
from capsule_blocks.tables import AnswersRevision
from capsule_flows.challenge import challenge_cases
from capsule_flows.challenge_batch import compose
from capsule_flows.replay_history import history, latest_replay
from capsule_flows.replaying import begin, replay_capsule
from replay.place import ROWS, B, M, Place, by_case, older, replayed


def test_without_challenge_cases_nothing_is_begun(place: Place) -> None:
    at = place.at(place.release("one"), older(55))
    assert replay_capsule(at, round_name="night 1", why="night") is None
    assert place.where.ledger.rows(select(Replay)) == []


def test_three_versions_of_the_same_cases(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]), critical=True)
    one = replayed(place, "one", older(65))
    assert by_case(one.cases, "change") == {
        "p1": "still right",
        "p2": "still wrong",
        "p3": "still right",
    }
    two = replayed(place, "two", older(55))
    assert by_case(two.cases, "change")["p2"] == "fixed"
    three = replayed(place, "three", older(45))
    assert by_case(three.cases, "change") == {
        "p1": "broken",
        "p2": "still right",
        "p3": "still right",
    }
    assert (three.replayed.critical_broken, three.replayed.unsettled) == (1, 0)
    assert three.replayed.counts == {"broken": 1, "still right": 2}
    grid = history(place.where, "example")
    assert grid is not None
    assert grid.cells.shape == (3, 3)
    row = {one.case: list(grid.cells.loc[one.case_id]) for one in grid.cases}
    assert row == {
        "p1": ["right", "right", "wrong"],
        "p2": ["wrong", "right", "right"],
        "p3": ["right", "right", "right"],
    }


def test_one_run_for_all_case_sets_and_a_second_only_where_something_flipped(place: Place) -> None:
    place.release("one")
    for number, row in enumerate(ROWS):
        place.keep(place.bring([row], [M], name=f"set {number}"))
    replayed(place, "one", older(65))
    assert [key.split("-")[-2] for key in place.server.started] == ["first"]
    replayed(place, "two", older(55))
    assert [key.split("-")[-2] for key in place.server.started] == ["first", "first", "again"]


@pytest.mark.parametrize(("settings", "before"), [({}, B), ({"threshold": 0.1}, None)])
def test_her_trial_with_the_settings_as_they_come_is_what_the_first_replay_is_held_against(
    place: Place, settings: dict[str, object], before: str | None
) -> None:
    cases = place.bring(ROWS, [B, M, M])
    place.tried(cases, place.release("one"), older(65), **settings)
    place.keep(cases, "p2")
    two = replayed(place, "two", older(55))
    assert by_case(two.cases, "before") == {"p2": before}
    assert by_case(two.cases, "change") == {"p2": "fixed" if before else "still right"}


def test_an_unchanged_release_is_run_each_night_for_steadiness_and_told_as_before(
    place: Place,
) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    replayed(place, "one", older(65))
    replayed(place, "two", older(55), "night 2")
    later = replayed(place, "two", older(55), "night 3")
    assert by_case(later.cases, "change")["p2"] == "fixed"
    assert place.server.started[-1].endswith("first-1"), "nothing new, so nothing is run again"
    drifted = replayed(place, "two", older(65), "night 4")
    assert by_case(drifted.cases, "change")["p2"] == "unsteady"
    assert "environment" in by_case(drifted.cases, "why")["p2"]


def test_a_night_that_was_replayed_is_not_replayed_again(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    first, second = (replayed(place, "one", older(55)) for _ in range(2))
    assert first.replay.id == second.replay.id
    assert len(place.server.started) == 1


def test_what_the_machine_loses_is_tried_once_more_and_then_told_as_that(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    place.server.ends = ["infrastructure failed"]
    assert replayed(place, "one", older(55)).replayed.unsettled == 0
    place.server.ends = ["infrastructure failed"] * 2
    lost = replayed(place, "one", older(55), "night 2")
    assert set(lost.cases["change"]) == {"infrastructure failed"}
    assert lost.replayed.unsettled == 3
    assert lost.cases["right"].isna().all()


def test_a_failing_model_answers_nothing(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    place.server.ends = ["model failed"]
    failed = replayed(place, "one", older(55))
    assert set(failed.cases["change"]) == {"not answered"}
    assert not failed.cases["right"].any()


def test_a_replay_that_another_release_overtakes_is_ended_as_that(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    left = begin(place.at(place.release("one"), older(55)), round_name="night 1", why="night")
    assert left is not None
    replayed(place, "two", older(55), "night 2")
    ended = latest_replay(place.where, "example", left.release_id)
    assert ended is not None
    assert set(ended.cases["change"]) == {"infrastructure failed"}
    assert "Another release" in ended.cases["why"].iloc[0]
    assert len(place.server.started) == 1


def test_an_answer_corrected_later_judges_both_versions_anew_and_no_trial(place: Place) -> None:
    place.release("one")
    cases = place.bring(ROWS, [B, M, M])
    place.keep(cases)
    one = replayed(place, "one", older(65))
    run = place.where.ledger.rows(select(ReplayRun))[0]
    before = place.where.ledger.outcome(run.flow_run_id)
    known = place.where.store.answers(
        cases.inputs_hash, place.where.ledger.latest_answers(cases.id).answers_hash
    ).assign(answer=[B, B, M])
    anew = place.where.store.seal_anew(cases.inputs_hash, known)
    place.where.ledger.add_revision(
        AnswersRevision(case_set_id=cases.id, answers_hash=anew, reason="biopsy", by="Ada")
    )
    two = replayed(place, "two", older(55))
    assert by_case(one.cases, "change")["p2"] == "still wrong"
    assert by_case(two.cases, "change")["p2"] == "broken"
    assert place.where.ledger.outcome(run.flow_run_id) == before
    grid = history(place.where, "example")
    assert grid is not None
    assert [list(grid.cells.loc[one.case_id]) for one in grid.cases if one.case == "p2"] == [
        ["right", "wrong"]
    ]


def test_the_composed_cases_hold_no_answer_and_are_the_same_bytes_each_night(place: Place) -> None:
    published = place.release("one")
    place.keep(place.bring(ROWS[:2], [B, M]))
    place.keep(place.bring(ROWS[1:], [M, M], name="Tuesday"))
    cases = challenge_cases(place.where, "example")
    first, second = (compose(place.where, published.manifest, cases) for _ in range(2))
    assert first.case_set is not None
    assert first.case_set == second.case_set
    inputs = place.where.store.inputs(first.case_set.inputs_hash)
    assert list(inputs.columns) == ["case_id", "row", "patient", "site", "age"]
    assert sorted(inputs["patient"]) == ["p1", "p2", "p3"]
    assert place.where.store.has_receipt(
        first.case_set.inputs_hash, published.manifest.contract.hash
    )

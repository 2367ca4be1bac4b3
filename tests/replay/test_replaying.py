"""A replay through the real ledger and the real store, killed at each step, on a server in memory."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlmodel import select

from capsule_blocks import CaseStore, Ledger
from capsule_blocks.replays import Replay, Replayed, ReplayRun
from capsule_blocks.tables import AnswersRevision, Outcome, Trial
from capsule_flows.challenge import challenge_cases
from capsule_flows.challenge_batch import compose
from capsule_flows.replay_history import ReplayResult, history, latest_replay
from capsule_flows.replaying import begin, replay_capsule
from capsule_kit.columns import Column
from capsule_kit.manifest import Manifest
from judgement.examples import class_manifest
from replay.place import B, M, Model, Place, RunsInPlace, by_case, older

ROWS = [("p1", "lung", 50.0), ("p2", "skin", 60.0), ("p3", "lung", 70.0)]


def replayed(
    place: Place,
    release: str,
    model: Model,
    round_name: str = "night 1",
    manifest: Manifest | None = None,
) -> ReplayResult:
    at = place.at(place.release(release, manifest), model)
    result = replay_capsule(at, round_name=round_name, why="night")
    assert result is not None
    return result


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


def changed_contract(**age: object) -> Manifest:
    """Return the example under a contract that asks otherwise for the age."""
    manifest = class_manifest()
    columns = tuple(
        Column(**{**one.model_dump(), **age}) if one.name == "age" else one
        for one in manifest.contract.columns
    )
    contract = manifest.contract.model_copy(update={"columns": columns})
    return manifest.model_copy(update={"contract": contract})


def test_cases_are_checked_again_when_the_contract_has_changed(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    replayed(place, "one", older(65))
    two = replayed(place, "two", older(55), "night 2", changed_contract(at_most=65.0))
    assert by_case(two.cases, "change") == {
        "p1": "still right",
        "p2": "fixed",
        "p3": "not comparable",
    }
    assert "65" in by_case(two.cases, "why")["p3"]


def test_numbers_are_turned_into_the_unit_of_the_new_contract(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    in_days = changed_contract(unit="days")
    two = replayed(place, "two", older(60 * 365), "night 2", in_days)
    assert by_case(two.cases, "right") == {"p1": True, "p2": True, "p3": True}


def test_where_nothing_fits_any_more_nothing_is_run(place: Place) -> None:
    place.release("one")
    place.keep(place.bring(ROWS, [B, M, M]))
    none = replayed(place, "two", older(55), "night 2", changed_contract(at_most=1.0))
    assert set(none.cases["change"]) == {"not comparable"}
    assert place.server.started == []


class Killed(BaseException):
    """Stands for the end of the process."""


STEPS: tuple[tuple[type, str], ...] = (
    (Ledger, "add"),
    (Ledger, "add_once"),
    (Ledger, "add_revision"),
    (CaseStore, "seal"),
    (CaseStore, "keep_replay"),
    (CaseStore, "save_judged"),
    (RunsInPlace, "start"),
    (RunsInPlace, "settled"),
)


@contextmanager
def killed_at(number: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End the process before the given step of those that change anything, counted from 0.

    What lies between two of them changes nothing, so this is after each of them too.
    """
    left = [number]

    def moment() -> None:
        if left[0] == 0:
            raise Killed
        left[0] -= 1

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: Any, **named: Any) -> Any:
            moment()
            return step(*given, **named)

        return stepped

    with monkeypatch.context() as patched:
        for owner, name in STEPS:
            patched.setattr(owner, name, counted(getattr(owner, name)))
        yield


def everything(place: Place) -> dict[str, Any]:
    """Return what must be the same however often the process was killed."""
    rows = place.where.ledger.rows
    (replay,), (done,) = rows(select(Replay)), rows(select(Replayed))
    table = place.where.store.replay(done.result_hash)
    return {
        "replays": (replay.round, replay.cases, replay.sealed),
        "counts": done.counts,
        "table": table[["case", "change", "right", "before", "after", "why"]].to_dict("records"),
        "runs": [(one.part, one.attempt) for one in rows(select(ReplayRun))],
        "started": len(place.server.started),
        "trials": len(rows(select(Trial).where(Trial.door == "replay"))),
        "outcomes": len(rows(select(Outcome))),
    }


def test_killed_at_any_step_the_next_start_goes_on_and_nothing_is_run_or_counted_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "template"
    template.mkdir()
    place = Place.new(template)
    cases = place.bring(ROWS, [B, M, M])
    place.tried(cases, place.release("one"), older(65))
    place.keep(cases)
    place.close()
    whole, number = None, 0
    while True:
        folder = tmp_path / str(number)
        shutil.copytree(template, folder)
        place = Place.there(folder)
        at = place.at(place.release("two"), older(55))
        killed = False
        try:
            with killed_at(number if whole else 10**6, monkeypatch):
                replay_capsule(at, round_name="night 1", why="night")
        except Killed:
            killed = True
        place.close()
        again = Place.there(folder)
        again.server = place.server
        at = again.at(again.release("two"), older(55))
        replay_capsule(at, round_name="night 1", why="night")
        found = everything(again)
        again.close()
        whole = whole or found
        assert found == whole, f"killed at step {number}"
        if not killed and number:
            break
        shutil.rmtree(folder)
        number += 1
    assert number > 10
    assert whole["started"] == 2
    assert pd.DataFrame(whole["table"])["change"].tolist() == [
        "fixed",
        "still right",
        "still right",
    ]

"""A replay whose process ends at any step: the next start goes on, and nothing is run or counted twice."""

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
from capsule_blocks.tables import Outcome, Trial
from capsule_flows.replaying import replay_capsule
from replay.place import ROWS, B, M, Place, RunsInPlace, older


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

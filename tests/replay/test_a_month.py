"""Forty nights: four releases, two experts, a crash, a full disk and a server that forgot; nothing is lost or counted twice."""

import errno
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import select

from capsule_blocks import CaseStore
from capsule_blocks.replays import Replay, Replayed, ReplayRun
from capsule_blocks.tables import CaseSet, Outcome, Trial, Verdict
from capsule_flows import deciding, replay_telling, replaying
from capsule_flows.commands_gate import GateExit
from capsule_flows.flips import answer_flip, flips_of
from capsule_flows.releases import Published
from capsule_flows.replay_history import history
from capsule_flows.replay_telling import tell_news
from capsule_flows.replaying import replay_capsule, unfinished
from capsule_kit.policy import Policy
from judgement.examples import class_manifest
from replay.place import B, M, Model, Place, RunsInPlace, older

POLICY = Policy.model_validate(
    {
        "criteria": [{"metric": "right", "at_least": 0.3, "cases": "open"}],
        "verdicts": {"at_least": 2},
        "challenge": {"open_at_least": 3, "sealed_at_least": 1},
    }
)
ADA = [("a40", "lung", 40.0), ("a50", "skin", 50.0), ("a60", "lung", 60.0), ("a70", "skin", 70.0)]
ADA += [("a45", "lung", 45.0), ("a75", "skin", 75.0)]
BEN = [("b55", "lung", 55.0), ("b65", "skin", 65.0)]
TRULY = {name: M if age >= 55 else B for name, _, age in [*ADA, *BEN]}
CRITICAL = "a70"
DONE_BY_THE_NEXT = (12, 15, 18)
"""The starts that went on with what the night before had left."""


class Crashed(BaseException):
    """Stands for the end of the process."""


@dataclass
class Month:
    """The place, what went out of it, and what befell it."""

    place: Place
    sent: list[str] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    gate: dict[str, str] = field(default_factory=dict)
    ended_badly: list[int] = field(default_factory=list)

    def night(self, number: int, release: Published, model: Model) -> None:
        """Replay as the flow does; what ends the process or the night is what the next start finds."""
        at = self.place.at(release, model)
        try:
            replay_capsule(at, round_name=f"night {number}", why="night")
            tell_news(self.place.where, "example")
        except (Crashed, OSError):
            self.ended_badly.append(number)

    def hard_nights(self, release: Published, monkeypatch: pytest.MonkeyPatch) -> None:
        """Replay ten nights on which the process ends twice, the disk is full, and the server forgets."""
        for number in range(11, 21):
            with monkeypatch.context() as befallen:
                if number == 11:
                    befall_crash(befallen, replaying, "_result")
                if number == 14:
                    befall_full_disk(befallen)
                if number == 17:
                    befall_crash(befallen, RunsInPlace, "settled")
                self.night(number, release, older(55))
            if number == 17:
                self.place.server.forget()

    def ask(self, name: str, release: Published) -> None:
        """Ask the gate."""
        self.gate[name] = deciding.ask_the_gate(self.place.where, release, by="CI").row.answer


def wrong_on_critical(row: Any) -> object:
    return B if row["patient"] == CRITICAL else older(55)(row)


@pytest.fixture
def month(place: Place, monkeypatch: pytest.MonkeyPatch) -> Month:
    """The whole month as it went."""
    made = Month(place)
    monkeypatch.setattr(deciding, "emit_event", lambda **facts: None)
    monkeypatch.setattr(
        replay_telling, "emit_event", lambda event, **facts: made.events.update([event])
    )
    monkeypatch.setattr(replay_telling, "send", lambda subject, body: made.sent.append(body))
    manifest = class_manifest().model_copy(update={"gate": POLICY})
    one, two, three, four = (place.release(n, manifest) for n in ("one", "two", "three", "four"))
    adas = place.bring(ADA, [TRULY[name] for name, *_ in ADA], owner="ada")
    bens = place.bring(BEN, [TRULY[name] for name, *_ in BEN], name="Ben's", by="Ben", owner="ben")
    place.keep(adas, sort="rare")
    place.keep(adas, CRITICAL, critical=True)
    place.keep(bens, shelf="sealed", by="Ben")
    for number in range(1, 11):
        made.night(number, one, older(65))
    made.ask("one", one)
    made.hard_nights(two, monkeypatch)
    for number, (cases, who) in enumerate([(adas, "Ada"), (bens, "Ben")]):
        sign(place, two, cases, who, number)
    made.ask("two", two)
    for number in range(21, 31):
        made.night(number, three, wrong_on_critical)
    for flip in flips_of(place.where, "Ada", "ada"):
        answer_flip(place.where, flip, "agreed", by="Ada")
    made.ask("three", three)
    dice = random.Random(7)
    for number in range(31, 41):
        made.night(number, four, lambda row: dice.choice([M, B]))
    made.ask("four", four)
    return made


def befall_crash(befallen: pytest.MonkeyPatch, owner: object, name: str) -> None:
    """Let the process end before it does this."""

    def crashing(*given: Any) -> None:
        raise Crashed

    befallen.setattr(owner, name, crashing)


def befall_full_disk(befallen: pytest.MonkeyPatch) -> None:
    """Let the store have no room for what a run has predicted."""

    def full(*given: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    befallen.setattr(CaseStore, "save_judged", full)


def sign(place: Place, release: Published, cases: CaseSet, who: str, number: int) -> None:
    trial = place.where.ledger.trial(place.tried(cases, release, older(55)))
    assert trial is not None
    place.where.ledger.add_revision(
        Verdict(
            flow_run_id=trial.flow_run_id,
            release_id=trial.release_id,
            word="ready",
            statement="As I saw it.",
            by=who,
        )
    )


def test_a_month(month: Month) -> None:
    place, rows = month.place, month.place.where.ledger.rows

    # The nights that crashed and the one with a full disk were gone on with by the next start.
    assert month.ended_badly == [11, 14, 17]
    nights = [one.round for one in rows(select(Replay))]
    assert sorted(nights) == sorted(f"night {n}" for n in range(1, 41) if n not in DONE_BY_THE_NEXT)
    assert unfinished(place.where, "example") == []
    assert len(rows(select(Replayed))) == len(nights) == 37

    # Every run was asked for once, is one trial, and has one outcome.
    asked = [(one.replay_id, one.part, one.attempt) for one in rows(select(ReplayRun))]
    assert max(attempt for *_, attempt in asked) == 2, (
        "the run that the server forgot was run again"
    )
    assert len(asked) == len(set(asked)) == len(place.server.started)
    trials = rows(select(Trial).where(Trial.door == "replay"))
    outcomes = place.where.ledger.outcomes([one.flow_run_id for one in trials])
    assert len(trials) == len(asked) == len(outcomes)
    assert len(rows(select(Outcome))) == len(trials) + 2, "beside them the two experts' own trials"

    # Every open case's history, one version a column.
    grid = history(place.where, "example")
    assert grid is not None
    told = {one.case: list(grid.cells.loc[one.case_id])[:3] for one in grid.cases}
    assert told == {
        "a40": ["right", "right", "right"],
        "a45": ["right", "right", "right"],
        "a50": ["right", "right", "right"],
        "a60": ["wrong", "right", "right"],
        "a70": ["right", "right", "wrong"],
        "a75": ["right", "right", "right"],
    }
    random_version = [list(grid.cells.loc[one.case_id])[3] for one in grid.cases]
    assert "unsteady" in random_version

    # What was mended and what broke is told once; night after night of the same is silent.
    of_three = month.sent[:2]
    assert "a60: fixed (answer malignant); before benign, now malignant." in of_three[0]
    assert "1 sealed case changed" in of_three[0]
    assert f"{CRITICAL}: broken (critical, answer malignant)" in of_three[1]
    assert not any(secret in body for body in month.sent for secret in ("b55", "b65"))
    assert month.events["capsule.case.fixed"] >= 2
    assert month.events["capsule.case.broken"] >= 1
    assert month.events["capsule.case.unsteady"] >= 6

    # The gate: nobody signed; all there; a critical case broke; the dice.
    assert month.gate == {
        "one": "INCONCLUSIVE",
        "two": "GO",
        "three": "NO-GO",
        "four": "INCONCLUSIVE",
    }
    assert [int(GateExit[one.replace("-", "_")]) for one in month.gate.values()] == [2, 0, 1, 2]

"""Replay: all challenge cases of a capsule on its current release, gone on with from wherever it was left.

What has to be done is planned from the ledger's rows alone (`replay_plan`); each step here is one that
may be done again without harm.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import pandas as pd
from sqlmodel import col, select

from capsule_blocks.replays import Replay, Replayed, ReplayRun
from capsule_flows.challenge import challenge_cases
from capsule_flows.challenge_batch import compose, what_is_composed
from capsule_flows.errors import FlowsError
from capsule_flows.home import Resources
from capsule_flows.next_known import ahead
from capsule_flows.releases import Published
from capsule_flows.replay_changes import (
    NOTHING,
    UNSETTLED,
    Known,
    Part,
    changes,
    counted,
    has_doubts,
)
from capsule_flows.replay_history import ReplayResult, known_so_far, result_of
from capsule_flows.replay_plan import Await, Conclude, Ran, Start, next_step, run_key
from capsule_flows.replay_runs import Runs, default_settings
from capsule_flows.trial_words import JUDGED
from capsule_kit.answers import Answer
from capsule_kit.manifest import Manifest
from capsule_kit.receipt import CASE_ID

Why = Literal["night", "release", "command"]
COMPOSED = ("composed_of", "asked_hash", "case_set_id", "cases", "sealed")
"""What replays on the same cases have in common."""
OVERTAKEN = Part("overtaken", "Another release was deployed before this one was replayed.", NOTHING)


class NoSuchRelease(FlowsError):
    """A replay names a release that the ledger does not hold."""

    def __init__(self, release_id: str) -> None:
        super().__init__(f"The ledger has no release {release_id}. Restore the ledger.")


@dataclass(frozen=True)
class Replaying:
    """What one capsule's replay works with."""

    resources: Resources
    published: Published
    """The release of now."""
    runs: Runs


def replay_capsule(at: Replaying, *, round_name: str, why: Why) -> ReplayResult | None:
    """Finish what was begun, or replay the capsule once for this round; None without challenge cases.

    One process at a time replays a capsule; another one waits, and finds it done.
    """
    with _alone(at.resources, at.published.manifest.name):
        replay = begin(at, round_name=round_name, why=why)
        return go_on(at, replay) if replay else None


def begin(at: Replaying, *, round_name: str, why: Why) -> Replay | None:
    """Return the replay to go on with: an unfinished one, else this round's; None without challenge cases.

    One that another release has overtaken is finished as it stands; a version that was made ready and
    is not taken overtakes no release of the capsule's own, nor they it.
    """
    ledger, capsule = at.resources.ledger, at.published.manifest.name
    release, others = at.published.release(), ahead(at.resources.ledger, capsule)
    for one in unfinished(at.resources, capsule):
        if one.release_id == release.id:
            return one
        if (one.release_id in others) == (release.id in others):
            go_on(at, one)
    if there := _of_round(at.resources, capsule, release.id, round_name):
        return there
    if not ledger.kept(capsule):
        return None
    ledger.add_once(release)
    composed = _composed(at)
    if composed is None:
        return None
    one = Replay(capsule=capsule, release_id=release.id, round=round_name, why=why, **composed)
    ledger.add_once(one)
    return _of_round(at.resources, capsule, release.id, round_name)


def _composed(at: Replaying) -> dict[str, Any] | None:
    """Return what a replay has to know of its cases; None without challenge cases.

    Where no word, no answer and no contract has changed since an earlier replay, it is that one's:
    of two hundred case sets, composing takes a third of a replay's time.
    """
    resources, manifest = at.resources, at.published.manifest
    composed_of = what_is_composed(resources, manifest)
    asked = select(Replay).where(Replay.capsule == manifest.name, Replay.composed_of == composed_of)
    for before in resources.ledger.rows(asked.limit(1)):
        return {name: getattr(before, name) for name in COMPOSED}
    cases = challenge_cases(resources, manifest.name)
    if not cases:
        return None
    batch = compose(resources, manifest, cases)
    return {
        "composed_of": composed_of,
        "asked_hash": resources.store.keep_replay(batch.asked),
        "case_set_id": batch.case_set.id if batch.case_set else None,
        "cases": len(cases),
        "sealed": sum(one.shelf == "sealed" for one in cases),
    }


def go_on(at: Replaying, replay: Replay) -> ReplayResult:
    """Do what is left of a replay, and return what came of it."""
    ledger, facts = at.resources.ledger, _Facts.of(at, replay)
    while True:
        done = ledger.rows(select(Replayed).where(Replayed.replay_id == replay.id))
        if done:
            return result_of(at.resources, replay, done[0])
        match facts.next_step():
            case Start(part, attempt):
                run_id = at.runs.start(facts.case_set_name, run_key(replay.id, part, attempt))
                ran = ReplayRun(replay_id=replay.id, part=part, attempt=attempt, flow_run_id=run_id)
                ledger.add_once(ran)
            case Await(flow_run_id):
                at.runs.settled(flow_run_id)
            case Conclude(first, again):
                ledger.add_once(_result(at.resources, replay, facts.table(first, again)))


def unfinished(resources: Resources, capsule: str) -> list[Replay]:
    """Return the capsule's replays that have no result yet, oldest first."""
    done = select(Replayed.replay_id)
    asked = select(Replay).where(Replay.capsule == capsule, col(Replay.id).not_in(done))
    return resources.ledger.rows(asked.order_by(col(Replay.started_at)))


def _of_round(
    resources: Resources, capsule: str, release_id: str, round_name: str
) -> Replay | None:
    asked = select(Replay).where(
        Replay.capsule == capsule, Replay.release_id == release_id, Replay.round == round_name
    )
    return next(iter(resources.ledger.rows(asked)), None)


@dataclass(frozen=True)
class _Facts:
    """A replay with what does not change while it goes on, and what the ledger knows of its runs."""

    at: Replaying
    replay: Replay
    asked: pd.DataFrame
    answer: Answer
    defaults: Mapping[str, Any]

    @classmethod
    def of(cls, at: Replaying, replay: Replay) -> "_Facts":
        release = at.resources.ledger.release(replay.release_id)
        if release is None:
            raise NoSuchRelease(replay.release_id)
        answer = Manifest.model_validate(release.manifest).contract.answer
        asked = at.resources.store.replay(replay.asked_hash)
        return cls(at, replay, asked, answer, default_settings(at.published))

    @cached_property
    def known(self) -> Known:
        """What other runs said, as it stood when the replay began."""
        return known_so_far(self.at.resources, self.replay, self.asked, self.defaults)

    @cached_property
    def overtaken(self) -> bool:
        return self.replay.release_id != self.at.published.release().id

    @property
    def case_set_name(self) -> str:
        assert self.replay.case_set_id is not None
        case_set = self.at.resources.ledger.case_set_by_id(self.replay.case_set_id)
        assert case_set is not None
        return case_set.name

    def next_step(self) -> Start | Await | Conclude:
        """Return what is to be done next."""
        ran = self._ran()
        judged = {one.part: one for one in ran if one.kind == JUDGED}
        first = judged.get("first")
        if self.overtaken:
            return Conclude(first, judged.get("again"))
        doubts = first is not None and has_doubts(
            self.asked, self.answer, self._part(first), self.known
        )
        return next_step(ran, to_run=self.replay.case_set_id is not None, doubts=doubts)

    def table(self, first: Ran | None, again: Ran | None) -> pd.DataFrame:
        """Return what became of each case."""
        one = self._part(first) if first else OVERTAKEN
        other = self._part(again) if again else None
        return changes(self.asked, self.answer, one, other, self.known)

    def _ran(self) -> list[Ran]:
        ledger = self.at.resources.ledger
        rows = ledger.rows(select(ReplayRun).where(ReplayRun.replay_id == self.replay.id))
        ended = ledger.outcomes([one.flow_run_id for one in rows])
        return [
            Ran(
                "again" if one.part == "again" else "first",
                one.attempt,
                one.flow_run_id,
                ended[one.flow_run_id].kind if one.flow_run_id in ended else None,
            )
            for one in rows
        ]

    def _part(self, ran: Ran) -> Part:
        outcome = self.at.resources.ledger.outcome(ran.flow_run_id)
        judged = self.at.resources.store.judged(ran.flow_run_id)
        assert outcome is not None
        said = NOTHING if judged is None else judged.set_index(CASE_ID)["prediction"]
        return Part(outcome.kind, outcome.sentence, said)


def _result(resources: Resources, replay: Replay, table: pd.DataFrame) -> Replayed:
    is_open = table["shelf"] == "open"
    critical = table["critical"] & table["broke_on"].notna()
    return Replayed(
        replay_id=replay.id,
        result_hash=resources.store.keep_replay(table),
        counts=counted(table[is_open]),
        sealed_counts=counted(table[~is_open]),
        critical_broken=int(critical.sum()),
        unsettled=int(table["change"].isin(UNSETTLED).sum()),
    )


@contextmanager
def _alone(resources: Resources, capsule: str) -> Iterator[None]:
    """Let one process of this machine at a time replay a capsule; the kernel frees a dead one's lock."""
    locks = resources.store.local / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / f"replay-{capsule}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""What replays said of a capsule's cases so far: the newest of a release, and cases by versions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

import pandas as pd
from sqlmodel import col, select

from capsule_blocks.replays import Replay, Replayed
from capsule_blocks.sealing import ANSWER
from capsule_blocks.tables import Outcome, Trial
from capsule_flows.case_ids import DIGITS
from capsule_flows.challenge import ChallengeCase, Shelf, challenge_cases
from capsule_flows.home import Resources
from capsule_flows.next_known import ahead
from capsule_flows.replay_changes import NOTHING, Known, Version, filled, right_of
from capsule_flows.replay_runs import as_it_comes
from capsule_flows.trial_words import JUDGED
from capsule_kit.answers import Answer
from capsule_kit.manifest import Manifest
from capsule_kit.receipt import CASE_ID

OPEN: tuple[Shelf, ...] = ("open",)
UNKNOWN = ("unsteady", "not answered", "not comparable", "infrastructure failed")
"""Changes that stand in the grid as they are; the others are right or wrong."""


@dataclass(frozen=True)
class ReplayResult:
    """One finished replay."""

    replay: Replay
    replayed: Replayed
    cases: pd.DataFrame
    """A row for each challenge case, sealed ones too: case_id, case, shelf, sort, critical, change,
    right, answer, before, after, why, broke_on, and who keeps it."""


@dataclass(frozen=True)
class History:
    """Cases by versions."""

    cases: list[ChallengeCase]
    """By row, in the order of `cells`."""
    releases: tuple[str, ...]
    """Every release that was replayed, the one replayed first first."""
    cells: pd.DataFrame
    """Index case_id, a column a release: right, wrong, or one of UNKNOWN; blank where it was not run.
    Right and wrong are by the answers as they are now."""


def finished(
    resources: Resources, capsule: str, *, with_next: bool = False
) -> list[tuple[Replay, Replayed]]:
    """Return the capsule's finished replays, newest first.

    Those of versions that were made ready and are not taken are no replays of its own releases.
    """
    asked = select(Replay).where(Replay.capsule == capsule).order_by(col(Replay.started_at).desc())
    left_out = frozenset() if with_next else ahead(resources.ledger, capsule)
    replays = [one for one in resources.ledger.rows(asked) if one.release_id not in left_out]
    ids = [one.id for one in replays]
    done = resources.ledger.rows(select(Replayed).where(col(Replayed.replay_id).in_(ids)))
    by_id = {one.replay_id: one for one in done}
    return [(one, by_id[one.id]) for one in replays if one.id in by_id]


def latest_replay(resources: Resources, capsule: str, release_id: str) -> ReplayResult | None:
    """Return the newest finished replay of this release, or None."""
    for replay, replayed in finished(resources, capsule, with_next=True):
        if replay.release_id == release_id:
            return result_of(resources, replay, replayed)
    return None


def result_of(resources: Resources, replay: Replay, replayed: Replayed) -> ReplayResult:
    """Return a finished replay with its cases."""
    return ReplayResult(replay, replayed, resources.store.replay(replayed.result_hash))


def history(
    resources: Resources, capsule: str, shelves: Collection[Shelf] = OPEN
) -> History | None:
    """Return the challenge cases on these shelves by versions; None before the first replay."""
    done = finished(resources, capsule)
    newest: dict[str, Replayed] = {}
    for replay, replayed in done:
        newest.setdefault(replay.release_id, replayed)
    answer = _answer_of(resources, next(iter(newest), ""))
    if answer is None:
        return None
    cases = [one for one in challenge_cases(resources, capsule) if one.shelf in shelves]
    asked = pd.DataFrame(
        {
            CASE_ID: [one.case_id for one in cases],
            ANSWER: pd.Series([one.answer for one in cases], dtype="object"),
            "tolerance": pd.array([one.tolerance for one in cases], dtype="Float64"),
        }
    )
    releases = tuple(dict.fromkeys(replay.release_id for replay, _ in reversed(done)))
    cells = {
        one: _cells(resources.store.replay(newest[one].result_hash), asked, answer)
        for one in releases
        if _alike(answer, _answer_of(resources, one))
    }
    blank = pd.Series(pd.NA, index=range(len(cases)), dtype="string")
    columns = {one: cells.get(one, blank).array for one in releases}
    return History(cases, releases, pd.DataFrame(columns, index=asked[CASE_ID]))


def known_so_far(
    resources: Resources, replay: Replay, asked: pd.DataFrame, defaults: Mapping[str, Any]
) -> Known:
    """Return what this release said at an earlier time, and what the versions before it said.

    Both come from replays, and for a case that a version's replay did not hold from trials of its
    case set with the settings as they come.
    """
    answer_of = cache(partial(_answer_of, resources))
    answer = answer_of(replay.release_id)
    said: dict[str, pd.Series] = {}
    last: dict[str, datetime] = {}
    others = ahead(resources.ledger, replay.capsule) - {replay.release_id}
    for past, replayed in finished(resources, replay.capsule, with_next=True):
        release_id = past.release_id
        if release_id in others:
            continue
        if past.started_at < replay.started_at and _alike(answer, answer_of(release_id)):
            last.setdefault(release_id, past.started_at)
            if said.get(release_id, NOTHING).empty:
                steady = release_id != replay.release_id
                said[release_id] = _said(resources, replayed, steady=steady)
    wanted = {UUID(str(one)): set(group[CASE_ID]) for one, group in asked.groupby("case_set_id")}
    for trial in _judged_trials(resources, replay, wanted, defaults):
        release_id = trial.release_id
        if trial.case_set_id is None or release_id in others:
            continue
        if not _alike(answer, answer_of(release_id)):
            continue
        last[release_id] = max(trial.at, last.get(release_id, trial.at))
        there = said.get(release_id, NOTHING)
        if missing := wanted[trial.case_set_id] - set(there.index):
            tried = _predicted(resources, trial.flow_run_id, missing)
            said[release_id] = filled(there, pd.Series(tried, dtype="object"))
    same = said.pop(replay.release_id, NOTHING)
    earlier = (Version(one, said[one]) for one in sorted(said, key=last.__getitem__))
    return Known(replay.release_id, same, tuple(earlier))


def _said(resources: Resources, replayed: Replayed, *, steady: bool) -> pd.Series:
    table = resources.store.replay(replayed.result_hash)
    there = table[table["change"] != "unsteady"] if steady else table
    return there.set_index(CASE_ID)["after"].dropna()


def _judged_trials(
    resources: Resources,
    replay: Replay,
    case_sets: Collection[UUID],
    defaults: Mapping[str, Any],
) -> list[Trial]:
    """Return the judged trials of these case sets before the replay, newest first."""
    asked = (
        select(Trial)
        .join(Outcome)
        .where(
            col(Trial.case_set_id).in_(case_sets),
            Trial.at <= replay.started_at,
            Outcome.kind == JUDGED,
        )
        .order_by(col(Trial.at).desc())
    )
    return [one for one in resources.ledger.rows(asked) if as_it_comes(one, defaults)]


def _predicted(resources: Resources, flow_run_id: UUID, wanted: Collection[str]) -> dict[str, Any]:
    judged = resources.store.judged(flow_run_id)
    if judged is None:
        return {}
    ids = judged[CASE_ID].str[:DIGITS]
    there = judged[ids.isin(list(wanted)) & judged["prediction"].notna()]
    return dict(zip(there[CASE_ID].str[:DIGITS], there["prediction"], strict=True))


def _cells(result: pd.DataFrame, asked: pd.DataFrame, answer: Answer) -> pd.Series:
    there = result.set_index(CASE_ID).reindex(asked[CASE_ID]).reset_index(drop=True)
    right = right_of(asked, answer, there["after"])
    words = right.map({True: "right", False: "wrong"}).astype("string")
    change = there["change"].astype("string")
    return change.where(change.isin(UNKNOWN), words).mask(change.isna())


def _answer_of(resources: Resources, release_id: str) -> Answer | None:
    release = resources.ledger.release(release_id)
    return Manifest.model_validate(release.manifest).contract.answer if release else None


def _alike(one: Answer | None, other: Answer | None) -> bool:
    """Say whether predictions of the two mean the same."""
    facts = ("kind", "unit", "classes", "predicts", "output")
    return one is not None and all(getattr(one, f, None) == getattr(other, f, None) for f in facts)

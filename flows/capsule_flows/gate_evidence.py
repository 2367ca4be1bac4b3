"""The evidence on a release, gathered from ledger and store: what the gate decides by."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlmodel import select

from capsule_blocks.tables import Release, Verdict
from capsule_flows.challenge import ChallengeCase, challenge_cases
from capsule_flows.champion import champion_of
from capsule_flows.comparing import compare
from capsule_flows.gate import asked_of
from capsule_flows.gate_facts import BesideChampion, Covered, GateEvidence, Measured, Signed
from capsule_flows.gate_pool import Judged, LeftOut, Pool, example_cases, pool_of
from capsule_flows.gate_shelves import measured_on, shelf_of, told_of
from capsule_flows.home import Resources
from capsule_flows.judgement import CriterionResult
from capsule_flows.replay_history import latest_replay
from capsule_kit.answers import ClassAnswer, NumberAnswer
from capsule_kit.manifest import Manifest
from capsule_kit.policy import Policy


def gather(
    resources: Resources, release: Release, policy: Policy | None, at: datetime
) -> GateEvidence:
    """Return the evidence on a release as it stands, for this policy."""
    manifest = Manifest.model_validate(release.manifest)
    answer = manifest.contract.answer
    positive = answer.positive if isinstance(answer, ClassAnswer) else None
    kept = challenge_cases(resources, release.capsule)
    replay = latest_replay(resources, release.capsule, release.id)
    replayed = None if replay is None else replay.cases
    shelves = {name: told_of(kept, replayed, name) for name in ("open", "sealed")}
    settings = policy.settings if policy else None
    left_out = _left_out(resources, release.capsule, kept, policy)
    pool = pool_of(resources, release.id, manifest, settings, left_out)
    pairs = list(zip(policy.criteria, asked_of(policy), strict=True)) if policy else []
    brought = tuple(asked for wanted, asked in pairs if wanted.cases == "brought")
    judged = pool.judged(manifest.model_copy(update={"criteria": brought}))
    return GateEvidence(
        capsule=release.capsule,
        release_id=release.id,
        at=at,
        positive=positive,
        unit=answer.unit if isinstance(answer, NumberAnswer) else "",
        measured=(
            *(Measured(cases="brought", result=one) for one in _criteria(judged)),
            *(
                measured_on(shelves[wanted.cases], wanted, asked, positive)
                for wanted, asked in pairs
                if wanted.cases != "brought"
            ),
        ),
        open=shelf_of(shelves["open"], replayed=replay is not None),
        sealed=shelf_of(shelves["sealed"], replayed=replay is not None),
        verdicts=standing(_verdicts(resources, release.capsule), release.id),
        champion=_beside_champion(resources, release, judged, settings, left_out),
        covered=_covered(pool, judged, manifest),
    )


def standing(verdicts: Sequence[Verdict], release_id: str) -> tuple[Signed, ...]:
    """Return each person's word as it stands: her newest on this release, else her newest; by name."""
    found: dict[str, Verdict] = {}
    for one in sorted(verdicts, key=lambda row: (row.release_id == release_id, row.at)):
        found[" ".join(one.by.split()).casefold()] = one
    return tuple(
        Signed(by=one.by, word=one.word, limits=one.limits, release_id=one.release_id, at=one.at)
        for _, one in sorted(found.items())
    )


def _criteria(judged: Judged | None) -> Sequence[CriterionResult]:
    return judged[0].criteria if judged else ()


def _verdicts(resources: Resources, capsule: str) -> list[Verdict]:
    return resources.ledger.rows(select(Verdict).join(Release).where(Release.capsule == capsule))


def _left_out(
    resources: Resources, capsule: str, kept: Sequence[ChallengeCase], policy: Policy | None
) -> LeftOut:
    ledger = resources.ledger
    whole = {row.case_set_id for row in ledger.kept(capsule) if row.case_ids is None}
    brought = {one: case_set.by for one in whole if (case_set := ledger.case_set_by_id(one))}
    counts = policy is not None and policy.example_counts
    return LeftOut(
        sealed=frozenset(one.case_id for one in kept if one.shelf == "sealed"),
        example=frozenset() if counts else example_cases(resources, capsule),
        replayed={
            one.case_id: brought[one.case_set_id]
            for one in kept
            if one.shelf == "open" and one.case_set_id in brought
        },
    )


def _covered(pool: Pool, judged: Judged | None, manifest: Manifest) -> Covered:
    groups = judged[0].groups if judged else None
    return Covered(
        cases=judged[0].judged if judged else 0,
        persons=pool.persons,
        groups=tuple(
            (one.column, one.value, one.n)
            for one in (groups.declared if groups else ())
            if one.column in manifest.groups
        ),
        failed_trials=pool.failed_trials,
        trained_on=pool.trained_on,
        example=pool.example,
    )


def _beside_champion(
    resources: Resources,
    release: Release,
    now: Judged | None,
    settings: Mapping[str, Any] | None,
    left_out: LeftOut,
) -> BesideChampion | None:
    champion = champion_of(resources.ledger, release.capsule)
    theirs = resources.ledger.release(champion.release_id) if champion else None
    if theirs is None or theirs.id == release.id:
        return None
    before = Manifest.model_validate(theirs.manifest)
    then = pool_of(resources, theirs.id, before, settings, left_out).judged(before)
    counts = _changes(then[1], now[1]) if then and now else (0, 0, 0, 0)
    names = ("still_right", "broken", "fixed", "still_wrong")
    return BesideChampion(release_id=theirs.id, **dict(zip(names, counts, strict=True)))


def _changes(then: pd.DataFrame, now: pd.DataFrame) -> tuple[int, int, int, int]:
    """Return how the cases changed that both were judged on, with the same answers."""
    both = then[["case_id", "answer"]].merge(now[["case_id", "answer"]], on="case_id")
    same = both.loc[both["answer_x"] == both["answer_y"], "case_id"]
    found, _ = compare(then[then["case_id"].isin(same)], now[now["case_id"].isin(same)])
    return found.still_right, found.broken, found.fixed, found.still_wrong

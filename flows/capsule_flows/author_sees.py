"""All that an author wants to know of a capsule at a glance: release, gate, verdicts, findings, replays."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlmodel import col, select

from capsule_blocks.gate_tables import Decided, Override
from capsule_blocks.tables import Assessment, Release, Trial, Verdict
from capsule_flows.becoming import Became, became
from capsule_flows.champion import Champion, champion_of, decisions, overrides
from capsule_flows.gate_evidence import standing
from capsule_flows.gate_facts import Signed
from capsule_flows.home import Resources
from capsule_flows.releases import Published
from capsule_flows.replay_history import history
from capsule_flows.sealed_shelf import is_sealed, looks

MOST_FINDINGS = 50
"""How many of the newest words "wrong" are followed up."""
MENDED = "mended"


@dataclass(frozen=True)
class ByVersion:
    """The open challenge cases by versions."""

    names: tuple[str, ...]
    """The cases', by row."""
    critical: tuple[bool, ...]
    cells: pd.DataFrame
    """A row a case, a column a release, the one replayed first first: right, wrong, another state of
    `replay_history`, or blank where it was not run."""


@dataclass(frozen=True)
class AuthorSees:
    """One capsule as its author sees it."""

    published: Published
    release: Release
    decided: tuple[Decided, ...]
    """The gate's answers, newest first."""
    since: tuple[int, int]
    """Trials of this release and verdicts on it that came after the newest answer."""
    champion: Champion | None
    overrides: tuple[Override, ...]
    verdicts: tuple[Signed, ...]
    findings: tuple[Became, ...]
    """Cases that an expert called wrong and that are not mended, of the open shelf."""
    by_version: ByVersion | None
    """None before the first replay."""
    looks: int
    """How often anybody looked at the sealed shelf."""


def author_sees(resources: Resources, published: Published) -> AuthorSees:
    """Return what an author wants to know of a capsule."""
    ledger, release = resources.ledger, published.release()
    known = tuple(decisions(ledger, release.capsule))
    verdicts = ledger.rows(select(Verdict).join(Release).where(Release.capsule == release.capsule))
    trials = ledger.rows(select(Trial).where(Trial.release_id == release.id))
    here = [one for one in verdicts if one.release_id == release.id]
    asked_at = known[0].at if known else None
    since = [sum(asked_at is None or one.at > asked_at for one in rows) for rows in (trials, here)]
    return AuthorSees(
        published=published,
        release=release,
        decided=known,
        since=(since[0], since[1]),
        champion=champion_of(ledger, release.capsule),
        overrides=tuple(overrides(ledger, release.capsule)),
        verdicts=standing(verdicts, release.id),
        findings=tuple(_findings(resources, release.capsule)),
        by_version=_by_version(resources, release.capsule),
        looks=len(looks(ledger, release.capsule)),
    )


def _by_version(resources: Resources, capsule: str) -> ByVersion | None:
    found = history(resources, capsule)
    if found is None:
        return None
    return ByVersion(
        tuple(one.case for one in found.cases),
        tuple(one.critical for one in found.cases),
        found.cells,
    )


def _findings(resources: Resources, capsule: str) -> Sequence[Became]:
    """Return the cases whose newest word is "wrong" and that no later release has mended."""
    asked = (
        select(Assessment)
        .join(Trial)
        .where(Trial.capsule == capsule, Assessment.word == "wrong")
        .order_by(col(Assessment.at).desc())
        .limit(MOST_FINDINGS)
    )
    words = resources.ledger.rows(asked)
    newest = {
        said.id
        for run_id in {one.flow_run_id for one in words}
        if not is_sealed(resources.ledger, resources.ledger.trial(run_id))
        for said in resources.ledger.assessments(run_id)
    }
    standing_words = [one for one in words if one.id in newest]
    return [one for one in became(resources, standing_words) if one.fate != MENDED]

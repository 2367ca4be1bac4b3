"""Two trials of one capsule side by side: what was different about them, and how their cases compare."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import pandas as pd

from capsule_blocks.tables import AnswersRevision, CaseSet, Outcome, Release, Trial
from capsule_flows.challenge import challenge_cases
from capsule_flows.errors import FlowsError, UnknownTrial
from capsule_flows.evidence import evidence_again, said_by
from capsule_flows.home import Resources
from capsule_flows.trial_words import JUDGED
from capsule_flows.weighing import Weighed, weigh

SHOWN_OF_A_HASH = 12
NONE_SAID = "as it comes"
AS_THEY_ARE_NOW = (
    "Answers were corrected since: both trials are held against them as they are now; each stays"
    " judged as it was."
)


class CannotCompare(FlowsError):
    """Two trials that cannot stand side by side."""

    exit_code = 64

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why} Choose two judged trials of one capsule; `capsules trials` lists them."
        )


class NotJudged(FlowsError):
    """A trial whose predictions were not compared with answers."""

    exit_code = 64

    def __init__(self, flow_run_id: UUID, kind: str) -> None:
        super().__init__(
            f"Trial {flow_run_id} was not judged: {kind}. `capsules trials` lists those that were."
        )


@dataclass(frozen=True)
class Side:
    """A judged trial with what it was made of."""

    trial: Trial
    outcome: Outcome
    release: Release
    cases: CaseSet | None
    answers: AnswersRevision | None


class Differs(NamedTuple):
    """One thing that was not the same."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class SideBySide:
    """Two trials, the earlier one first as a rule."""

    before: Side
    after: Side
    differs: tuple[Differs, ...]
    """What differs of release, settings and data; empty where it is the same trial over again."""
    weighed: Weighed
    cases: pd.DataFrame
    """Case by case, as `weighing.weigh` returns it."""


def side_by_side(resources: Resources, before: UUID, after: UUID) -> SideBySide:
    """Put two judged trials of one capsule side by side.

    Raises:
        UnknownTrial: the ledger has no such trial.
        NotJudged: one of them was not judged.
        CannotCompare: they are of two capsules, or a table of cases is gone.
    """
    old, new = judged_side(resources, before), judged_side(resources, after)
    if old.trial.capsule != new.trial.capsule:
        raise CannotCompare(f"These are trials of {old.trial.capsule} and of {new.trial.capsule}.")
    (then, anew), (now, again) = _judged_now(resources, old), _judged_now(resources, new)
    if then is None or now is None:
        raise CannotCompare("The store no longer has the cases of one of these trials.")
    weighed, cases = weigh(then, now, critical_cases(resources, old.trial.capsule))
    if anew or again:
        said = (*weighed.sentences, AS_THEY_ARE_NOW)
        weighed = weighed.model_copy(update={"sentences": said})
    return SideBySide(old, new, differences(old, new), weighed, cases)


def _judged_now(resources: Resources, side: Side) -> tuple[pd.DataFrame | None, bool]:
    """Return a trial's cases, judged anew where their answers were corrected since; the trial stays as it was."""
    trial, ledger = side.trial, resources.ledger
    latest = ledger.latest_answers(side.cases.id) if side.cases else None
    if latest is not None and side.answers is not None and latest.id != side.answers.id:
        later = Trial(**{**trial.model_dump(), "answers_revision_id": latest.id})
        evidence = evidence_again(resources, later)
        if evidence is not None:
            return evidence.judge(said_by(ledger, trial, trial.by))[1], True
    return resources.store.judged(trial.flow_run_id), False


def critical_cases(resources: Resources, capsule: str) -> frozenset[str]:
    """Return the case_ids of the capsule's critical challenge cases."""
    cases = [one for one in challenge_cases(resources, capsule) if one.critical]
    return frozenset(name for one in cases for name in (one.case_id, one.source_id))


def differences(before: Side, after: Side) -> tuple[Differs, ...]:
    """Return what differs between the two sides, the model first."""
    old, new = _facts(before), _facts(after)
    return tuple(
        Differs(what, old.get(what, NONE_SAID), new.get(what, NONE_SAID))
        for what in dict.fromkeys([*old, *new])
        if old.get(what, NONE_SAID) != new.get(what, NONE_SAID)
    )


def document(pair: SideBySide) -> dict[str, Any]:
    """Return the pair as a JSON-able object; docs/json.md says what its names mean."""
    cases = pair.cases.astype(object).where(pair.cases.notna(), None)
    return {
        "before": str(pair.before.trial.flow_run_id),
        "after": str(pair.after.trial.flow_run_id),
        "differs": [one._asdict() for one in pair.differs],
        "weighed": pair.weighed.model_dump(mode="json"),
        "cases": cases.to_dict("records"),
    }


def judged_side(resources: Resources, flow_run_id: UUID) -> Side:
    """Return a judged trial with what it was made of.

    Raises:
        UnknownTrial: the ledger has no such trial.
        NotJudged: it is going on, or ended otherwise.
    """
    ledger = resources.ledger
    trial, outcome = ledger.trial(flow_run_id), ledger.outcome(flow_run_id)
    if trial is None:
        raise UnknownTrial(str(flow_run_id))
    release = ledger.release(trial.release_id)
    if outcome is None or outcome.kind != JUDGED or release is None:
        raise NotJudged(flow_run_id, outcome.kind if outcome else "it is still going on")
    return Side(
        trial,
        outcome,
        release,
        ledger.case_set_by_id(trial.case_set_id) if trial.case_set_id else None,
        ledger.answers_revision(trial.answers_revision_id) if trial.answers_revision_id else None,
    )


def _facts(side: Side) -> dict[str, str]:
    trial, release = side.trial, side.release
    written: Mapping[str, Any] = side.outcome.provenance or {}
    facts = {
        "Release": release.id[:SHOWN_OF_A_HASH],
        "Image": (release.image or "a local process").removeprefix("sha256:")[:SHOWN_OF_A_HASH],
        "Code": release.code_version or "unknown",
        "Model's files": str(written.get("model_hash") or "unknown")[:SHOWN_OF_A_HASH],
        "Contract": release.contract_hash[:SHOWN_OF_A_HASH],
        "Cases": f"{trial.case_set_name} ({side.cases.inputs_hash[:SHOWN_OF_A_HASH]})"
        if side.cases
        else trial.case_set_name,
        "Answers": f"revision {side.answers.revision} ({side.answers.answers_hash[:SHOWN_OF_A_HASH]})"
        if side.answers
        else "none",
    }
    settings = {**trial.settings, **(written.get("settings") or {})}
    return facts | {f"Setting: {name.replace('_', ' ')}": str(of) for name, of in settings.items()}

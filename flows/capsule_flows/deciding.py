"""The gate asked, its answer recorded and worked out again from the record; a release let through by a person."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select

from capsule_blocks import Ledger
from capsule_blocks.gate_tables import Decided, Override
from capsule_blocks.shelves import CasesMissing
from capsule_blocks.storable import storable_json
from capsule_blocks.tables import now
from capsule_flows.champion import champion_of, decisions, overrides
from capsule_flows.champion_moving import record
from capsule_flows.errors import FlowsError
from capsule_flows.gate import decide
from capsule_flows.gate_evidence import gather
from capsule_flows.gate_facts import Decision, GateEvidence
from capsule_flows.home import Resources
from capsule_flows.releases import Published
from capsule_kit.contract import digest
from capsule_kit.policy import Policy


class EvidenceMissing(FlowsError):
    """The store no longer holds cases that the gate would have to count."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The gate was not asked: {what}.")


class UnknownDecision(FlowsError):
    """The ledger has no decision of this id."""

    exit_code = 64

    def __init__(self, capsule: str, asked: str) -> None:
        super().__init__(
            f"The gate of {capsule} has made no decision {asked!r}."
            f" `capsules gate {capsule} --json` gives the id of each that it makes."
        )


class ComesOutOtherwise(FlowsError):
    """A decision that its own record does not lead to."""

    exit_code = 3

    def __init__(self, decision_id: UUID, why: str) -> None:
        super().__init__(
            f"The decision {decision_id} does not come out of its record: {why}. The record was"
            " changed, or it was made by another version of the gate."
        )


class NothingToOverride(FlowsError):
    """There is no answer of the gate that a person could go against."""

    exit_code = 64

    def __init__(self, capsule: str, answer: str | None) -> None:
        why = "was not asked about this release yet" if answer is None else f"says {answer}"
        super().__init__(
            f"The gate of {capsule} {why}, so there is nothing to override. Ask it first:"
            f" `capsules gate {capsule}`."
        )


@dataclass(frozen=True)
class Answered:
    """What the gate answered, with what stands beside it."""

    row: Decided
    decision: Decision
    overrides: tuple[Override, ...]
    """Every override of the capsule's gate, newest first."""
    champion: str | None
    """The release that is in use after this answer."""


def ask_the_gate(resources: Resources, published: Published, *, by: str) -> Answered:
    """Ask the gate about the deployed release and record the answer; GO moves the champion."""
    ledger, policy, release = resources.ledger, published.manifest.gate, published.release()
    ledger.add_once(release)
    try:
        found = gather(resources, release, policy, at=now())
    except CasesMissing as cause:
        raise EvidenceMissing(str(cause)) from cause
    # Decided by what the ledger will give back, whatever a database does not take as it is.
    evidence = GateEvidence.model_validate_json(storable_json(found.model_dump(mode="json")))
    decision = decide(policy, evidence)
    row = Decided(
        capsule=release.capsule,
        release_id=release.id,
        answer=decision.answer,
        decision=decision.model_dump(mode="json"),
        policy=policy.model_dump(mode="json") if policy else None,
        policy_hash=policy.hash if policy else None,
        evidence=evidence.model_dump(mode="json"),
        evidence_hash=evidence.hash,
        by=by,
    )
    record(ledger, row)
    return answered(ledger, row)


def answered(ledger: Ledger, row: Decided) -> Answered:
    """Return a recorded answer as it was given, with what stands beside it now."""
    champion = champion_of(ledger, row.capsule)
    return Answered(
        row=row,
        decision=Decision.model_validate(row.decision),
        overrides=tuple(overrides(ledger, row.capsule)),
        champion=champion.release_id if champion else None,
    )


def again(ledger: Ledger, capsule: str, asked: str) -> Answered:
    """Work a decision out again from its row alone.

    Raises:
        UnknownDecision: the capsule's gate has made none of this id.
        ComesOutOtherwise: the record leads to another answer, or was changed.
    """
    row = _row(ledger, capsule, asked)
    for name, value, kept in (
        ("policy", row.policy, row.policy_hash),
        ("evidence", row.evidence, row.evidence_hash),
    ):
        if value is not None and digest(value) != kept:
            raise ComesOutOtherwise(row.id, f"its {name} has another hash")
    policy = Policy.model_validate(row.policy) if row.policy is not None else None
    decision = decide(policy, GateEvidence.model_validate(row.evidence))
    if decision != Decision.model_validate(row.decision):
        raise ComesOutOtherwise(row.id, f"it says {decision.answer}, and {row.answer} was given")
    return answered(ledger, row)


def let_through(resources: Resources, published: Published, *, by: str, reason: str) -> Override:
    """Let the deployed release through against the gate's newest answer on it.

    Raises:
        NothingToOverride: the gate was not asked about it, or says GO.
    """
    ledger, release = resources.ledger, published.release()
    known = decisions(ledger, release.capsule)
    newest = next((one for one in known if one.release_id == release.id), None)
    if newest is None or newest.answer == "GO":
        raise NothingToOverride(release.capsule, newest.answer if newest else None)
    row = Override(
        capsule=release.capsule,
        release_id=release.id,
        decision_id=newest.id,
        reason=reason,
        by=by,
    )
    record(ledger, newest, row)
    return row


def _row(ledger: Ledger, capsule: str, asked: str) -> Decided:
    try:
        wanted = UUID(asked)
    except ValueError:
        raise UnknownDecision(capsule, asked) from None
    found = ledger.rows(select(Decided).where(Decided.id == wanted, Decided.capsule == capsule))
    if not found:
        raise UnknownDecision(capsule, asked)
    return found[0]

"""The one way in which the champion moves: GO, or a word against the gate, is added to the ledger and told."""

from prefect.events import emit_event

from capsule_blocks import Ledger
from capsule_blocks.gate_tables import Decided, Override
from capsule_flows.champion import champion_of
from capsule_flows.registry_telling import tell_registry
from capsule_flows.telling import send

MOVED = "capsule.champion.moved"


def record(ledger: Ledger, answer: Decided, against: Override | None = None) -> None:
    """Add the gate's answer, or a person's word against one that is there; tell whom it concerns.

    Where the champion is another after it, an event and a message say so; a connected registry hears
    of every answer.
    """
    before = champion_of(ledger, answer.capsule)
    ledger.add(row := against or answer)
    after = champion_of(ledger, answer.capsule)
    known = before.release_id if before else None
    if after and after.release_id == row.release_id != known:
        why = f"{row.by} overrode {answer.answer}" if against else "the gate said GO"
        _tell(known, row, why)
    tell_registry(ledger, answer)


def _tell(before: str | None, row: Decided | Override, why: str) -> None:
    emit_event(
        event=MOVED,
        resource={"prefect.resource.id": f"capsule.{row.capsule}", "capsule": row.capsule},
        payload={"before": before, "after": row.release_id, "why": why, "by": row.by},
        id=row.id,
    )
    was = f"release {before[:8]}" if before else "none"
    name = row.capsule.replace("_", " ")
    send(
        f"{name}: release {row.release_id[:8]} is the champion",
        f"Because {why}. Before it was {was}. Asked by {row.by}.",
    )

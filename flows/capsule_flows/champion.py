"""The champion: the release that the gate let through last, or a person against the gate; no other way leads there."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, select

from capsule_blocks import Ledger
from capsule_blocks.gate_tables import Decided, Override


class Champion(NamedTuple):
    """The release in use."""

    release_id: str
    at: datetime
    """Since when."""
    by: str
    """Who asked the gate, or overrode it."""
    override: Override | None
    """None where it was GO."""


def champion_of(ledger: Ledger, capsule: str) -> Champion | None:
    """Return the release of the newest GO or override; None where there is neither."""
    went = ledger.rows(
        select(Decided)
        .where(Decided.capsule == capsule, Decided.answer == "GO")
        .order_by(col(Decided.at).desc())
        .limit(1)
    )
    found = [Champion(one.release_id, one.at, one.by, None) for one in went]
    found += [Champion(one.release_id, one.at, one.by, one) for one in overrides(ledger, capsule)]
    return max(found, key=lambda one: one.at, default=None)


def overrides(ledger: Ledger, capsule: str) -> list[Override]:
    """Return every override of the capsule's gate, newest first."""
    asked = select(Override).where(Override.capsule == capsule)
    return ledger.rows(asked.order_by(col(Override.at).desc()))


def decisions(ledger: Ledger, capsule: str, limit: int = 100) -> list[Decided]:
    """Return what the gate has answered of the capsule, newest first."""
    asked = select(Decided).where(Decided.capsule == capsule)
    return ledger.rows(asked.order_by(col(Decided.at).desc()).limit(limit))

"""What the ledger knows of newer versions that were made ready beside their capsule, and are not taken yet."""

from collections.abc import Sequence

from sqlmodel import col, select

from capsule_blocks import Ledger
from capsule_blocks.prepared import Prepared


def prepared(ledger: Ledger, capsule: str) -> list[Prepared]:
    """Return every attempt to make a newer version of a capsule ready, newest first."""
    asked = select(Prepared).where(Prepared.capsule == capsule)
    return ledger.rows(asked.order_by(col(Prepared.at).desc()))


def ahead(ledger: Ledger, capsule: str) -> frozenset[str]:
    """Return the releases that were never the capsule's own: what they said counts for none of its releases."""
    return frozenset(one.release_id for one in prepared(ledger, capsule) if one.release_id)


def made_ready(rows: Sequence[Prepared], beside_id: str) -> Prepared | None:
    """Return the newest version that was made ready beside a release; `rows` newest first."""
    return next((one for one in rows if one.beside_id == beside_id and one.release_id), None)

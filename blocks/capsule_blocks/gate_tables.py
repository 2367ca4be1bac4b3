"""The ledger's tables of the gate: what it decided, and who let a release through against it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field

from capsule_blocks.tables import JsonObject, Row, UtcDateTime, now


class Decided(Row, table=True):
    """One answer of the gate, with all that it was made of."""

    __tablename__ = "decisions"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str = Field(index=True)
    release_id: str = Field(foreign_key="releases.id")
    answer: str
    """GO, NO-GO or INCONCLUSIVE."""
    decision: JsonObject = Field(sa_type=JSON)
    """The answer in words, with its reasons."""
    policy: JsonObject | None = Field(default=None, sa_type=JSON)
    """The policy as it was; None where there was none."""
    policy_hash: str | None = None
    evidence: JsonObject = Field(sa_type=JSON)
    """The evidence as it was; holds counts of the sealed shelf, so it is shown to nobody."""
    evidence_hash: str
    by: str
    """Who asked."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Override(Row, table=True):
    """A release let through by a person against the gate's answer."""

    __tablename__ = "overrides"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str = Field(index=True)
    release_id: str = Field(foreign_key="releases.id")
    decision_id: UUID = Field(foreign_key="decisions.id")
    """The answer that it goes against."""
    reason: str
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

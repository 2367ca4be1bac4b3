"""The ledger's table of releases that were made for experts."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field

from capsule_blocks.tables import Row, UtcDateTime, now


class Released(Row, table=True):
    """A release that its author gave out, once: its image, its contract and its example's run stay what they are."""

    __tablename__ = "released"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str = Field(index=True)
    release_id: str = Field(foreign_key="releases.id", unique=True)
    flow_run_id: UUID
    """The trial of its example, whose receipt has the model's hash and all versions."""
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

"""The ledger's table of versions in a registry that were made ready beside their capsule, or could not be."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from capsule_blocks.tables import Row, UtcDateTime, now


class Prepared(Row, table=True):
    """What came of making a newer version ready as the next release of a capsule."""

    __tablename__ = "prepared"
    __table_args__ = (UniqueConstraint("capsule", "address", "beside_id", "made_of"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str = Field(index=True)
    address: str
    """The version: models:/NAME/VERSION."""
    beside_id: str = Field(foreign_key="releases.id")
    """The release that was deployed then, and that it comes after."""
    made_of: str
    """The hash over the author's folder as it was; what could not be done is tried again with another."""
    release_id: str | None = Field(default=None, foreign_key="releases.id")
    """The release that it became; None where it could not be built."""
    problem: str = ""
    """Why it could not be, in whole sentences."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

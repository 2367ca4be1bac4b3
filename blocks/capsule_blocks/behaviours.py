"""The ledger's tables of behaviour checks: what was asked of a model without an answer, and what came of it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from capsule_blocks.tables import JsonObject, Row, UtcDateTime, now


class Behaviour(Row, table=True):
    """A behaviour check of a case set, with the case set that was derived by it."""

    __tablename__ = "behaviours"
    __table_args__ = (UniqueConstraint("case_set_id", "derived_id", "check_hash"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str = Field(index=True)
    case_set_id: UUID = Field(foreign_key="case_sets.id")
    """The cases that it is about."""
    derived_id: UUID = Field(foreign_key="case_sets.id", index=True)
    """What is run: these cases changed, and beside them unchanged; it has no answers."""
    asked: JsonObject = Field(sa_type=JSON)
    """The changes, the cases they are made to, and what is expected."""
    check_hash: str
    """Content hash of what was asked."""
    left_out: JsonObject = Field(default_factory=dict, sa_type=JSON)
    """Why a case was not changed → how many."""
    by: str
    owner: str | None = None
    """Whose it is, where people have accounts: a login, or the sign-in of who came by a link."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class BehaviourOutcome(Row, table=True):
    """What came of a behaviour check in one trial; there is one, or none yet."""

    __tablename__ = "behaviour_outcomes"

    behaviour_id: UUID = Field(primary_key=True, foreign_key="behaviours.id")
    flow_run_id: UUID = Field(primary_key=True, foreign_key="trials.flow_run_id")
    before_id: UUID | None = Field(default=None, foreign_key="trials.flow_run_id")
    """The trial of the same release and settings that the unchanged cases are held beside."""
    kind: str
    """How the trial ended, as in its outcome."""
    sentence: str
    """What came of it, as told to the expert."""
    found: JsonObject | None = Field(default=None, sa_type=JSON)
    """Counts, rate and broken cases; None unless the trial gave predictions."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

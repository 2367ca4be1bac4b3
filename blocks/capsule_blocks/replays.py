"""The ledger's tables of replays: what was asked of a release, what came of it, who was told, who looked."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from capsule_blocks.tables import JsonObject, Row, UtcDateTime, now


class Look(Row, table=True):
    """Somebody was shown cases of the sealed shelf."""

    __tablename__ = "looks"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str = Field(index=True)
    case_set_id: UUID = Field(foreign_key="case_sets.id")
    """The case set whose cases were shown."""
    flow_run_id: UUID | None = None
    """The trial in which they were shown; None where it was none."""
    door: str
    """Through which: a page's address, or a download's."""
    by: str
    owner: str | None = None
    """Under what the ledger keeps what is hers, where people have accounts."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Replay(Row, table=True):
    """All challenge cases of a capsule are to be run on a release."""

    __tablename__ = "replays"
    __table_args__ = (UniqueConstraint("capsule", "release_id", "round"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str = Field(index=True)
    release_id: str = Field(foreign_key="releases.id")
    round: str
    """What it belongs to, once for each release: a night, a release, a command."""
    why: str
    """night, release or command."""
    asked_hash: str
    """Under what the store keeps the table of the cases as they were when it began."""
    composed_of: str | None = None
    """The hash over the contract and every word and answer that they were composed of."""
    case_set_id: UUID | None = Field(default=None, foreign_key="case_sets.id", index=True)
    """The composed case set that is run; None where no case fits the contract."""
    cases: int
    """How many challenge cases there were."""
    sealed: int
    """How many of them on the sealed shelf."""
    started_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ReplayRun(Row, table=True):
    """A flow run that belongs to a replay."""

    __tablename__ = "replay_runs"

    replay_id: UUID = Field(primary_key=True, foreign_key="replays.id")
    part: str = Field(primary_key=True)
    """first; again, where the first left doubts."""
    attempt: int = Field(primary_key=True)
    """Counts from 1."""
    flow_run_id: UUID = Field(foreign_key="trials.flow_run_id")


class Replayed(Row, table=True):
    """What came of a replay; there is one, or none yet."""

    __tablename__ = "replayed"

    replay_id: UUID = Field(primary_key=True, foreign_key="replays.id")
    result_hash: str
    """Under what the store keeps the table case by case."""
    counts: JsonObject = Field(default_factory=dict, sa_type=JSON)
    """How many cases of the open shelf went which way."""
    sealed_counts: JsonObject = Field(default_factory=dict, sa_type=JSON)
    """The same of the sealed shelf."""
    critical_broken: int
    """How many critical cases are wrong that an earlier version had right, on either shelf."""
    unsettled: int
    """How many cases could not be run."""
    ended_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ReplayTold(Row, table=True):
    """What came of a replay was told."""

    __tablename__ = "replay_told"

    replay_id: UUID = Field(primary_key=True, foreign_key="replays.id")
    what: str = Field(primary_key=True)
    """events or message."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class FlipWord(Row, table=True):
    """What the expert said of a case of hers that flipped; she is asked once."""

    __tablename__ = "flip_words"
    __table_args__ = (UniqueConstraint("replay_id", "case_id", "by"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    replay_id: UUID = Field(foreign_key="replays.id")
    case_id: str
    word: str
    """agreed or disputed."""
    reason: str = ""
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)

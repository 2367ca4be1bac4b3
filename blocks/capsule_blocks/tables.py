"""The ledger's tables: rows that are added and never changed."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, MetaData, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

JsonObject = dict[str, Any]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: refused without a time zone, given back in UTC by every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn the moment to UTC, because SQLite drops the zone."""
        del dialect
        if value is not None and value.tzinfo is None:
            msg = f"The time {value.isoformat()} has no time zone. Use datetime.now(UTC)"
            raise ValueError(msg)
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class Row(SQLModel):
    """Base of every row of the ledger; holds the tables' own metadata."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


class Release(Row, table=True):
    """One frozen version of a capsule."""

    __tablename__ = "releases"

    id: str = Field(primary_key=True)
    """Content hash of all that follows but the time."""
    capsule: str = Field(index=True)
    """The capsule's name."""
    deployment_id: str
    """The Prefect deployment that published it."""
    image: str | None = None
    """The image's id; None where the capsule runs as a local process."""
    contract_hash: str
    """The contract it insists on."""
    settings_hash: str
    """Content hash of its settings' schema."""
    code_version: str | None = None
    """The code's commit, where known."""
    entrypoint: str
    """The module path of its flow."""
    manifest: JsonObject = Field(sa_type=JSON)
    """The manifest it was published with."""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    """When the ledger first saw it."""


class Upload(Row, table=True):
    """A file as it came in, refused or not."""

    __tablename__ = "uploads"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str = Field(index=True)
    """The capsule it was brought for."""
    filename: str
    """The name it had on the expert's machine, unchanged; never used as a path."""
    sha256: str
    """SHA-256 of its bytes; the case store keeps them under it."""
    size: int = Field(sa_type=BigInteger)
    """In bytes."""
    by: str
    """Who brought it."""
    owner: str | None = None
    """Whose it is, where people have accounts: a login, or the sign-in of who came by a link."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Check(Row, table=True):
    """What the data check said of one table."""

    __tablename__ = "checks"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    upload_id: UUID | None = Field(default=None, foreign_key="uploads.id", index=True)
    """The file that was checked; None where the table did not come as a file."""
    capsule: str
    contract_hash: str
    """The contract it was checked against."""
    accepted: bool
    """Whether its cases were taken; a draft that fits and was not kept yet is not."""
    findings: list[JsonObject] = Field(default_factory=list, sa_type=JSON)
    """Each finding as a JSON object, in the order shown."""
    reading: JsonObject = Field(default_factory=dict, sa_type=JSON)
    """How the file was read, choice by choice; of derived cases, from which and by what check."""
    fitting: JsonObject = Field(default_factory=dict, sa_type=JSON)
    """What a person decided so that the file fits: columns, units, words, cells, rows left out."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CaseSet(Row, table=True):
    """A table of cases under a name."""

    __tablename__ = "case_sets"
    __table_args__ = (UniqueConstraint("capsule", "name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str
    name: str
    """Unlike every other name of the capsule's case sets."""
    inputs_hash: str
    """SHA-256 of the stored inputs."""
    contract_hash: str
    """The contract it was checked against when it was added."""
    cases: int
    """How many cases it holds."""
    check_id: UUID = Field(foreign_key="checks.id")
    by: str
    owner: str | None = None
    """Whose it is, where people have accounts: a login, or the sign-in of who came by a link."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class AnswersRevision(Row, table=True):
    """The answers to a case set as they stood from then on."""

    __tablename__ = "answers_revisions"
    __table_args__ = (UniqueConstraint("case_set_id", "revision"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    case_set_id: UUID = Field(foreign_key="case_sets.id")
    revision: int = 1
    """Counts from 1."""
    answers_hash: str
    """SHA-256 of the sealed answers."""
    reason: str
    """Why the answers were changed; for the first revision, that they were brought."""
    after_seeing: UUID | None = None
    """The trial whose predictions had been seen when they were changed; None where none had."""
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Trial(Row, table=True):
    """One release on one case set with one choice of settings."""

    __tablename__ = "trials"

    flow_run_id: UUID = Field(primary_key=True)
    """The Prefect flow run that is this trial."""
    release_id: str = Field(foreign_key="releases.id", index=True)
    capsule: str = Field(index=True)
    case_set_id: UUID | None = Field(default=None, foreign_key="case_sets.id", index=True)
    """None where the named case set is not in the store."""
    case_set_name: str
    """The case set as the person named it."""
    answers_revision_id: UUID | None = Field(default=None, foreign_key="answers_revisions.id")
    """The answers as they were locked when the trial was submitted."""
    settings: JsonObject = Field(default_factory=dict, sa_type=JSON)
    door: str
    """How it was submitted: app, command, Prefect's form, schedule, replay, behaviour check."""
    by: str
    owner: str | None = None
    """Whose it is, where people have accounts: a login, or the sign-in of who came by a link."""
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)


class Outcome(Row, table=True):
    """How a trial ended; there is one, or none yet."""

    __tablename__ = "outcomes"

    flow_run_id: UUID = Field(primary_key=True, foreign_key="trials.flow_run_id")
    kind: str
    """judged, data refused, model failed, infrastructure failed or cancelled."""
    sentence: str
    """What happened, as told to the expert."""
    judgement: JsonObject | None = Field(default=None, sa_type=JSON)
    """The judgement; None unless judged."""
    provenance: JsonObject | None = Field(default=None, sa_type=JSON)
    """What the run wrote of itself; None where it wrote nothing readable."""
    predictions_hash: str | None = None
    """SHA-256 of the predictions' file."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the flow run ended, as Prefect says."""
    settled_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Assessment(Row, table=True):
    """An expert's word on one prediction."""

    __tablename__ = "assessments"
    __table_args__ = (UniqueConstraint("flow_run_id", "case_id", "by", "revision"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    flow_run_id: UUID = Field(foreign_key="trials.flow_run_id")
    case_id: str
    revision: int = 1
    """Counts from 1 for each case and person."""
    word: str
    """What the expert says of the prediction."""
    corrected: str | None = None
    """The answer that the expert would rather see; None where the answer stands."""
    reason: str
    severity: str | None = None
    """How much the error would matter; None where there is none."""
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Verdict(Row, table=True):
    """An expert's signed word on a release after a trial."""

    __tablename__ = "verdicts"
    __table_args__ = (UniqueConstraint("flow_run_id", "by", "revision"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    flow_run_id: UUID = Field(foreign_key="trials.flow_run_id")
    release_id: str = Field(foreign_key="releases.id", index=True)
    revision: int = 1
    """Counts from 1 for each trial and person."""
    word: str
    statement: str
    """What the expert signs, in full."""
    limits: str | None = None
    """Within which limits it is ready; None where the word names none."""
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Kept(Row, table=True):
    """A word on cases that are kept for good, to be replayed on every version; the newest holds."""

    __tablename__ = "kept"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    case_set_id: UUID = Field(foreign_key="case_sets.id", index=True)
    case_ids: list[str] | None = Field(default=None, sa_type=JSON)
    """The cases it is about; None for the whole case set."""
    shelf: str = "open"
    """open or sealed."""
    sort: str = "typical"
    """typical, rare or trick."""
    critical: bool
    """Whether a wrong answer to one of its cases stops a release."""
    tolerance: float | None = None
    """How far a number may be from the answer, as the contract counts it; None for the declared one."""
    withdrawn: bool = False
    """Whether they are kept no longer; their shelf stays what it says."""
    reason: str
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Preferred(Row, table=True):
    """What a person says of a capsule's errors and criteria, as it stands from then on."""

    __tablename__ = "preferences"
    __table_args__ = (UniqueConstraint("capsule", "by", "revision"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    capsule: str
    revision: int = 1
    """Counts from 1 for each capsule and person."""
    flow_run_id: UUID = Field(foreign_key="trials.flow_run_id")
    """The trial that she was looking at."""
    said: JsonObject = Field(default_factory=dict, sa_type=JSON)
    """The price of a failure, criteria of her own, cases left out; whole, not the change."""
    by: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


REVISED: dict[type[Row], tuple[str, ...]] = {
    AnswersRevision: ("case_set_id",),
    Assessment: ("flow_run_id", "case_id", "by"),
    Preferred: ("capsule", "by"),
    Verdict: ("flow_run_id", "by"),
}
"""The columns within which a table counts its revisions."""

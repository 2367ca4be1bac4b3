"""The `Ledger` block: adds rows, asks questions, changes nothing."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from alembic import command
from alembic.config import Config
from prefect.blocks.core import Block
from prefect.client.schemas.objects import BlockType
from pydantic import Field, HttpUrl, SecretStr
from sqlalchemy import Engine, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from capsule_blocks.behaviours import Behaviour, BehaviourOutcome
from capsule_blocks.ledger_engine import engine_of, lock_for_migration
from capsule_blocks.logo import DOCUMENTATION, LOGO, block_type_without_logo
from capsule_blocks.people import REVISED_PEOPLE, Person, Share
from capsule_blocks.storable import storable_text
from capsule_blocks.tables import (
    REVISED,
    AnswersRevision,
    Assessment,
    CaseSet,
    Check,
    Kept,
    Outcome,
    Preferred,
    Release,
    Row,
    Trial,
    Upload,
    Verdict,
)

Asked = TypeVar("Asked", bound=Row)
Found = TypeVar("Found")
Revised = TypeVar("Revised", AnswersRevision, Assessment, Preferred, Verdict, Person, Share)

MIGRATIONS = Path(__file__).parent / "migrations"


class Ledger(Block):
    """What was tried, how it ended and who said what; it only grows.

    Attributes:
        url: SQLAlchemy URL of the database.

    Example:
        Load the ledger:
        ```python
        from capsule_blocks import Ledger

        ledger = Ledger.load("BLOCK_NAME")
        ```
    """

    _block_type_name = "Capsule Ledger"
    _block_type_slug = "capsule-ledger"
    _description = "What was tried, how it ended and who said what; it only grows."
    _documentation_url = HttpUrl(DOCUMENTATION)
    _logo_url = LOGO

    url: SecretStr = Field(
        description="SQLAlchemy URL of the ledger's database, sqlite:///… or postgresql+psycopg://….",
    )

    @classmethod
    def _to_block_type(cls) -> BlockType:
        return block_type_without_logo(cls)

    def migrate(self) -> None:
        """Bring the database to this version's tables; safe to call at every start."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self._engine().begin() as connection:
            lock_for_migration(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close this process's connections; the next question opens new ones."""
        self._engine().dispose()

    def add(self, *rows: Row) -> None:
        """Add the rows in one transaction, in the order given: what is referred to comes first."""
        with self._session() as session, session.begin():
            for row in rows:
                session.add(_storable(row))
                session.flush()

    def add_once(self, row: Row) -> bool:
        """Add the row unless its primary or unique key is there; say whether it was added."""
        engine = self._engine()
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        added = insert(type(row)).values(_storable(row).model_dump()).on_conflict_do_nothing()
        with engine.begin() as connection:
            # Not every driver counts the rows of an INSERT, but each gives back what it added.
            return connection.execute(added.returning(literal(1))).first() is not None

    def add_revision(self, row: Revised) -> Revised:
        """Add the row as the next revision of its kind, whoever else adds one meanwhile."""
        table = type(row)
        same = [
            getattr(table, name) == getattr(row, name) for name in (REVISED | REVISED_PEOPLE)[table]
        ]
        while True:
            with self._session() as session:
                last = session.exec(select(func.max(table.revision)).where(*same)).one()
            row.revision = (last or 0) + 1
            if self.add_once(row):
                return row
            if self._get(table, row.id) is not None:
                msg = f"The revision {row.id} is in the ledger already. Add a new row"
                raise ValueError(msg)

    def add_assessment(
        self,
        *,
        flow_run_id: UUID,
        case_id: str,
        word: str,
        reason: str,
        by: str,
        corrected: str | None = None,
        severity: str | None = None,
    ) -> Assessment:
        """Add a person's word on one prediction as their next revision of it."""
        return self.add_revision(
            Assessment(
                flow_run_id=flow_run_id,
                case_id=case_id,
                word=word,
                reason=reason,
                by=by,
                corrected=corrected,
                severity=severity,
            )
        )

    def release(self, release_id: str) -> Release | None:
        """Return the release of this id."""
        return self._get(Release, release_id)

    def case_set(self, capsule: str, name: str) -> CaseSet | None:
        """Return the capsule's case set of this name."""
        asked = select(CaseSet).where(
            CaseSet.capsule == storable_text(capsule), CaseSet.name == storable_text(name)
        )
        found = self._all(asked)
        return next(iter(found), None)

    def case_set_by_id(self, case_set_id: UUID) -> CaseSet | None:
        """Return the case set of this id."""
        return self._get(CaseSet, case_set_id)

    def case_sets_of(self, by: str, owner: str | None = None) -> list[CaseSet]:
        """Return the case sets that this person brought, newest first; by owner where there is one."""
        hers = CaseSet.owner == owner if owner else CaseSet.by == storable_text(by)
        return self._all(select(CaseSet).where(hers).order_by(col(CaseSet.at).desc()))

    def case_sets(self, capsule: str | None = None) -> list[CaseSet]:
        """Return the capsule's case sets, or all, newest first."""
        asked = select(CaseSet).order_by(col(CaseSet.at).desc())
        return self._all(asked if capsule is None else asked.where(CaseSet.capsule == capsule))

    def uploads(self, capsule: str | None = None) -> list[Upload]:
        """Return what was brought for the capsule, or for any, newest first."""
        asked = select(Upload).order_by(col(Upload.at).desc())
        return self._all(asked if capsule is None else asked.where(Upload.capsule == capsule))

    def checks(self, upload_id: UUID) -> list[Check]:
        """Return the checks of an upload, oldest first."""
        return self._all(select(Check).where(Check.upload_id == upload_id).order_by(col(Check.at)))

    def not_taken(self, capsule: str, limit: int = 50) -> list[Upload]:
        """Return what was brought for the capsule and did not become cases, newest first."""
        taken = select(Check.upload_id).where(
            col(Check.accepted).is_(True), col(Check.upload_id).is_not(None)
        )
        asked = select(Upload).where(Upload.capsule == capsule, col(Upload.id).not_in(taken))
        return self._all(asked.order_by(col(Upload.at).desc()).limit(limit))

    def checks_of_person(
        self, capsule: str, by: str, owner: str | None = None, limit: int = 20
    ) -> list[Check]:
        """Return the last checks of what this person brought for the capsule, newest first."""
        hers = Upload.by == storable_text(by) if owner is None else Upload.owner == owner
        return self._all(
            select(Check)
            .join(Upload, col(Upload.id) == col(Check.upload_id))
            .where(Check.capsule == capsule, hers)
            .order_by(col(Check.at).desc())
            .limit(limit)
        )

    def upload(self, upload_id: UUID) -> Upload | None:
        """Return the upload of this id."""
        return self._get(Upload, upload_id)

    def latest_answers(self, case_set_id: UUID) -> AnswersRevision | None:
        """Return the answers to a case set as they stand now."""
        found = self._all(
            select(AnswersRevision)
            .where(AnswersRevision.case_set_id == case_set_id)
            .order_by(col(AnswersRevision.revision).desc())
            .limit(1)
        )
        return next(iter(found), None)

    def answers_of_kept(self, capsule: str) -> list[UUID]:
        """Return the ids of the revisions that hold the answers, as they stand, to case sets with kept cases."""
        kept = select(Kept.case_set_id).join(CaseSet).where(CaseSet.capsule == capsule)
        newest = (
            select(AnswersRevision.case_set_id, func.max(AnswersRevision.revision).label("last"))
            .where(col(AnswersRevision.case_set_id).in_(kept))
            .group_by(col(AnswersRevision.case_set_id))
            .subquery()
        )
        both = (col(AnswersRevision.case_set_id) == newest.c.case_set_id) & (
            col(AnswersRevision.revision) == newest.c.last
        )
        return self._all(select(AnswersRevision.id).join(newest, both))

    def answers_revision(self, revision_id: UUID) -> AnswersRevision | None:
        """Return the answers' revision of this id."""
        return self._get(AnswersRevision, revision_id)

    def trial(self, flow_run_id: UUID) -> Trial | None:
        """Return the trial that is this flow run."""
        return self._get(Trial, flow_run_id)

    def trials(self, capsule: str | None = None, limit: int = 100) -> list[Trial]:
        """Return the capsule's trials, or all, newest first."""
        asked = select(Trial).order_by(col(Trial.at).desc()).limit(limit)
        return self._all(asked if capsule is None else asked.where(Trial.capsule == capsule))

    def trials_of(self, by: str, owner: str | None = None, limit: int = 100) -> list[Trial]:
        """Return the trials that this person started, newest first; by owner where there is one."""
        hers = Trial.owner == owner if owner else Trial.by == storable_text(by)
        return self._all(select(Trial).where(hers).order_by(col(Trial.at).desc()).limit(limit))

    def trials_of_case_set(self, case_set_id: UUID) -> list[Trial]:
        """Return every trial on a case set, newest first."""
        asked = select(Trial).where(Trial.case_set_id == case_set_id)
        return self._all(asked.order_by(col(Trial.at).desc()))

    def outcome(self, flow_run_id: UUID) -> Outcome | None:
        """Return how a trial ended, or None while it is not settled."""
        return self._get(Outcome, flow_run_id)

    def outcomes(self, flow_run_ids: Iterable[UUID]) -> dict[UUID, Outcome]:
        """Return the outcomes of those of the trials that are settled, by flow run."""
        found = self._all(select(Outcome).where(col(Outcome.flow_run_id).in_(list(flow_run_ids))))
        return {outcome.flow_run_id: outcome for outcome in found}

    def assessments(self, flow_run_id: UUID) -> list[Assessment]:
        """Return each person's latest word on each case of a trial, oldest first."""
        found = self._all(
            select(Assessment)
            .where(Assessment.flow_run_id == flow_run_id)
            .order_by(col(Assessment.revision))
        )
        latest = {(row.case_id, row.by): row for row in found}
        return sorted(latest.values(), key=lambda row: row.at)

    def assessments_by(self, by: str) -> list[Assessment]:
        """Return this person's latest word on each case of each trial, newest first."""
        found = self._all(
            select(Assessment)
            .where(Assessment.by == storable_text(by))
            .order_by(col(Assessment.revision))
        )
        latest = {(row.flow_run_id, row.case_id): row for row in found}
        return sorted(latest.values(), key=lambda row: row.at, reverse=True)

    def preferences(self, capsule: str, by: str) -> list[Preferred]:
        """Return every revision of what a person said of a capsule's errors and criteria, oldest first."""
        asked = select(Preferred).where(
            Preferred.capsule == storable_text(capsule), Preferred.by == storable_text(by)
        )
        return self._all(asked.order_by(col(Preferred.revision)))

    def verdicts(
        self,
        *,
        release_id: str | None = None,
        flow_run_id: UUID | None = None,
        by: str | None = None,
    ) -> list[Verdict]:
        """Return every revision of the verdicts on a release, a trial, by a person, or all; newest first."""
        asked = select(Verdict).order_by(col(Verdict.at).desc())
        if by is not None:
            asked = asked.where(Verdict.by == storable_text(by))
        if release_id is not None:
            asked = asked.where(Verdict.release_id == release_id)
        if flow_run_id is not None:
            asked = asked.where(Verdict.flow_run_id == flow_run_id)
        return self._all(asked)

    def kept(self, capsule: str | None = None) -> list[Kept]:
        """Return every word on kept cases of the capsule, or of all, oldest first."""
        asked = select(Kept).join(CaseSet).order_by(col(Kept.at))
        return self._all(asked if capsule is None else asked.where(CaseSet.capsule == capsule))

    def kept_of(self, case_set_id: UUID) -> list[Kept]:
        """Return every word on kept cases of this case set, or of another with the same content; oldest first."""
        same = select(CaseSet.inputs_hash).where(CaseSet.id == case_set_id).scalar_subquery()
        asked = select(Kept).join(CaseSet).where(CaseSet.inputs_hash == same)
        return self._all(asked.order_by(col(Kept.at)))

    def releases(self, capsule: str) -> list[Release]:
        """Return the capsule's releases that the ledger has seen, oldest first."""
        asked = select(Release).where(Release.capsule == capsule)
        return self._all(asked.order_by(col(Release.created_at)))

    def behaviours(
        self, *, capsule: str | None = None, case_set_id: UUID | None = None
    ) -> list[Behaviour]:
        """Return the behaviour checks of a capsule, of a case set, or all; newest first."""
        asked = select(Behaviour).order_by(col(Behaviour.at).desc())
        if capsule is not None:
            asked = asked.where(Behaviour.capsule == capsule)
        if case_set_id is not None:
            asked = asked.where(Behaviour.case_set_id == case_set_id)
        return self._all(asked)

    def behaviour_outcome(self, behaviour_id: UUID, flow_run_id: UUID) -> BehaviourOutcome | None:
        """Return what came of a behaviour check in a trial, or None while nobody has said."""
        found = self._all(
            select(BehaviourOutcome).where(
                BehaviourOutcome.behaviour_id == behaviour_id,
                BehaviourOutcome.flow_run_id == flow_run_id,
            )
        )
        return next(iter(found), None)

    def rows(self, asked: SelectOfScalar[Found]) -> list[Found]:
        """Return what another module's question finds."""
        return self._all(asked)

    def _all(self, asked: SelectOfScalar[Found]) -> list[Found]:
        with self._session() as session:
            return list(session.exec(asked))

    def _get(self, table: type[Asked], key: UUID | str) -> Asked | None:
        with self._session() as session:
            return session.get(table, key)

    def _session(self) -> Session:
        return Session(self._engine(), expire_on_commit=False)

    def _engine(self) -> Engine:
        # A connection may not cross a fork, so each process has its own engine.
        return engine_of(self.url.get_secret_value(), os.getpid())


def _storable(row: Row) -> Row:
    for name, value in row:
        if isinstance(value, str):
            setattr(row, name, storable_text(value))
    return row

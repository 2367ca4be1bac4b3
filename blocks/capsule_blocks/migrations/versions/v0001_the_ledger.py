"""The ledger's first version: its tables, and the triggers that let them only grow."""

import sqlalchemy as sa
from alembic import op

from capsule_blocks.migrations.closing import close

revision = "v0001"
down_revision = None

TABLES = (
    "releases",
    "uploads",
    "checks",
    "case_sets",
    "answers_revisions",
    "trials",
    "outcomes",
    "assessments",
    "verdicts",
    "kept",
)

POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger only grows: % on % was refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


def upgrade() -> None:
    """Make the tables, then close them against change."""
    _create_what_was_brought()
    _create_what_was_tried()
    _create_what_was_said()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL_FUNCTION)
    for table in TABLES:
        close(table)


def _create_what_was_brought() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_capsule", "uploads", ["capsule"], unique=False)
    op.create_table(
        "checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("contract_hash", sa.String(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name="fk_checks_upload_id"),
        sa.PrimaryKeyConstraint("id", name="pk_checks"),
    )
    op.create_index("ix_checks_upload_id", "checks", ["upload_id"], unique=False)
    op.create_table(
        "case_sets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("inputs_hash", sa.String(), nullable=False),
        sa.Column("contract_hash", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name="fk_case_sets_check_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_sets"),
        sa.UniqueConstraint("capsule", "name", name="uq_case_sets_capsule_name"),
    )
    op.create_table(
        "answers_revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_set_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answers_hash", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_set_id"], ["case_sets.id"], name="fk_answers_revisions_case_set_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_answers_revisions"),
        sa.UniqueConstraint(
            "case_set_id", "revision", name="uq_answers_revisions_case_set_id_revision"
        ),
    )
    op.create_table(
        "kept",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_set_id", sa.Uuid(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_set_id"], ["case_sets.id"], name="fk_kept_case_set_id"),
        sa.PrimaryKeyConstraint("id", name="pk_kept"),
    )
    op.create_index("ix_kept_case_set_id", "kept", ["case_set_id"], unique=False)


def _create_what_was_tried() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("deployment_id", sa.String(), nullable=False),
        sa.Column("image", sa.String(), nullable=True),
        sa.Column("contract_hash", sa.String(), nullable=False),
        sa.Column("settings_hash", sa.String(), nullable=False),
        sa.Column("code_version", sa.String(), nullable=True),
        sa.Column("entrypoint", sa.String(), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
    )
    op.create_index("ix_releases_capsule", "releases", ["capsule"], unique=False)
    op.create_table(
        "trials",
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("case_set_id", sa.Uuid(), nullable=True),
        sa.Column("case_set_name", sa.String(), nullable=False),
        sa.Column("answers_revision_id", sa.Uuid(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answers_revision_id"],
            ["answers_revisions.id"],
            name="fk_trials_answers_revision_id",
        ),
        sa.ForeignKeyConstraint(["case_set_id"], ["case_sets.id"], name="fk_trials_case_set_id"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_trials_release_id"),
        sa.PrimaryKeyConstraint("flow_run_id", name="pk_trials"),
    )
    op.create_index("ix_trials_at", "trials", ["at"], unique=False)
    op.create_index("ix_trials_capsule", "trials", ["capsule"], unique=False)
    op.create_index("ix_trials_case_set_id", "trials", ["case_set_id"], unique=False)
    op.create_index("ix_trials_release_id", "trials", ["release_id"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("judgement", sa.JSON(), nullable=True),
        sa.Column("provenance", sa.JSON(), nullable=True),
        sa.Column("predictions_hash", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["trials.flow_run_id"], name="fk_outcomes_flow_run_id"
        ),
        sa.PrimaryKeyConstraint("flow_run_id", name="pk_outcomes"),
    )


def _create_what_was_said() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("corrected", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["trials.flow_run_id"], name="fk_assessments_flow_run_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
        sa.UniqueConstraint(
            "flow_run_id",
            "case_id",
            "by",
            "revision",
            name="uq_assessments_flow_run_id_case_id_by_revision",
        ),
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["trials.flow_run_id"], name="fk_verdicts_flow_run_id"
        ),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_verdicts_release_id"),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
        sa.UniqueConstraint(
            "flow_run_id", "by", "revision", name="uq_verdicts_flow_run_id_by_revision"
        ),
    )
    op.create_index("ix_verdicts_release_id", "verdicts", ["release_id"], unique=False)

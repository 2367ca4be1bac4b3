"""Challenge cases with shelf, sort and tolerance; replays, what was told of them, and looks at the sealed shelf."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from capsule_blocks.migrations.closing import close

revision = "v0008"
down_revision = "v0007"

TABLES = ("looks", "replays", "replay_runs", "replayed", "replay_told", "flip_words")


def upgrade() -> None:
    """Add what is said of kept cases; earlier ones are whole case sets on the open shelf. Make the tables."""
    said: tuple[sa.Column[Any], ...] = (
        sa.Column("case_ids", sa.JSON(), nullable=True),
        sa.Column("shelf", sa.String(), nullable=False, server_default="open"),
        sa.Column("sort", sa.String(), nullable=False, server_default="typical"),
        sa.Column("tolerance", sa.Float(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for column in said:
        op.add_column("kept", column)
    _create_replays()
    _create_what_was_told()
    for table in TABLES:
        close(table)


def _create_replays() -> None:
    op.create_table(
        "replays",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("asked_hash", sa.String(), nullable=False),
        sa.Column("case_set_id", sa.Uuid(), nullable=True),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_replays_release_id"),
        sa.ForeignKeyConstraint(["case_set_id"], ["case_sets.id"], name="fk_replays_case_set_id"),
        sa.PrimaryKeyConstraint("id", name="pk_replays"),
        sa.UniqueConstraint(
            "capsule", "release_id", "round", name="uq_replays_capsule_release_id_round"
        ),
    )
    op.create_index("ix_replays_capsule", "replays", ["capsule"], unique=False)
    op.create_index("ix_replays_case_set_id", "replays", ["case_set_id"], unique=False)
    op.create_table(
        "replay_runs",
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["replay_id"], ["replays.id"], name="fk_replay_runs_replay_id"),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["trials.flow_run_id"], name="fk_replay_runs_flow_run_id"
        ),
        sa.PrimaryKeyConstraint("replay_id", "part", "attempt", name="pk_replay_runs"),
    )
    op.create_table(
        "replayed",
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("result_hash", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("sealed_counts", sa.JSON(), nullable=False),
        sa.Column("critical_broken", sa.Integer(), nullable=False),
        sa.Column("unsettled", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["replay_id"], ["replays.id"], name="fk_replayed_replay_id"),
        sa.PrimaryKeyConstraint("replay_id", name="pk_replayed"),
    )


def _create_what_was_told() -> None:
    op.create_table(
        "replay_told",
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["replay_id"], ["replays.id"], name="fk_replay_told_replay_id"),
        sa.PrimaryKeyConstraint("replay_id", "what", name="pk_replay_told"),
    )
    op.create_table(
        "flip_words",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["replay_id"], ["replays.id"], name="fk_flip_words_replay_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flip_words"),
        sa.UniqueConstraint(
            "replay_id", "case_id", "by", name="uq_flip_words_replay_id_case_id_by"
        ),
    )
    op.create_table(
        "looks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("case_set_id", sa.Uuid(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_set_id"], ["case_sets.id"], name="fk_looks_case_set_id"),
        sa.PrimaryKeyConstraint("id", name="pk_looks"),
    )
    op.create_index("ix_looks_capsule", "looks", ["capsule"], unique=False)

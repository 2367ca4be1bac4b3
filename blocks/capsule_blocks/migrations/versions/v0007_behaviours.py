"""What a model is asked without an answer, and what came of it."""

import sqlalchemy as sa
from alembic import op

from capsule_blocks.migrations.closing import close

revision = "v0007"
down_revision = "v0006"


def upgrade() -> None:
    """Make the two tables, then close them against change."""
    op.create_table(
        "behaviours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("case_set_id", sa.Uuid(), nullable=False),
        sa.Column("derived_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("check_hash", sa.String(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_set_id"], ["case_sets.id"], name="fk_behaviours_case_set_id"
        ),
        sa.ForeignKeyConstraint(["derived_id"], ["case_sets.id"], name="fk_behaviours_derived_id"),
        sa.PrimaryKeyConstraint("id", name="pk_behaviours"),
        sa.UniqueConstraint(
            "case_set_id",
            "derived_id",
            "check_hash",
            name="uq_behaviours_case_set_id_derived_id_check_hash",
        ),
    )
    op.create_index("ix_behaviours_capsule", "behaviours", ["capsule"])
    op.create_index("ix_behaviours_derived_id", "behaviours", ["derived_id"])
    op.create_table(
        "behaviour_outcomes",
        sa.Column("behaviour_id", sa.Uuid(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("before_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["behaviour_id"], ["behaviours.id"], name="fk_behaviour_outcomes_behaviour_id"
        ),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["trials.flow_run_id"], name="fk_behaviour_outcomes_flow_run_id"
        ),
        sa.ForeignKeyConstraint(
            ["before_id"], ["trials.flow_run_id"], name="fk_behaviour_outcomes_before_id"
        ),
        sa.PrimaryKeyConstraint("behaviour_id", "flow_run_id", name="pk_behaviour_outcomes"),
    )
    close("behaviours")
    close("behaviour_outcomes")

"""What a person says of a capsule's errors and criteria."""

import sqlalchemy as sa
from alembic import op

from capsule_blocks.migrations.closing import close

revision = "v0006"
down_revision = "v0005"


def upgrade() -> None:
    """Make the table, then close it against change."""
    op.create_table(
        "preferences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["trials.flow_run_id"], name="fk_preferences_flow_run_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_preferences"),
        sa.UniqueConstraint("capsule", "by", "revision", name="uq_preferences_capsule_by_revision"),
    )
    close("preferences")

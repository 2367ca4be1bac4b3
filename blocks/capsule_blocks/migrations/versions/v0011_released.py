"""Which releases were made for experts."""

import sqlalchemy as sa
from alembic import op

from capsule_blocks.migrations.closing import close

revision = "v0011"
down_revision = "v0010"


def upgrade() -> None:
    """Make the table, then close it against change."""
    op.create_table(
        "released",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_released_release_id"),
        sa.PrimaryKeyConstraint("id", name="pk_released"),
        sa.UniqueConstraint("release_id", name="uq_released_release_id"),
    )
    op.create_index("ix_released_capsule", "released", ["capsule"])
    close("released")

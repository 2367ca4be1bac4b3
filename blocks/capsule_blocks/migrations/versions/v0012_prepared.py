"""Which versions of a registry were made ready beside their capsule."""

import sqlalchemy as sa
from alembic import op

from capsule_blocks.migrations.closing import close

revision = "v0012"
down_revision = "v0011"


def upgrade() -> None:
    """Make the table, then close it against change."""
    op.create_table(
        "prepared",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("beside_id", sa.String(), nullable=False),
        sa.Column("made_of", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["beside_id"], ["releases.id"], name="fk_prepared_beside_id"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_prepared_release_id"),
        sa.PrimaryKeyConstraint("id", name="pk_prepared"),
        sa.UniqueConstraint(
            "capsule",
            "address",
            "beside_id",
            "made_of",
            name="uq_prepared_capsule_address_beside_id_made_of",
        ),
    )
    op.create_index("ix_prepared_capsule", "prepared", ["capsule"])
    close("prepared")

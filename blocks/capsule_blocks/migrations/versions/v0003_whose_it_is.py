"""An upload, a case set and a trial say whose they are, where people have accounts."""

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"


def upgrade() -> None:
    """Add a column to three tables; earlier rows belong to nobody in particular."""
    for table in ("uploads", "case_sets", "trials"):
        op.add_column(table, sa.Column("owner", sa.String(), nullable=True))

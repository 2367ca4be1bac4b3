"""What a replay's cases were composed of, so that a night on which nothing changed composes nothing."""

import sqlalchemy as sa
from alembic import op

revision = "v0010"
down_revision = "v0009"


def upgrade() -> None:
    """Add the column; of replays before it nobody knows."""
    op.add_column("replays", sa.Column("composed_of", sa.String(), nullable=True))

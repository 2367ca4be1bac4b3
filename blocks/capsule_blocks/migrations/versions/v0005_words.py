"""Answers say whether a prediction was seen before; a verdict within limits says which."""

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"


def upgrade() -> None:
    """Add two columns; earlier answers were all brought before any prediction."""
    op.add_column("answers_revisions", sa.Column("after_seeing", sa.Uuid(), nullable=True))
    op.add_column("verdicts", sa.Column("limits", sa.String(), nullable=True))

"""A check says how its file was read and what a person decided of it."""

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"


def upgrade() -> None:
    """Add two columns; earlier checks read their files as they came."""
    for name in ("reading", "fitting"):
        op.add_column("checks", sa.Column(name, sa.JSON(), nullable=False, server_default="{}"))

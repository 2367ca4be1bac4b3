"""People, invitations, shares, and who signed in."""

import sqlalchemy as sa
from alembic import op

from capsule_blocks.migrations.closing import close

revision = "v0004"
down_revision = "v0003"

TABLES = ("people", "invitations", "shares", "taken_up", "sign_ins", "sign_outs")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, then close them against change."""
    _create_people()
    _create_shares()
    _create_sign_ins()
    for table in TABLES:
        close(table)


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("login", "revision", name="uq_people_login_revision"),
    )
    op.create_index("ix_people_subject", "people", ["subject"])
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("person_revision", sa.Integer(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invitations"),
    )


def _create_shares() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("capsule", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("case_set", sa.String(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
        sa.UniqueConstraint("share_id", "revision", name="uq_shares_share_id_revision"),
    )
    for column in ("capsule", "login", "token_hash"):
        op.create_index(f"ix_shares_{column}", "shares", [column])
    op.create_table(
        "taken_up",
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("share_id", "login", name="pk_taken_up"),
    )


def _create_sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("share_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.UniqueConstraint("token_hash", name="uq_sign_ins_token_hash"),
    )
    op.create_table(
        "sign_outs",
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_ins.id"], name="fk_sign_outs_sign_in_id"),
        sa.PrimaryKeyConstraint("sign_in_id", name="pk_sign_outs"),
    )

"""The events of a dispatch are written in parts; those that are still to be wait here."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import DOCUMENT

revision = "flexibility_0004"
down_revision = "homes_0002"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "waiting_calls",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dispatch_id", _ID, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("homes", sa.Integer(), nullable=False),
        sa.Column("calls", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name="fk_waiting_calls_dispatch_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_waiting_calls"),
    )
    op.create_index("ix_waiting_calls_dispatch_id", "waiting_calls", ["dispatch_id"])

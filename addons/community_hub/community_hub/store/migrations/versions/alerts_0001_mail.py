"""What is wrong for a while, and mail that tells of it."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "alerts_0001"
down_revision = "statistics_0001"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "alerts",
        sa.Column("rule", _ID, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("rule", name="pk_alerts"),
    )
    op.create_table(
        "mails",
        sa.Column("id", _ID, nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
    )
    op.create_index("ix_mails_due_at", "mails", ["due_at"])

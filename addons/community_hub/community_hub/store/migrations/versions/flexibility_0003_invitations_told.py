"""What an invitation pays, and what homes say to it themselves: older ones pay nothing that was named."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "flexibility_0003"
down_revision = "alerts_0001"


def upgrade() -> None:
    """Add it."""
    op.add_column("invitations", sa.Column("price_micro", sa.BigInteger(), nullable=True))
    op.add_column("invitations", sa.Column("currency", sa.String(length=3), nullable=True))
    op.add_column("invitations", sa.Column("changed_at", UtcDateTime(), nullable=True))
    op.add_column("invitation_answers", sa.Column("said_at", UtcDateTime(), nullable=True))

"""What homes offer as things stand, in numbers: the next forecast of each fills it."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "flexibility_0002"
down_revision = "market_0001"


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "standing_offers",
        sa.Column("ven_id", sa.String(length=128), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("came_at", UtcDateTime(), nullable=False),
        sa.Column("expected", sa.LargeBinary(), nullable=False),
        sa.Column("less", sa.LargeBinary(), nullable=False),
        sa.Column("more", sa.LargeBinary(), nullable=False),
        sa.Column("stored_wh", sa.BigInteger(), nullable=True),
        sa.Column("capacity_wh", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_standing_offers_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", name="pk_standing_offers"),
    )
    op.create_index("ix_standing_offers_came_at", "standing_offers", ["came_at"])

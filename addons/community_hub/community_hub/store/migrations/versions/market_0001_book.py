"""The market's book: orders, and what quarter-hours were cleared at."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "market_0001"
down_revision = "wire_0002"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "market_orders",
        sa.Column("id", _ID, nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("interval_start", UtcDateTime(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=False),
        sa.Column("quantity_wh", sa.BigInteger(), nullable=False),
        sa.Column("filled_wh", sa.BigInteger(), nullable=True),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_market_orders_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_market_orders"),
    )
    op.create_index("ix_market_orders_ven_id", "market_orders", ["ven_id"])
    op.create_index("ix_market_orders_interval_start", "market_orders", ["interval_start"])
    op.create_table(
        "market_clearings",
        sa.Column("interval_start", UtcDateTime(), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=True),
        sa.Column("volume_wh", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("cleared_at", UtcDateTime(), nullable=False),
        sa.Column("cleared_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("interval_start", name="pk_market_clearings"),
    )

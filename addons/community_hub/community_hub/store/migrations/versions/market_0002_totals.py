"""What homes pay for what they traded in a month; orders stay when their home has gone."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "market_0002"
down_revision = "flexibility_0003"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make it."""
    with op.batch_alter_table("market_orders") as table:
        table.drop_constraint("fk_market_orders_ven_id", type_="foreignkey")
    op.create_table(
        "market_totals",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_nano", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("month", "ven_id", name="pk_market_totals"),
    )

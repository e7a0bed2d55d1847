"""How homes' batteries do, where their residents share it."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import DOCUMENT, UtcDateTime

revision = "homes_0001"
down_revision = "market_0002"


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "shared_batteries",
        sa.Column("ven_id", sa.String(length=128), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("batteries", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_shared_batteries_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", name="pk_shared_batteries"),
    )

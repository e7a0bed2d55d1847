"""What homes are kept for while a grid operator may order what was offered of them."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "grid_0002"
down_revision = "flexibility_0002"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "flex_reservations",
        sa.Column("offer_id", sa.String(length=36), nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["grid_messages.message_id"],
            name="fk_flex_reservations_offer_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_flex_reservations_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("offer_id", "ven_id", name="pk_flex_reservations"),
    )
    op.create_index("ix_flex_reservations_ven_id", "flex_reservations", ["ven_id"])

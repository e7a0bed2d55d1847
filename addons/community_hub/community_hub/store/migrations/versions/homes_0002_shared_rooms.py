"""What it is like in rooms, where their residents share it."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "homes_0002"
down_revision = "mail_0001"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "shared_rooms",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("name", _ID, nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_shared_rooms_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", "name", name="pk_shared_rooms"),
    )
    op.create_table(
        "room_quarters",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("room", _ID, nullable=False),
        sa.Column("figure", sa.String(length=16), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id", "room"],
            ["shared_rooms.ven_id", "shared_rooms.name"],
            name="fk_room_quarters_ven_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ven_id", "room", "figure", "start", name="pk_room_quarters"),
    )
    op.create_index("ix_room_quarters_start", "room_quarters", ["start"])

"""Grid operators that the hub speaks UFTP with, where they know it, and what was said."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "grid_0001"
down_revision = "flexibility_0001"

_ID = sa.String(length=128)
_DOMAIN = sa.String(length=253)
_ADDRESS = sa.String(length=255)
_UUID = sa.String(length=36)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "grid_operators",
        sa.Column("domain", _DOMAIN, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name="fk_grid_operators_program_id"),
        sa.PrimaryKeyConstraint("domain", name="pk_grid_operators"),
    )
    op.create_table(
        "congestion_points",
        sa.Column("address", _ADDRESS, nullable=False),
        sa.Column("domain", _DOMAIN, nullable=False),
        sa.Column("feeder", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["domain"], ["grid_operators.domain"], name="fk_congestion_points_domain", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address", name="pk_congestion_points"),
    )
    op.create_index("ix_congestion_points_domain", "congestion_points", ["domain"])
    op.create_table(
        "grid_connections",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("ean", sa.String(length=18), nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_grid_connections_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", name="pk_grid_connections"),
        sa.UniqueConstraint("ean", name="uq_grid_connections_ean"),
    )
    _make_messages()


def _make_messages() -> None:
    op.create_table(
        "grid_messages",
        sa.Column("message_id", _UUID, nullable=False),
        sa.Column("domain", _DOMAIN, nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("conversation_id", _UUID, nullable=False),
        sa.Column("about", _UUID, nullable=True),
        sa.Column("congestion_point", _ADDRESS, nullable=True),
        sa.Column("period", sa.Date(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("order_reference", sa.String(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("dispatch_id", _ID, nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["domain"], ["grid_operators.domain"], name="fk_grid_messages_domain", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name="pk_grid_messages"),
    )
    op.create_index(
        "ix_grid_messages_subject", "grid_messages", ["domain", "kind", "congestion_point", "period"]
    )
    op.create_index("ix_grid_messages_due", "grid_messages", ["ended_at", "due_at"])
    for column in ("about", "order_reference", "at", "dispatch_id"):
        op.create_index(f"ix_grid_messages_{column}", "grid_messages", [column])

"""Reports are looked for by when they came; what meters counted, quarter-hour by day."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "wire_0002"
down_revision = "grid_0001"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make them."""
    op.create_index("ix_received_reports_received_at", "received_reports", ["received_at"])
    op.create_table(
        "open_slots",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("import_wh", sa.Integer(), nullable=False),
        sa.Column("export_wh", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_open_slots_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", "start", name="pk_open_slots"),
    )
    op.create_index("ix_open_slots_start", "open_slots", ["start"])
    op.create_table(
        "day_series",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("series", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("reopened_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_day_series_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", "day", name="pk_day_series"),
    )
    op.create_index("ix_day_series_reopened_at", "day_series", ["reopened_at"])

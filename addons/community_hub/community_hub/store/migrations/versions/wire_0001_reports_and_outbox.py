"""What goes over the broker: who holds the line, reports that came, messages that are to go."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import DOCUMENT, UtcDateTime

revision = "wire_0001"
down_revision = "hub1_0001"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "leaders",
        sa.Column("task", _ID, nullable=False),
        sa.Column("holder", _ID, nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task", name="pk_leaders"),
    )
    _make_reports()
    op.create_table(
        "outbox",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
    )
    op.create_index("ix_outbox_outcome_number", "outbox", ["outcome", "number"])
    op.create_index("ix_outbox_event_id", "outbox", ["event_id"])
    op.create_index("ix_outbox_ended_at", "outbox", ["ended_at"])


def _make_reports() -> None:
    op.create_table(
        "received_reports",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("report_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("is_clock_off", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_received_reports_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", "report_id", name="pk_received_reports"),
    )
    op.create_index("ix_received_reports_event_id", "received_reports", ["event_id"])
    op.create_table(
        "report_progress",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("stream", _ID, nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.Column("beyond", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_report_progress_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", name="pk_report_progress"),
    )
    op.create_table(
        "refused_reports",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("reason", _ID, nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("ven_id", "reason", name="pk_refused_reports"),
    )

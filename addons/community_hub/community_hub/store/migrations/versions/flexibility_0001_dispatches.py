"""Invitations, dispatches, their settlement, and requests to one home."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import DOCUMENT, UtcDateTime

revision = "flexibility_0001"
down_revision = "wire_0001"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make them. What homes forecast is looked for by when it came."""
    _make_invitations()
    _make_dispatches()
    _make_settlements()
    _make_requests()
    op.drop_index("ix_received_reports_event_id", table_name="received_reports")
    op.create_index(
        "ix_received_reports_event_id_received_at", "received_reports", ["event_id", "received_at"]
    )


def _make_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("event_time", UtcDateTime(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("load_wh", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("devices", DOCUMENT, nullable=False),
        sa.Column("targets", DOCUMENT, nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("dispatch_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name="fk_invitations_program_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
    )
    op.create_index("ix_invitations_created_at", "invitations", ["created_at"])
    op.create_index("ix_invitations_program_id", "invitations", ["program_id"])
    op.create_table(
        "invitation_answers",
        sa.Column("invitation_id", _ID, nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("asked_wh", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("promised_wh", sa.BigInteger(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name="fk_invitation_answers_invitation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_invitation_answers_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invitation_id", "ven_id", name="pk_invitation_answers"),
    )
    op.create_index("ix_invitation_answers_state", "invitation_answers", ["state"])
    op.create_index("ix_invitation_answers_ven_id", "invitation_answers", ["ven_id"])
    op.create_table(
        "answer_rules",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("most_wh", sa.BigInteger(), nullable=True),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name="fk_answer_rules_program_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_answer_rules_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ven_id", "program_id", name="pk_answer_rules"),
    )


def _make_dispatches() -> None:
    op.create_table(
        "dispatches",
        sa.Column("id", _ID, nullable=False),
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("targets", DOCUMENT, nullable=False),
        sa.Column("caps_w", DOCUMENT, nullable=False),
        sa.Column("is_shaped", sa.Boolean(), nullable=False),
        sa.Column("figures", DOCUMENT, nullable=False),
        sa.Column("cost_micro", sa.BigInteger(), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("invitation_id", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dispatches"),
    )
    op.create_index("ix_dispatches_created_at", "dispatches", ["created_at"])
    op.create_index("ix_dispatches_ends_at", "dispatches", ["ends_at"])
    op.create_index("ix_dispatches_program_id", "dispatches", ["program_id"])
    op.create_table(
        "dispatched_homes",
        sa.Column("dispatch_id", _ID, nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("called_w", DOCUMENT, nullable=False),
        sa.Column("expected_w", DOCUMENT, nullable=False),
        sa.Column("called_wh", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("hold_event_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name="fk_dispatched_homes_dispatch_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_dispatched_homes_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dispatch_id", "ven_id", name="pk_dispatched_homes"),
    )
    op.create_table(
        "delivery_samples",
        sa.Column("dispatch_id", _ID, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("needed_w", sa.BigInteger(), nullable=False),
        sa.Column("delivered_w", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name="fk_delivery_samples_dispatch_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dispatch_id", "at", name="pk_delivery_samples"),
    )
    op.create_index("ix_dispatched_homes_event_id", "dispatched_homes", ["event_id"])
    op.create_index("ix_dispatched_homes_ven_id", "dispatched_homes", ["ven_id"])


def _make_settlements() -> None:
    op.create_table(
        "settlements",
        sa.Column("id", _ID, nullable=False),
        sa.Column("dispatch_id", _ID, nullable=False),
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=False),
        sa.Column("delivered_wh", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"], name="fk_settlements_dispatch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_settlements"),
        sa.UniqueConstraint("dispatch_id", name="uq_settlements_dispatch_id"),
    )
    op.create_index("ix_settlements_made_at", "settlements", ["made_at"])
    op.create_table(
        "settlement_lines",
        sa.Column("settlement_id", _ID, nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("agreed_wh", sa.BigInteger(), nullable=False),
        sa.Column("delivered_wh", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("checked", sa.String(), nullable=True),
        sa.Column("statement", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["settlement_id"],
            ["settlements.id"],
            name="fk_settlement_lines_settlement_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("settlement_id", "ven_id", name="pk_settlement_lines"),
    )
    op.create_index("ix_settlement_lines_ven_id", "settlement_lines", ["ven_id"])


def _make_requests() -> None:
    op.create_table(
        "home_requests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked", DOCUMENT, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_home_requests_ven_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_home_requests"),
    )
    op.create_index("ix_home_requests_ven_id", "home_requests", ["ven_id"])

"""The first tables: people and what speaks for them, the audit log, homes and consents, OpenADR objects."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import DOCUMENT, UtcDateTime

revision = "hub1_0001"
down_revision = None

_ID = sa.String(length=128)
_NO_HASH = "0" * 64
_APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_no_{act} BEFORE {act} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
"""
_APPEND_ONLY_FUNCTION = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$
"""
_APPEND_ONLY_POSTGRESQL = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
"""


def upgrade() -> None:
    """Make them."""
    _make_accounts()
    _make_audit()
    _make_objects()
    _make_reports_and_subscriptions()
    _make_homes()


def _make_accounts() -> None:
    op.create_table(
        "people",
        sa.Column("id", _ID, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("leaving_since", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email", name="uq_people_email"),
    )
    op.create_table(
        "clients",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
    )
    op.create_table(
        "sessions",
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_sessions_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_table(
        "tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("client_id", _ID, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name="fk_tokens_client_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_tokens_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    op.create_index("ix_tokens_client_id", "tokens", ["client_id"])
    op.create_index("ix_tokens_person_id", "tokens", ["person_id"])
    op.create_table(
        "one_time_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_one_time_codes_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name="pk_one_time_codes"),
    )
    op.create_index("ix_one_time_codes_person_id", "one_time_codes", ["person_id"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.UniqueConstraint("hash", name="uq_audit_hash"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.execute(f"INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '{_NO_HASH}')")  # noqa: S608 # our own constant
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_APPEND_ONLY_FUNCTION)
        op.execute(_APPEND_ONLY_POSTGRESQL)
    else:
        for act in ("UPDATE", "DELETE"):
            op.execute(_APPEND_ONLY_SQLITE.format(act=act))


def _make_objects() -> None:
    op.create_table(
        "programs",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programs"),
        sa.UniqueConstraint("name", name="uq_programs_name"),
    )
    op.create_index("ix_programs_client_id", "programs", ["client_id"])
    op.create_index("ix_programs_created_at", "programs", ["created_at"])
    op.create_table(
        "events",
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name="fk_events_program_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_client_id", "events", ["client_id"])
    op.create_index("ix_events_created_at", "events", ["created_at"])
    op.create_index("ix_events_ends_at", "events", ["ends_at"])
    op.create_index("ix_events_program_id", "events", ["program_id"])
    op.create_table(
        "vens",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vens"),
        sa.UniqueConstraint("client_id", name="uq_vens_client_id"),
        sa.UniqueConstraint("name", name="uq_vens_name"),
    )
    op.create_index("ix_vens_client_id", "vens", ["client_id"])
    op.create_index("ix_vens_created_at", "vens", ["created_at"])
    op.create_table(
        "resources",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["ven_id"], ["vens.id"], name="fk_resources_ven_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_resources"),
        sa.UniqueConstraint("ven_id", "name", name="uq_resources_ven_id_name"),
    )
    op.create_index("ix_resources_client_id", "resources", ["client_id"])
    op.create_index("ix_resources_created_at", "resources", ["created_at"])
    op.create_table(
        "object_targets",
        sa.Column("object_id", _ID, nullable=False),
        sa.Column("target", _ID, nullable=False),
        sa.PrimaryKeyConstraint("object_id", "target", name="pk_object_targets"),
    )
    op.create_index("ix_object_targets_target", "object_targets", ["target"])


def _make_reports_and_subscriptions() -> None:
    op.create_table(
        "reports",
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("client_name", sa.String(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_reports_event_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_client_id", "reports", ["client_id"])
    op.create_index("ix_reports_client_name", "reports", ["client_name"])
    op.create_index("ix_reports_created_at", "reports", ["created_at"])
    op.create_index("ix_reports_event_id", "reports", ["event_id"])
    op.create_table(
        "subscriptions",
        sa.Column("program_id", _ID, nullable=True),
        sa.Column("client_name", sa.String(), nullable=False),
        sa.Column("object_types", sa.String(), nullable=False),
        sa.Column("bearer_tokens_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name="fk_subscriptions_program_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_client_id", "subscriptions", ["client_id"])
    op.create_index("ix_subscriptions_client_name", "subscriptions", ["client_name"])
    op.create_index("ix_subscriptions_created_at", "subscriptions", ["created_at"])
    op.create_index("ix_subscriptions_program_id", "subscriptions", ["program_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("subscription_id", _ID, nullable=False),
        sa.Column("operation", sa.Integer(), nullable=False),
        sa.Column("notification", DOCUMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name="fk_webhook_deliveries_subscription_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_due_at", "webhook_deliveries", ["due_at"])
    op.create_index("ix_webhook_deliveries_subscription_id", "webhook_deliveries", ["subscription_id"])


def _make_homes() -> None:
    op.create_table(
        "homes",
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner_id", _ID, nullable=True),
        sa.Column("feeder", _ID, nullable=True),
        sa.Column("postcode", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("leaving_since", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name="fk_homes_owner_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("ven_id", name="pk_homes"),
    )
    op.create_index("ix_homes_feeder", "homes", ["feeder"])
    op.create_index("ix_homes_owner_id", "homes", ["owner_id"])
    op.create_index("ix_homes_postcode", "homes", ["postcode"])
    op.create_table(
        "consents",
        sa.Column("id", _ID, nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("program_id", _ID, nullable=False),
        sa.Column("devices", DOCUMENT, nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("agreed_how", sa.String(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name="fk_consents_program_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ven_id"], ["homes.ven_id"], name="fk_consents_ven_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_ven_id_program_id", "consents", ["ven_id", "program_id"])

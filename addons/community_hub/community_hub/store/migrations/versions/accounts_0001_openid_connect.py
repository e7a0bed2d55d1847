"""Who people are to OpenID providers, who was sent to one, and when somebody proved anew who they are."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "accounts_0001"
down_revision = "passkeys_0001"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make it."""
    op.add_column("sessions", sa.Column("proven_at", UtcDateTime(), nullable=True))
    op.create_table(
        "identities",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_identities_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
    )
    op.create_index("ix_identities_person_id", "identities", ["person_id"])
    op.create_table(
        "openid_attempts",
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("session_hash", sa.String(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_openid_attempts_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("state_hash", name="pk_openid_attempts"),
    )
    op.create_index("ix_openid_attempts_person_id", "openid_attempts", ["person_id"])
    op.create_index("ix_openid_attempts_expires_at", "openid_attempts", ["expires_at"])

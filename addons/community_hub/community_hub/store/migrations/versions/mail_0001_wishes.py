"""Who wishes mail about what came of invitations, and what of that was told."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import UtcDateTime

revision = "mail_0001"
down_revision = "accounts_0001"

_ID = sa.String(length=128)


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "mail_wishes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("ven_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=False),
        sa.Column("quiet_until", sa.String(length=5), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("agreed_how", sa.String(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.Column("mailed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ven_id"], ["homes.ven_id"], name="fk_mail_wishes_ven_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_mail_wishes_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mail_wishes"),
        sa.UniqueConstraint("ven_id", name="uq_mail_wishes_ven_id"),
    )
    op.create_index("ix_mail_wishes_person_id", "mail_wishes", ["person_id"])
    op.create_table(
        "told_outcomes",
        sa.Column("wish_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", _ID, nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wish_id"], ["mail_wishes.id"], name="fk_told_outcomes_wish_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("wish_id", "kind", "object_id", name="pk_told_outcomes"),
    )
    op.create_index("ix_told_outcomes_told_at", "told_outcomes", ["told_at"])
    with op.batch_alter_table("mails") as table:
        table.add_column(sa.Column("wish_id", _ID, nullable=True))
        table.create_foreign_key("fk_mails_wish_id", "mail_wishes", ["wish_id"], ["id"], ondelete="CASCADE")
        table.create_index("ix_mails_wish_id", ["wish_id"])

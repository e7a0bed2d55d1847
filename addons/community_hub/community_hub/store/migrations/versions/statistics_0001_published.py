"""What is published of the community: cohorts, and numbers that stay as they were published."""

import sqlalchemy as sa
from alembic import op

from community_hub.store.columns import DOCUMENT, UtcDateTime

revision = "statistics_0001"
down_revision = "grid_0002"

_ID = sa.String(length=144)


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "cohorts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("homes", DOCUMENT, nullable=False),
        sa.Column("published_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", "month", name="pk_cohorts"),
    )
    op.create_table(
        "published_numbers",
        sa.Column("cohort_id", _ID, nullable=False),
        sa.Column("figure", sa.String(length=16), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("slot_s", sa.Integer(), nullable=False),
        sa.Column("energy_wh", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cohort_id", "figure", "start", name="pk_published_numbers"),
    )
    op.create_table(
        "published_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("homes", sa.Integer(), nullable=True),
        sa.Column("delivered_wh", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("withheld", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("month", "currency", name="pk_published_months"),
    )

"""Reports are looked for by when they came and by their ids."""

from alembic import op

revision = "wire_0002"
down_revision = "grid_0001"


def upgrade() -> None:
    """Index them."""
    for column in ("received_at", "report_id"):
        op.create_index(f"ix_received_reports_{column}", "received_reports", [column])

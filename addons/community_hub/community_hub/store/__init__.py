"""What the hub remembers: tables, migrations, and transactions on SQLite or PostgreSQL."""

from .columns import Written, as_json, new_id, utc_now
from .database import DatabaseError, Store, insert_into, open_store
from .rows import insert_rows
from .tables import Base

__all__ = [
    "Base",
    "DatabaseError",
    "Store",
    "Written",
    "as_json",
    "insert_into",
    "insert_rows",
    "new_id",
    "open_store",
    "utc_now",
]

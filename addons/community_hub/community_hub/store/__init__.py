"""What the hub remembers: tables, migrations, and transactions on SQLite or PostgreSQL."""

from .columns import new_id, utc_now
from .database import DatabaseError, Store, insert_into, open_store
from .tables import Base

__all__ = ["Base", "DatabaseError", "Store", "insert_into", "new_id", "open_store", "utc_now"]

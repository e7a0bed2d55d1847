"""What the broker remembers on the disk: sessions, what waits in them, what is retained.

A power cut on a worn card may leave a damaged file, on which Mosquitto does not start, ever. A broker that
forgets is better than none: Home Flex sends again what the community's hub has not said it has.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

# What mosquitto_persist_sqlite.so writes, with the files that SQLite keeps beside it.
_FILES: Final = tuple(f"mosquitto.sqlite3{suffix}" for suffix in ("", "-wal", "-shm"))
# Of https://sqlite.org/rescode.html; anything else (no room, no right, a failing card) is no proof of damage.
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def set_damaged_aside(data: Path) -> bool:
    """Rename the memory in ``data`` if it is damaged, over an earlier one; return whether it was.

    Raises OSError when it cannot be renamed.
    """
    if not (data / _FILES[0]).exists() or _is_sound(data / _FILES[0]):
        return False
    for name in _FILES:
        if (data / name).exists():
            (data / name).replace(data / f"damaged.{name}")
    return True


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as database:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        # The low byte is the kind, the others tell more of it.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE

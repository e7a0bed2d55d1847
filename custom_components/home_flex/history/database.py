"""Opening the SQLite file: fresh, migrated, or put aside when it is corrupt. Blocking: for an executor."""

import contextlib
import logging
import sqlite3
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

from .schema import HOME, Layout

_LOGGER = logging.getLogger(__name__)

BUSY_TIMEOUT_S = 5.0
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


# SQLite's primary result codes, https://www.sqlite.org/rescode.html
REASONS = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_CANTOPEN: "read_only",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_IOERR: "disk_failed",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
}


class HistoryError(Exception):
    """The store cannot be used; the message says why.

    ``reason`` is ``disk_full``, ``read_only``, ``locked``, ``disk_failed``, ``corrupt`` or ``failed``.
    """

    def __init__(self, message: str, reason: str = "failed") -> None:
        """Keep the slug beside the message."""
        super().__init__(message)
        self.reason = reason


def reason_of(error: Exception) -> str:
    """Return the slug of what SQLite or the operating system says."""
    return REASONS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "failed")


def open_database(path: Path, layout: Layout | None = None) -> sqlite3.Connection:
    """Open ``path`` at the newest schema of its layout, that of the store of events unless told.

    A corrupt file is renamed aside; a copy of ``take_copy`` takes its place, or without one an empty file.
    So is one of a newer release that cannot be used here. Raises HistoryError when the file cannot be opened
    or written.
    """
    layout = layout or HOME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while (connection := _open_unless_unusable(path, layout)) is None:
            # Each turn uses up the copy, and an empty file is never corrupt.
            with contextlib.suppress(FileNotFoundError):
                _copy_of(path).rename(path)
        forget_copy(path)
    except (OSError, sqlite3.Error) as error:
        raise HistoryError(f"{path} cannot be opened: {error}", reason_of(error)) from error
    return connection


def take_copy(path: Path) -> None:
    """Write a whole copy beside the file, while it goes on being written.

    A backup takes files as they are, and may get the file itself torn; ``open_database`` then finds
    this copy. Raises HistoryError.
    """
    try:
        forget_copy(path)
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
            connection.execute("VACUUM INTO ?", (str(_copy_of(path)),))
    except (OSError, sqlite3.Error) as error:
        raise HistoryError(f"{path} cannot be copied: {error}", reason_of(error)) from error


def forget_copy(path: Path) -> None:
    """Remove the copy, when there is one. Raises OSError."""
    _copy_of(path).unlink(missing_ok=True)


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, as against locked, full or not permitted."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _CORRUPT


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, *, durable: bool) -> Generator[sqlite3.Connection]:
    """All or nothing. Durable is on the disk when it ends; otherwise the power may take it, but whole."""
    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _copy_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.backup")


class _TooNewError(Exception):
    """A newer release wrote the file in a way that is not understood here."""


def _open_unless_unusable(path: Path, layout: Layout) -> sqlite3.Connection | None:
    """Open the file; None when it was corrupt or too new, and is aside now."""
    try:
        return _open(path, layout)
    except sqlite3.DatabaseError as error:
        if not is_corrupt(error):
            raise
        aside = _put_aside(path, "corrupt")
        _LOGGER.warning("%s is corrupt (%s); kept as %s", path, error, aside.name)
    except _TooNewError:
        aside = _put_aside(path, "newer")
        _LOGGER.warning("%s was written by a newer version of Home Flex; kept as %s", path, aside.name)
    return None


def _open(path: Path, layout: Layout) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        _check(connection)
        _migrate(connection, layout)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        error = sqlite3.DatabaseError(problem)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _migrate(connection: sqlite3.Connection, layout: Layout) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(layout.migrations) and not _has_all_columns(connection, layout):
        raise _TooNewError
    for number, script in enumerate(layout.migrations[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={number}; COMMIT;")
    connection.executescript(layout.additions)


def _has_all_columns(connection: sqlite3.Connection, layout: Layout) -> bool:
    try:
        for table, columns in layout.columns.items():
            connection.execute(f"SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608 # our own names
    except sqlite3.OperationalError as error:
        if "no such" not in str(error):
            raise
        return False
    return True


def _put_aside(path: Path, why: str) -> Path:
    aside = path.with_name(f"{path.name}.{why}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside

"""Opening the SQLite file: fresh, migrated, or put aside when it is corrupt. Blocking: for an executor."""

import contextlib
import logging
import sqlite3
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

from .schema import MIGRATIONS, SCHEMA_VERSION

_LOGGER = logging.getLogger(__name__)

_BUSY_TIMEOUT_S = 5.0
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class HistoryError(Exception):
    """The store cannot be used; the message says why."""


def open_database(path: Path) -> sqlite3.Connection:
    """Open ``path`` at the newest schema.

    A corrupt file is renamed aside; a copy of ``take_copy`` takes its place, or without one an empty file.
    Raises HistoryError when the file was written by a newer version, or cannot be opened or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while (connection := _open_unless_corrupt(path)) is None:
            # Each turn uses up the copy, and an empty file is never corrupt.
            with contextlib.suppress(FileNotFoundError):
                _copy_of(path).rename(path)
        forget_copy(path)
    except (OSError, sqlite3.Error) as error:
        raise HistoryError(f"{path} cannot be opened: {error}") from error
    return connection


def take_copy(path: Path) -> None:
    """Write a whole copy beside the file, while it goes on being written.

    A backup takes files as they are, and may get the file itself torn; ``open_database`` then finds
    this copy. Raises HistoryError.
    """
    try:
        forget_copy(path)
        with contextlib.closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as connection:
            connection.execute("VACUUM INTO ?", (str(_copy_of(path)),))
    except (OSError, sqlite3.Error) as error:
        raise HistoryError(f"{path} cannot be copied: {error}") from error


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


def _open_unless_corrupt(path: Path) -> sqlite3.Connection | None:
    """Open the file; None when it was corrupt, which is aside now."""
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if not is_corrupt(error):
            raise
        aside = _put_aside(path)
        _LOGGER.warning("%s is corrupt (%s); kept as %s", path, error, aside.name)
        return None


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        _check(connection)
        _migrate(connection, path)
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


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise HistoryError(f"{path} was written by a newer version of Home Flex")
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={number}; COMMIT;")


def _put_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside

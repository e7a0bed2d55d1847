"""Opens the hub's database and gives transactions on it.

SQLite by default (one file, each commit on the disk), PostgreSQL by its URL. What is written is written in
``Store.writing``: on SQLite it takes the write lock at once (``BEGIN IMMEDIATE``), so that no transaction
fails at its end because another wrote meanwhile.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from .columns import as_json
from .migrations import upgrade
from .tables import Base

BUSY_TIMEOUT_S: Final = 10
# Of a large database on a slow disk, by one worker after the other.
MIGRATED_AFTER_S: Final = 300
_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_BEGIN: Final = "sqlite_begin"
_TAKE_TURN: Final = text("SELECT pg_advisory_xact_lock(:key)")


class Turn(IntEnum):
    """What is done by one at a time. Any numbers do, as long as all workers take the same."""

    MIGRATING = 0x686F6D65
    """Of several workers that start at once one migrates."""
    TRADING = 0x686F6D66
    """An order is placed before its quarter-hour is cleared, or is refused."""
    PUBLISHING = 0x686F6D68
    """A number is published once."""
    ALERTING = 0x686F6D69
    """Operators are told of one thing once."""
    TELLING = 0x686F6D6A
    """A resident is told of one thing once."""
    CALLING = 0x686F6D67
    """Who calls homes sees what others have called or reserved them for."""


class DatabaseError(Exception):
    """The URL names no database the hub can use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """An open database. ``close`` it when done."""

    engine: AsyncEngine
    _read: async_sessionmaker[AsyncSession]
    _write: async_sessionmaker[AsyncSession]

    @property
    def is_postgresql(self) -> bool:
        """Whether it is PostgreSQL; else it is SQLite."""
        return self.engine.dialect.name == "postgresql"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a transaction that only reads, and sees one state of the database."""
        async with self._read.begin() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a transaction that is committed at the end, and undone when an exception leaves it."""
        async with self._write.begin() as session:
            yield session

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def insert_into(store: Store, table: type[Base]) -> Any:
    """Return an insertion into a table in the database's own dialect, for ``on_conflict_do_…``."""
    dialect = postgresql if store.is_postgresql else sqlite
    return dialect.insert(table.__table__)


async def take_turn(session: AsyncSession, turn: Turn) -> None:
    """Wait until nobody else is at it; who comes later waits for the end of this transaction.

    What is read from then on holds what those before have committed. On SQLite whoever writes is alone.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_TAKE_TURN, {"key": turn})


async def open_store(url: str) -> Store:
    """Open the database of a URL, ``sqlite:///PATH`` or ``postgresql://…``, and bring its tables up to date.

    Raises DatabaseError for any other kind of URL, and what the driver raises when it cannot be reached.
    """
    await _migrate(url)
    engine = _engine(url, BUSY_TIMEOUT_S)
    reads: dict[str, Any] = (
        {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        if engine.dialect.name == "postgresql"
        else {}
    )
    writes = engine.execution_options(**{_BEGIN: "IMMEDIATE"})
    return Store(
        engine=engine,
        _read=async_sessionmaker(engine.execution_options(**reads), expire_on_commit=False),
        _write=async_sessionmaker(writes, expire_on_commit=False),
    )


async def _migrate(url: str) -> None:
    """Bring a database's tables up to date; who starts meanwhile waits for the end of that."""
    engine = _engine(url, MIGRATED_AFTER_S)
    try:
        async with engine.execution_options(**{_BEGIN: "IMMEDIATE"}).begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(_TAKE_TURN, {"key": Turn.MIGRATING})
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()


def _engine(url: str, busy_s: int) -> AsyncEngine:
    try:
        parsed = make_url(url)
        driver = _DRIVERS[parsed.get_backend_name()]
    except (ArgumentError, KeyError) as error:
        raise DatabaseError("the database's URL is neither sqlite:///… nor postgresql://…") from error
    parsed = parsed.set(drivername=driver)
    documents: dict[str, Any] = {"json_serializer": as_json, "json_deserializer": from_json}
    if parsed.get_backend_name() == "postgresql":
        return create_async_engine(parsed, pool_pre_ping=True, **documents)
    if not parsed.database or parsed.database == ":memory:":
        raise DatabaseError("the hub's SQLite database is a file: sqlite:///PATH")
    path = Path(parsed.database)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _create(path)
    engine = create_async_engine(parsed, connect_args={"timeout": busy_s}, **documents)
    _begin_explicitly(engine.sync_engine)
    return engine


def _create(path: Path) -> None:
    """Create a database's file with its write-ahead log on, for its owner alone, unless it is there.

    Two who turn that log on in a new file would wait for each other until the time of one is over.
    """
    if path.exists():
        return
    with NamedTemporaryFile(dir=path.parent) as new:
        with closing(sqlite3.connect(new.name)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        with suppress(FileExistsError):
            path.hardlink_to(new.name)


def _begin_explicitly(engine: Engine) -> None:
    """Let SQLAlchemy begin SQLite's transactions, which the driver would begin late and not around tables."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        kind = connection.get_execution_options().get(_BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

"""Opening the hub's database, and its transactions."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from community_hub.store import Base, DatabaseError, Store, open_store
from community_hub.store.migrations import upgrade
from community_hub.store.tables import Consent, Home, Program
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import create_async_engine

from .. import postgresql

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def home(ven_id: str = "home-1", created_at: datetime = NOW) -> Home:
    return Home(ven_id=ven_id, name="A home", created_at=created_at)


async def count(store: Store) -> int:
    async with store.reading() as session:
        return await session.scalar(select(func.count()).select_from(Home)) or 0


async def test_the_migrations_make_just_the_tables_that_the_code_knows(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.fixture
async def empty_postgresql_url(postgresql_server: postgresql.Server) -> str:
    return await postgresql_server.database("hub")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hub.sqlite'}"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


async def test_a_database_of_the_first_version_is_brought_up_to_date_with_what_it_holds(
    empty_database_url: str,
) -> None:
    engine = create_async_engine(_with_driver(empty_database_url))
    async with engine.begin() as connection:
        await connection.run_sync(upgrade, "hub1_0001")
        await connection.execute(
            text(
                "INSERT INTO homes (ven_id, name, state, created_at)"
                " VALUES ('home-1', 'A home', 'active', '2026-11-29 12:00:00+00:00')"
            )
        )
    await engine.dispose()

    store = await open_store(empty_database_url)

    assert await count(store) == 1
    await store.close()


def _with_driver(url: str) -> str:
    return url.replace("sqlite:", "sqlite+aiosqlite:").replace("postgresql:", "postgresql+asyncpg:")


async def test_a_database_that_is_opened_again_keeps_what_it_holds(database_url: str) -> None:
    for _ in range(2):
        store = await open_store(database_url)
        async with store.writing() as session:
            await session.merge(home())
        await store.close()

    store = await open_store(database_url)
    assert await count(store) == 1
    await store.close()


async def test_workers_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    stores = await asyncio.gather(*(open_store(empty_database_url) for _ in range(4)))

    assert [await count(store) for store in stores] == [0, 0, 0, 0]
    for store in stores:
        await store.close()


async def test_an_exception_undoes_a_transaction(store: Store) -> None:
    async def undone() -> None:
        async with store.writing() as session:
            session.add(home())
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await undone()

    assert await count(store) == 0


async def test_concurrent_writers_wait_for_each_other_and_all_are_kept(store: Store) -> None:
    async def add(number: int) -> None:
        async with store.writing() as session:
            total = await session.scalar(select(func.count()).select_from(Home)) or 0
            session.add(home(f"home-{number}-{total}"))

    await asyncio.gather(*(add(number) for number in range(12)))

    assert await count(store) == 12


async def test_a_reader_sees_one_state_while_another_writes(store: Store) -> None:
    async with store.reading() as reading:
        before = await reading.scalar(select(func.count()).select_from(Home))
        async with store.writing() as writing:
            writing.add(home())
        after = await reading.scalar(select(func.count()).select_from(Home))

    assert (before, after, await count(store)) == (0, 0, 1)


async def test_a_row_that_belongs_to_nothing_is_refused(store: Store) -> None:
    consent = Consent(
        id="c",
        ven_id="nobody",
        program_id="nothing",
        devices=[],
        valid_from=NOW,
        valid_until=NOW,
        text="",
        text_hash="",
        agreed_by="",
        agreed_how="",
        agreed_at=NOW,
    )

    with pytest.raises(IntegrityError):
        async with store.writing() as session:
            session.add(consent)


async def test_times_come_back_as_the_same_moment_in_utc(store: Store) -> None:
    at = datetime(2026, 10, 25, 2, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    async with store.writing() as session:
        session.add(home(created_at=at))

    async with store.reading() as session:
        found = (await session.scalars(select(Home))).one()
    assert found.created_at == at
    assert found.created_at.tzinfo is UTC


async def test_a_time_without_its_offset_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="without its offset"):
        async with store.writing() as session:
            session.add(home(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 # the point of it

    assert await count(store) == 0


async def test_documents_come_back_as_they_were(store: Store) -> None:
    document = {"programName": "Ünïcode 🌞", "values": [1, 2.5, None, True], "nested": {"b": 1, "a": []}}
    async with store.writing() as session:
        session.add(
            Program(id="p", name="p", created_at=NOW, modified_at=NOW, client_id="c", document=document)
        )

    async with store.reading() as session:
        assert (await session.get_one(Program, "p")).document == document


async def test_sqlite_is_on_the_disk_before_a_commit_is_over(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    async with store.reading() as session:
        settings = [
            await session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await store.close()

    assert settings == ["wal", 2, 1]


@pytest.mark.parametrize("url", ["", "mysql://host/hub", "sqlite://", "sqlite:///:memory:", "not a url"])
async def test_what_is_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError):
        await open_store(url)

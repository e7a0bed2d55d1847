"""A database for each test of the hub: the same tests run on SQLite and on PostgreSQL.

The migrations run once on each; a test has a copy of what they made.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from community_hub.store import Store, open_store

from . import postgresql
from .running import Running


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    if not postgresql.is_there():
        pytest.skip("PostgreSQL 15 is not there: run scripts/setup as root")
    with postgresql.running() as server:
        yield server


async def _migrated(url: str) -> None:
    await (await open_store(url)).close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "hub.sqlite"
    await _migrated(_sqlite_url(path))
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_postgresql(postgresql_server: postgresql.Server) -> str:
    name = "migrated"
    await _migrated(await postgresql_server.database(name))
    return name


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    path = tmp_path / "hub.sqlite"
    shutil.copy(migrated_sqlite, path)
    return _sqlite_url(path)


@pytest.fixture
async def postgresql_url(postgresql_server: postgresql.Server, migrated_postgresql: str) -> str:
    return await postgresql_server.database("hub", like=migrated_postgresql)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a database whose tables are there, and empty."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = await open_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def hub(store: Store) -> Running:
    return Running(store)

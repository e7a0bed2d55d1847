"""A database for each test of the hub: the same tests run on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from community_hub.store import Store, open_store

from . import postgresql
from .running import Running


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    if not postgresql.is_there():
        pytest.skip("PostgreSQL 15 is not there: run scripts/setup as root")
    with postgresql.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hub.sqlite'}"
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    return await server.emptied()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = await open_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def hub(store: Store) -> Running:
    return Running(store)

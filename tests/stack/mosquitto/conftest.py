"""A folder that a broker without rights can reach, and homes and centres that end with their test."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from . import programs
from .brokers import Broker, CentralBroker, HomeBroker
from .community import Community

type Start = Callable[[Broker], Awaitable[None]]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder below which every user may look; tmp_path is for root alone when root tests."""
    if programs.mosquitto() is None:
        pytest.skip("Mosquitto 2.1 is not there: run scripts/setup")
    path = Path(tempfile.mkdtemp(prefix="mosquitto-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def start(folder: Path) -> AsyncIterator[Start]:
    """Start brokers; all are gone after the test."""
    brokers: list[Broker] = []

    async def start_it(broker: Broker) -> None:
        brokers.append(broker)
        await broker.start()

    yield start_it
    for broker in brokers:
        await broker.kill()


@pytest.fixture(scope="session")
def community() -> Community:
    return Community()


@pytest.fixture
async def home(folder: Path, start: Start) -> HomeBroker:
    """Return a running home of no community."""
    broker = HomeBroker(folder / "home")
    await start(broker)
    return broker


@pytest.fixture
async def centre(folder: Path, start: Start, community: Community) -> CentralBroker:
    """Return a running central broker."""
    broker = CentralBroker(folder / "centre", community)
    await start(broker)
    return broker

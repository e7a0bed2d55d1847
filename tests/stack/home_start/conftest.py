"""The home's surroundings: a simulated house, a broker, a measurement store."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.home_stack.broker import Broker
from scripts.home_stack.house import STEADY, House

from .home import Home, record_of
from .store import MeasurementStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a home finds on its networks."""

    folder: Path
    house: House
    broker: Broker
    store: MeasurementStore

    def home(self, **record: object) -> Home:
        """Return a home on an empty volume with everything it is told and given."""
        home = Home(self.folder / "home", INFLUXDB_URL=self.store.url)
        home.provision(record_of(self.house, **record), self.broker)
        (home.credentials / "influxdb_token").write_text(self.store.token)
        (home.credentials / "influxdb_org").write_text("home")
        return home


@asynccontextmanager
async def surroundings_in(folder: Path) -> AsyncIterator[Surroundings]:
    """Start everything around a home, and end it in order."""
    house = House(folder / "house", options=STEADY)
    broker = Broker(folder / "broker")
    store = MeasurementStore()
    assert not broker.is_embedded, "Mosquitto is missing: run scripts/setup as root"
    async with AsyncExitStack() as stack:
        for part in (house, broker, store):
            stack.push_async_callback(part.stop)
            await part.start()
        yield Surroundings(folder=folder, house=house, broker=broker, store=store)


@pytest.fixture
async def surroundings(tmp_path: Path) -> AsyncIterator[Surroundings]:
    async with surroundings_in(tmp_path) as surroundings:
        yield surroundings

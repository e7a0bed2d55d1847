"""A community of one home: the real hub, its worker, and a Mosquitto with the centre's own rules."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from community_hub.store import open_store, utc_now
from community_hub.wire.leading import Leading
from community_hub.wire.session import Broker as HubBroker
from community_hub.wire.worker import Account, Worker
from homeassistant.config_entries import ConfigSubentryData

from tests.aggregator.broker import Broker, mosquitto_program
from tests.hub.flexibility.communities import PREFIX, Flexible, flexible
from tests.hub.flexibility.test_invitations import answers
from tests.hub.running import Clock, Running

from .house import subentry

ACCESS_RULES: Final = Path(__file__).parents[2] / "addons" / "community_hub" / "broker" / "access_rules"
SECRET: Final = "secret-of-tests"
USERS: Final = ("home-1", "hub.ingest", "hub.dispatch")


class RealClock(Clock):
    """The machine's own clock, where homes live by it too; ``behind`` it while the past is made."""

    behind: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() - self.behind


@dataclass
class Community:
    """A hub with one home, and its wire, which can be away for a while."""

    here: Flexible
    broker: Broker
    _working: asyncio.Task[None] | None = field(default=None)

    async def work(self) -> None:
        """Let a worker hold the line to the broker."""
        store = self.here.hub.store
        worker = Worker(
            store=store,
            broker=HubBroker(host=self.broker.host, port=self.broker.port),
            prefix=PREFIX,
            leading=Leading(store=store, holder=f"worker-{utc_now().timestamp()}", lease_s=0.5),
            clock=utc_now,
            tell_each_s=1.0,
            reads=Account(username="hub.ingest", password=SECRET),
            writes=Account(username="hub.dispatch", password=SECRET),
        )
        self._working = asyncio.create_task(worker.run())

    async def rest(self) -> None:
        """Take the worker away."""
        if self._working is not None:
            self._working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._working
            self._working = None

    async def says(self, invitation_id: str) -> tuple[str, str | None]:
        """Return what the hub has of the home's answer, and by whom."""
        row = (await answers(self.here, invitation_id))["home-1"]
        return row["state"], row["answered_by"]

    async def has(self, invitation_id: str, *answer: str) -> None:
        """Wait until the hub has an answer."""
        async with asyncio.timeout(60):
            while await self.says(invitation_id) != answer:  # noqa: ASYNC110 # a database tells nobody
                await asyncio.sleep(0.1)


async def answer(reader: httpx.AsyncClient, path: str, status: int) -> Any:
    """Wait until the hub answers so; return its answer."""
    async with asyncio.timeout(60):
        while (found := await reader.get(path)).status_code != status:  # noqa: ASYNC110 # it tells nobody
            await asyncio.sleep(0.1)
    return found.json()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Broker]:
    """Run a Mosquitto with the rules of the community's own."""
    if mosquitto_program() is None:
        pytest.skip("mosquitto is not installed")
    rules = tmp_path / "access_rules"
    rules.write_bytes(ACCESS_RULES.read_bytes())
    rules.chmod(0o600)
    broker = Broker(
        folder=tmp_path / "centre", users=dict.fromkeys(USERS, SECRET), options=(f"acl_file {rules}",)
    )
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
async def resting(tmp_path: Path, centre: Broker) -> AsyncIterator[Community]:
    """Run a hub with home-1, whose worker is not there yet."""
    # Home Assistant's harness lets every statement be logged.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    store = await open_store(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    try:
        running = Community(await flexible(Running(store, clock=RealClock()), "home-1"), centre)
        yield running
        await running.rest()
    finally:
        await store.close()


@pytest.fixture
async def community(resting: Community) -> Community:
    """Run a hub with home-1 and its worker at the broker."""
    await resting.work()
    return resting


def link_to(community: Community) -> ConfigSubentryData:
    """Return the home's link to its community."""
    return subentry(
        "aggregator",
        "Aggregator",
        host=community.broker.host,
        port=community.broker.port,
        tls=False,
        prefix=PREFIX,
        ven_id="home-1",
        username="home-1",
        password=SECRET,
    )

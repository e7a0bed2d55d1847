"""A home's own link and store, a broker and the hub's workers: whatever dies, each report is there, once.

The broker remembers nothing that it was not stopped in order for: a kill takes all that it acknowledged.
"""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
from community_hub.store import Store
from community_hub.store.tables import ReceivedReport
from sqlalchemy import select

from custom_components.home_flex.aggregator import link as link_module
from custom_components.home_flex.aggregator import publishing, received
from custom_components.home_flex.history.store import OutgoingReport
from custom_components.home_flex.runtime.journal import Journal
from scripts.home_stack.api import wait_until
from scripts.home_stack.hub_bench.centre import HubWorker
from tests.aggregator.broker import Broker, mosquitto_program
from tests.aggregator.home import Home, settings_for, until
from tests.aggregator.test_reconnect import journal_at

from .samples import PREFIX, join, report

WAIT_S: Final = 40.0
FEW: Final = 20

pytestmark = [
    pytest.mark.skipif(mosquitto_program() is None, reason="mosquitto is not installed"),
    pytest.mark.timeout(150),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "BACK_OFF_MIN_S", 0.05)
    monkeypatch.setattr(link_module, "BACK_OFF_MAX_S", 0.2)
    monkeypatch.setattr(received, "ASK_FIRST_S", 1.0)
    monkeypatch.setattr(received, "ASK_LAST_S", 2.0)
    monkeypatch.setattr(publishing, "ON_ITS_WAY_S", 0.5)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(folder=tmp_path / "broker", autosave_every_change=False)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
async def worker(tmp_path: Path, database_url: str, store: Store, broker: Broker) -> AsyncIterator[HubWorker]:
    await join(store, "home-1")
    quickly = ("--lease-seconds", "1", "--tell-seconds", "0.3")
    worker = HubWorker(tmp_path, "a", database_url, broker.port, *quickly)
    await worker.start()
    await wait_until(lambda: _has_subscribed(broker), "the worker to subscribe", timeout_s=WAIT_S)
    yield worker
    await worker.stop()


async def _has_subscribed(broker: Broker) -> bool:
    return "hub.ingest 1 " in broker.log()


@contextlib.asynccontextmanager
async def at_home(path: Path, broker: Broker) -> AsyncGenerator[tuple[Home, Journal]]:
    async with journal_at(path) as journal:
        home = Home(settings_for(broker, prefix=PREFIX), outbox=journal)
        async with home.running():
            yield home, journal


async def owe(home: Home, journal: Journal, numbers: range) -> None:
    reports = [
        OutgoingReport(id=f"report-{number}", payload=json.dumps(report(number)).encode())
        for number in numbers
    ]
    journal.put_events({}, reports)
    await journal.durable()
    home.link.wake()


async def are_there(store: Store, numbers: range) -> None:
    """Wait until exactly these are there, each once."""
    found: list[str] = []

    async def all_are() -> bool:
        async with store.reading() as session:
            found[:] = await session.scalars(select(ReceivedReport.report_id))
        return len(found) >= len(numbers)

    await wait_until(all_are, "all reports to be at the hub", timeout_s=WAIT_S)
    assert sorted(found) == sorted(f"report-{number}" for number in numbers)


async def _nothing_waits(journal: Journal) -> bool:
    return not await journal.pending_reports(1)


async def nothing_is_kept(journal: Journal) -> None:
    async def is_empty() -> bool:
        await journal.durable()
        return await _nothing_waits(journal) and not await journal.unreceived_reports([])

    await wait_until(is_empty, "the home to let its reports go", timeout_s=WAIT_S)


async def test_a_home_that_comes_is_told_which_events_are_open(
    tmp_path: Path, broker: Broker, worker: HubWorker
) -> None:
    assert worker.pid
    async with at_home(tmp_path / "home.db", broker) as (home, _):
        await until(lambda: home.messages)
    [told] = home.messages
    assert told.kind == "response"
    assert json.loads(told.payload) == {"correlation": home.asked[0], "events": []}


async def test_what_the_broker_forgot_with_its_life_the_home_sends_again(
    tmp_path: Path, store: Store, broker: Broker, worker: HubWorker
) -> None:
    async with at_home(tmp_path / "home.db", broker) as (home, journal):
        await owe(home, journal, range(FEW))
        await are_there(store, range(FEW))
        await nothing_is_kept(journal)
        await worker.kill()
        await owe(home, journal, range(FEW, 2 * FEW))
        await wait_until(lambda: _nothing_waits(journal), "the broker to have all", timeout_s=WAIT_S)
        broker.kill()
        broker.start()
        await worker.start()
        await are_there(store, range(2 * FEW))
        await nothing_is_kept(journal)


async def test_a_worker_that_dies_loses_none_and_counts_none_twice(
    tmp_path: Path, store: Store, broker: Broker, worker: HubWorker
) -> None:
    async with at_home(tmp_path / "home.db", broker) as (home, journal):
        for number in range(3):
            await owe(home, journal, range(number * FEW, (number + 1) * FEW))
            await asyncio.sleep(0.2)
            await worker.kill()
            await worker.start()
        await are_there(store, range(3 * FEW))
        await nothing_is_kept(journal)


async def test_a_home_that_starts_again_or_from_a_backup_loses_none_and_none_is_counted_twice(
    tmp_path: Path, store: Store, broker: Broker, worker: HubWorker
) -> None:
    path, backup = tmp_path / "home.db", tmp_path / "backup.db"
    async with at_home(path, broker) as (home, journal):
        await owe(home, journal, range(FEW))
        await are_there(store, range(FEW))
        await nothing_is_kept(journal)
    shutil.copy(path, backup)
    async with at_home(path, broker) as (home, journal):
        await owe(home, journal, range(FEW, 2 * FEW))
        await are_there(store, range(2 * FEW))
    # The backup's next numbers are those of reports that the hub has.
    async with at_home(backup, broker) as (home, journal):
        await owe(home, journal, range(FEW, 3 * FEW))
        await are_there(store, range(3 * FEW))
        await nothing_is_kept(journal)

"""flexctl as a process against a real broker, with the home's own desk and link at the other end."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.aggregator.link import AggregatorLink
from custom_components.home_flex.aggregator.settings import AggregatorSettings
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.core.events.possible import SiteEnvelope
from custom_components.home_flex.core.events.reports import presence
from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.runtime.event_inbox import EventInbox
from custom_components.home_flex.runtime.event_service import EventService
from custom_components.home_flex.runtime.event_settlement import Settlement
from custom_components.home_flex.runtime.journal import Journal
from scripts.home_stack.processes import python_path
from tests.aggregator.broker import Broker
from tests.asyncapi import validate

ROOT = Path(__file__).parents[2]
PASSWORD = "aggregator-secret"


def now() -> datetime:
    return datetime.now(UTC)


class Bench:
    """A broker, a home on it, and flexctl to call."""

    def __init__(self, folder: Path, broker: Broker, desk: EventService) -> None:
        self.folder = folder
        self.broker = broker
        self.desk = desk

    async def flexctl(self, *words: str, password: str = PASSWORD) -> tuple[int, str]:
        """Run flexctl to its end; return its exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "community_hub.flexctl"),
            *("--broker", f"127.0.0.1:{self.broker.port}", "--no-tls", "--username", "aggregator"),
            *("--state", str(self.folder / "events.json"), *words),
            env={
                "PYTHONPATH": python_path("addons/community_hub", "packages/home_flex_core"),
                "FLEXCTL_PASSWORD": password,
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await asyncio.wait_for(process.communicate(), 30)
        return process.returncode or 0, printed.decode()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    broker = Broker(folder=tmp_path / "broker", users={"home-1": "home-secret", "aggregator": PASSWORD})
    broker.start()
    store = await HistoryStore.open(tmp_path / "home.sqlite")
    journal = Journal(store)
    desk = EventService(
        journal=journal,
        ven_id="home-1",
        inbox=EventInbox(
            ven_id="home-1", grid_operator_programs=frozenset(), group_ids=frozenset(), clock=now
        ),
        clock=now,
        monotonic_s=time.monotonic,
        on_status=lambda _: None,
        envelope=lambda: SiteEnvelope(low_w=-17_250, high_w=17_250, storage_wh=None),
        ask_again=lambda: None,
        settlement=Settlement(),
    )
    connected = asyncio.Event()
    link = AggregatorLink(
        AggregatorSettings(
            host="127.0.0.1",
            port=broker.port,
            prefix="home_flex",
            ven_id="home-1",
            ven_name="Home one",
            tls=False,
            username="home-1",
            password="home-secret",
        ),
        journal,
        on_message=desk.receive,
        durable=journal.durable,
        ask=desk.ask,
        on_connection=lambda is_connected, _: connected.set() if is_connected else None,
        presence=_presence,
        clock=now,
    )
    journal.add_listener(link.wake)
    running = [asyncio.create_task(journal.run()), asyncio.create_task(link.run())]
    await asyncio.wait_for(connected.wait(), 10)
    yield Bench(tmp_path, broker, desk)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    await journal.close()
    await store.close()
    broker.stop()


def _presence(online: bool) -> bytes:
    return json.dumps(presence(ven_id="home-1", ven_name="Home one", online=online, at=now())).encode()


def answer(printed: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return parsed


async def test_a_dispatch_is_accepted_by_the_home(bench: Bench) -> None:
    words = ("--ven", "home-1", "--import-limit", "2kW", "--start", "+1m", "--duration", "15m", "--json")
    code, printed = await bench.flexctl("dispatch", *words)
    assert (code, answer(printed)["status"]) == (0, "ACCEPTED")
    record = bench.desk.book.records[answer(printed)["eventID"]]
    assert record.event.intervals[0].payloads[0].value == 2000


async def test_a_dispatch_the_home_cannot_take_is_refused_with_its_reason(bench: Bench) -> None:
    words = ("--ven", "home-1", "--import-limit", "9999kW", "--duration", "15m", "--json")
    code, printed = await bench.flexctl("dispatch", *words)
    assert code == 3
    assert "out_of_range" in answer(printed)["reason"]
    assert not bench.desk.book.records


async def test_a_cancelled_event_is_revoked(bench: Bench) -> None:
    words = ("--ven", "home-1", "--setpoint", "1kW", "--start", "+1m", "--duration", "15m", "--json")
    _, printed = await bench.flexctl("dispatch", *words)
    event_id = answer(printed)["eventID"]
    code, printed = await bench.flexctl("cancel", event_id[:8])
    assert (code, printed.strip()) == (0, f"{event_id}: REVOKED")
    assert bench.desk.book.records[event_id].status is EventStatus.REVOKED


async def test_a_home_that_is_not_there_gives_no_answer(bench: Bench) -> None:
    words = ("--ven", "home-2", "--import-limit", "2kW", "--duration", "15m", "--wait", "0.5")
    code, printed = await bench.flexctl("dispatch", *words)
    assert code == 4
    assert "no answer" in printed


async def test_homes_lists_who_is_online(bench: Bench) -> None:
    code, printed = await bench.flexctl("homes", "--json")
    assert code == 0
    (home,) = answer(printed).values()
    assert (home["venName"], home["status"]) == ("Home one", "ONLINE")


async def test_watch_shows_reports_and_everything_it_hears_is_as_documented(bench: Bench) -> None:
    watching = asyncio.create_task(bench.flexctl("watch", "--answer", "--json", "--for", "4s"))
    await asyncio.sleep(1.5)
    await bench.flexctl("dispatch", "--ven", "home-1", "--import-limit", "2kW", "--duration", "15m")
    _, printed = await watching
    heard = [json.loads(line) for line in printed.splitlines()]
    for line in heard:
        validate(line["topic"].removeprefix("home_flex/vens/home-1/"), line["document"])
    assert {line["topic"].rsplit("/", 1)[-1] for line in heard} >= {"status", "create"}


async def test_a_wrong_password_is_one_line(bench: Bench) -> None:
    code, printed = await bench.flexctl("homes", password="guess")
    assert code == 1
    assert printed.startswith("flexctl: ")
    assert len(printed.splitlines()) == 1
    assert "guess" not in printed

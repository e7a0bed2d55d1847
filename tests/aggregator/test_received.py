"""What a home keeps until the hub says that it has it, and what it sends again."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiomqtt import Message

from custom_components.home_flex.aggregator import publishing, received, reports
from custom_components.home_flex.history.store import OutgoingReport
from custom_components.home_flex.runtime.journal import Journal
from scripts.home_stack.api import wait_until

from .broker import Broker
from .conftest import StartBroker
from .home import ROOT, WAIT_S, Aggregator, Home, aggregator, settings_for, until
from .test_reconnect import journal_at

REPORTS = "reports/create"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "ASK_FIRST_S", 0.3)
    monkeypatch.setattr(publishing, "ON_ITS_WAY_S", 0.0)
    monkeypatch.setattr(reports, "TRY_AGAIN_LAST_S", 2.0)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async with journal_at(tmp_path / "store.db") as journal:
        yield journal


async def owe(home: Home, journal: Journal, *names: str, expires: datetime | None = None) -> None:
    owed = [OutgoingReport(id=name, payload=name.encode(), expires=expires) for name in names]
    journal.put_events({}, owed)
    await journal.durable()
    home.link.wake()


async def sent(journal: Journal, *names: str) -> None:
    """Wait until these are off the queue."""

    async def are_off() -> bool:
        return not {each.id for each in await journal.pending_reports(100)}.intersection(names)

    await wait_until(are_off, "the reports to go", timeout_s=WAIT_S)
    await journal.durable()


async def kept(journal: Journal) -> list[str]:
    await journal.durable()
    return [each.id for each in await journal.unreceived_reports(range(1, 1000))]


def places(other: Aggregator) -> list[dict[str, str]]:
    heard: list[Message] = [each for each in other.heard if each.topic.value == f"{ROOT}/{REPORTS}"]
    return [dict(vars(each.properties)["UserProperty"]) for each in heard]


async def tell(other: Aggregator, **said: object) -> None:
    await other.client.publish(f"{ROOT}/reports/received", json.dumps(said).encode())


async def heard(other: Aggregator, *payloads: bytes) -> None:
    await until(lambda: len(other.payloads(REPORTS)) >= len(payloads))
    assert other.payloads(REPORTS) == list(payloads)


async def test_reports_say_where_they_stand_in_the_home_s_store(broker: Broker, journal: Journal) -> None:
    home = Home(settings_for(broker), outbox=journal)
    async with aggregator(broker) as other, home.running():
        await owe(home, journal, "one", "two")
        await heard(other, b"one", b"two")
    assert [(each["sequence"], each["oldest"]) for each in places(other)] == [("1", "1"), ("2", "1")]
    assert len({each["stream"] for each in places(other)}) == 1


async def test_a_report_that_nobody_listens_to_waits_until_somebody_does(
    broker: Broker, journal: Journal
) -> None:
    home = Home(settings_for(broker), outbox=journal)
    async with home.running():
        await until(lambda: home.connected)
        await owe(home, journal, "one", "two")
        await asyncio.sleep(2 * reports.KEPT_AFTER_S)
        assert [each.id for each in await journal.pending_reports(9)] == ["one", "two"]
        async with aggregator(broker) as other:
            await heard(other, b"one", b"two")
            await sent(journal, "one", "two")


async def test_a_report_is_kept_until_the_hub_has_it_and_all_before_it(
    broker: Broker, journal: Journal
) -> None:
    home = Home(settings_for(broker), outbox=journal)
    async with aggregator(broker) as other, home.running():
        await owe(home, journal, "one", "two", "three")
        await sent(journal, "one", "two", "three")
        assert await kept(journal) == ["one", "two", "three"]
        await tell(other, stream=places(other)[0]["stream"], upTo=2)
        await wait_until(lambda: _is_kept(journal, ["three"]), "what was received to go", timeout_s=WAIT_S)
        await owe(home, journal, "four")
        await until(lambda: other.payloads(REPORTS)[-1] == b"four")
    assert places(other)[-1]["oldest"] == "3"


async def _is_kept(journal: Journal, names: list[str]) -> bool:
    return await kept(journal) == names


async def test_what_the_hub_misses_is_sent_again_with_its_number(broker: Broker, journal: Journal) -> None:
    home = Home(settings_for(broker), outbox=journal)
    async with aggregator(broker) as other, home.running():
        await owe(home, journal, "one", "two", "three")
        await sent(journal, "one", "two", "three")
        await tell(other, stream=places(other)[0]["stream"], upTo=1, missing=[2])
        await until(lambda: len(other.payloads(REPORTS)) >= 4)
    assert other.payloads(REPORTS)[3:4] == [b"two"]
    assert (places(other)[3]["sequence"], places(other)[3]["oldest"]) == ("2", "2")


async def test_what_may_still_be_on_its_way_is_not_sent_again(
    broker: Broker, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "ON_ITS_WAY_S", 20.0)
    home = Home(settings_for(broker), outbox=journal)
    async with aggregator(broker) as other, home.running():
        await owe(home, journal, "one", "two")
        await sent(journal, "one", "two")
        await tell(other, stream=places(other)[0]["stream"], upTo=0, missing=[1])
        await owe(home, journal, "three")
        await heard(other, b"one", b"two", b"three")


@pytest.mark.parametrize(
    "said",
    [
        {"upTo": 9},
        {"upTo": -1},
        {"upTo": "2"},
        {"upTo": 2, "missing": 3},
        {"upTo": 2, "missing": ["3"]},
        {"upTo": 2, "stream": "another"},
        {"upTo": 2, "stream": None},
        {},
    ],
    ids=str,
)
async def test_what_no_hub_can_say_lets_nothing_go(
    broker: Broker, journal: Journal, said: dict[str, object]
) -> None:
    home = Home(settings_for(broker), outbox=journal)
    async with aggregator(broker) as other, home.running():
        await owe(home, journal, "one", "two")
        await sent(journal, "one", "two")
        for payload in (b"", b"[" * 60_000, b"[]"):
            await other.client.publish(f"{ROOT}/reports/received", payload)
        await tell(other, **({"stream": places(other)[0]["stream"]} | said))
        await other.send("create", b"marker")
        await until(lambda: home.messages)
        assert await kept(journal) == ["one", "two"]


async def test_an_aggregator_that_never_tells_is_sent_nothing_twice_not_even_after_a_restart(
    broker: Broker, tmp_path: Path
) -> None:
    async with aggregator(broker) as other:
        for number in range(2):
            async with journal_at(tmp_path / "store.db") as journal:
                home = Home(settings_for(broker), outbox=journal)
                async with home.running():
                    await owe(home, journal, f"r{number}")
                    await sent(journal, f"r{number}")
                    await asyncio.sleep(3 * received.ASK_FIRST_S)
    assert other.payloads(REPORTS) == [b"r0", b"r1"]


async def test_a_home_that_hears_nothing_asks_by_sending_its_oldest_and_newest_again(
    broker: Broker, tmp_path: Path
) -> None:
    """Also from a backup that was restored: its store has another name then, for the numbers may be taken."""
    async with aggregator(broker) as other:
        async with journal_at(tmp_path / "store.db") as journal:
            home = Home(settings_for(broker), outbox=journal)
            async with home.running():
                await owe(home, journal, "one")
                await sent(journal, "one")
                first = places(other)[0]["stream"]
                await tell(other, stream=first, upTo=1)
                await wait_until(lambda: _is_kept(journal, []), "the report to go", timeout_s=WAIT_S)
                await owe(home, journal, "two", "three", "four")
                await sent(journal, "two", "three", "four")
        told = len(other.payloads(REPORTS))
        async with journal_at(tmp_path / "store.db") as journal:
            home = Home(settings_for(broker), outbox=journal)
            async with home.running():
                await until(lambda: len(other.payloads(REPORTS)) >= told + 2)
    assert other.payloads(REPORTS)[told : told + 2] == [b"two", b"four"]
    assert places(other)[told]["stream"] != first
    assert [each["sequence"] for each in places(other)[told : told + 2]] == ["2", "4"]


async def test_a_report_that_expired_is_not_kept_and_the_next_says_that_it_is_not_to_be_waited_for(
    broker: Broker, journal: Journal
) -> None:
    home = Home(settings_for(broker), outbox=journal)
    async with aggregator(broker) as other, home.running():
        await owe(home, journal, "late", expires=datetime.now(UTC) - timedelta(seconds=1))
        await sent(journal, "late")
        assert await kept(journal) == []
        await owe(home, journal, "good")
        await heard(other, b"good")
    assert (places(other)[0]["sequence"], places(other)[0]["oldest"]) == ("2", "2")


async def test_a_broker_that_lets_nobody_hear_of_reports_is_a_broker_like_any(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    (tmp_path / "acl").write_text(f"topic write {ROOT}/#\ntopic read {ROOT}/events/#\n")  # a test
    broker = start_broker(f"acl_file {tmp_path}/acl")
    home = Home(settings_for(broker))
    async with home.running():
        assert home.connections == [(True, None)]


async def test_a_hub_that_told_last_more_than_a_week_ago_is_not_asked(
    broker: Broker, journal: Journal
) -> None:
    home = Home(settings_for(broker), outbox=journal)
    async with aggregator(broker) as other, home.running():
        long_ago = datetime.now(UTC) - received.TELLS_FOR - timedelta(days=2)
        await journal.reports_received("of old", 0, long_ago.date())
        await owe(home, journal, "one")
        await sent(journal, "one")
        await asyncio.sleep(3 * received.ASK_FIRST_S)
        await heard(other, b"one")

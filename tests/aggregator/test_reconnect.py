"""What survives when the broker, the connection or the home goes away."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from home_common.mqtt import Client
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from custom_components.home_flex.aggregator import link as link_module
from custom_components.home_flex.aggregator import mqtt_client as mqtt_client_module
from custom_components.home_flex.aggregator.link import Incoming
from custom_components.home_flex.aggregator.mqtt_client import RECEIVE_MAXIMUM
from custom_components.home_flex.history.store import HistoryStore, OutgoingReport
from custom_components.home_flex.runtime.journal import Journal
from scripts.home_stack.api import wait_until

from .broker import Broker
from .conftest import StartBroker
from .home import ROOT, WAIT_S, Home, Report, aggregator, settings_for, until


@pytest.fixture(autouse=True)
def _quick_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "BACK_OFF_MIN_S", 0.05)
    monkeypatch.setattr(link_module, "BACK_OFF_MAX_S", 0.2)


async def test_a_message_sent_while_the_home_was_away_arrives_once(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with home.running():
        pass
    async with aggregator(broker) as other:
        await other.send("create", b"meanwhile")
    async with home.running():
        await until(lambda: home.messages)
    async with home.running(), aggregator(broker) as other:
        await other.send("create", b"marker")
        await until(lambda: len(home.messages) >= 2)
    assert [each.payload for each in home.messages] == [b"meanwhile", b"marker"]


async def test_the_queue_for_the_home_survives_a_killed_broker(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with home.running():
        pass
    async with aggregator(broker) as other:
        await other.send("create", b"meanwhile")
    await until(lambda: broker.saved(b"meanwhile"))
    broker.kill()
    async with home.running(wait=False):
        await until(lambda: home.connections and not home.connected)
        home.owe(Report("r1", b"one"), Report("r2", b"two"))
        broker.start()
        async with aggregator(broker) as other:
            await until(lambda: home.messages)
            await until(lambda: home.outbox.sent == ["r1", "r2"])
    assert home.messages == [Incoming("create", b"meanwhile")]


async def test_reports_made_while_the_broker_is_dead_arrive_in_order(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with home.running():
        async with aggregator(broker, **lasting_session()):
            broker.stop()
        await until(lambda: not home.connected)
        home.owe(*(Report(f"r{number}", f"{number}".encode()) for number in range(20)))
        broker.start()
        async with aggregator(broker, **lasting_session()) as other:
            await until(lambda: len(other.payloads("reports/create")) == 20)
    assert other.payloads("reports/create") == [f"{number}".encode() for number in range(20)]


async def test_the_will_says_offline_when_the_home_is_cut_off(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other, home.running():
        await until(lambda: other.payloads("status") == [b"ONLINE"])
        assert home.link._client is not None
        home.link._client._client._sock_close()
        await until(lambda: b"OFFLINE" in other.payloads("status"))


async def test_a_cut_connection_is_taken_up_again(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other, home.running():
        # Another client with the home's id: the broker hangs up on the home.
        async with Client(broker.host, broker.port, identifier="home-1"):
            await until(lambda: (False, "cannot_connect") in home.connections)
        await until(lambda: home.connected)
        await until(lambda: other.payloads("status")[-1] == b"ONLINE")


async def test_a_message_not_durable_before_the_home_died_comes_again(broker: Broker) -> None:
    home = Home(settings_for(broker))
    home.is_durable.clear()
    async with aggregator(broker) as other, home.running():
        await other.send("create", b"command")
        await until(lambda: home.messages)
    again = Home(settings_for(broker))
    async with again.running():
        await until(lambda: again.messages)
    assert again.messages == [Incoming("create", b"command")]


async def test_messages_are_heard_while_the_disk_takes_nothing_and_acknowledged_when_it_does(
    broker: Broker,
) -> None:
    home = Home(settings_for(broker))
    home.is_durable.clear()
    async with aggregator(broker) as other, home.running():
        for number in range(40):
            await other.send("update", f"{number}".encode())
        await until(lambda: len(home.messages) == RECEIVE_MAXIMUM)
        await asyncio.sleep(0.3)
        assert len(home.messages) == RECEIVE_MAXIMUM
        home.is_durable.set()
        await until(lambda: len(home.messages) == 40)
    again = Home(settings_for(broker))
    async with again.running(), aggregator(broker) as other:
        await other.send("create", b"marker")
        await until(lambda: again.messages)
    assert [each.payload for each in home.messages] == [f"{number}".encode() for number in range(40)]
    assert again.messages == [Incoming("create", b"marker")]


async def test_more_messages_than_the_window_holds_all_arrive_in_order(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other, home.running():
        for number in range(100):
            await other.send("update", f"{number}".encode())
        await until(lambda: len(home.messages) == 100)
    assert [each.payload for each in home.messages] == [f"{number}".encode() for number in range(100)]


async def test_a_report_nobody_wants_any_more_is_dropped(broker: Broker) -> None:
    home = Home(settings_for(broker))
    past, future = (datetime.now(UTC) + timedelta(minutes=sign) for sign in (-1, 1))
    home.owe(Report("late", b"late", past), Report("good", b"good", future))
    async with aggregator(broker) as other, home.running():
        await until(lambda: home.outbox.sent == ["late", "good"])
        await until(lambda: other.payloads("reports/create") == [b"good"])


def bridged_to(centre: Broker) -> list[str]:
    """Return what makes a broker of a home pass everything on to ``centre``."""
    return [
        "connection centre",
        f"address {centre.host}:{centre.port}",
        "try_private false",
        "restart_timeout 1",
        "cleansession false",
        f"notification_topic {ROOT}/bridge/state",
        f"topic {ROOT}/# out 1",
    ]


async def test_a_home_whose_broker_does_not_reach_the_aggregator_s_says_so_and_asks_again_for_its_events(
    start_broker: StartBroker,
) -> None:
    centre = start_broker()
    local = start_broker(*bridged_to(centre))
    home = Home(settings_for(local))
    async with aggregator(centre, **lasting_session()) as other, aggregator(local) as own, home.running():
        await until(lambda: other.payloads("events/request"))
        online = other.payloads("status")[-1]
        centre.stop()
        await until(lambda: home.connections[-1] == (False, "bridge_down"))
        # What is retained would be queued again with each attempt to reach the centre.
        await until(lambda: own.payloads("status")[-1] == b"")
        home.owe(Report("r1", b"one"))
        await until(lambda: home.outbox.sent == ["r1"])  # the home's broker keeps it
        centre.start()
        async with aggregator(centre, **lasting_session()) as returned:
            await until(lambda: returned.payloads("events/request"))
            await until(lambda: home.connected)
            await until(lambda: returned.payloads("status")[-1] == online)


@contextlib.asynccontextmanager
async def journal_at(path: Path) -> AsyncGenerator[Journal]:
    store = await HistoryStore.open(path)
    journal = Journal(store)
    writing = asyncio.create_task(journal.run())
    try:
        yield journal
    finally:
        writing.cancel()
        await asyncio.wait([writing])
        await journal.close()
        await store.close()


async def nothing_waits(journal: Journal) -> bool:
    return not await journal.pending_reports(1)


ACL = """
topic read flex/#
topic write flex/vens/home-1/events/#
topic write flex/vens/home-1/status
"""


async def test_a_report_the_broker_refuses_waits_and_events_still_come(
    start_broker: StartBroker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "acl").write_text(ACL)  # a test
    broker = start_broker(f"acl_file {tmp_path}/acl")
    home = Home(settings_for(broker))
    home.owe(Report("r1", b"one"), Report("r2", b"two"))
    async with home.running(), aggregator(broker) as other:
        await other.send("create", b"command")
        await until(lambda: home.messages)
        await until(lambda: "Reports wait" in caplog.text)
    assert home.outbox.sent == []


async def test_a_store_s_report_is_sent_exactly_once_over_restarts(broker: Broker, tmp_path: Path) -> None:
    report = OutgoingReport(id="e1:ACK", payload=b"ack")
    async with aggregator(broker) as other:
        for _ in range(2):
            async with journal_at(tmp_path / "store.db") as journal:
                journal.put_events({"e1": "{}"}, [report])
                await journal.durable()
                async with Home(settings_for(broker), outbox=journal).running():
                    await wait_until(partial(nothing_waits, journal), "the report to go", timeout_s=WAIT_S)
    assert other.payloads("reports/create") == [b"ack"]


async def test_a_report_the_broker_acknowledged_and_lost_with_its_life_arrives_all_the_same(
    start_broker: StartBroker,
) -> None:
    broker = start_broker(autosave_every_change=False)  # writes its state when it is stopped, not before
    home = Home(settings_for(broker))
    async with home.running():
        async with aggregator(broker, **lasting_session()):
            broker.restart()  # the aggregator's session is on the disk
        async with aggregator(broker) as witness:
            await until(lambda: home.connected)
            home.owe(Report("r1", b"one"))
            await until(lambda: witness.payloads("reports/create"))
            broker.kill()
        broker.start()
        async with aggregator(broker, **lasting_session()) as other:
            await until(lambda: other.payloads("reports/create") == [b"one"])
            await until(lambda: home.outbox.sent == ["r1"])


async def test_a_report_is_kept_at_home_until_the_connection_has_outlived_its_acknowledgement(
    broker: Broker,
) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other, home.running():
        home.owe(Report("r1", b"one"))
        await until(lambda: other.payloads("reports/create"))
        home.owe(Report("r2", b"two"))
        await until(lambda: len(other.payloads("reports/create")) == 2)
        assert home.outbox.sent == []
        await until(lambda: home.outbox.sent == ["r1", "r2"])
    assert other.payloads("reports/create") == [b"one", b"two"]


async def test_a_broker_that_falls_silent_is_noticed_and_does_not_hold_up_the_stop(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_client_module, "KEEPALIVE_S", 1)
    monkeypatch.setattr(mqtt_client_module, "CONNACK_TIMEOUT_S", 1)
    home = Home(settings_for(broker))
    async with home.running():
        broker.pause()
        await until(lambda: not home.connected)
        broker.resume()
        await until(lambda: home.connected)
        broker.pause()
    broker.resume()


async def test_a_home_that_may_not_ask_for_its_events_is_not_left_online(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    (tmp_path / "acl").write_text("topic read flex/#\ntopic write flex/vens/home-1/status\n")  # a test
    broker = start_broker(f"acl_file {tmp_path}/acl")
    home = Home(settings_for(broker))
    async with aggregator(broker) as other, home.running(wait=False):
        await until(lambda: (False, "not_authorised") in home.connections)
        await until(lambda: other.payloads("status")[:2] == [b"ONLINE", b"OFFLINE"])


def lasting_session() -> dict[str, Any]:
    """Return what makes an aggregator that goes away be waited for by the broker."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho left it without annotations
    properties.SessionExpiryInterval = 60
    return {"identifier": "agg", "clean_start": False, "properties": properties}

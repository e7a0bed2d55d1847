"""The link between home and aggregator, over a real Mosquitto."""

import asyncio
import json
import logging

import pytest

from custom_components.home_flex.aggregator.link import MAX_PAYLOAD_BYTES, Incoming
from custom_components.home_flex.aggregator.mqtt_client import connection_to

from .broker import Broker
from .home import ROOT, Home, Report, aggregator, settings_for, until


async def test_an_event_reaches_the_home_and_a_report_comes_back(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other, home.running():
        await other.send("create", b'{"objectType":"EVENT"}')
        await until(lambda: home.messages)
        home.owe(Report("r1", b"one"), Report("r2", b"two"))
        await until(lambda: len(other.payloads("reports/create")) == 2)
    assert home.messages == [Incoming("create", b'{"objectType":"EVENT"}')]
    assert other.payloads("reports/create") == [b"one", b"two"]


async def test_presence_is_retained_and_turns_offline_on_a_clean_stop(broker: Broker) -> None:
    async with Home(settings_for(broker)).running(), aggregator(broker) as other:
        await until(lambda: other.payloads("status"))
        assert other.heard[0].retain
    async with aggregator(broker) as later:
        await until(lambda: later.payloads("status"))
    assert other.payloads("status") == [b"ONLINE"]
    assert later.payloads("status") == [b"OFFLINE"]


async def test_after_each_connect_the_home_asks_for_its_open_events(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other:
        async with home.running():
            await until(lambda: other.payloads("events/request"))
            request = next(each for each in other.heard if each.topic.value.endswith("/events/request"))
            await other.send("response", b"[]")
            await until(lambda: home.messages)
        async with home.running():
            await until(lambda: len(other.payloads("events/request")) == 2)
    asked = json.loads(bytes(request.payload))
    assert asked == {"venID": "home-1", "correlation": home.asked[0]}
    properties = vars(request.properties)
    assert properties["ResponseTopic"] == f"{ROOT}/events/response"
    assert properties["CorrelationData"] == asked["correlation"].encode()
    assert home.messages[0] == Incoming("response", b"[]")


async def test_the_home_asks_for_its_open_events_again_when_it_is_told_to(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other, home.running():
        await until(lambda: other.payloads("events/request"))
        home.link.ask_again()
        await until(lambda: len(other.payloads("events/request")) == 2)
    requests = [json.loads(payload)["correlation"] for payload in other.payloads("events/request")]
    assert requests == home.asked
    assert len(set(requests)) == 2


async def test_retained_events_are_ignored_and_said_once(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other:
        await other.send("create", b"old command", retain=True)
        await other.send("update", b"old command", retain=True)
        async with home.running():
            await other.send("create", b"new command")
            await until(lambda: home.messages)
    assert home.messages == [Incoming("create", b"new command")]
    assert len([record for record in caplog.records if "retain" in record.message]) == 1


async def test_a_payload_of_a_megabyte_arrives_cut_so_that_it_can_be_refused(broker: Broker) -> None:
    home = Home(settings_for(broker))
    async with aggregator(broker) as other, home.running():
        await other.send("create", b"x" * 1_000_000)
        await other.send("create", b"next")
        await until(lambda: len(home.messages) == 2)
    assert home.messages[0].payload == b"x" * (MAX_PAYLOAD_BYTES + 1)
    assert home.messages[1].payload == b"next"


async def test_a_message_that_cannot_be_handled_does_not_stop_the_next(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(message: Incoming) -> None:
        if message.payload == b"bad":
            raise ValueError("no")

    home = Home(settings_for(broker), on_message=fail)
    async with aggregator(broker) as other, home.running():
        await other.send("create", b"bad")
        await other.send("create", b"good")
        await until(lambda: len(home.messages) == 2)
    assert "could not be handled" in caplog.text


async def test_a_resource_is_told_when_there_is_a_connection(broker: Broker) -> None:
    home = Home(settings_for(broker))
    assert not await home.link.publish_resource(b"nobody hears", "update")
    async with aggregator(broker) as other, home.running():
        assert await home.link.publish_resource(b"new", "create")
        assert await home.link.publish_resource(b"newer", "update")
        await until(lambda: other.payloads("resources/update"))
    assert other.payloads("resources/create") == [b"new"]
    assert other.payloads("resources/update") == [b"newer"]
    assert not any(message.retain for message in other.heard if "resources" in message.topic.value)


async def test_cancelling_leaves_no_task(broker: Broker) -> None:
    before = asyncio.all_tasks()
    async with Home(settings_for(broker)).running():
        pass
    assert asyncio.all_tasks() == before


async def test_loss_and_recovery_are_logged_once(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    home = Home(settings_for(broker))
    async with home.running():
        broker.kill()
        await until(lambda: not home.connected)
        await asyncio.sleep(1.5)
        broker.start()
        await until(lambda: home.connected)
    ours = [each.message for each in caplog.records if each.name.startswith("custom_components")]
    assert [each for each in ours if "not connected" in each] == ours[:1]
    assert ours[1:] == ["The aggregator is connected again"]
    assert home.connections == [(True, None), (False, "cannot_connect"), (True, None)]


async def test_a_connection_that_breaks_while_it_writes_breaks_quietly(
    broker: Broker,
) -> None:
    unheard: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context["message"]))
    async with connection_to(settings_for(broker), None, identifier="home-1") as client:
        client._client.publish("topic", b"being written", 1)
        client._client._sock_close()  # what paho does in the same moment when the broker hangs up
        await asyncio.sleep(0)
    assert unheard == []

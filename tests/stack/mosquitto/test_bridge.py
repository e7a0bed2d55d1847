"""What of a message, beyond its arrival, survives the bridge; and what the centre learns of a home's line."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest
from home_agent.mqtt import MqttLine
from home_broker import mosquitto_conf
from home_broker.configuration import DEFAULTS
from home_common.mqtt import properties
from paho.mqtt.packettypes import PacketTypes

from ..line import Line
from .brokers import CENTRAL_FILES, OBSERVER, CentralBroker, HomeBroker, bridged, eventually
from .community import Community
from .conftest import Start
from .messages import Door, Listener, into_centre, into_home, publish_numbers

EVENT_TIMEOUT_S = 15.0


@pytest.fixture
async def line(centre: CentralBroker) -> AsyncIterator[Line]:
    async with Line(centre.port) as line:
        yield line


@pytest.fixture
async def home(folder: Path, start: Start, community: Community, line: Line) -> HomeBroker:
    """Return a home that has been at the centre."""
    broker = HomeBroker(folder / "home", **bridged(community, line.port, community.home("home-1")))
    await start(broker)
    await hears(into_home(broker), f"{broker.topics}/bridge/state", b"1")
    return broker


@asynccontextmanager
async def listening(door: Door, topic: str) -> AsyncIterator[aiomqtt.Client]:
    async with door.client() as client:
        await client.subscribe(topic, qos=1)
        yield client


async def hears(door: Door, topic: str, payload: bytes) -> aiomqtt.Message:
    """Wait for a message, retained or new."""
    async with asyncio.timeout(EVENT_TIMEOUT_S), listening(door, topic) as client:
        async for message in client.messages:
            if message.payload == payload:
                return message
    raise AssertionError("the connection ended")


async def test_the_centre_sees_each_home_come_and_go(
    home: HomeBroker, centre: CentralBroker, line: Line
) -> None:
    state, operator = f"{home.topics}/bridge/state", into_centre(centre, "hub.operator")
    await hears(operator, state, b"1")
    await line.cut()
    assert (await hears(operator, state, b"0")).retain
    line.restore()
    await hears(operator, state, b"1")


async def test_the_home_sees_whether_it_is_at_the_centre(home: HomeBroker, line: Line) -> None:
    state = f"{home.topics}/bridge/state"
    for client in ("home_assistant", "home_agent"):
        await hears(into_home(home, client), state, b"1")
    await line.cut()
    await hears(into_home(home), state, b"0")


async def test_the_homes_status_is_retained_at_the_centre(home: HomeBroker, centre: CentralBroker) -> None:
    async with into_home(home).client() as client:
        await client.publish(f"{home.topics}/status", b"online", qos=1, retain=True)
    await hears(into_centre(centre, "hub.dispatch"), f"{home.topics}/status", b"online")
    later = await hears(into_centre(centre, "hub.dispatch"), f"{home.topics}/status", b"online")
    assert later.retain


async def test_a_long_outage_leaves_no_copies_of_the_heartbeat_in_the_queue(
    home: HomeBroker, centre: CentralBroker, line: Line
) -> None:
    beat = f"{home.topics}/agent/heartbeat"
    agent = MqttLine(
        host="127.0.0.1",
        port=home.port,
        root=home.topics,
        credentials=home.folder / "credentials" / "home_agent",
    )
    beats: list[bytes] = []

    async def hear(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            beats.append(bytes(message.payload))  # noqa: PERF401 # it is looked at meanwhile

    async with asyncio.TaskGroup() as tasks, listening(into_centre(centre, "hub.operator"), beat) as operator:
        running = [tasks.create_task(agent.run(_nothing)), tasks.create_task(hear(operator))]
        await eventually(lambda: agent.bridge_connected is True, lambda: "the agent hears of no bridge")
        await agent.publish_retained("agent/heartbeat", b"before")
        await eventually(lambda: b"before" in beats, lambda: str(beats))
        await line.cut()
        await eventually(lambda: agent.bridge_connected is False, lambda: "the agent hears of no outage")
        await agent.publish_retained("agent/heartbeat", b"meanwhile")
        # So long for some attempts, a second apart here.
        await asyncio.sleep(6)
        line.restore()
        await hears(into_centre(centre, "hub.operator"), beat, b"meanwhile")
        await asyncio.sleep(0.5)
        assert len(beats) <= 6, beats
        later = await hears(into_centre(centre, "hub.operator"), beat, b"meanwhile")
        assert later.retain
        for task in running:
            task.cancel()


async def _nothing(_kind: str, _payload: bytes) -> None:
    """Take no command."""


async def test_a_commands_expiry_and_return_address_come_along(
    home: HomeBroker, centre: CentralBroker
) -> None:
    sent = properties(
        PacketTypes.PUBLISH,
        MessageExpiryInterval=60,
        ResponseTopic=f"{home.topics}/reports/create",
        CorrelationData=b"event-7",
        ContentType="application/json",
    )
    topic = f"{home.topics}/events/create"
    async with (
        listening(into_home(home), topic) as listener,
        into_centre(centre, "hub.dispatch").client() as dispatch,
    ):
        await dispatch.publish(topic, b"{}", qos=1, properties=sent)
        async with asyncio.timeout(EVENT_TIMEOUT_S):
            message = await anext(aiter(listener.messages))
    assert message.properties is not None
    arrived = message.properties.json()  # type: ignore[no-untyped-call] # paho has no types here
    assert 50 <= arrived["MessageExpiryInterval"] <= 60
    assert arrived["ResponseTopic"] == f"{home.topics}/reports/create"
    assert bytes.fromhex(arrived["CorrelationData"]) == b"event-7"
    assert arrived["ContentType"] == "application/json"


async def test_a_command_that_expired_while_the_home_was_away_does_not_arrive(
    home: HomeBroker, centre: CentralBroker, line: Line
) -> None:
    topic = f"{home.topics}/events/create"
    short = properties(PacketTypes.PUBLISH, MessageExpiryInterval=1)
    async with Listener.on(into_home(home), topic) as listener:
        await line.cut()
        async with into_centre(centre, "hub.dispatch").client() as dispatch:
            await dispatch.publish(topic, b"1", qos=1, properties=short)
        await publish_numbers(into_centre(centre, "hub.dispatch"), topic, range(2, 3))
        await asyncio.sleep(2.1)
        line.restore()
        await listener.has(range(2, 3))
        assert listener.numbers == [2]


async def test_other_topics_stay_where_they_are(home: HomeBroker, centre: CentralBroker) -> None:
    await home.let_observer_in()
    async with Listener.on(into_centre(centre, OBSERVER), f"{home.topics}/#") as listener:
        await listener.has(range(1, 2))  # the bridge's own presence
        anybody = into_home(home, OBSERVER)
        for number, topic in enumerate(("events/create", "diary", "reports/other", "agent/other"), start=3):
            await publish_numbers(anybody, f"{home.topics}/{topic}", range(number, number + 1))
        await publish_numbers(anybody, f"{home.topics}/reports/create", range(9, 10))
        await listener.has(range(9, 10))
    assert listener.numbers == [1, 9]


async def test_the_centres_words_to_other_homes_do_not_come(home: HomeBroker, centre: CentralBroker) -> None:
    events = f"{home.topics}/events/create"
    async with Listener.on(into_home(home), "#") as listener:
        await listener.has(range(1, 2))
        dispatch = into_centre(centre, "hub.dispatch")
        await publish_numbers(dispatch, "home_flex/vens/home-2/events/create", range(3, 6))
        await publish_numbers(dispatch, events, range(9, 10))
        await listener.has(range(9, 10))
    assert listener.numbers == [1, 9]


async def test_beyond_the_limit_the_newest_are_dropped_and_the_log_says_so(
    folder: Path, start: Start, community: Community, centre: CentralBroker
) -> None:
    async with Line(centre.port) as line:
        await line.cut()
        settings = bridged(community, line.port, community.home("home-1"))
        home = HomeBroker(folder / "home", MAX_QUEUED_MESSAGES="100", **settings)
        await start(home)
        reports = f"{home.topics}/reports/create"
        ingest = into_centre(centre, "hub.ingest", "ingest")
        async with Listener.on(ingest, reports) as listener:
            await publish_numbers(into_home(home), reports, range(150))
            await home.logs("Outgoing messages are being dropped for client centre.home-1")
            line.restore()
            await hears(into_home(home), f"{home.topics}/bridge/state", b"1")
            await publish_numbers(into_home(home), reports, range(900, 901))
            await listener.has(range(900, 901))
    kept = list(dict.fromkeys(number for number in listener.numbers if number != 900))
    # Each attempt to reach the centre takes some out of the full queue, in whose place a newer one fits.
    assert kept[:99] == list(range(99))
    assert kept == sorted(kept)
    assert len(kept) < 150


def test_a_home_is_back_within_two_minutes_of_its_line() -> None:
    """After an attempt that got no answer, and the longest pause."""
    assert int(DEFAULTS["BRIDGE_KEEPALIVE_SECONDS"]) + int(DEFAULTS["BRIDGE_RETRY_MOST_SECONDS"]) <= 120


async def test_an_attempt_that_gets_no_answer_is_given_up_after_a_keep_alive(
    folder: Path, start: Start, community: Community, centre: CentralBroker
) -> None:
    async with Line(centre.port) as line:
        line.silence()
        home = HomeBroker(folder / "home", **bridged(community, line.port, community.home("home-1")))
        await start(home)
        await eventually(lambda: line.connections >= 2, lambda: f"{line.connections} attempts")


def test_what_a_home_sends_and_hears_is_what_the_centre_allows() -> None:
    rules = (CENTRAL_FILES / "access_rules").read_text()
    allowed = re.findall(r"^pattern (\w+) home_flex/vens/%u/(\S+)$", rules, re.MULTILINE)
    assert {topic for kind, topic in allowed if kind == "read"} == {*mosquitto_conf.DOWN}
    assert {topic for kind, topic in allowed if kind == "write"} == {*mosquitto_conf.UP, "bridge/state"}

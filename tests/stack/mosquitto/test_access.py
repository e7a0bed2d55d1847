"""Who gets into the home's broker, and how far."""

import aiomqtt
import pytest
from aiomqtt import MqttError

from .brokers import OBSERVER, HomeBroker
from .messages import Door, Listener, answer, into_home, publish_numbers


async def test_nobody_gets_in_without_a_name(home: HomeBroker) -> None:
    assert await answer(Door(port=home.port)) == "not authorised"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("home_assistant", "wrong-password-0123456789"),
        ("home_assistant", ""),
        ("home_assistant", None),
        ("admin", "admin"),
        ("centre.home-1", None),
    ],
)
async def test_nobody_gets_in_with_a_wrong_password(
    home: HomeBroker, username: str, password: str | None
) -> None:
    door = Door(port=home.port, username=username, password=password)
    assert await answer(door) == "not authorised"


async def test_one_client_does_not_get_in_with_the_password_of_another(home: HomeBroker) -> None:
    door = Door(port=home.port, username="home_assistant", password=home.password("home_agent"))
    assert await answer(door) == "not authorised"


async def test_each_client_gets_in_with_its_own_password(home: HomeBroker) -> None:
    assert home.password("home_assistant") != home.password("home_agent")
    for client in ("home_assistant", "home_agent"):
        assert await answer(into_home(home, client)) == "accepted"


@pytest.mark.parametrize(
    ("client", "topic", "allowed"),
    [
        ("home_assistant", "home_flex/vens/home-1/reports/create", True),
        ("home_assistant", "home_flex/vens/home-1/status", True),
        ("home_assistant", "home_flex/vens/home-2/reports/create", False),
        ("home_assistant", "home_flex/vens/home-1/resources/update", True),
        ("home_assistant", "home_flex/vens/home-1/events/request", True),
        ("home_assistant", "home_flex/vens/home-1", False),
        ("home_assistant", "home_flex/vens/home-1/other", False),
        ("home_assistant", "home_flex/vens/home-1/events/create", False),
        ("home_assistant", "home_flex/vens/home-1/bridge/state", False),
        ("home_assistant", "home_flex/vens/home-1/agent/commands/factory_erase", False),
        ("home_assistant", "home_flex/vens/home-1/agent/commands/restart_service", False),
        ("home_assistant", "home_flex/vens/home-1/agent/answers", False),
        ("home_assistant", "home_flex/vens/home-1/agent/heartbeat", False),
        ("home_assistant", "home_flex/vens/home-11/status", False),
        ("home_assistant", "other/vens/home-1/status", False),
        ("home_assistant", "$SYS/broker/uptime", False),
        ("home_agent", "home_flex/vens/home-1/agent/heartbeat", True),
        ("home_agent", "home_flex/vens/home-1/agent/answers", True),
        ("home_agent", "home_flex/vens/home-1/agent/commands/backup", False),
        ("home_agent", "home_flex/vens/home-1/status", False),
        ("home_agent", "home_flex/vens/home-1/reports/create", False),
        ("home_agent", "home_flex/vens/home-1/events/create", False),
        ("home_agent", "home_flex/vens/home-2/agent/heartbeat", False),
    ],
)
async def test_a_client_writes_to_its_own_topics_only(
    home: HomeBroker, client: str, topic: str, allowed: object
) -> None:
    async with into_home(home, client).client() as connection:
        assert await is_accepted(connection, topic) is allowed


async def is_accepted(client: aiomqtt.Client, topic: str) -> bool:
    """Publish, and return whether the broker's answer allows it (MQTT 5 section 3.4.2.1)."""
    reasons = []
    client._client.on_publish = lambda _client, _data, _mid, reason, _properties: reasons.append(reason)
    message = client._client.publish(topic, "1", qos=1)
    while not message.is_published() and not reasons:
        await client._loop.run_in_executor(None, message.wait_for_publish, 0.05)
    return not reasons[0].is_failure


async def test_what_is_not_a_clients_own_does_not_reach_it(home: HomeBroker) -> None:
    await home.let_observer_in()
    anybody = into_home(home, OBSERVER)
    async with (
        Listener.on(into_home(home, "home_agent"), "#") as agent,
        Listener.on(into_home(home), "#") as home_assistant,
    ):
        await publish_numbers(anybody, f"{home.topics}/agent/answers", range(1, 2))
        await publish_numbers(anybody, f"{home.topics}/agent/commands/restart", range(2, 3))
        await publish_numbers(anybody, f"{home.topics}/events/create", range(3, 4))
        await agent.has(range(2, 3))
        await home_assistant.has(range(3, 4))
    assert (agent.numbers, home_assistant.numbers) == ([2], [3])


async def test_the_agent_is_told_how_full_the_queues_are(home: HomeBroker) -> None:
    async with into_home(home, "home_agent").client() as client:
        await client.subscribe("$SYS/broker/store/messages/count", qos=1)
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            assert int(message.payload) >= 0
            break


async def publish_and_wait(door: Door, topic: str, payload: bytes) -> None:
    async with door.client() as client:
        await client.publish(topic, payload, qos=1, timeout=1)


async def test_a_packet_that_is_too_large_ends_the_connection_and_nothing_else(home: HomeBroker) -> None:
    topic = f"{home.topics}/reports/create"
    await publish_and_wait(into_home(home), topic, b"x" * 262_000)
    with pytest.raises(MqttError):
        await publish_and_wait(into_home(home), topic, b"x" * 262_145)
    assert await home.is_healthy()

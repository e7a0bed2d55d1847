"""The broker lets in who it knows, keeps homes apart, and remembers over a power cut."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest
import pytest_asyncio

from scripts.home_stack.api import wait_until
from scripts.home_stack.broker import PREFIX, VEN_ID, Account, Broker
from scripts.home_stack.processes import ROOT, ManagedProcess

OWN_EVENTS = f"{PREFIX}/vens/{VEN_ID}/events/create"
OTHER_EVENTS = f"{PREFIX}/vens/home-2/events/create"


def client(
    broker: Broker, account: Account, identifier: str | None = None, *, keeps_session: bool = False
) -> aiomqtt.Client:
    return aiomqtt.Client(
        "127.0.0.1",
        broker.port,
        username=account.username,
        password=account.password,
        identifier=identifier,
        clean_session=not keeps_session,
        timeout=10,
    )


def saved_at(broker: Broker) -> int:
    database = broker.folder / "mosquitto.db"
    return database.stat().st_mtime_ns if database.exists() else 0


async def _newer(broker: Broker, before: int) -> bool:
    return saved_at(broker) > before


@pytest_asyncio.fixture(params=["Mosquitto", "embedded"], loop_scope="session")
async def broker(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Broker]:
    if request.param == "embedded":
        monkeypatch.setattr("scripts.home_stack.broker._find", lambda _: None)
    broker = Broker(tmp_path / "broker")
    assert broker.is_embedded == (request.param == "embedded"), (
        "Mosquitto is missing: run scripts/setup as root"
    )
    await broker.start()
    yield broker
    await broker.stop()


async def test_it_refuses_an_unknown_password(broker: Broker) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with client(broker, Account(username=VEN_ID)):
            pass


async def test_it_refuses_who_gives_no_name(broker: Broker) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", broker.port, timeout=10):
            pass


async def test_it_carries_an_event_to_its_home_and_no_other(broker: Broker) -> None:
    async with client(broker, broker.home) as home, client(broker, broker.aggregator) as aggregator:
        await home.subscribe(OWN_EVENTS, qos=1)
        # A broker may refuse this loudly or deliver nothing; the second is what the test looks at.
        await home.subscribe(OTHER_EVENTS, qos=1)
        await aggregator.publish(OTHER_EVENTS, b"not for home-1", qos=1)
        await aggregator.publish(OWN_EVENTS, b"for home-1", qos=1)
        async with asyncio.timeout(10):
            message = await anext(aiter(home.messages))
        assert message.payload == b"for home-1"


async def test_it_delivers_after_a_power_cut_what_it_had_accepted_before(
    mosquitto: Broker,
) -> None:
    async with client(mosquitto, mosquitto.home, "home-session", keeps_session=True) as home:
        await home.subscribe(OWN_EVENTS, qos=1)
    async with client(mosquitto, mosquitto.aggregator) as aggregator:
        before = saved_at(mosquitto)
        await aggregator.publish(OWN_EVENTS, b"kept", qos=1)

    # Mosquitto writes to disk just after it acknowledges.
    await wait_until(lambda: _newer(mosquitto, before), "Mosquitto to save", timeout_s=10)
    await mosquitto.kill()
    await mosquitto.start()

    async with client(mosquitto, mosquitto.home, "home-session", keeps_session=True) as home:
        async with asyncio.timeout(10):
            message = await anext(aiter(home.messages))
    assert message.payload == b"kept"


async def test_flexctl_starts_an_event_now_whichever_version_of_mqtt_the_broker_speaks(
    broker: Broker,
) -> None:
    arguments = ("--no-tls", "--state", str(broker.folder / "events.json"), "dispatch", "--ven", VEN_ID)
    event = ("--import-limit", "2kW", "--duration", "1m", "--wait", "0")
    flexctl = ManagedProcess(
        "flexctl",
        [str(ROOT / "scripts" / "flexctl"), *arguments, *event],
        log=broker.folder / "flexctl.log",
        environment={
            "FLEXCTL_BROKER": f"127.0.0.1:{broker.port}",
            "FLEXCTL_USERNAME": broker.aggregator.username,
            "FLEXCTL_PASSWORD": broker.aggregator.password,
        },
    )
    async with client(broker, broker.home) as home:
        await home.subscribe(OWN_EVENTS, qos=1)
        await flexctl.start()
        async with asyncio.timeout(20):
            message = await anext(aiter(home.messages))
        await flexctl.stop()
    start = json.loads(bytes(message.payload))["object"]["intervalPeriod"]["start"]
    assert datetime.now(UTC) - datetime.fromisoformat(start) < timedelta(seconds=3)

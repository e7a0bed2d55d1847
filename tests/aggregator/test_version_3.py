"""A broker that speaks MQTT 3.1.1 only: the demo's embedded one."""

import contextlib
import logging
from collections.abc import AsyncGenerator

import aiomqtt
import pytest
from amqtt.broker import Broker as EmbeddedBroker  # type: ignore[import-untyped] # it has no annotations

from custom_components.home_flex.aggregator import mqtt_client as mqtt_client_module
from custom_components.home_flex.aggregator.link import Incoming
from custom_components.home_flex.aggregator.probe import probe
from scripts.home_stack.processes import free_port

from .broker import Broker
from .home import Home, Report, aggregator, settings_for, until

pytestmark = pytest.mark.filterwarnings("default")  # the broker under the tests is not ours to keep tidy


class Embedded:
    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = free_port()


@contextlib.asynccontextmanager
async def embedded_broker() -> AsyncGenerator[Embedded]:
    place = Embedded()
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"{place.host}:{place.port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    broker = EmbeddedBroker(config)
    await broker.start()
    try:
        yield place
    finally:
        await broker.shutdown()


async def test_the_link_falls_back_to_3_1_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_client_module, "CONNACK_TIMEOUT_S", 0.3)
    async with embedded_broker() as broker:
        await probe(settings_for(broker))
        home = Home(settings_for(broker))
        async with aggregator(broker, protocol=aiomqtt.ProtocolVersion.V311) as other, home.running():
            await until(lambda: other.payloads("events/request"))
            await other.send("create", b"command")
            await until(lambda: home.messages)
            home.owe(Report("r1", b"one"))
            await until(lambda: other.payloads("reports/create") == [b"one"])
        async with aggregator(broker, protocol=aiomqtt.ProtocolVersion.V311) as other:
            await until(lambda: b"OFFLINE" in other.payloads("status"))


async def test_a_3_1_1_session_keeps_what_was_sent_meanwhile(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_client_module, "VERSIONS", (aiomqtt.ProtocolVersion.V311,))
    home = Home(settings_for(broker))
    async with home.running():
        pass
    async with aggregator(broker) as other:
        await other.send("create", b"meanwhile")
        async with home.running():
            await until(lambda: home.messages)
        await until(lambda: len(other.payloads("events/request")) == 1)
    assert home.messages == [Incoming("create", b"meanwhile")]

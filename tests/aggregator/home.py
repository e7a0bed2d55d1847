"""A home's end of the link, and the aggregator's, for tests to hold."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol
from uuid import uuid4

import aiomqtt
from aiomqtt import Message
from home_common.mqtt import Client

from custom_components.home_flex.aggregator.link import AggregatorLink, Incoming
from custom_components.home_flex.aggregator.settings import AggregatorSettings
from custom_components.home_flex.history.entries import ReportPlace

ROOT = "flex/vens/home-1"
WAIT_S = 15.0


class Place(Protocol):
    """Where a broker listens."""

    host: str
    port: int


def settings_for(broker: Place, **changes: Any) -> AggregatorSettings:
    values: dict[str, Any] = {
        "host": broker.host,
        "port": broker.port,
        "prefix": "flex",
        "ven_id": "home-1",
        "ven_name": "Home 1",
        "tls": False,
    }
    return AggregatorSettings(**(values | changes))


@dataclass(frozen=True)
class Report:
    id: str
    payload: bytes
    expires: datetime | None = None
    place: ReportPlace | None = None


@dataclass
class MemoryOutbox:
    """Stands in for the store where a test is about the link alone."""

    waiting: list[Report] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    async def pending_reports(self, limit: int) -> list[Report]:
        return self.waiting[:limit]

    async def report_sent(self, report_id: str) -> None:
        self.sent.append(report_id)
        self.waiting = [report for report in self.waiting if report.id != report_id]

    async def unreceived_reports(self, numbers: Collection[int], after: int) -> list[Report]:  # noqa: ARG002 # keeps none
        return []

    async def reports_received(self, stream: str, up_to: int, on: date) -> None:
        """Keep none."""

    async def last_told(self) -> date | None:
        return None


@dataclass
class Home:
    """What the home heard, and a link that runs while the test is inside ``running``."""

    settings: AggregatorSettings
    outbox: Any = field(default_factory=MemoryOutbox)
    messages: list[Incoming] = field(default_factory=list)
    connections: list[tuple[bool, str | None]] = field(default_factory=list)
    on_message: Callable[[Incoming], None] | None = None
    is_durable: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    link: AggregatorLink = field(init=False)

    def __post_init__(self) -> None:
        self.is_durable.set()
        self.link = AggregatorLink(
            self.settings,
            self.outbox,
            on_message=self._hear,
            durable=self._durable,
            ask=self._ask,
            on_connection=lambda connected, reason: self.connections.append((connected, reason)),
            presence=lambda online: b"ONLINE" if online else b"OFFLINE",
            clock=lambda: datetime.now(UTC),
        )

    async def _durable(self) -> None:
        await self.is_durable.wait()

    def _ask(self) -> str:
        self.asked.append(str(uuid4()))
        return self.asked[-1]

    def _hear(self, message: Incoming) -> None:
        self.messages.append(message)
        if self.on_message is not None:
            self.on_message(message)

    @property
    def connected(self) -> bool:
        return bool(self.connections) and self.connections[-1][0]

    def owe(self, *reports: Report) -> None:
        self.outbox.waiting.extend(reports)
        self.link.wake()

    @contextlib.asynccontextmanager
    async def running(self, *, wait: bool = True) -> AsyncGenerator[Home]:
        task = asyncio.create_task(self.link.run())
        try:
            if wait:
                await until(lambda: self.connected)
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, WAIT_S)


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition, for a bounded time."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 # a condition of any kind, not an event
            await asyncio.sleep(0.01)


@dataclass
class Aggregator:
    """The other end: an MQTT client that hears everything of the home, and may send."""

    client: aiomqtt.Client
    heard: list[Message] = field(default_factory=list)

    async def send(self, kind: str, payload: bytes | dict[str, Any], *, retain: bool = False) -> None:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        await self.client.publish(f"{ROOT}/events/{kind}", data, qos=1, retain=retain)

    def payloads(self, topic: str) -> list[bytes]:
        return [bytes(message.payload) for message in self.heard if message.topic.value == f"{ROOT}/{topic}"]


@contextlib.asynccontextmanager
async def aggregator(broker: Place, **options: Any) -> AsyncGenerator[Aggregator]:
    """Listen to all the home says, as the aggregator."""
    protocol = options.pop("protocol", aiomqtt.ProtocolVersion.V5)
    async with Client(broker.host, broker.port, protocol=protocol, **options) as client:
        other = Aggregator(client)
        await client.subscribe("flex/#", qos=1)

        async def listen() -> None:
            with contextlib.suppress(aiomqtt.MqttError):
                async for message in client.messages:
                    other.heard.append(message)

        task = asyncio.create_task(listen())
        try:
            yield other
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

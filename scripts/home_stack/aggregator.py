"""The aggregator's side of the broker: dispatches with flexctl's documents, and keeps all that homes say."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import aiomqtt
from community_hub.flexctl import documents
from community_hub.flexctl.broker import BrokerSettings, connect, read_document
from community_hub.flexctl.quantities import iso_time
from community_hub.flexibility.report_values import values_by_type

from .api import wait_until
from .broker import PREFIX, VEN_ID, Broker

_RECONNECT_S = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One message on the broker; ``at`` is this process' monotonic clock."""

    at: float
    topic: str
    document: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """An event that was sent; ``published`` is the monotonic time just before."""

    document: dict[str, Any]
    published: float

    @property
    def event_id(self) -> str:
        """The event's id."""
        return str(self.document["id"])


class Aggregator:
    """Use ``async with aggregator.listening()``: it misses nothing, not even over a loss of the broker.

    With ``answers`` it tells a home that asks which of its own events are open, as an aggregator must.
    """

    def __init__(self, broker: Broker) -> None:
        """Nothing is heard yet, and nothing is answered."""
        self.heard: list[Heard] = []
        self.answers = False
        self._open: dict[str, tuple[datetime, dict[str, Any]]] = {}
        self._broker = broker
        self._connected = asyncio.Event()

    @property
    def settings(self) -> BrokerSettings:
        """How the aggregator reaches the broker."""
        return BrokerSettings(
            host="127.0.0.1",
            port=self._broker.port,
            prefix=PREFIX,
            username=self._broker.aggregator.username,
            password=self._broker.aggregator.password,
            tls=False,
        )

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen in the background, over losses of the broker."""
        task = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(15):
                await self._connected.wait()
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def dispatch(self, *, import_limit_w: float, duration: timedelta) -> Dispatched:
        """Send a limit that starts now."""
        return await self.ask({"IMPORT_CAPACITY_LIMIT": import_limit_w / 1000}, duration=duration)

    async def ask(
        self, payloads: dict[str, float], *, duration: timedelta, starts_in: timedelta = timedelta(0)
    ) -> Dispatched:
        """Send an event; ``payloads``: payload type to its value, in the units of flexctl's documents."""
        now = datetime.now(UTC)
        document = documents.event(
            ven_id=VEN_ID,
            program_id="flexibility",
            payloads=payloads,
            start=now + starts_in,
            duration=duration,
            randomize_start=None,
            priority=None,
            name=None,
            now=now,
        )
        lives = starts_in + duration
        self._open[document["id"]] = (now + lives, document)
        return await self._send("create", document, lives)

    async def cancel(self, dispatched: Dispatched) -> None:
        """Take an event back."""
        self.withdraw(dispatched)
        document = {**dispatched.document, "modificationDateTime": iso_time(datetime.now(UTC))}
        await self._send("delete", document, timedelta(minutes=1))

    async def cancel_open(self) -> None:
        """Take back every event that has not ended."""
        now = datetime.now(UTC)
        for end, document in [*self._open.values()]:
            if end > now:
                await self.cancel(Dispatched(document=document, published=monotonic()))

    async def end(self, dispatched: Dispatched) -> None:
        """Let an event end now, by a newer version of it that ended within the last second."""
        now = datetime.now(UTC)
        period = dispatched.document["intervalPeriod"]
        lasted = (now - datetime.fromisoformat(period["start"])) // timedelta(seconds=1)
        document = {
            **dispatched.document,
            "modificationDateTime": iso_time(now),
            "intervalPeriod": {**period, "duration": f"PT{lasted}S"},
        }
        self.withdraw(dispatched)
        await self._send("update", document, timedelta(minutes=1))

    def withdraw(self, dispatched: Dispatched) -> None:
        """Take an event back, and lose the message that says so."""
        self._open.pop(dispatched.event_id, None)

    def reports(self, event_id: str) -> list[dict[str, Any]]:
        """Return the reports on an event in the order they came, repeats included."""
        return [
            heard.document["object"]
            for heard in self.heard
            if heard.topic.endswith("/reports/create")
            and (heard.document.get("object") or {}).get("eventID") == event_id
        ]

    def statuses(self, event_id: str) -> list[str]:
        """Return the states of an event as the home reported them; a report that is repeated counts once."""
        first = {
            report["id"]: report
            for report in self.reports(event_id)
            if report["reportName"] in {"acknowledgement", "status"}
        }
        return [str(values_by_type(report)["INSTRUCTION_STATUS"][0]) for report in first.values()]

    def settlements(self, event_id: str) -> list[dict[str, Any]]:
        """Return the receipts of an event, by payload type; a report that is repeated counts once."""
        first = {
            report["id"]: report for report in self.reports(event_id) if report["reportName"] == "settlement"
        }
        return [values_by_type(report) for report in first.values()]

    def told(self, event_id: str) -> list[str]:
        """Return what the home said of an event, in a few words each, repeats included."""
        return [
            f"{report['reportName']} {report['id'][:8]} {values_by_type(report).get('INSTRUCTION_STATUS')}"
            f" {values_by_type(report).get('REASON', '')}".rstrip()
            for report in self.reports(event_id)
        ]

    async def wait_for_status(self, event_id: str, status: str, *, timeout_s: float) -> None:
        """Wait until the home has reported a state. Raises StackError when it does not."""

        async def reported() -> bool:
            return status in self.statuses(event_id)

        await wait_until(reported, f"the report {status}", timeout_s=timeout_s)

    async def wait_for_settlement(self, event_id: str, *, timeout_s: float) -> dict[str, Any]:
        """Return the receipt of an event once it came. Raises StackError when it does not."""

        async def settled() -> dict[str, Any] | None:
            return next(iter(self.settlements(event_id)), None)

        return await wait_until(settled, "the settlement report", timeout_s=timeout_s)

    async def _send(self, operation: str, document: dict[str, Any], lives: timedelta) -> Dispatched:
        async with connect(self.settings) as connection:
            published = monotonic()
            await connection.publish(
                self.settings.topic(VEN_ID, f"events/{operation}"),
                documents.notification(operation.upper(), document),
                expires_in_s=lives.total_seconds(),
            )
        return Dispatched(document=document, published=published)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._client() as client:
                    await client.subscribe(f"{PREFIX}/vens/+/#", qos=1)
                    self._connected.set()
                    async for message in client.messages:
                        if (document := read_document(message)) is not None:
                            await self._hear(client, str(message.topic), document)
            except aiomqtt.MqttError:
                await asyncio.sleep(_RECONNECT_S)

    async def _hear(self, client: aiomqtt.Client, topic: str, document: dict[str, Any]) -> None:
        self.heard.append(Heard(at=monotonic(), topic=topic, document=document))
        if self.answers and topic == self.settings.topic(VEN_ID, "events/request"):
            now = datetime.now(UTC)
            answer = {
                "correlation": document["correlation"],
                "events": [event for end, event in self._open.values() if end > now],
            }
            await client.publish(self.settings.topic(VEN_ID, "events/response"), json.dumps(answer), qos=1)

    def _client(self) -> aiomqtt.Client:
        """Return a client with a session that the broker keeps: it misses nothing while away."""
        return aiomqtt.Client(
            "127.0.0.1",
            self._broker.port,
            identifier="home-stack-aggregator",
            username=self._broker.aggregator.username,
            password=self._broker.aggregator.password,
            clean_session=False,
            timeout=5,
        )

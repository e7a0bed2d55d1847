"""A charger on raw JSON over aiohttp's client: it shares nothing with the library under test."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ssl import SSLContext
from typing import Any, Self

import aiohttp

from custom_components.home_flex.core.model import ChargerReading, Reading
from custom_components.home_flex.devices.driver import LinkDown
from custom_components.home_flex.devices.ocpp import CentralSystem, ChargerSettings, OcppCharger, Patience

SETTINGS = ChargerSettings(identity="CP1", password="secret", phases=3, min_current_a=6.0, max_current_a=16.0)
POWER = {"value": "7200", "measurand": "Power.Active.Import", "unit": "W"}
NOON = "2026-11-21T12:00:00Z"
# Nothing here needs more than a moment on a loopback socket; silence is what some tests wait for.
QUICK = Patience(heartbeat_s=60, boot_s=0.3, set_up_s=0.2, limit_s=0.3, write_s=1.0)

type Reply = Callable[[dict[str, Any]], dict[str, Any] | None]
"""Answers a call from the central system: a payload, or None for silence. May raise RefusalError."""


class RefusalError(Exception):
    """Answer with a CALLERROR of this code."""


def accepted(_: dict[str, Any]) -> dict[str, Any]:
    return {"status": "Accepted"}


def rejected(_: dict[str, Any]) -> dict[str, Any]:
    return {"status": "Rejected"}


def silent(_: dict[str, Any]) -> None:
    return None


def not_implemented(_: dict[str, Any]) -> dict[str, Any]:
    raise RefusalError("NotImplemented")


class RawCharger:
    """One connection of a charger. ``replies`` by action; what is not listed is accepted."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, replies: dict[str, Reply]) -> None:
        self.socket = socket
        self.replies = replies
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.unanswered: list[str] = []
        self.answers: dict[str, list[Any]] = {}
        self.control_frames: list[tuple[aiohttp.WSMsgType, bytes]] = []
        self._news = asyncio.Event()
        self._next_id = 0
        self._reader = asyncio.create_task(self._read(), name="raw charger")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def hang_up(self) -> None:
        """Go away without a word: the TCP connection is cut."""
        assert self.socket._response.connection is not None
        assert self.socket._response.connection.transport is not None
        self.socket._response.connection.transport.abort()

    async def send(self, text: str) -> None:
        await self.socket.send_str(text)

    async def call(self, action: str, payload: dict[str, Any]) -> list[Any]:
        """Call the central system and return its whole answer."""
        self._next_id += 1
        unique_id = f"raw-{self._next_id}"
        await self.send(json.dumps([2, unique_id, action, payload]))
        return await self.answer_to(unique_id)

    async def answer_to(self, unique_id: str) -> list[Any]:
        await self.until(lambda: unique_id in self.answers)
        return self.answers.pop(unique_id)

    async def boot(self, **more: str) -> dict[str, Any]:
        boot = {"chargePointVendor": "Raw", "chargePointModel": "One", "chargePointSerialNumber": "S1"}
        payload: dict[str, Any] = (await self.call("BootNotification", boot | more))[2]
        return payload

    async def status(self, status: str, connector_id: int = 1, **more: str) -> list[Any]:
        payload = {"connectorId": connector_id, "errorCode": "NoError", "status": status, **more}
        return await self.call("StatusNotification", payload)

    async def meter(self, *sampled: dict[str, Any], time: str = NOON, **more: Any) -> list[Any]:
        values = [{"timestamp": time, "sampledValue": list(sampled)}]
        return await self.call("MeterValues", {"connectorId": 1, "meterValue": values, **more})

    async def start_transaction(self, meter_start: int = 0, time: str = NOON) -> int:
        start = {"connectorId": 1, "idTag": "TAG", "meterStart": meter_start, "timestamp": time}
        transaction_id: int = (await self.call("StartTransaction", start))[2]["transactionId"]
        return transaction_id

    async def get_ready(self) -> None:
        """Boot, tell a status, and wait until the central system has asked all it wants to know."""
        await self.boot()
        await self.status("Available")
        await self.until(lambda: "StopTxnSampledData" in self.changed())

    def limits(self) -> list[float]:
        """Return the limits that were sent, in A."""
        return [
            profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] for profile in self.profiles()
        ]

    def changed(self) -> dict[str, str]:
        """Return the configuration keys that were to be changed, and their newest values."""
        return {entry["key"]: entry["value"] for entry in self.called("ChangeConfiguration")}

    def called(self, action: str) -> list[dict[str, Any]]:
        """Return the payloads of one action, in the order in which they came."""
        return [payload for name, payload in self.calls if name == action]

    def profiles(self) -> list[dict[str, Any]]:
        """Return the charging profiles that were sent."""
        return [payload["csChargingProfiles"] for payload in self.called("SetChargingProfile")]

    async def until(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait for something the central system sends."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def until_closed(self, timeout_s: float = 5.0) -> int | None:
        """Wait for the end of the connection; return the close code."""
        async with asyncio.timeout(timeout_s):
            await asyncio.gather(self._reader, return_exceptions=True)
        return self.socket.close_code

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                self.control_frames.append((message.type, message.data))
                self._news.set()
                continue
            frame = json.loads(message.data)
            if frame[0] == 2:
                await self._reply(*frame[1:])
            else:
                self.answers[frame[1]] = frame
            self._news.set()

    async def _reply(self, unique_id: str, action: str, payload: dict[str, Any]) -> None:
        self.calls.append((action, payload))
        try:
            reply = self.replies.get(action, accepted)(payload)
        except RefusalError as refusal:
            await self.send(json.dumps([4, unique_id, str(refusal), "", {}]))
            return
        if reply is None:
            self.unanswered.append(unique_id)
        else:
            await self.send(json.dumps([3, unique_id, reply]))


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@asynccontextmanager
async def dial(
    port: int,
    identity: str = "CP1",
    password: str | None = SETTINGS.password,
    *,
    path: str = "/{identity}",
    user: str | None = None,
    protocols: tuple[str, ...] = ("ocpp1.6",),
    replies: Mapping[str, Reply] | None = None,
) -> AsyncIterator[RawCharger]:
    """Dial in to a central system on this machine."""
    headers = {} if password is None else {"Authorization": basic(user or identity, password)}
    url = f"http://127.0.0.1:{port}{path.format(identity=identity)}"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, protocols=protocols, headers=headers, autoping=False) as socket,
        RawCharger(socket, dict(replies or {})) as charger,
    ):
        yield charger


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def monotonic_s(self) -> float:
        return self.now.timestamp()

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Driven:
    """A charger's driver that runs, and what it published."""

    driver: OcppCharger
    port: int
    clock: Clock
    central: CentralSystem
    published: list[Reading | LinkDown] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, message: Reading | LinkDown) -> None:
        self.published.append(message)
        self._news.set()

    @property
    def reading(self) -> ChargerReading:
        """The newest thing published, which must be a reading."""
        assert isinstance(self.published[-1], ChargerReading)
        return self.published[-1]

    @property
    def losses(self) -> int:
        return sum(isinstance(message, LinkDown) for message in self.published)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait for something the driver publishes."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def serving(
    patience: Patience = QUICK, *, tls: SSLContext | None = None, **more: Any
) -> AsyncIterator[tuple[CentralSystem, int, Clock]]:
    """Run a central system on a free port; afterwards none of its tasks may be left."""
    before = asyncio.all_tasks()
    clock = Clock()
    central = CentralSystem(clock=clock, monotonic_s=clock.monotonic_s, patience=patience, **more)
    port = await central.start("127.0.0.1", 0, tls=tls)
    try:
        yield central, port, clock
    finally:
        await central.stop()
        left = [task for task in asyncio.all_tasks() - before if "home_flex" in task.get_name()]
        assert left == []


@asynccontextmanager
async def driving(settings: ChargerSettings = SETTINGS, patience: Patience = QUICK) -> AsyncIterator[Driven]:
    """Run the driver of one charger."""
    async with serving(patience) as (central, port, clock):
        driven = Driven(central.add(settings), port, clock, central)
        running = asyncio.create_task(driven.driver.run(driven.publish), name="driver")
        try:
            yield driven
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

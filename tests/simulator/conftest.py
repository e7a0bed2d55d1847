"""A running house, and an independent little central system for its charge point."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from home_simulator.settings import Settings
from home_simulator.simulator import Simulator
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

SUMMER_NOON = datetime.fromisoformat("2026-06-21T13:00:00")
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


async def eventually(condition: Callable[[], object], within_s: float = 30.0) -> None:
    """Return as soon as ``condition()`` is true; fail when it is not in time."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - the condition lies in another process's or task's hands
            await asyncio.sleep(0.01)


@asynccontextmanager
async def house_on_the_wire(**settings: Any) -> AsyncIterator[Simulator]:
    """Run a house: noon in June, 600 W base load, no clouds, car away, unless told otherwise."""
    chosen: dict[str, Any] = {"start": SUMMER_NOON, "base_load_w": 600.0, "cloud": 0.0, "car_plugged": False}
    async with Simulator(Settings(**{**chosen, **settings})) as simulator:
        yield simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with house_on_the_wire() as running:
        yield running


class Control:
    """The control API over HTTP."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._url = f"http://127.0.0.1:{port}"

    async def state(self) -> dict[str, Any]:
        async with self._session.get(f"{self._url}/state") as response:
            state: dict[str, Any] = await response.json()
            return state

    async def put(self, path: str, text: str) -> tuple[int, dict[str, Any]]:
        async with self._session.put(f"{self._url}{path}", data=text) as response:
            return response.status, await response.json()


@pytest.fixture
async def control(simulator: Simulator) -> AsyncIterator[Control]:
    async with aiohttp.ClientSession() as session:
        yield Control(session, simulator.control.port)


class CentralSystem:
    """Accepts everything a charge point says, keeps it, and calls it; hand-written, knows no OCPP library."""

    password = "correct horse"
    subprotocols: tuple[str, ...] = ("ocpp1.6",)

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.connection: ServerConnection | None = None
        self.connections = 0
        self.accept_password = True
        self._waiting: dict[str, asyncio.Future[list[Any]]] = {}
        self._server: Server | None = None
        self._transactions = 100

    @property
    def url(self) -> str:
        assert self._server is not None
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/ocpp"

    async def start(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            subprotocols=[Subprotocol(each) for each in self.subprotocols],
            process_request=self._authenticate,
        )

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def said(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.received if name == action]

    def measured(self, measurand: str) -> float:
        """Return the newest sample of a measurand without phase."""
        samples = self.said("MeterValues")[-1]["meterValue"][0]["sampledValue"]
        return next(float(sample["value"]) for sample in samples if sample["measurand"] == measurand)

    async def call(self, action: str, payload: dict[str, Any], within_s: float = 2.0) -> dict[str, Any]:
        """Call the charge point and return its answer; an error's answer holds ``code``."""
        assert self.connection is not None
        message_id = f"call-{len(self._waiting)}"
        self._waiting[message_id] = asyncio.get_running_loop().create_future()
        await self.connection.send(json.dumps([2, message_id, action, payload]))
        kind, _, *rest = await asyncio.wait_for(self._waiting[message_id], within_s)
        answer: dict[str, Any] = rest[0] if kind == 3 else {"code": rest[0]}
        return answer

    def _authenticate(self, connection: ServerConnection, request: Request) -> Response | None:
        expected = base64.b64encode(f"CP 1:{self.password}".encode()).decode()
        known = request.headers.get("Authorization") == f"Basic {expected}"
        if known and self.accept_password and request.path == "/ocpp/CP%201":
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, "")

    async def _serve(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.connections += 1
        try:
            async for text in connection:
                kind, message_id, *rest = json.loads(text)
                if kind == 2:
                    action, payload = rest
                    self.received.append((action, payload))
                    await connection.send(json.dumps([3, message_id, self._answer(action)]))
                else:
                    self._waiting[message_id].set_result([kind, message_id, *rest])
        except ConnectionClosed:
            pass

    def _answer(self, action: str) -> dict[str, Any]:
        if action in self.answers:
            return self.answers[action]
        now = datetime.now(UTC).isoformat()
        if action == "BootNotification":
            return {"status": "Accepted", "currentTime": now, "interval": 60}
        if action == "Heartbeat":
            return {"currentTime": now}
        if action == "StartTransaction":
            self._transactions += 1
            return {"transactionId": self._transactions, "idTagInfo": {"status": "Accepted"}}
        return {"idTagInfo": {"status": "Accepted"}} if action in {"Authorize", "StopTransaction"} else {}


@pytest.fixture
async def central_system() -> AsyncIterator[CentralSystem]:
    running = CentralSystem()
    await running.start()
    yield running
    await running.stop()

"""A second back end of its own make: the ocpp package's central system on the websockets package's server."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from ocpp.exceptions import OCPPError  # type: ignore[import-untyped]  # the library has no types
from ocpp.messages import Call, unpack, validate_payload  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16 import ChargePoint as ChargePoint16  # type: ignore[import-untyped]  # the library has no types
from ocpp.v201 import ChargePoint as ChargePoint201  # type: ignore[import-untyped]  # the library has no types
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

PASSWORD = "employer-secret"
THEIR_FIRST_ID = 9001


@dataclass
class BackEnd:
    """What it heard, and how it answers; ``broken`` is what the package's schemas found wrong in a call."""

    port: int = 0
    accepts: bool = True
    is_silent: bool = False
    lets_in: bool = True
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    connections: int = 0
    point: Any = None
    scheme: str = "ws"
    _next_id: int = THEIR_FIRST_ID
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/ocpp"

    def heard(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.calls if name == action]

    async def until(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def call(self, message: object) -> Any:
        """Call the charger by one of the package's messages, and return the answer; a CALLERROR is raised."""
        return await self.point.call(message, suppress=False)

    async def hang_up(self) -> None:
        await self.point._connection.close()

    def note(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((action, payload))
        self._news.set()
        match action:
            case "BootNotification":
                status = "Accepted" if self.accepts else "Rejected"
                now = datetime.now(UTC).isoformat()
                return {"currentTime": now, "interval": 300, "status": status}
            case "Heartbeat":
                return {"currentTime": datetime.now(UTC).isoformat()}
            case "StartTransaction":
                self._next_id += 1
                return {"transactionId": self._next_id - 1, "idTagInfo": {"status": "Accepted"}}
        return {}

    async def serve_one(self, connection: ServerConnection) -> None:
        version = (connection.subprotocol or "").removeprefix("ocpp")
        make = ChargePoint16 if version == "1.6" else ChargePoint201
        self.point = make(connection.request.path if connection.request else "", connection)
        self.connections += 1
        self._news.set()
        async for text in connection:
            message = unpack(text)
            if not isinstance(message, Call):
                await self.point.route_message(text)
            elif not self.is_silent:
                await connection.send(await self.answer(message, version))

    async def answer(self, message: Call, version: str) -> str:
        try:
            await validate_payload(message, version)
        except OCPPError as error:
            self.broken.append(f"{message.action}: {error}")
            return str(message.create_call_error(error).to_json())
        answer = message.create_call_result(self.note(message.action, message.payload))
        return str(answer.to_json())

    def judge(self, _connection: ServerConnection, request: Request) -> Response | None:
        wanted = "Basic " + base64.b64encode(f"EMP1:{PASSWORD}".encode()).decode()
        is_right = request.headers.get("Authorization") == wanted and request.path == "/ocpp/EMP1"
        if is_right and self.lets_in:
            return None
        return Response(HTTPStatus.UNAUTHORIZED, "Unauthorized", type(request.headers)())


@asynccontextmanager
async def back_end(
    *, port: int = 0, version: str = "1.6", tls: ssl.SSLContext | None = None, **habits: Any
) -> AsyncIterator[BackEnd]:
    """Run one on this machine."""
    told = BackEnd(scheme="ws" if tls is None else "wss", **habits)
    server: Server
    async with serve(
        told.serve_one,
        "127.0.0.1",
        port,
        subprotocols=[f"ocpp{version}"],  # type: ignore[list-item]  # a NewType of str
        process_request=told.judge,
        ssl=tls,
        close_timeout=1,
    ) as server:
        told.port = next(iter(server.sockets)).getsockname()[1]
        yield told

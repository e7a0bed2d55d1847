"""OCPP-J framing over one WebSocket: calls go out one at a time, calls come in any time."""

import asyncio
import base64
import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

_LOGGER = logging.getLogger(__name__)
_CALL, _CALL_RESULT, _CALL_ERROR = 2, 3, 4
SUBPROTOCOL = "ocpp1.6"
_OPEN_TIMEOUT_S = 5.0
_CALL_TIMEOUT_S = 10.0
_LARGEST_MESSAGE_BYTES = 256 * 1024

type Payload = dict[str, Any]
type Handler = Callable[[str, Payload], Payload | None]
"""Answers an incoming call; None leaves it unanswered. May raise CallRefusedError."""


class CallRefusedError(Exception):
    """A call is answered by CALLERROR; ``code`` is one of OCPP-J 1.6 section 4.2.3."""

    def __init__(self, code: str, description: str) -> None:
        """Keep the code beside the description."""
        super().__init__(description)
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class CentralSystem:
    """Where a charge point dials in; the password (HTTP Basic, OCPP-J 1.6 section 6.2) is never shown."""

    url: str
    identity: str
    password: str | None = field(default=None, repr=False)


class OcppLink:
    """One connection, from its handshake to its end."""

    def __init__(self, connection: ClientConnection, handler: Handler) -> None:
        """Take over an open connection."""
        self._connection = connection
        self._handler = handler
        self._pending: dict[str, asyncio.Future[Payload]] = {}
        self._turn = asyncio.Lock()

    @classmethod
    async def dial(
        cls, central_system: CentralSystem, handler: Handler, subprotocol: str = SUBPROTOCOL
    ) -> OcppLink:
        """Open a connection. Raises OSError, ValueError or a WebSocketException when it cannot."""
        headers = {}
        if central_system.password is not None:
            secret = f"{central_system.identity}:{central_system.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(secret).decode()}"
        connection = await connect(
            f"{central_system.url.rstrip('/')}/{quote(central_system.identity, safe='')}",
            subprotocols=[Subprotocol(subprotocol)],
            additional_headers=headers,
            open_timeout=_OPEN_TIMEOUT_S,
            close_timeout=1,
            max_size=_LARGEST_MESSAGE_BYTES,
            proxy=None,
        )
        if connection.subprotocol != subprotocol:
            await connection.close()
            raise ValueError(f"the central system does not speak {subprotocol}")
        return cls(connection, handler)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def call(self, action: str, payload: Payload) -> Payload:
        """Send a call and return its result. Raises CallRefusedError, TimeoutError or ConnectionClosed."""
        async with self._turn:
            message_id = str(uuid.uuid4())
            answer: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
            self._pending[message_id] = answer
            try:
                await self._send([_CALL, message_id, action, payload])
                return await asyncio.wait_for(answer, _CALL_TIMEOUT_S)
            finally:
                del self._pending[message_id]

    async def read(self) -> None:
        """Take in messages until the connection ends; then raises ConnectionClosed, as pending calls do."""
        try:
            while True:
                await self._receive(await self._connection.recv())
        except ConnectionClosed as error:
            for answer in self._pending.values():
                if not answer.done():
                    answer.set_exception(error)
            raise

    async def _send(self, message: list[Any]) -> None:
        await self._connection.send(json.dumps(message, separators=(",", ":")))

    async def _receive(self, text: str | bytes) -> None:
        try:
            message = json.loads(text)
            kind, message_id, *rest = message
            if kind == _CALL:
                action, payload = rest
                await self._answer(str(message_id), str(action), dict(payload))
            elif message_id in self._pending:
                self._settle(self._pending[message_id], kind, rest)
        except TypeError, ValueError, KeyError, IndexError:
            _LOGGER.warning("a message that is not OCPP-J was left aside")

    async def _answer(self, message_id: str, action: str, payload: Payload) -> None:
        try:
            result = self._handler(action, payload)
        except CallRefusedError as error:
            await self._send([_CALL_ERROR, message_id, error.code, str(error), {}])
            return
        if result is not None:
            await self._send([_CALL_RESULT, message_id, result])

    @staticmethod
    def _settle(answer: asyncio.Future[Payload], kind: int, rest: list[Any]) -> None:
        if answer.done():
            return
        if kind == _CALL_RESULT:
            answer.set_result(dict(rest[0]))
        elif kind == _CALL_ERROR:
            answer.set_exception(CallRefusedError(str(rest[0]), str(rest[1])))

"""The WebSocket to a second back end: there we are the charger (OCPP-J 1.6 sections 3 and 4)."""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from aiohttp import (
    ClientError,
    ClientSession,
    ClientSSLError,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSMsgType,
    WSServerHandshakeError,
    hdrs,
)
from ocpp.exceptions import OCPPError  # type: ignore[import-untyped]  # the library has no types

from ...driver import DeviceError
from ..json_text import read_json
from ..session import CallRefusedError, Payload
from ..transport import Allowance
from .settings import ForwardSettings

_CONNECT_S: Final = 15.0
_CALL_S: Final = 30.0
_SEND_S: Final = 10.0
_PING_S: Final = 60.0
_LARGEST_MESSAGE: Final = 64 * 1024
# A back end that asks and asks is read no faster.
_CALLS_PER_S: Final = 0.5
_CALLS_AT_ONCE: Final = 20.0
# Somebody has to change something.
_REFUSALS: Final = frozenset({400, 401, 403, 404, 426})

type Answering = Callable[[str, Payload], Awaitable[Payload]]
"""Answers a call of the back end's. May raise OCPPError."""


def trusting(ca_certificate: str) -> ssl.SSLContext:
    """Return what believes this authority alone, a PEM text. Raises ValueError for one that is none."""
    try:
        return ssl.create_default_context(cadata=ca_certificate)
    except (ssl.SSLError, ValueError) as error:
        raise ValueError("no certificate in PEM") from error


@asynccontextmanager
async def connected(
    http: ClientSession, settings: ForwardSettings, version: str
) -> AsyncIterator[ClientWebSocketResponse]:
    """Dial in. Raises DeviceError ``forwarding_refused`` or ``cannot_connect``.

    With ``wss`` the certificate is verified by the settings' authority, else by what the session trusts.
    """
    headers = {}
    if settings.password is not None:
        credentials = f"{settings.identity}:{settings.password}".encode()
        headers[hdrs.AUTHORIZATION] = f"Basic {base64.b64encode(credentials).decode()}"
    subprotocol = f"ocpp{version}"
    try:
        async with asyncio.timeout(_CONNECT_S):
            socket = await http.ws_connect(
                f"{settings.url.rstrip('/')}/{quote(settings.identity, safe='')}",
                protocols=(subprotocol,),
                headers=headers,
                heartbeat=_PING_S,
                max_msg_size=_LARGEST_MESSAGE,
                timeout=ClientWSTimeout(ws_close=2.0),
                ssl=trusting(settings.ca_certificate) if settings.ca_certificate else True,
            )
    except WSServerHandshakeError as error:
        reason = "forwarding_refused" if error.status in _REFUSALS else "cannot_connect"
        raise DeviceError(reason, f"it answers with status {error.status}") from error
    except ClientSSLError as error:
        raise DeviceError("forwarding_refused", "its certificate is not valid") from error
    except (ClientError, OSError, TimeoutError, ValueError) as error:
        raise DeviceError("cannot_connect", "it cannot be reached") from error
    try:
        if (socket.protocol or "").lower() != subprotocol:
            raise DeviceError("forwarding_refused", f"it does not speak {subprotocol}")
        yield socket
    finally:
        await socket.close()


class Link:
    """One connection: ``call`` tells, ``read`` answers. One call at a time, as OCPP-J 4.1.1 asks."""

    def __init__(self, socket: ClientWebSocketResponse, answering: Answering) -> None:
        """Take over an open connection."""
        self._socket = socket
        self._answering = answering
        self._waiting_for: tuple[str, asyncio.Future[Payload | DeviceError]] | None = None
        self._allowance = Allowance(rate=_CALLS_PER_S, burst=_CALLS_AT_ONCE)

    async def call(self, action: str, payload: Payload) -> Payload:
        """Call the back end and return its answer.

        Raises CallRefusedError for a CALLERROR; DeviceError ``timeout`` or ``cannot_connect``.
        """
        unique_id = str(uuid4())
        answer: asyncio.Future[Payload | DeviceError] = asyncio.get_running_loop().create_future()
        self._waiting_for = (unique_id, answer)
        try:
            async with asyncio.timeout(_CALL_S):
                await self._send([2, unique_id, action, payload])
                result = await answer
        except TimeoutError:
            raise DeviceError("timeout", f"it does not answer to {action}") from None
        finally:
            self._waiting_for = None
        if isinstance(result, DeviceError):
            raise result
        return result

    async def read(self) -> None:
        """Take what comes until the connection ends. Raises DeviceError ``cannot_connect``."""
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self._take(await read_json(message.data))

    async def _take(self, message: object) -> None:
        match message:
            case [2, str() as unique_id, str() as action, *rest]:
                payload = rest[0] if rest and isinstance(rest[0], dict) else {}
                await asyncio.sleep(self._allowance.take(asyncio.get_running_loop().time()))
                await self._send(await self._answer(unique_id, action, payload))
            case [3, str() as unique_id, *rest]:
                self._settle(unique_id, rest[0] if rest and isinstance(rest[0], dict) else {})
            case [4, str() as unique_id, *rest]:
                code = rest[0] if rest and isinstance(rest[0], str) else ""
                self._settle(unique_id, CallRefusedError(code))

    async def _answer(self, unique_id: str, action: str, payload: Payload) -> list[Any]:
        try:
            return [3, unique_id, await self._answering(action, payload)]
        except OCPPError as error:
            return [4, unique_id, error.code, error.description, {}]

    def _settle(self, unique_id: str, result: Payload | DeviceError) -> None:
        if self._waiting_for is not None and self._waiting_for[0] == unique_id:
            answer = self._waiting_for[1]
            if not answer.done():
                answer.set_result(result)

    async def _send(self, message: list[Any]) -> None:
        try:
            async with asyncio.timeout(_SEND_S):
                await self._socket.send_str(json.dumps(message, separators=(",", ":")))
        except (ClientError, OSError, TimeoutError) as error:
            raise DeviceError("cannot_connect", "it does not read") from error

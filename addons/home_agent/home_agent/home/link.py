"""One WebSocket connection to Home Assistant, as its user interface holds one."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from itertools import count
from typing import Any

import aiohttp

_CONNECT_TIMEOUT_S = 15.0
_COMMAND_TIMEOUT_S = 60.0
_MOST_MESSAGE_BYTES = 16 * 1024 * 1024


class HomeAssistantError(Exception):
    """Home Assistant does not answer or refuses; the message holds nothing that was sent."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        """Keep the code a command was refused with."""
        super().__init__(message)
        self.code = code


class TokenRefusedError(HomeAssistantError):
    """Home Assistant does not know the token."""


class HomeAssistantLink:
    """Commands and their results, and the events that were subscribed to."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, version: str) -> None:
        """Speak through an authenticated ``socket``; ``version`` is Home Assistant's."""
        self.version = version
        self._socket = socket
        self._ids = count(1)
        self._results: dict[int, asyncio.Future[Any]] = {}
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=10_000)

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a command and return its result. Raises HomeAssistantError."""
        return await self._ask(next(self._ids), kind, fields)

    async def subscribe(self, kind: str, **fields: Any) -> int:
        """Send a command that subscribes; return the ``id`` its events carry. Raises HomeAssistantError."""
        number = next(self._ids)
        await self._ask(number, kind, fields)
        return number

    async def _ask(self, number: int, kind: str, fields: dict[str, Any]) -> Any:
        result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._results[number] = result
        try:
            async with asyncio.timeout(_COMMAND_TIMEOUT_S):
                await self._socket.send_json({"id": number, "type": kind, **fields})
                return await result
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise HomeAssistantError(f"Home Assistant does not answer {kind}") from error
        finally:
            self._results.pop(number, None)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Yield what subscriptions tell, until the connection ends."""
        with contextlib.suppress(asyncio.QueueShutDown):
            while True:
                yield await self._events.get()

    def forget_events(self) -> None:
        """Drop the events that were not taken yet."""
        while not self._events.empty():
            self._events.get_nowait()

    async def read(self) -> None:
        """Hand arriving messages out until the connection ends."""
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(message.json())
        finally:
            self._events.shutdown()
            for result in self._results.values():
                if not result.done():
                    result.set_exception(HomeAssistantError("Home Assistant closed the connection"))

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") == "event":
            self._events.put_nowait(message)
        elif (result := self._results.get(message.get("id", 0))) is not None and not result.done():
            if message.get("success", True):
                result.set_result(message.get("result"))
            else:
                code = str(message.get("error", {}).get("code"))
                result.set_exception(HomeAssistantError(f"Home Assistant refused: {code}", code=code))


@contextlib.asynccontextmanager
async def connected(
    session: aiohttp.ClientSession, url: str, token: str
) -> AsyncGenerator[HomeAssistantLink]:
    """Connect and log in with ``token``. Raises HomeAssistantError, TokenRefusedError."""
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            socket = await session.ws_connect(
                f"{url}/api/websocket", max_msg_size=_MOST_MESSAGE_BYTES, heartbeat=30
            )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise HomeAssistantError("Home Assistant does not answer") from error
    try:
        link = HomeAssistantLink(socket, await _log_in(socket, token))
        reader = asyncio.create_task(link.read())
        try:
            yield link
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
    finally:
        await socket.close()


async def _log_in(socket: aiohttp.ClientWebSocketResponse, token: str) -> str:
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": token})
            answer = await socket.receive_json()
    except (aiohttp.ClientError, OSError, TimeoutError, TypeError, ValueError) as error:
        raise HomeAssistantError("Home Assistant does not answer the log-in") from error
    if answer.get("type") != "auth_ok":
        raise TokenRefusedError("Home Assistant does not accept the token")
    return str(answer.get("ha_version"))

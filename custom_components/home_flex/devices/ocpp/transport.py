"""A charger's WebSocket on aiohttp's server: text in, text out, both bounded."""

import asyncio
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

SUBPROTOCOL: Final = "ocpp1.6"
MAX_MESSAGE_BYTES: Final = 64 * 1024
MAX_MESSAGES_PER_S: Final = 50.0
MESSAGE_BURST: Final = 200.0
SEND_TIMEOUT_S: Final = 5.0
CLOSE_TIMEOUT_S: Final = 2.0

_SIGNS_OF_LIFE = frozenset({WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG})


class Allowance:
    """A token bucket: ``burst`` messages at once, ``rate`` per second sustained."""

    def __init__(self, *, rate: float, burst: float) -> None:
        """Start full."""
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Count one message at ``now`` (seconds, monotonic); False when it is one too many."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= 1.0
        return self._left >= 0.0


class ChargerSocket:
    """One accepted WebSocket. ``last_heard`` is the loop's time of the last frame of any kind."""

    def __init__(self, websocket: web.WebSocketResponse) -> None:
        """Take over an upgraded connection."""
        self._websocket = websocket
        self._loop = asyncio.get_running_loop()
        self._allowance = Allowance(rate=MAX_MESSAGES_PER_S, burst=MESSAGE_BURST)
        self.last_heard = self._loop.time()

    async def recv(self) -> str | None:
        """Return the next text, or None when the connection is over.

        aiohttp ends a connection that sends more than ``MAX_MESSAGE_BYTES`` (close code 1009); one that sends
        too often is ended here (1008). Binary frames are no OCPP-J and are skipped.
        """
        while True:
            message = await self._websocket.receive()
            if message.type not in _SIGNS_OF_LIFE:
                return None
            self.last_heard = self._loop.time()
            if not self._allowance.take(self.last_heard):
                await self.close(WSCloseCode.POLICY_VIOLATION, "too many messages")
                return None
            if message.type is WSMsgType.PING:
                await self._bounded(self._websocket.pong(message.data))
            elif message.type is WSMsgType.TEXT:
                return str(message.data)

    async def send(self, text: str) -> None:
        """Send a text. Raises ConnectionError when the charger is gone or does not read."""
        await self._bounded(self._websocket.send_str(text))

    async def close(self, code: WSCloseCode = WSCloseCode.GOING_AWAY, reason: str = "") -> None:
        """Close with a reason the charger can log; waits ``CLOSE_TIMEOUT_S`` at most for its answer."""
        await self._websocket.close(code=code, message=reason.encode())

    async def _bounded(self, sending: Awaitable[None]) -> None:
        """Do not wait for ever on a charger that stopped reading."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await sending
        except TimeoutError:
            raise ConnectionError("the charger does not read what it is sent") from None


async def accept(request: web.Request) -> tuple[web.StreamResponse, ChargerSocket | None]:
    """Upgrade a request that speaks OCPP 1.6J: its response, and the socket or None when it was refused.

    Without a common subprotocol the handshake completes without one and the connection is closed at once
    (OCPP-J 1.6 section 3.1.2). The server sends no pings, some chargers cannot take them, and offers no
    compression.
    """
    offered = {name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")}
    agreed = SUBPROTOCOL in offered
    websocket = web.WebSocketResponse(
        protocols=(SUBPROTOCOL,) if agreed else (),
        timeout=CLOSE_TIMEOUT_S,
        max_msg_size=MAX_MESSAGE_BYTES,
        autoping=False,
        compress=False,
    )
    if not websocket.can_prepare(request):
        refusal = web.Response(
            status=HTTPStatus.UPGRADE_REQUIRED,
            headers={"Upgrade": "websocket"},
            text="A charger connects here with a WebSocket (OCPP 1.6J).",
        )
        return refusal, None
    await websocket.prepare(request)
    if not agreed:
        await websocket.close(code=WSCloseCode.PROTOCOL_ERROR, message=b"the subprotocol ocpp1.6 is needed")
        return websocket, None
    return websocket, ChargerSocket(websocket)

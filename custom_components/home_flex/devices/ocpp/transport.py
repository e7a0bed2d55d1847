"""A charger's WebSocket on aiohttp's server: text in, text out, both bounded."""

import asyncio
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

SUBPROTOCOLS: Final = ("ocpp1.6", "ocpp1.6j", "ocpp2.0.1")
# A StopTransaction carries all samples of its session, and is sent until it is answered: a day of one sample
# each two seconds with all measurands is this much.
MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
MAX_MESSAGES_PER_S: Final = 100.0
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

    def take(self, now_s: float) -> float:
        """Count one message at ``now_s`` (monotonic); return for how many seconds to read no further one."""
        self._left = min(self._burst, self._left + (now_s - self._at) * self._rate)
        self._at = now_s
        self._left -= 1.0
        return max(0.0, -self._left / self._rate)


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

        aiohttp ends a connection that sends more than ``MAX_MESSAGE_BYTES`` at once (close code 1009). One
        that sends faster than ``MAX_MESSAGES_PER_S`` is read no faster: TCP has it wait. A binary frame is
        taken for the text it holds.
        """
        while True:
            message = await self._websocket.receive()
            if message.type not in _SIGNS_OF_LIFE:
                return None
            self.last_heard = self._loop.time()
            if (pause_s := self._allowance.take(self.last_heard)) > 0.0:
                await asyncio.sleep(pause_s)
                self.last_heard = self._loop.time()
            match message.type:
                case WSMsgType.PING:
                    await self._bounded(self._websocket.pong(message.data))
                case WSMsgType.TEXT:
                    return str(message.data)
                case WSMsgType.BINARY:
                    return str(message.data, encoding="utf-8", errors="replace")

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


def spoken_protocol(offered: str) -> str | None:
    """Return the subprotocol to agree on, in the charger's own spelling; "" agrees without naming one.

    Chargers write ``OCPP1.6`` or leave the header out though OCPP-J 1.6 section 3.1.2 asks for it; they speak
    1.6. Of several the oldest is agreed on, as chargers have spoken it for longest. None: the charger speaks
    other versions only.
    """
    names = [name.strip() for name in offered.split(",") if name.strip()]
    if not names:
        return ""
    known = [name for name in names if name.lower() in SUBPROTOCOLS]
    return min(known, key=lambda name: SUBPROTOCOLS.index(name.lower()), default=None)


async def accept(
    request: web.Request, protocol: str | None
) -> tuple[web.StreamResponse, ChargerSocket | None]:
    """Upgrade a request: its response, and the socket or None when it was refused.

    ``protocol`` is what ``spoken_protocol`` returned. With None the handshake completes and the connection is
    closed at once (OCPP-J 1.6 section 3.1.2). The server sends no pings, some chargers cannot take them, and
    offers no compression.
    """
    websocket = web.WebSocketResponse(
        protocols=(protocol,) if protocol else (),
        timeout=CLOSE_TIMEOUT_S,
        max_msg_size=MAX_MESSAGE_BYTES,
        autoping=False,
        compress=False,
    )
    if not websocket.can_prepare(request):
        refusal = web.Response(
            status=HTTPStatus.UPGRADE_REQUIRED,
            headers={"Upgrade": "websocket"},
            text="A charger connects here with a WebSocket (OCPP 1.6J or 2.0.1).",
        )
        return refusal, None
    await websocket.prepare(request)
    if protocol is None:
        await websocket.close(code=WSCloseCode.PROTOCOL_ERROR, message=b"ocpp1.6 or ocpp2.0.1 is needed")
        return websocket, None
    return websocket, ChargerSocket(websocket)

"""A door for servers of asyncio: who connects and does not ask soon is shown out, and so is the crowd.

aiohttp, for one, waits for ever for the end of a request's header. ``ConnectionGate`` stands before any
protocol that begins with a header (HTTP) and passes everything on once the header is there. TLS begins
behind it: who connects and never shakes hands waits like who never asks.
"""

import asyncio
import resource
import ssl
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, cast

HEADER_TIMEOUT_S: Final = 10.0
# Files, the database, links to others: what a server opens beside its connections.
_OTHER_FILES: Final = 64
_MOST: Final = 4096
_END_OF_HEADER: Final = (b"\r\n\r\n", b"\n\n")


def most_connections() -> int:
    """Return how many connections this process may hold and still open files."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(8, min(_MOST, files - _OTHER_FILES if files > 0 else _MOST))


class ConnectionGate:
    """A protocol factory for ``loop.create_server``.

    At most ``most`` connections at a time: for one more, the one that has waited longest without a whole
    header goes, and when there is none, the new one.
    """

    def __init__(
        self,
        factory: Callable[..., asyncio.BaseProtocol],
        *,
        tls: ssl.SSLContext | None = None,
        header_timeout_s: float = HEADER_TIMEOUT_S,
        most: int | None = None,
    ) -> None:
        """Stand before the protocols that ``factory`` makes, speaking TLS with visitors where it is given."""
        self._factory = factory
        self.tls = tls
        self._header_timeout_s = header_timeout_s
        self._most = most or most_connections()
        self._open: set[_Guest] = set()
        self._waiting: OrderedDict[_Guest, None] = OrderedDict()

    def __call__(self, **words: object) -> asyncio.Protocol:
        """Return the protocol of a new connection; ``words`` are for the one behind the door."""
        return _Guest(self, cast("asyncio.Protocol", self._factory(**words)))

    def let_in(self, guest: "_Guest") -> bool:
        """Take note of a connection; False when there is no place for it."""
        if len(self._open) >= self._most:
            self._open -= {other for other in self._open if other.is_gone}
        if len(self._open) >= self._most:
            if not self._waiting:
                return False
            longest, _ = self._waiting.popitem(last=False)
            self._open.discard(longest)
            longest.show_out()
        self._open.add(guest)
        self._waiting[guest] = None
        return True

    def has_asked(self, guest: "_Guest") -> None:
        """Take note that a connection's header is whole."""
        self._waiting.pop(guest, None)

    def has_left(self, guest: "_Guest") -> None:
        """Forget a connection."""
        self._open.discard(guest)
        self._waiting.pop(guest, None)

    @property
    def header_timeout_s(self) -> float:
        """How long a connection has for its first header."""
        return self._header_timeout_s


class _Guest(asyncio.Protocol):
    """One connection, on its way to the protocol behind the door."""

    def __init__(self, gate: ConnectionGate, inner: asyncio.Protocol) -> None:
        self._gate = gate
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._securing: asyncio.Task[None] | None = None
        self._is_met = self._is_lost = False
        self._early = b""
        self._tail: bytes | None = b""

    @property
    def is_gone(self) -> bool:
        """Whether the connection ended, which a protocol that took it over (a websocket) does not tell."""
        return self._transport is not None and self._transport.is_closing()

    def show_out(self) -> None:
        """Let go of the connection now."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not self._gate.let_in(self):
            self.show_out()
            return
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._gate.header_timeout_s, self.show_out)
        if self._gate.tls is None:
            self._meet(self._transport)
        else:
            self._transport.pause_reading()
            self._securing = loop.create_task(self._secure(self._transport, self._gate.tls))

    async def _secure(self, transport: asyncio.Transport, tls: ssl.SSLContext) -> None:
        """Shake hands, and let the protocol behind the door meet what comes after that."""
        loop, within_s = asyncio.get_running_loop(), self._gate.header_timeout_s
        try:
            secured = await loop.start_tls(
                transport, self, tls, server_side=True, ssl_handshake_timeout=within_s
            )
        except OSError:  # ssl.SSLError and TimeoutError are
            secured = None
        if secured is None or self._is_lost:
            self.show_out()
            self._leave()
            return
        self._meet(secured)
        if self._early:
            early, self._early = self._early, b""
            self.data_received(early)

    def _meet(self, transport: asyncio.Transport) -> None:
        self._is_met = True
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if not self._is_met:
            # What came with the end of the handshake.
            self._early += data
            return
        if self._tail is not None:
            seen = self._tail + data
            self._tail = seen[-3:]
            if any(end in seen for end in _END_OF_HEADER):
                self._tail = None
                self._stop_waiting()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._is_met else None

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        self._leave()
        if self._is_met:
            self._inner.connection_lost(exc)

    def _leave(self) -> None:
        self._stop_waiting()
        self._gate.has_left(self)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._gate.has_asked(self)

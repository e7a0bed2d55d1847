"""A door for servers of asyncio: who connects and does not ask soon is shown out, and so is the crowd.

aiohttp, for one, waits for ever for the end of a request's header. ``ConnectionGate`` stands before any
protocol that begins with a header (HTTP) and passes everything on once the header is there.
"""

import asyncio
import resource
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
        factory: Callable[[], asyncio.BaseProtocol],
        *,
        header_timeout_s: float = HEADER_TIMEOUT_S,
        most: int | None = None,
    ) -> None:
        """Stand before the protocols that ``factory`` makes."""
        self._factory = factory
        self._header_timeout_s = header_timeout_s
        self._most = most or most_connections()
        self._open: set[_Guest] = set()
        self._waiting: OrderedDict[_Guest, None] = OrderedDict()

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return _Guest(self, cast("asyncio.Protocol", self._factory()))

    def let_in(self, guest: "_Guest") -> bool:
        """Take note of a connection; False when there is no place for it."""
        if len(self._open) >= self._most:
            if not self._waiting:
                return False
            longest, _ = self._waiting.popitem(last=False)
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
        self._tail: bytes | None = b""

    def show_out(self) -> None:
        """Let go of the connection now."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._inner.connection_made(transport)
        if not self._gate.let_in(self):
            self.show_out()
            return
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._gate.header_timeout_s, self.show_out)

    def data_received(self, data: bytes) -> None:
        if self._tail is not None:
            seen = self._tail + data
            self._tail = seen[-3:]
            if any(end in seen for end in _END_OF_HEADER):
                self._tail = None
                self._stop_waiting()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._gate.has_left(self)
        self._inner.connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._gate.has_asked(self)

"""The door of the port that chargers dial in to: who is not let in soon goes, no crowd keeps chargers out.

Whoever is in the network can connect. aiohttp waits for ever for the end of a request's header, and every
connection is one of the files that Home Assistant may open.
"""

import asyncio
from typing import Final, override

from aiohttp import web

PATIENCE_S: Final = 20.0
# Of all that is open here; far more than a home has chargers.
MOST: Final = 256


class Door:
    """A protocol factory for ``loop.create_server``, before the protocols that ``server`` makes.

    At most ``most`` connections at a time: for one more, the one that has waited longest without being let in
    goes, and when all are let in, the new one.
    """

    def __init__(self, server: web.Server, *, patience_s: float = PATIENCE_S, most: int = MOST) -> None:
        """Show out who was not let in after ``patience_s``."""
        self._server = server
        self._patience_s = patience_s
        self._most = most
        self._open: set[asyncio.BaseTransport] = set()
        self._waiting: dict[asyncio.BaseTransport, asyncio.TimerHandle] = {}

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return _Visitor(self, self._server())

    def let_in(self, transport: asyncio.BaseTransport | None) -> None:
        """Keep a connection: it is a charger's. One that came by another door is none of ours."""
        if transport is not None and (deadline := self._waiting.pop(transport, None)) is not None:
            deadline.cancel()

    def enter(self, transport: asyncio.Transport) -> None:
        """Take note of a connection, when there is a place for it."""
        if len(self._open) >= self._most:
            longest = next(iter(self._waiting), None)
            _abort(transport if longest is None else longest)
            if longest is None:
                return
            self.leave(longest)
        self._open.add(transport)
        self._waiting[transport] = asyncio.get_running_loop().call_later(self._patience_s, _abort, transport)

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """Forget a connection."""
        self._open.discard(transport)
        self.let_in(transport)


class _Visitor(asyncio.Protocol):
    """One connection, which the door counts and the protocol behind it serves."""

    def __init__(self, door: Door, inner: asyncio.Protocol) -> None:
        self._door = door
        self._inner = inner
        self._transport: asyncio.BaseTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 # what a stream server gives
        self._transport = transport
        self._inner.connection_made(transport)
        self._door.enter(transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    @override
    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    @override
    def pause_writing(self) -> None:
        self._inner.pause_writing()

    @override
    def resume_writing(self) -> None:
        self._inner.resume_writing()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._door.leave(self._transport)
        self._inner.connection_lost(exc)


def _abort(transport: asyncio.BaseTransport) -> None:
    assert isinstance(transport, asyncio.Transport)  # noqa: S101 # what ``enter`` was given
    transport.abort()

"""The units on one link take turns: one request at a time, and whoever writes goes first."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Line:
    """Paces the requests of all our units on one link.

    The link would let them through one by one as well, but in the order they came: a setpoint would wait for
    a read of each other unit, three times over.
    """

    def __init__(self) -> None:
        """Begin with nobody on it."""
        self._turn = asyncio.Lock()
        self._nobody_writes = asyncio.Event()
        self._nobody_writes.set()
        self._writers = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Hold the line for one read, when nobody writes or waits to."""
        while True:
            await self._nobody_writes.wait()
            await self._turn.acquire()
            if self._nobody_writes.is_set():
                break
            self._turn.release()
        try:
            yield
        finally:
            self._turn.release()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Hold the line for all the requests that one setpoint takes, after the read under way."""
        self._writers += 1
        self._nobody_writes.clear()
        try:
            async with self._turn:
                yield
        finally:
            self._writers -= 1
            if not self._writers:
                self._nobody_writes.set()


_LINES: WeakValueDictionary[Hashable, Line] = WeakValueDictionary()


def line_of(endpoint: Hashable) -> Line:
    """Return the line of a link: the same one for as long as somebody holds it."""
    return _LINES.setdefault(endpoint, Line())

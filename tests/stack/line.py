"""A line between two processes that can be cut, delayed and restored: a TCP proxy on the loopback address.

async with Line(target_port=8883) as line:   # clients connect to 127.0.0.1, line.port
    line.delay_s = 0.2                       # each way
    await line.cut()                         # connections end with a reset, new ones too
    line.silence()                           # connections stay open, and nothing passes
    line.restore()
"""

import asyncio
import contextlib
import socket
import struct
from enum import Enum, auto
from types import TracebackType
from typing import Self

_CHUNK_BYTES = 64 * 1024
# Closing with this sends a reset instead of an orderly end.
_LINGER_NOT = struct.pack("ii", 1, 0)


class _State(Enum):
    UP = auto()
    SILENT = auto()
    CUT = auto()


class Line:
    """Passes bytes between whoever connects to ``port`` and ``target_port``, both on 127.0.0.1."""

    def __init__(self, target_port: int, *, delay_s: float = 0.0) -> None:
        """Prepare; the listener opens with ``async with``, and its port stays the same until the end."""
        self.target_port = target_port
        self.delay_s = delay_s
        self.connections = 0
        self.passed_bytes = 0
        self._state = _State.UP
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where to connect to."""
        if self._server is None:
            raise RuntimeError("The line is not open")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every connection and the listener."""
        if self._server is not None:
            self._server.close()
            await self.cut()
            await self._server.wait_closed()

    async def cut(self) -> None:
        """End all connections with a reset, in the middle of whatever passes; new ones end at once."""
        self._state = _State.CUT
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def silence(self) -> None:
        """Let nothing pass, and tell nobody: what a router does whose uplink is gone."""
        self._state = _State.SILENT
        self._open.clear()

    def restore(self) -> None:
        """Let everything pass again. After ``silence`` what was sent meanwhile follows."""
        self._state = _State.UP
        self._open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._state is _State.CUT:
            _reset(writer)
            return
        self._tasks.add(task)
        self.connections += 1
        writers = [writer]
        # A reset at either end is what this is for.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            try:
                await self._open.wait()
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
                writers.append(far_writer)
                async with asyncio.TaskGroup() as group:
                    there = group.create_task(self._pass(reader, far_writer))
                    back = group.create_task(self._pass(far_reader, writer))
                    await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
                    there.cancel()
                    back.cancel()
            finally:
                for each in writers:
                    _reset(each)
                self._tasks.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK_BYTES):
                await asyncio.sleep(self.delay_s)
                await self._open.wait()
                writer.write(data)
                self.passed_bytes += len(data)
                await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    writer.transport.abort()

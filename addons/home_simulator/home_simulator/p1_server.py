"""A P1 port on TCP: one telegram a second to everyone who listens."""

import asyncio
import re
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from .faults import FaultSwitch

PERIOD_S = 1.0
_MOST_UNSENT_BYTES = 64 * 1024

type NextTelegram = Callable[[], bytes]


def replayed_telegrams(path: Path) -> list[bytes]:
    """Split a capture into its whole telegrams, with CRLF. Raises ValueError if there are none."""
    text = path.read_bytes().replace(b"\r\n", b"\n")
    whole = re.findall(rb"^/[^!/]*![0-9A-Fa-f]{0,4}$", text, re.MULTILINE)
    if not whole:
        raise ValueError(f"{path.name} holds no telegram")
    return [telegram.replace(b"\n", b"\r\n") + b"\r\n" for telegram in whole]


def replay(path: Path) -> NextTelegram:
    """Play a capture's telegrams one after the other, from the start again at its end."""
    telegrams: Iterator[bytes] = cycle(replayed_telegrams(path))
    return lambda: next(telegrams)


class P1Server:
    """Listens on one TCP port; a client too slow to read is cut off."""

    def __init__(self, next_telegram: NextTelegram, faults: FaultSwitch, *, host: str, port: int) -> None:
        """Build a server that does not listen yet; ``port`` 0 takes a free one."""
        self.port = port
        self._host = host
        self._next_telegram = next_telegram
        self._faults = faults
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._last = b""

    @property
    def listening(self) -> bool:
        """Whether the port is open."""
        return self._server is not None

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        self._server = await asyncio.start_server(self._serve, self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._server is None:
            return
        self._server.close()
        for client in self._clients:
            client.transport.abort()
        await self._server.wait_closed()
        self._server = None

    async def run(self) -> None:
        """Send a telegram a second until cancelled; take the link down and up as the faults say."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self._follow_link_fault()
            if loop.time() >= due:
                due = max(due + PERIOD_S, loop.time())
                self._send(self._next_telegram())
            await asyncio.sleep(min(0.1, max(0.0, due - loop.time())))

    async def _follow_link_fault(self) -> None:
        if self._faults.now.p1_link_down:
            await self.stop()
        elif self._server is None:
            await self.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            while await reader.read(1024):
                pass  # a P1 port only talks
        except OSError:
            pass  # the client is gone, which is all there is to know
        finally:
            self._clients.discard(writer)
            writer.close()

    def _send(self, telegram: bytes) -> None:
        faults = self._faults.now
        if faults.p1_frozen and self._last:
            telegram = self._last
        self._last = telegram
        if faults.p1_silent:
            return
        data = damaged(telegram, corrupt=faults.p1_corrupt, half=faults.p1_half)
        for client in self._clients:
            if client.transport.get_write_buffer_size() > _MOST_UNSENT_BYTES:
                client.transport.abort()
            else:
                client.write(data)


def damaged(telegram: bytes, *, corrupt: bool, half: bool) -> bytes:
    """Spoil a telegram: change a digit in its middle without a new CRC, and / or lose its second half."""
    if corrupt:
        digits = [match.start() for match in re.finditer(rb"\d", telegram)]
        place = digits[len(digits) // 2]
        changed = b"0" if telegram[place : place + 1] != b"0" else b"1"
        telegram = telegram[:place] + changed + telegram[place + 1 :]
    return telegram[: len(telegram) // 2] if half else telegram

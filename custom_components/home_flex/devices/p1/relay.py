"""Hands telegrams on, so that a port for one reader serves others on this machine too."""

import asyncio
import logging
from contextlib import suppress

from .framing import Frame, crc16

_LOGGER = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_MOST_READERS = 8
_MOST_WAITING_BYTES = 128 * 1024


class Relay:
    """Sends whole telegrams to whoever connects to a port of this machine, and takes nothing from them.

    Only programs on this machine reach it: a telegram tells when a home is empty.
    """

    def __init__(self, port: int) -> None:
        """Remember the port, 1 to 65535."""
        self._port = port
        self._server: asyncio.Server | None = None
        self._readers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Begin to listen. A port that is taken is told in the log, and the meter is read all the same."""
        try:
            self._server = await asyncio.start_server(self._serve, _HOST, self._port)
        except OSError as err:
            _LOGGER.warning("Telegrams are not handed on at port %s: %s", self._port, err)

    async def close(self) -> None:
        """Stop listening and hang up on all readers."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._readers:
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None

    def send(self, frame: Frame) -> None:
        """Hand a telegram on, without waiting: who reads too slowly is hung up on."""
        crc = f"{crc16(frame.text.encode('latin-1')):04X}" if frame.checked else ""
        data = f"{frame.text}{crc}\r\n".encode("latin-1")
        for writer in self._readers:
            if writer.transport.get_write_buffer_size() > _MOST_WAITING_BYTES:
                writer.transport.abort()
            elif not writer.is_closing():
                writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._readers) >= _MOST_READERS:
            writer.transport.abort()
            return
        self._readers.add(writer)
        try:
            with suppress(OSError):
                while await reader.read(1024):
                    pass
        finally:
            self._readers.discard(writer)
            writer.close()

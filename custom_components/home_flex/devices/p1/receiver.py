"""Telegrams from an open P1 port, and why there are none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import serialx
from aiohttp import ClientSession

from ..driver import DeviceError
from .deciphering import Decipherer, looks_encrypted
from .framing import Frame, FramingCounts, TelegramFramer
from .port import P1Settings, open_stream
from .telegram import Telegram, parse_telegram

_READ_BYTES = 4096
_CLOSE_TIMEOUT_S = 2.0
# A meter sends a telegram in one go; after this a telegram without an end is over.
_PAUSE_S = 2.0
# The meter's clock: a telegram with it is never the same twice.
_CLOCK_LINE = "\n0-0:1.0.0("


@dataclass(slots=True)
class Received:
    """What came over a P1 port since its driver was built, over all connections."""

    telegrams: int = 0
    damaged: int = 0
    repeated: int = 0
    connections: int = 0
    last_frame: str = ""

    def is_repeated(self, frame: Frame) -> bool:
        """Whether the telegram says nothing new: readers repeat the last one when the meter is gone.

        Without the meter's clock nobody can tell.
        """
        is_same = frame.text == self.last_frame and _CLOCK_LINE in frame.text
        self.last_frame = frame.text
        self.repeated += is_same
        return is_same


@dataclass(frozen=True, slots=True)
class Heard:
    """A new telegram: as it was sent, and what it says."""

    frame: Frame
    telegram: Telegram


class Receiver:
    """Telegrams from an open stream."""

    def __init__(
        self,
        settings: P1Settings,
        reader: asyncio.StreamReader,
        clock: Callable[[], datetime],
        received: Received,
    ) -> None:
        """Begin with nothing heard; ``received`` goes on counting over connections."""
        self._endpoint = settings.endpoint
        self._reader = reader
        self._clock = clock
        self._received = received
        self._framer = TelegramFramer()
        self._decipherer = Decipherer(settings.keys) if settings.keys is not None else None
        self._encrypted = False
        self._answered = False

    async def next_telegrams(self, timeout_s: float) -> list[Heard]:
        """Return what the next new telegrams say, at least one; raise DeviceError when none comes in time."""
        self._framer.counts = FramingCounts()
        refused: DeviceError | None = None
        try:
            async with asyncio.timeout(timeout_s):
                while (frames := await self._next_frames()) is not None:
                    heard = []
                    for frame in frames:
                        if self._received.is_repeated(frame):
                            refused = DeviceError("stands_still", f"{self._endpoint}: one telegram repeated")
                            continue
                        try:
                            heard.append(Heard(frame, parse_telegram(frame.text, time=self._clock())))
                        except DeviceError as err:
                            refused = err
                    if heard:
                        self._answered = True
                        return heard
            ending = "the connection was closed"
            if self._answered:
                raise DeviceError("connection_lost", f"{self._endpoint}: {ending}")
            if self._framer.counts.received_bytes == 0:
                raise DeviceError("closed_at_once", f"{self._endpoint}: {ending} before a byte came")
        except TimeoutError:
            ending = f"no telegram in {timeout_s:g} s"
        except (OSError, serialx.SerialException) as err:
            raise DeviceError("connection_lost", f"{self._endpoint}: {err}") from err
        finally:
            self._received.telegrams += self._framer.counts.telegrams
            self._received.damaged += self._framer.counts.bad_crc
        raise refused or DeviceError(self._why_nothing(), f"{self._endpoint}: {ending}")

    async def _next_frames(self) -> list[Frame] | None:
        """Return what the next bytes complete, or a pause ends; None at the end of the stream."""
        try:
            async with asyncio.timeout(_PAUSE_S):
                data = await self._reader.read(_READ_BYTES)
        except TimeoutError:
            return self._framer.paused()
        if not data:
            return None
        if self._decipherer is None:
            self._encrypted |= looks_encrypted(data)
            return self._framer.feed(data)
        return self._framer.feed(self._decipherer.feed(data))

    def _why_nothing(self) -> str:
        if self._encrypted:
            return "encrypted"
        if self._decipherer is not None and self._decipherer.refused:
            return "wrong_key"
        return self._framer.why_nothing()


@asynccontextmanager
async def receiving(
    settings: P1Settings, session: ClientSession, clock: Callable[[], datetime], received: Received
) -> AsyncIterator[Receiver]:
    """Open one way to a port and give what receives from it; the port is closed at the end.

    Raises DeviceError as ``open_stream`` does.
    """
    reader, writer = await open_stream(settings, session)
    received.connections += 1
    try:
        yield Receiver(settings, reader, clock, received)
    finally:
        writer.close()
        with suppress(OSError, serialx.SerialException, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await writer.wait_closed()

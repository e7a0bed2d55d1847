"""The grid meter on a P1 port."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import serialx

from ...core.model import DeviceIdentity, MeterReading
from ..backoff import Backoff
from ..driver import DeviceError, LinkDown, Publish
from .framing import FramingCounts, TelegramFramer
from .port import P1Settings, open_stream
from .telegram import parse_telegram, sends_every_second

_READ_BYTES = 4096
_CLOSE_TIMEOUT_S = 2.0
_SILENCE_S = 10.0
_SLOW_METER_SILENCE_S = 25.0
_PROBE_S = 12.0  # a meter before DSMR 5 speaks every 10 s

# The meter's clock: a telegram with it is never the same twice.
_CLOCK_LINE = "\n0-0:1.0.0("

# What a line that is read at another speed than the meter's looks like, the nearest to a telegram last.
_OF_THE_SPEED = ("no_data", "not_p1", "no_telegram", "bad_crc")

type _Telegram = tuple[DeviceIdentity, MeterReading]


class P1Meter:
    """Publishes one reading per telegram; the link is lost after 10 s without one (25 s before DSMR 5)."""

    def __init__(
        self, settings: P1Settings, *, clock: Callable[[], datetime], silence_s: float = _SILENCE_S
    ) -> None:
        """Remember the port; ``clock`` gives the aware UTC time of arrival."""
        self.identity: DeviceIdentity | None = None
        self._ways = deque(settings.ways)
        self._clock = clock
        self._silence_s = silence_s
        self._backoff = Backoff()
        self._repeats = _Repeats()
        self._down = False

    async def run(self, publish: Publish) -> None:
        """Read until cancelled, as ``devices.driver.Driver`` says."""
        while True:
            try:
                await self._read(publish)
            except DeviceError as err:
                if err.reason in _OF_THE_SPEED:
                    self._ways.rotate(-1)
                if not self._down:
                    self._down = True
                    publish(LinkDown(err.reason, str(err)))
            await asyncio.sleep(self._backoff.next_s())

    async def _read(self, publish: Publish) -> None:
        """Publish readings until the link is lost, which raises DeviceError."""
        async with _receiver(self._ways[0], self._clock, self._repeats) as receiver:
            silence_s = self._silence_s
            while True:
                for self.identity, reading in await receiver.next_telegrams(silence_s):
                    self._down = False
                    self._backoff.reset()
                    publish(reading)
                if self.identity is not None and not sends_every_second(self.identity):
                    silence_s = self._silence_s * _SLOW_METER_SILENCE_S / _SILENCE_S


async def probe_p1(settings: P1Settings, *, timeout_s: float = _PROBE_S) -> _Telegram:
    """Return the identity and the first reading of the meter on a P1 port.

    Raises DeviceError: ``cannot_connect``, ``serial_unavailable``; or after ``timeout_s`` for each speed that
    a serial line may have, ``no_data`` (not a byte), ``not_p1`` (bytes, but never the start of a telegram),
    ``bad_crc`` (whole telegrams, none with a valid CRC), ``no_telegram`` (never a whole one),
    ``no_electricity`` (telegrams of another meter).
    """
    refused: list[DeviceError] = []
    for way in settings.ways:
        try:
            async with _receiver(way, lambda: datetime.now(UTC), _Repeats()) as receiver:
                return (await receiver.next_telegrams(timeout_s))[0]
        except DeviceError as err:
            if err.reason not in _OF_THE_SPEED:
                raise
            refused.append(err)
    raise max(refused, key=lambda err: _OF_THE_SPEED.index(err.reason))


class _Repeats:
    """Knows the last telegram, also over connections: readers repeat it when the meter is gone."""

    _last = ""

    def is_one(self, telegram: str) -> bool:
        """Return whether the telegram says nothing new; without the meter's clock nobody can tell."""
        is_same = telegram == self._last and _CLOCK_LINE in telegram
        self._last = telegram
        return is_same


class _Receiver:
    """Telegrams from an open stream."""

    def __init__(
        self,
        settings: P1Settings,
        reader: asyncio.StreamReader,
        clock: Callable[[], datetime],
        repeats: _Repeats,
    ) -> None:
        self._endpoint = settings.endpoint
        self._reader = reader
        self._clock = clock
        self._repeats = repeats
        self._framer = TelegramFramer()
        self._answered = False

    async def next_telegrams(self, timeout_s: float) -> list[_Telegram]:
        """Return what the next new telegrams say, at least one; raise DeviceError when none comes in time."""
        self._framer.counts = FramingCounts()
        refused: DeviceError | None = None
        try:
            async with asyncio.timeout(timeout_s):
                while data := await self._reader.read(_READ_BYTES):
                    telegrams = []
                    for text in self._framer.feed(data):
                        if self._repeats.is_one(text):
                            refused = DeviceError("stands_still", f"{self._endpoint}: one telegram repeated")
                            continue
                        try:
                            telegrams.append(parse_telegram(text, time=self._clock()))
                        except DeviceError as err:
                            refused = err
                    if telegrams:
                        self._answered = True
                        return telegrams
            ending = "the connection was closed"
            if self._answered:
                raise DeviceError("connection_lost", f"{self._endpoint}: {ending}")
        except TimeoutError:
            ending = f"no telegram in {timeout_s:g} s"
        except (OSError, serialx.SerialException) as err:
            raise DeviceError("connection_lost", f"{self._endpoint}: {err}") from err
        raise refused or DeviceError(self._framer.why_nothing(), f"{self._endpoint}: {ending}")


@asynccontextmanager
async def _receiver(
    settings: P1Settings, clock: Callable[[], datetime], repeats: _Repeats
) -> AsyncIterator[_Receiver]:
    reader, writer = await open_stream(settings)
    try:
        yield _Receiver(settings, reader, clock, repeats)
    finally:
        writer.close()
        with suppress(OSError, serialx.SerialException, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await writer.wait_closed()

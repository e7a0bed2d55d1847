"""The grid meter on a P1 port."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import ClientSession

from ...core.model import DeviceIdentity, MeterReading
from ..backoff import Backoff
from ..driver import DeviceError, LinkDown, Publish
from .counters import Counters
from .port import P1Settings
from .receiver import Heard, Received, receiving
from .relay import Relay
from .telegram import Telegram, sends_every_second

_LOGGER = logging.getLogger(__name__)
_SILENCE_S = 10.0
_SLOW_METER_SILENCE_S = 25.0
_RELEASE_S = 1.0  # an adapter notices a little later that its reader has gone
PROBE_S = 12.0  # a meter before DSMR 5 speaks every 10 s

# What a line that is read at another speed than the meter's looks like, the nearest to a telegram last.
_OF_THE_SPEED = ("no_data", "not_p1", "dlms", "sml", "no_telegram", "bad_crc")


class P1Meter:
    """Publishes one reading per telegram; the link is lost after 10 s without one (25 s before DSMR 5)."""

    def __init__(
        self,
        settings: P1Settings,
        *,
        session: ClientSession,
        clock: Callable[[], datetime],
        silence_s: float = _SILENCE_S,
    ) -> None:
        """Remember the port; ``session`` speaks HTTP, ``clock`` gives the aware UTC time of arrival."""
        self.identity: DeviceIdentity | None = None
        self._ways = deque(settings.ways)
        self._session = session
        self._clock = clock
        self._silence_s = silence_s
        self._backoff = Backoff()
        self._received = Received()
        self._counters = Counters()
        self._relay = Relay(settings.relay_port) if settings.relay_port is not None else None
        self._named: DeviceIdentity | None = None
        self._unread: frozenset[str] = frozenset()
        self._down = False
        self._port = asyncio.Lock()
        self._holding: asyncio.Timeout | None = None

    @property
    def link_quality(self) -> Mapping[str, int]:
        """How many telegrams came, were damaged or repeated, and over how many connections."""
        received = self._received
        return {
            "telegrams": received.telegrams,
            "damaged": received.damaged,
            "repeated": received.repeated,
            "connections": received.connections,
        }

    async def run(self, publish: Publish) -> None:
        """Read until cancelled, as ``devices.driver.Driver`` says."""
        if self._relay is not None:
            await self._relay.open()
        try:
            while True:
                async with self._port:
                    try:
                        async with asyncio.timeout(None) as self._holding:
                            await self._read(publish)
                    except TimeoutError:
                        pass  # somebody borrows the port
                    except DeviceError as err:
                        self._lost(err, publish)
                    finally:
                        self._holding = None
                await asyncio.sleep(self._backoff.next_s())
        finally:
            if self._relay is not None:
                await self._relay.close()

    @asynccontextmanager
    async def let_go(self) -> AsyncIterator[None]:
        """Close the port for as long as this is entered: most take one reader only."""
        if self._holding is not None:
            self._holding.reschedule(asyncio.get_running_loop().time())
        async with self._port:
            await asyncio.sleep(_RELEASE_S)
            yield

    def _lost(self, err: DeviceError, publish: Publish) -> None:
        if err.reason in _OF_THE_SPEED:
            self._ways.rotate(-1)
        if not self._down:
            self._down = True
            publish(LinkDown(err.reason, str(err)))

    async def _read(self, publish: Publish) -> None:
        """Publish readings until the link is lost, which raises DeviceError."""
        async with receiving(self._ways[0], self._session, self._clock, self._received) as receiver:
            silence_s = self._silence_s
            while True:
                for heard in await receiver.next_telegrams(silence_s):
                    self._down = False
                    self._backoff.reset()
                    publish(self._reading(heard))
                if self.identity is not None and not sends_every_second(self.identity):
                    silence_s = self._silence_s * _SLOW_METER_SILENCE_S / _SILENCE_S

    def _reading(self, heard: Heard) -> MeterReading:
        """Return what is believed of a telegram, and hand the telegram on."""
        telegram = heard.telegram
        # Without a CRC a damaged serial number is no new meter: that comes twice.
        if self.identity is None or heard.frame.checked or telegram.identity == self._named:
            self.identity = telegram.identity
        self._named = telegram.identity
        if self._relay is not None:
            self._relay.send(heard.frame)
        if unread := telegram.unread - self._unread:
            self._unread |= unread
            _LOGGER.warning("The meter's lines %s cannot be read and are left out", ", ".join(sorted(unread)))
        if heard.frame.checked:
            return telegram.reading
        return self._counters.credible(telegram.reading, now_s=asyncio.get_running_loop().time())


async def probe_p1(settings: P1Settings, session: ClientSession, *, timeout_s: float = PROBE_S) -> Telegram:
    """Return the first telegram of the meter on a P1 port; ``session`` is what HTTP is spoken with.

    Raises DeviceError: ``cannot_connect``, ``serial_unavailable``, ``api_disabled`` (a reader whose local API
    is switched off), ``closed_at_once`` (a port for one reader that has one); or after ``timeout_s`` for each
    speed that a serial line may have, ``no_data`` (not a byte), ``not_p1`` (bytes, but never the start of a
    telegram), ``dlms`` and ``sml`` (another protocol), ``encrypted``, ``wrong_key``, ``bad_crc`` (whole
    telegrams, none with a valid CRC), ``no_telegram`` (never a whole one), ``no_electricity`` (telegrams of
    another meter).
    """
    refused: list[DeviceError] = []
    for way in settings.ways:
        try:
            async with receiving(way, session, lambda: datetime.now(UTC), Received()) as receiver:
                return (await receiver.next_telegrams(timeout_s))[0].telegram
        except DeviceError as err:
            if err.reason not in _OF_THE_SPEED:
                raise
            refused.append(err)
    raise max(refused, key=lambda err: _OF_THE_SPEED.index(err.reason))

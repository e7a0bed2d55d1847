"""What a kWh costs, brings and emits at a site, now and ahead: kept up to date, with its troubles."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .core.model import TimeGrid, floor
from .core.signals import (
    Note,
    Oddity,
    PeakPrice,
    Published,
    Signal,
    SignalError,
    SignalKind,
    Slot,
    overlay,
    peak_prices,
    unit_of,
    with_formula,
    with_guess,
)
from .core.signals.contracts import PublishedContract, agreed, wanted_from
from .price_past import async_past
from .price_reading import PriceSource
from .runtime.seldom import SeldomWarnings
from .tariff_settings import Tariffs

_EVERY_S: Final = 300
_ASKED_EVERY: Final = timedelta(hours=1)
# Tomorrow's prices are looked for more often while they are missing.
_MISSED_EVERY: Final = timedelta(minutes=15)
_ENOUGH: Final = timedelta(hours=12)
_AHEAD: Final = timedelta(hours=49)
_KEPT: Final = timedelta(days=3)


@dataclass(kw_only=True)
class _Told:
    """What is known of one kind of signal that somebody publishes."""

    signal: Signal
    guessed: Signal
    past: Signal
    asked_at: datetime | None = None
    failures: int = 0
    problem: SignalError | None = None
    notes: tuple[Note, ...] = ()
    lasting: tuple[Note, ...] = ()
    past_of: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceTrouble:
    """What the resident should look at: the name of a tariff, and what is wrong with it, as a slug."""

    kind: SignalKind
    name: str
    problem: str
    placeholders: dict[str, str] = field(default_factory=dict)


class SitePrices:
    """The signals of a site. ``run`` reads what is published; other contracts say all themselves."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        tariffs: Tariffs,
        currency: str,
        entry_id: str,
        clock: Callable[[], datetime],
    ) -> None:
        """Know nothing yet of what is published."""
        self.tariffs = tariffs
        self.currency = currency
        self._hass = hass
        self._entry_id = entry_id
        self._clock = clock
        self._listeners: list[CALLBACK_TYPE] = []
        self._warnings = SeldomWarnings(LOGGER, time.monotonic)
        self._told = {
            kind: _Told(signal=self._empty(kind), guessed=self._empty(kind), past=self._empty(kind))
            for kind, contract in tariffs.contracts.items()
            if isinstance(contract, PublishedContract)
        }

    def signal(self, kind: SignalKind, start: datetime, end: datetime) -> Signal:
        """Return what is known or guessed of a time (aware UTC), with its holes; nothing without a contract.

        What is guessed reaches two days ahead, as of the last reading.
        """
        contract = self.tariffs.contracts.get(kind)
        if contract is None:
            return self._empty(kind)
        if isinstance(contract, PublishedContract):
            return self._told[kind].guessed.between(start, end)
        return agreed(contract, wanted_from(kind, self.currency, start, end), dt_util.get_default_time_zone())

    def agreed(self, kind: SignalKind, start: datetime, end: datetime) -> Signal | None:
        """Return what a contract alone says of a time; None without one, and where prices are published."""
        contract = self.tariffs.contracts.get(kind)
        if contract is None or isinstance(contract, PublishedContract):
            return None
        return self.signal(kind, start, end)

    def current(self, kind: SignalKind) -> Slot | None:
        """Return the slot of now; None in a hole."""
        now = floor(self._clock(), 1)
        return self.signal(kind, now, now + timedelta(seconds=1)).at(now)

    def peaks(self, grid: TimeGrid) -> tuple[PeakPrice, ...]:
        """Return what the peak of each month costs that a grid touches; nothing where peaks cost nothing.

        What the month that runs has reached already is for the meter to say: only the least is free here.
        """
        if self.tariffs.peak is None:
            return ()
        return peak_prices(self.tariffs.peak, grid, dt_util.get_default_time_zone(), None)

    def known_until(self, kind: SignalKind) -> datetime | None:
        """Return when what is published ends; None where a contract says all."""
        told = self._told.get(kind)
        return told.signal.known_until if told is not None else None

    def troubles(self) -> tuple[PriceTrouble, ...]:
        """Return what lasts and is wrong: prices that were not read three times, are old, or an hour off."""
        found: list[PriceTrouble] = []
        for kind, told in self._told.items():
            name = self.tariffs.names.get(kind, kind.value)
            if told.failures >= 3 and told.problem is not None:
                found.append(PriceTrouble(kind=kind, name=name, problem="not_read"))
            for oddity, amount in told.lasting:
                if oddity in {Oddity.OLD, Oddity.SHIFTED}:
                    placeholders = {"hours": str(abs(amount))}
                    found.append(
                        PriceTrouble(kind=kind, name=name, problem=oddity.value, placeholders=placeholders)
                    )
        return tuple(found)

    @callback
    def add_listener(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call somebody after each reading, and when the price may have changed; return how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def run(self) -> None:
        """Read until cancelled: at once, and just after each five minutes of the clock."""
        while True:
            await self.async_refresh()
            await asyncio.sleep(_EVERY_S - self._clock().timestamp() % _EVERY_S + 1.0)

    async def async_refresh(self) -> None:
        """Read what is due, guess what is missing, and tell who listens."""
        now = self._clock()
        for kind, told in self._told.items():
            contract = self.tariffs.contracts[kind]
            if not isinstance(contract, PublishedContract):
                continue
            try:
                await self._async_read(kind, contract, told, now)
                await self._async_guess(kind, contract, told, now)
            except Exception:  # noqa: BLE001 # whatever it is, it is said, and the next reading may be better
                self._warnings.warn(kind, f"{kind} could not be brought up to date", exc_info=True)
        for listener in tuple(self._listeners):
            listener()

    async def _async_read(
        self, kind: SignalKind, contract: PublishedContract, told: _Told, now: datetime
    ) -> None:
        source = PriceSource(hass=self._hass, entity_id=contract.entity_id, kind=kind, currency=self.currency)
        if source.asks and not _is_due(told, now):
            return
        told.asked_at = now
        try:
            found = await async_read_or_now(source, now)
        except SignalError as error:
            told.failures += 1
            if told.failures == 1:
                LOGGER.warning("%s of %s cannot be read: %s", kind, contract.entity_id, error)
            told.problem = error
            return
        if told.failures:
            LOGGER.info("%s of %s can be read again", kind, contract.entity_id)
        # An entity that is a moment late at the turn of the hour seems to be an hour off once.
        before = {note.oddity for note in told.notes}
        told.lasting = tuple(note for note in found.notes if note.oddity in before)
        told.failures, told.problem, told.notes = 0, None, found.notes
        told.signal = overlay(told.signal, with_formula(found.signal, contract.formula)).between(
            now - _KEPT, now + _KEPT
        )

    async def _async_guess(
        self, kind: SignalKind, contract: PublishedContract, told: _Told, now: datetime
    ) -> None:
        """Fill what is missing of the next two days from the past, and mark it."""
        hour = floor(now, 3600)
        # Right after a start our own sensor is not there yet, and its past is looked for again.
        if not told.past.slots or told.past_of != hour:
            told.past = await self._async_past(kind, contract, now)
            told.past_of = hour
        zone = dt_util.get_default_time_zone()
        told.guessed = await self._hass.async_add_executor_job(
            with_guess, told.signal, told.past, hour, now + _AHEAD, zone
        )

    async def _async_past(self, kind: SignalKind, contract: PublishedContract, now: datetime) -> Signal:
        """Return what was recorded: of a price by our own sensor, which shows none that is guessed."""
        empty = self._empty(kind)
        if kind is SignalKind.CARBON_INTENSITY:
            return await async_past(self._hass, contract.entity_id, empty, now)
        unique_id = f"{self._entry_id}_{kind.value}"
        sensor = er.async_get(self._hass).async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        return await async_past(self._hass, sensor, empty, now)

    def _empty(self, kind: SignalKind) -> Signal:
        return Signal(kind=kind, unit=unit_of(kind, self.currency), slots=())


async def async_read_or_now(source: PriceSource, now: datetime) -> Published:
    """Return what is told ahead; of carbon, which seldom is, what is told of now. Raises SignalError."""
    try:
        return await source.async_read(now)
    except SignalError as error:
        if source.kind is not SignalKind.CARBON_INTENSITY or error.problem != "shape_unknown":
            raise
        return Published(signal=source.now_only(now), shape=source.entity_id)


def _is_due(told: _Told, now: datetime) -> bool:
    if told.asked_at is None:
        return True
    known_until = told.signal.known_until
    is_short = known_until is None or known_until < now + _ENOUGH
    # A clock that was ahead, and was set back, is no reason to wait until it is there again.
    return abs(now - told.asked_at) >= (_MISSED_EVERY if is_short else _ASKED_EVERY)

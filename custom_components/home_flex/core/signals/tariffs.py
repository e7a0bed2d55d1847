"""Prices that follow from a contract: one price, or a calendar that says which register counts when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from ..model import QUARTER_HOUR_S, floor
from .signal import Signal, SignalError, SignalKind, Slot

EVERY_DAY = frozenset(range(7))
EVERY_MONTH = frozenset(range(1, 13))
_QUARTER_HOUR = timedelta(seconds=QUARTER_HOUR_S)


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeRange:
    """When a register counts: on these weekdays (0 Monday) in these months, from a local time until another.

    ``until`` midnight (00:00) is the end of the day; an ``until`` before ``since`` runs over midnight into
    the next day, and belongs to the day on which it began. ``on_holidays``: True only on holidays, False
    never on them, None whichever day it is; on a holiday that is named, weekdays do not count.
    """

    register: str
    since: time = time()
    until: time = time()
    weekdays: frozenset[int] = EVERY_DAY
    months: frozenset[int] = EVERY_MONTH
    on_holidays: bool | None = None

    def holds(self, local: datetime, holidays: frozenset[date]) -> bool:
        """Return whether a local time is in it."""
        clock, day = local.time(), local.date()
        if self.since < self.until or self.until == time():
            within = clock >= self.since and (clock < self.until or self.until == time())
            return within and self._on(day, holidays)
        if clock >= self.since:
            return self._on(day, holidays)
        return clock < self.until and self._on(day - timedelta(days=1), holidays)

    def _on(self, day: date, holidays: frozenset[date]) -> bool:
        if day.month not in self.months:
            return False
        if self.on_holidays and day in holidays:
            return True
        if self.on_holidays is not None and self.on_holidays != (day in holidays):
            return False
        return day.weekday() in self.weekdays


@dataclass(frozen=True, kw_only=True, slots=True)
class TariffCalendar:
    """Registers with their price per kWh, and when each counts: the first range that holds, or ``otherwise``.

    Raises SignalError ``register_unknown`` (register) when a range names one that has no price.
    """

    price_per_kwh: dict[str, Decimal]
    ranges: tuple[TimeRange, ...]
    otherwise: str

    def __post_init__(self) -> None:
        """Raise for a register without a price."""
        for register in (*(a_range.register for a_range in self.ranges), self.otherwise):
            if register not in self.price_per_kwh:
                raise SignalError("register_unknown", register=register)

    def register_at(self, local: datetime, holidays: frozenset[date] = frozenset()) -> str:
        """Return the register that counts at a local time."""
        return next((found.register for found in self.ranges if found.holds(local, holidays)), self.otherwise)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which signal is made: what of, in which unit, over which time (aware UTC), and since when known."""

    kind: SignalKind
    unit: str
    start: datetime
    end: datetime
    known_at: datetime


def fixed(price_per_kwh: Decimal, wanted: Wanted) -> Signal:
    """Return one price for all of the time."""
    return _signal([(wanted.start, "fixed", price_per_kwh)], wanted)


def from_calendar(
    calendar: TariffCalendar, wanted: Wanted, zone: tzinfo, holidays: frozenset[date] = frozenset()
) -> Signal:
    """Return the prices of a calendar. Local days of 23 and 25 hours come out as they are.

    The ``source`` of a slot is its register.
    """
    changes: list[tuple[datetime, str, Decimal]] = []
    at = wanted.start
    while at < wanted.end:
        register = calendar.register_at(at.astimezone(zone), holidays)
        if not changes or changes[-1][1] != register:
            changes.append((at, register, calendar.price_per_kwh[register]))
        at = floor(at, QUARTER_HOUR_S) + _QUARTER_HOUR
    return _signal(changes, wanted)


def _signal(changes: Iterable[tuple[datetime, str, Decimal]], wanted: Wanted) -> Signal:
    listed = list(changes)
    ends = [start for start, _, _ in listed[1:]] + [wanted.end]
    slots = tuple(
        Slot(
            start=start.astimezone(UTC),
            end=end.astimezone(UTC),
            value=value,
            known_at=wanted.known_at,
            source=source,
        )
        for (start, source, value), end in zip(listed, ends, strict=True)
    )
    return Signal(kind=wanted.kind, unit=wanted.unit, slots=slots)

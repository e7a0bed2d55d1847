"""What a home has agreed on with its supplier: where its prices come from."""

from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from decimal import Decimal
from typing import Final

from .formula import PriceFormula
from .signal import Signal, SignalKind
from .tariffs import TariffCalendar, TimeRange, Wanted, fixed, from_calendar

NORMAL, LOW, HIGH = "normal", "low", "high"
_WEEKEND: Final = frozenset({5, 6})
_WORKING_DAYS: Final = frozenset(range(5))


@dataclass(frozen=True, kw_only=True, slots=True)
class FixedContract:
    """One price per kWh for all of the time."""

    price_per_kwh: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarContract:
    """Prices by register, and when each counts."""

    calendar: TariffCalendar


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedContract:
    """Prices that somebody publishes, as the entity (its id) tells, with taxes and fees on them."""

    entity_id: str
    formula: PriceFormula = field(default_factory=PriceFormula)


type Contract = FixedContract | CalendarContract | PublishedContract


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """A price and the local hours it counts in: from ``since`` until before ``until``, also over midnight."""

    price_per_kwh: Decimal
    since: time
    until: time


def day_and_night(
    normal: Decimal, low: Hours | None, high: Hours | None, *, weekends_low: bool
) -> TariffCalendar:
    """Return the usual calendar: a low price at some hours (or all weekend), a high one on working days."""
    prices = {NORMAL: normal}
    ranges: list[TimeRange] = []
    if low is not None:
        prices[LOW] = low.price_per_kwh
        if weekends_low:
            ranges.append(TimeRange(register=LOW, weekdays=_WEEKEND))
        ranges.append(TimeRange(register=LOW, since=low.since, until=low.until))
    if high is not None:
        prices[HIGH] = high.price_per_kwh
        ranges.append(TimeRange(register=HIGH, since=high.since, until=high.until, weekdays=_WORKING_DAYS))
    return TariffCalendar(price_per_kwh=prices, ranges=tuple(ranges), otherwise=NORMAL)


def agreed(contract: FixedContract | CalendarContract, wanted: Wanted, zone: tzinfo) -> Signal:
    """Return the prices that a contract alone says."""
    match contract:
        case FixedContract():
            return fixed(contract.price_per_kwh, wanted)
        case CalendarContract():
            return from_calendar(contract.calendar, wanted, zone)


def wanted_from(kind: SignalKind, currency: str, start: datetime, end: datetime) -> Wanted:
    """Return what to make of a contract over a time: it was known from its start on."""
    return Wanted(kind=kind, unit=f"{currency}/kWh", start=start, end=end, known_at=start)

"""Which stretches receipts of days are about, also where the home's time zone was changed between them.

A day of which there is a receipt keeps its bounds and its zone. One without begins where the receipt of the
day before ends, and ends where that of the next begins: each quarter-hour is in one day, whichever way the
clock was put.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from ..statistics import Period, civil_period
from ..statistics.periods import Grouping
from .receipt import Receipt

# Zones are up to 26 hours apart: a day without a receipt may be longer by so much.
NEAR: Final = timedelta(days=3)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalDay:
    """A day by the home's calendar: its bounds and the name of the zone. ``receipt``: what there is of it."""

    date: date
    period: Period
    zone: str
    receipt: Receipt | None = None


def local_days(stretch: Period, zone: tzinfo, receipts: Iterable[Receipt]) -> tuple[LocalDay, ...]:
    """Return the days that a stretch touches, in order.

    ``receipts``: those of the days that began within ``NEAR`` of it, the last of each.
    """
    kept = {each.date: each for each in map(_kept, receipts)}
    found = {key: day for key, day in kept.items() if _overlap(day.period, stretch)}
    civil = civil_period(stretch.start, Grouping.DAY, zone)
    while civil.start < stretch.end:
        day = civil.start.astimezone(zone).date()
        if day not in kept and (period := _between(civil, day, kept)) is not None:
            found[day] = LocalDay(date=day, period=period, zone=str(zone))
        civil = civil_period(civil.end, Grouping.DAY, zone)
    return tuple(found[key] for key in sorted(found))


def _between(civil: Period, day: date, kept: Mapping[date, LocalDay]) -> Period | None:
    """Return a day between its neighbours; None for one that the change of the zone left out."""
    before, after = kept.get(day - _A_DAY), kept.get(day + _A_DAY)
    start = civil.start if before is None else before.period.end
    end = civil.end if after is None else after.period.start
    return Period(start=start, end=end) if start < end else None


def _overlap(one: Period, other: Period) -> bool:
    return one.start < other.end and other.start < one.end


def _kept(receipt: Receipt) -> LocalDay:
    document: Mapping[str, Any] = receipt.document
    told = document["day"]
    return LocalDay(
        date=date.fromisoformat(told["date"]),
        period=Period(start=datetime.fromisoformat(told["start"]), end=datetime.fromisoformat(told["end"])),
        zone=told["zone"],
        receipt=receipt,
    )

"""Days, weeks, months and years as the home's clock has them, with days of 23 and 25 hours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from ..model import QUARTER_HOUR_S, floor
from .slots import SLOT_S

_QUARTER_HOUR: Final = timedelta(seconds=QUARTER_HOUR_S)
# A year of quarter-hours, and some: more than anybody looks at, and what a careless question may cost.
MOST_PERIODS: Final = 40_000


class Grouping(StrEnum):
    """By what figures are summed up."""

    QUARTER_HOUR = "15min"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # from Monday on, ISO 8601
    MONTH = "month"
    YEAR = "year"
    TOTAL = "total"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From ``start`` on and until just before ``end`` (aware UTC, on quarter-hours)."""

    start: datetime
    end: datetime

    def slots(self, slot_s: int = SLOT_S) -> range:
        """Return the slots in it."""
        return range(int(self.start.timestamp()) // slot_s, int(self.end.timestamp()) // slot_s)


def periods(
    start: datetime, end: datetime, grouping: Grouping, zone: tzinfo, *, most: int = MOST_PERIODS
) -> tuple[Period, ...]:
    """Return the periods of a range in order, the first and the last cut to it.

    ``start`` and ``end`` (aware) are taken down to the quarter-hour. Times are reckoned in UTC throughout:
    two moments of one zone subtract as wall time, also over a change of the clock. Raises ValueError for a
    range that has no length, and for one of more than ``most``.
    """
    first, last = floor(start, QUARTER_HOUR_S), floor(end, QUARTER_HOUR_S)
    if last <= first:
        raise ValueError("A range ends after it starts")
    found: list[Period] = []
    while first < last:
        if len(found) == most:
            raise ValueError(f"A range has at most {most} periods")
        bound = min(last, _next_bound(first, grouping, zone) if grouping is not Grouping.TOTAL else last)
        found.append(Period(start=first, end=bound))
        first = bound
    return tuple(found)


def civil_period(moment: datetime, grouping: Grouping, zone: tzinfo, *, first_weekday: int = 0) -> Period:
    """Return the whole day, week, month or year that holds a moment. Raises ValueError for others.

    ``first_weekday``: on which day a week begins, as ``date.weekday`` counts (0: Monday).
    """
    if grouping not in _NEXT_DATE:
        raise ValueError(f"No calendar has a {grouping}")
    # As if that day were a Monday.
    moved = timedelta(days=first_weekday if grouping is Grouping.WEEK else 0)
    day = _FIRST_DATE[grouping](moment.astimezone(zone).date() - moved)
    return Period(start=midnight(day + moved, zone), end=midnight(_NEXT_DATE[grouping](day) + moved, zone))


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a local day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _next_bound(start: datetime, grouping: Grouping, zone: tzinfo) -> datetime:
    if (next_date := _NEXT_DATE.get(grouping)) is not None:
        return midnight(next_date(start.astimezone(zone).date()), zone)
    at = start + _QUARTER_HOUR
    while grouping is Grouping.HOUR and at.astimezone(zone).minute != 0:
        at += _QUARTER_HOUR
    return at


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


_NEXT_DATE: Final[Mapping[Grouping, Callable[[date], date]]] = {
    Grouping.DAY: lambda day: day + timedelta(days=1),
    Grouping.WEEK: lambda day: day + timedelta(days=7 - day.weekday()),
    Grouping.MONTH: _next_month,
    Grouping.YEAR: lambda day: date(day.year + 1, 1, 1),
}
_FIRST_DATE: Final[Mapping[Grouping, Callable[[date], date]]] = {
    Grouping.DAY: lambda day: day,
    Grouping.WEEK: lambda day: day - timedelta(days=day.weekday()),
    Grouping.MONTH: lambda day: day.replace(day=1),
    Grouping.YEAR: lambda day: date(day.year, 1, 1),
}

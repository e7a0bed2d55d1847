"""From a home's series to the question that the rules of history are asked.

Use is import minus export at the meter. A function of what is kept, slot by slot: in which order it came to
be known changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from ..statistics import Mark, SlotSeries, civil_period, midnight
from ..statistics.periods import Grouping
from ..statistics.slots import series_of
from .days import Asked, UseDay
from .tally import QUARTER_MS

QUARTER_S: Final = QUARTER_MS // 1000
DAYS_BACK: Final = 60
_LOOKED_AT: Final = timedelta(days=DAYS_BACK)
# What devices take back after an event is over by then.
REBOUND_MS: Final = 4 * 3600 * 1000

type Span = tuple[int, int]


def net_of(imports: Iterable[SlotSeries], exports: Iterable[SlotSeries], slots: range) -> SlotSeries:
    """Return import minus export of quarter-hours, missing where any register of the meter is."""
    taken, given = tuple(imports), tuple(exports)
    cells: dict[int, tuple[int | None, Mark]] = {}
    for slot in slots if taken else ():
        row = [series.at(slot) for series in (*taken, *given)]
        mark = max(each for _, each in row)
        if mark is not Mark.MISSING:
            net = sum(series.at(slot)[0] or 0 for series in taken)
            cells[slot] = net - sum(series.at(slot)[0] or 0 for series in given), mark
    return series_of(cells).sums(QUARTER_S)


def days_of(
    net: SlotSeries, zone: tzinfo, first: date, last: date, is_working: Callable[[date], bool]
) -> Mapping[date, UseDay]:
    """Return the local days from ``first`` to ``last``; ``net`` are quarter-hours."""
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return {day: _day(net, day, zone, is_working=is_working(day)) for day in days}


def asked_of(
    days: Mapping[date, UseDay],
    zone: tzinfo,
    *,
    start_ms: int,
    end_ms: int,
    others: Iterable[Span],
    until_ms: int | None = None,
) -> Asked | None:
    """Return the question about the quarter-hours that an event touches (ms of the UTC epoch).

    ``others``: when other events ran. What is known of today beyond ``until_ms`` is left out, so that it is
    the same question whenever it is asked. None for an event that goes over midnight: no rule says what then
    is like it; for one without length; and while nothing is known of any day before.
    """
    day = _date(start_ms, zone)
    today = days.get(day)
    if today is None or end_ms <= start_ms or _date(end_ms - 1, zone) != day or len(days) < 2:
        return None
    midnight_ms = int(midnight(day, zone).timestamp()) * 1000
    if until_ms is not None:
        known = (until_ms - midnight_ms) // QUARTER_MS
        use_wh = (each if index < known else None for index, each in enumerate(today.use_wh))
        today = replace(today, use_wh=tuple(use_wh))
    spans = tuple(others)
    held = {_date(moment, zone) for span in spans for moment in span}
    return Asked(
        today=today,
        past=tuple(
            UseDay(date=one.date, use_wh=one.use_wh, is_working=one.is_working, held_event=one.date in held)
            for key, one in sorted(days.items())
            if day - _LOOKED_AT <= key < day and any(value is not None for value in one.use_wh)
        ),
        first=(start_ms - midnight_ms) // QUARTER_MS,
        last=-(-(end_ms - midnight_ms) // QUARTER_MS),
        interval_s=QUARTER_S,
        disturbed=frozenset(
            index
            for index in range(len(today.use_wh))
            for first_ms, last_ms in spans
            if midnight_ms + index * QUARTER_MS < last_ms + REBOUND_MS
            and midnight_ms + (index + 1) * QUARTER_MS > first_ms
        ),
    )


def _day(net: SlotSeries, day: date, zone: tzinfo, *, is_working: bool) -> UseDay:
    period = civil_period(midnight(day, zone), Grouping.DAY, zone)
    slots = period.slots(QUARTER_S)
    return UseDay(date=day, use_wh=net.between(slots.start, slots.stop).values, is_working=is_working)


def _date(moment_ms: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).astimezone(zone).date()

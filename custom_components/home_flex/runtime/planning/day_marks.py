"""What is special about days, for the forecast of a home's load: holidays, and days away."""

import math
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from ...core.forecast import DayMark, DayMarks, History
from ...core.model import TimeGrid
from ...core.wishes import SiteWishes
from ...core.wishes.local_time import on_day

_DAY: Final = timedelta(days=1)
_NOON_H: Final = 12


def day_marks(
    holidays: Collection[date], away: History | None, wishes: SiteWishes, grid: TimeGrid, zone: tzinfo
) -> DayMarks:
    """Return what is marked of past days and of those of a grid.

    ``away`` holds the share of each past step in which the home was said to be empty; a day counts as one
    away when it was, or will be, for half of it. An absence without an end lasts as long as the grid.
    """
    marks = {each: frozenset({DayMark.HOLIDAY}) for each in holidays}
    gone = [*_past(away, zone), *_ahead(wishes, grid, zone)]
    for each in gone:
        marks[each] = marks.get(each, frozenset()) | {DayMark.AWAY}
    return marks


def _past(away: History | None, zone: tzinfo) -> list[date]:
    """Return the local days of which at least half was spent away, of what is known of them."""
    if away is None:
        return []
    shares: dict[date, list[float]] = {}
    for index, share in enumerate(away.values_w.tolist()):
        if math.isfinite(share):
            start = away.start + timedelta(seconds=index * away.step_s)
            shares.setdefault(start.astimezone(zone).date(), []).append(share)
    return [day for day, found in shares.items() if sum(found) >= len(found) / 2.0]


def _ahead(wishes: SiteWishes, grid: TimeGrid, zone: tzinfo) -> list[date]:
    """Return the local days of a grid whose noon lies in an absence that was said."""
    if not wishes.away:
        return []
    until = wishes.away_until or datetime.max.replace(tzinfo=UTC)
    first, last = grid.start.astimezone(zone).date(), grid.end.astimezone(zone).date()
    days = [first + index * _DAY for index in range((last - first).days + 1)]
    midnights = [(day, on_day(day, datetime.min.time(), zone)) for day in days]
    return [day for day, begin in midnights if begin + timedelta(hours=_NOON_H) < until]

"""From the stored UTC days of homes to the local days that settlement looks at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arrays import Flags
from ..store.series import QUARTER_S, QUARTERS, DaySeries

# So many homes at once: some 50 MB with three months of days.
CHUNK_HOMES: Final = 1000
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FleetDays:
    """Local days of homes from ``first`` on: import minus export, arrays of shape (homes, days, 96).

    ``use_wh`` is 0 where ``known`` is not. Of shape (days,): ``is_working``, and ``is_ordinary``: the clock
    is not changed; a day on which it is holds nothing here.
    """

    first: date
    use_wh: NDArray[np.int32]
    known: Flags
    is_working: Flags
    is_ordinary: Flags

    @property
    def complete(self) -> Flags:
        """Which days of which homes are ordinary and known throughout, of shape (homes, days)."""
        return np.logical_and(self.known.all(axis=2), self.is_ordinary)


def local_days(
    series: DaySeries, first_utc: date, zone: tzinfo, *, homes: int, is_working: Callable[[date], bool]
) -> FleetDays:
    """Return the local days that lie wholly within stored ones.

    ``series`` holds, home by home, the same UTC days from ``first_utc`` on. Raises ValueError where they are
    not the same number for each home.
    """
    if homes <= 0 or len(series.marks) % homes:
        raise ValueError("each home has the same days")
    stored = len(series.marks) // homes
    use_wh = series.net_wh.reshape(homes, stored * QUARTERS)
    known = series.known.reshape(homes, stored * QUARTERS)
    start, end = _utc(first_utc), _utc(first_utc + stored * _DAY)
    first = first_utc if _midnight(first_utc, zone) >= start else first_utc + _DAY
    dates: list[date] = []
    while _midnight(first + len(dates) * _DAY + _DAY, zone) <= end:
        dates.append(first + len(dates) * _DAY)
    shape = (homes, len(dates), QUARTERS)
    found = FleetDays(
        first=first,
        use_wh=np.zeros(shape, dtype=np.int32),
        known=np.zeros(shape, dtype=np.bool_),
        is_working=np.array([is_working(day) for day in dates], dtype=np.bool_),
        is_ordinary=np.zeros(len(dates), dtype=np.bool_),
    )
    for number, day in enumerate(dates):
        begins, ends = (
            int((_midnight(each, zone) - start).total_seconds()) // QUARTER_S for each in (day, day + _DAY)
        )
        if ends - begins == QUARTERS:
            found.is_ordinary[number] = True
            found.use_wh[:, number] = use_wh[:, begins:ends]
            found.known[:, number] = known[:, begins:ends]
    return found


def _utc(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)

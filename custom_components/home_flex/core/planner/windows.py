"""When something is offered: from each half-hour on, for as long as is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..model import TimeGrid
from .offer import Asked

_HALF_HOUR_S: Final = 1800


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """The steps from ``first`` to before ``end``, and when they begin and end."""

    first: int
    end: int
    starts: datetime
    ends: datetime

    @property
    def steps(self) -> slice:
        """Return the steps as a slice."""
        return slice(self.first, self.end)


def windows(grid: TimeGrid, asked: Asked) -> Iterator[Window]:
    """Yield the windows that begin and end with steps of the grid, the first start first."""
    bounds = grid.bounds()
    at = {int(bound.timestamp()): index for index, bound in enumerate(bounds)}
    first_s = -(-int(grid.start.timestamp()) // _HALF_HOUR_S) * _HALF_HOUR_S
    for start_s in range(first_s, first_s + asked.windows * _HALF_HOUR_S, _HALF_HOUR_S):
        for duration_s in asked.durations_s:
            first, end = at.get(start_s), at.get(start_s + duration_s)
            if first is not None and end is not None:
                yield Window(first=first, end=end, starts=bounds[first], ends=bounds[end])

"""Ways to shift a window: what is on or off then, how far it goes in all futures, and points on the way."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from .offer import Asked, Direction
from .price_curve import convex
from .search import Move
from .shifting import Shift, Shifted, Shifting
from .windows import Window

# Less is no offer: kW.
LEAST_KW: Final = 0.05
# A little less than the furthest is the furthest, but for rounding.
_WITHIN: Final = 1 - 1e-6
_MOST_REFINED: Final = 6
# So many points lie beyond those of the way before.
_BEYOND: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Place:
    """Where the plan is shifted, and which way.

    ``ways`` are what may be rearranged for it, nothing at first; a later one counts where it goes further.
    """

    window: Window
    direction: Direction
    ways: tuple[tuple[Move, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Point:
    """A shifted plan, and in which part of the futures so much is reached."""

    shifted: Shifted
    confidence: float

    @property
    def kw(self) -> float:
        """Return how much is shifted."""
        return self.shifted.kw

    @property
    def price(self) -> float:
        """Return what it costs."""
        return self.shifted.price


def reaches(shifting: Shifting, place: Place) -> tuple[float, ...]:
    """Return how far each way goes, in kW; 0 where nothing is found."""
    return tuple(_reach(shifting, place, moves) for moves in place.ways)


def _reach(shifting: Shifting, place: Place, moves: Sequence[Move]) -> float:
    with shifting.within(place.window, place.direction, moves) as shift:
        found = shift.furthest()
    return 0.0 if found is None else found.kw


def points_on(
    shifting: Shifting, place: Place, reached: Sequence[tuple[float, ...]], asked: Asked
) -> list[Point]:
    """Return points that are reached with the confidence asked, on a convex curve, by their power.

    ``reached``: how far each way goes in each past error path.
    """
    found: list[Point] = []
    for number, moves in enumerate(place.ways):
        with shifting.within(place.window, place.direction, moves) as shift:
            way = _Way(shift, [path[number] for path in reached], asked)
            found += way.points(beyond_kw=max((point.kw for point in found), default=0.0))
            kept, tried = convex(found), set[float]()
            for _ in range(_MOST_REFINED):
                middle = _widest(kept, tried)
                if len(kept) >= asked.points or middle is None:
                    break
                tried.add(middle)
                found += way.at(middle)
                kept = convex(found)
    return convex(found)


class _Way:
    """One way to shift a window: what it reaches by the forecast, and in each path."""

    def __init__(self, shift: Shift, reached_kw: Sequence[float], asked: Asked) -> None:
        self._shift = shift
        self._points = asked.points
        self._furthest = shift.furthest()
        most_kw = 0.0 if self._furthest is None else self._furthest.kw
        self._reached_kw = np.sort([most_kw, *reached_kw])[::-1]
        least = math.ceil(asked.confidence * len(self._reached_kw))
        self._safe_kw = min(float(self._reached_kw[max(least, 1) - 1]), most_kw)

    def points(self, beyond_kw: float) -> Iterator[Point]:
        """Yield points from as far as it goes down to those that another way reaches, evenly spaced."""
        wide_kw = self._safe_kw - beyond_kw
        if wide_kw >= LEAST_KW:
            count = self._points if beyond_kw <= 0 else _BEYOND
            for part in range(count, 0, -1):
                yield from self.at(beyond_kw + wide_kw * part / count)

    def at(self, kw: float) -> Iterator[Point]:
        """Yield the point at a power, where it is reached with the confidence asked."""
        if self._furthest is None or not LEAST_KW <= kw <= self._safe_kw / _WITHIN:
            return
        shifted = self._furthest if kw >= self._furthest.kw * _WITHIN else self._shift.by(kw)
        if shifted is not None:
            confidence = float(np.mean(self._reached_kw >= kw * _WITHIN))
            yield Point(shifted=shifted, confidence=confidence)


def _widest(points: Sequence[Point], tried: set[float]) -> float | None:
    """Return the middle of the widest gap between points that was not tried yet."""
    powers = [0.0, *(point.kw for point in points)]
    gaps = [
        (upper - lower, (upper + lower) / 2)
        for lower, upper in pairwise(powers)
        if (upper + lower) / 2 not in tried
    ]
    return max(gaps)[1] if gaps else None

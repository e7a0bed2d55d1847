"""Ways to shift a window: what is on or off then, how far it goes in all futures, and points on the way."""

import math
from collections.abc import Iterable, Iterator, Sequence
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
        """Yield points from those that another way reaches up to as far as it goes, evenly spaced."""
        wide_kw = self._safe_kw - beyond_kw
        if wide_kw < LEAST_KW:
            return
        count = self._points if beyond_kw <= 0 else _BEYOND
        powers = [beyond_kw + wide_kw * part / count for part in range(1, count + 1)]
        high = self._shifted(powers.pop())
        if beyond_kw <= 0:
            yield from self._points_of((high, *self._between(self._shift.unshifted, high, powers)))
        else:
            low = self._shifted(powers.pop(0), with_slope=True)
            yield from self._points_of((high, low, *self._between(low, high, powers)))

    def at(self, kw: float) -> Iterator[Point]:
        """Yield the point at a power, where it is reached with the confidence asked."""
        yield from self._points_of((self._shifted(kw),))

    def _between(self, low: Shifted | None, high: Shifted | None, powers: list[float]) -> Iterator[Shifted]:
        """Yield the plans of powers between two; what lies on a straight line need not be solved."""
        if low is not None and high is not None:
            straight = [self._shift.between(low, high, kw) for kw in powers]
            yield from (each for each in straight if each is not None)
            powers = [kw for kw, each in zip(powers, straight, strict=True) if each is None]
        if powers:
            at = len(powers) // 2
            middle = self._shifted(powers[at], with_slope=len(powers) > 1)
            if middle is not None:
                yield middle
            # The last is near the plan: from there the next window is not far.
            yield from self._between(middle, high, powers[at + 1 :])
            yield from self._between(low, middle, powers[:at])

    def _shifted(self, kw: float, *, with_slope: bool = False) -> Shifted | None:
        if self._furthest is None or not LEAST_KW <= kw <= self._safe_kw / _WITHIN:
            return None
        if kw >= self._furthest.kw * _WITHIN:
            return self._furthest
        return self._shift.by(kw, with_slope=with_slope)

    def _points_of(self, found: Iterable[Shifted | None]) -> Iterator[Point]:
        for shifted in found:
            if shifted is not None:
                confidence = float(np.mean(self._reached_kw >= shifted.kw * _WITHIN))
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

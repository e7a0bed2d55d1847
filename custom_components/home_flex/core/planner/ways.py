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
from .shifting import Shifted, Shifting
from .sketch import FloatArray
from .windows import Window

# Less is no offer: kW.
LEAST_KW: Final = 0.05
# A little less than the furthest is the furthest, but for rounding.
_WITHIN: Final = 1 - 1e-6
_MOST_REFINED: Final = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the plan is shifted, and which way."""

    window: Window
    direction: Direction


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Way:
    """``moves`` rearrange what is on or off; ``reached_kw``: how far it goes by forecast and each path."""

    moves: tuple[Move, ...]
    furthest: Shifted
    reached_kw: FloatArray

    def confidence(self, kw: float) -> float:
        """Return in which part of the futures so much is reached."""
        return float(np.mean(self.reached_kw >= kw * _WITHIN))

    def safe_kw(self, confidence: float) -> float:
        """Return what is reached in such a part of the futures."""
        falling = np.sort(self.reached_kw)[::-1]
        safe_kw = float(falling[math.ceil(confidence * len(falling)) - 1])
        return min(safe_kw, self.furthest.kw)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Point:
    """A shifted plan, and the way it goes."""

    shifted: Shifted
    way: Way

    @property
    def kw(self) -> float:
        """Return how much is shifted."""
        return self.shifted.kw

    @property
    def price(self) -> float:
        """Return what it costs."""
        return self.shifted.price


def furthest(shifting: Shifting, place: Place, moves: tuple[Move, ...]) -> Shifted | None:
    """Return the plan shifted as far as it goes; None where nothing was found."""
    with shifting.within(place.window, place.direction, moves) as shift:
        return shift.furthest()


def points_on(shifting: Shifting, place: Place, ways: Sequence[Way], asked: Asked) -> list[Point]:
    """Return points that are reached with the confidence asked, on a convex curve, by their power."""
    safe_kw = max((way.safe_kw(asked.confidence) for way in ways), default=0.0)
    if safe_kw < LEAST_KW:
        return []
    parts = [safe_kw * part / asked.points for part in range(asked.points, 0, -1)]
    found = list(_solved(shifting, place, ways, parts, asked.confidence))
    kept, tried = convex(found), set[float]()
    for _ in range(_MOST_REFINED):
        middle = _widest(kept, tried)
        if len(kept) >= asked.points or middle is None:
            break
        tried.add(middle)
        found += _solved(shifting, place, ways, [middle], asked.confidence)
        kept = convex(found)
    return kept


def _solved(
    shifting: Shifting, place: Place, ways: Sequence[Way], powers_kw: Sequence[float], confidence: float
) -> Iterator[Point]:
    for way in ways:
        safe_kw = way.safe_kw(confidence)
        with shifting.within(place.window, place.direction, way.moves) as shift:
            for kw in powers_kw:
                if kw > safe_kw / _WITHIN or kw < LEAST_KW:
                    continue
                shifted = way.furthest if kw >= way.furthest.kw * _WITHIN else shift.by(kw)
                if shifted is not None:
                    yield Point(shifted=shifted, way=way)


def _widest(points: Sequence[Point], tried: set[float]) -> float | None:
    """Return the middle of the widest gap between points that was not tried yet."""
    powers = [0.0, *(point.kw for point in points)]
    gaps = [
        (upper - lower, (upper + lower) / 2)
        for lower, upper in pairwise(powers)
        if (upper + lower) / 2 not in tried
    ]
    return max(gaps)[1] if gaps else None

"""A price curve is convex: another kW never costs less than the one before, or taking less would pay more."""

from collections.abc import Sequence
from typing import Protocol

# Prices that differ by less are equal.
_EQUAL = 1e-6


class Priced(Protocol):
    """A power and its price."""

    @property
    def kw(self) -> float:
        """Return the power."""

    @property
    def price(self) -> float:
        """Return what it costs in all."""


def convex[P: Priced](points: Sequence[P]) -> list[P]:
    """Return the points on the lowest convex curve that begins at nothing for nothing, by their power.

    What lies above it is left out. Points on a straight piece of it stay.
    """
    kept: list[P] = []
    for point in sorted(points, key=lambda each: (each.kw, each.price)):
        if kept and point.kw - kept[-1].kw <= _EQUAL:
            continue
        while kept and _rises_less(kept, point):
            kept.pop()
        kept.append(point)
    return kept


def _rises_less(kept: Sequence[Priced], point: Priced) -> bool:
    """Return whether the curve would bend down at its last point when another is added."""
    last = kept[-1]
    kw, price = (kept[-2].kw, kept[-2].price) if len(kept) > 1 else (0.0, 0.0)
    chord = price + (point.price - price) * (last.kw - kw) / (point.kw - kw)
    return last.price > chord + _EQUAL

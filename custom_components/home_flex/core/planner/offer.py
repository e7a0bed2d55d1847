"""What the home can offer beside its plan: how much less or more power, when, at what price, with the proof.

Magnitudes in W (0 or more) of the net power at the meter, held from ``start`` until ``end``; prices in the
site's currency for the whole of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..model import TimeGrid
from .problem import Series


class Direction(StrEnum):
    """Up and down as grids count it: regulation up relieves them, down loads them."""

    UP = "up"
    """The home draws less, or gives more."""
    DOWN = "down"
    """The home draws more, or gives less."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What to reckon: windows that begin at each half-hour, ``windows`` of them, each for every duration.

    ``points``: how many prices each has at least, where there is room for them. ``confidence``: in which part
    of the past error paths a point must be reached, or it is not offered.
    """

    windows: int = 24
    durations_s: tuple[int, ...] = (900, 1800, 3600, 7200, 14_400)
    points: int = 5
    confidence: float = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferPoint:
    """One power with its price, and the plan that proves it: the net power, and each device's power.

    ``price`` is what the home loses by it, preferences included: convex over the points. ``money`` is what it
    pays and earns differently. ``per_kwh``: the price of a kWh beyond the point before. ``before_wh`` and
    ``after_wh`` are bought more than planned before and after (pre-charging, rebound), less where negative;
    ``rebound_w`` is the highest power above the plan afterwards (below it, where more is offered).
    ``confidence``: the part of the past error paths in which it is reached, 1 without any.
    """

    power_w: float
    price: float
    money: float
    per_kwh: float
    before_wh: float
    after_wh: float
    rebound_w: float
    confidence: float
    net_w: Series
    powers_w: Mapping[str, Series]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What is offered from ``start`` until ``end``, the steps ``first_step`` to before ``end_step``.

    ``points`` ascend; each may be accepted whole. None: the home can promise nothing then.
    """

    direction: Direction
    start: datetime
    end: datetime
    first_step: int
    end_step: int
    points: tuple[OfferPoint, ...]

    @property
    def duration_s(self) -> float:
        """Return how long it is held."""
        return (self.end - self.start).total_seconds()

    @property
    def most_w(self) -> float:
        """Return the most that is offered."""
        return self.points[-1].power_w if self.points else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """All offers beside one plan, whose net power is ``baseline_w``. They exclude each other.

    What was accepted before is part of the plan (a ``Commitment``), so that it is not offered again.
    """

    grid: TimeGrid
    baseline_w: Series
    offers: tuple[Offer, ...]

    def at(self, moment: datetime, direction: Direction, duration_s: int) -> Offer | None:
        """Return the offer that begins last up to a moment, for a duration; None where there is none."""
        found = [one for one in self.of(direction, duration_s) if one.start <= moment < one.end]
        return max(found, key=lambda one: one.start, default=None)

    def of(self, direction: Direction, duration_s: int) -> Iterator[Offer]:
        """Yield the offers of one direction and duration, by their start."""
        for one in self.offers:
            if one.direction is direction and one.duration_s == duration_s:
                yield one

"""What a fleet of homes offers in the intervals of a need, as steps of price curves, and what is needed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..arrays import Flags, Real, Whole

S_AN_HOUR: Final = 3600
# Of a home, of a price of a kWh (in micro) and of the lot: what is above it was not meant.
MOST_W: Final = 1_000_000
MOST_MICRO: Final = 1_000_000_000
NO_BUDGET_WH: Final = 10**12


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Offers:
    """Steps of homes' price curves: arrays of shape (homes, intervals, points).

    ``step_w`` is what a point offers beyond the one before (W, at least 0), ``step_micro`` its price a kWh
    in millionths of the currency, never below that of the point before. ``feeder``: each home's, by number;
    ``takes_whole``: its steps are accepted whole or not at all; ``budget_wh``: what it gives at most over all
    intervals, or ``NO_BUDGET_WH``. Each interval lasts ``interval_s``. Raises ValueError for anything else.
    """

    feeder: Whole
    step_w: Whole
    step_micro: Whole
    interval_s: int
    takes_whole: Flags
    budget_wh: Whole

    def __post_init__(self) -> None:
        """Raise ValueError for what no home can offer."""
        homes = len(self.feeder)
        if self.step_w.shape != self.step_micro.shape or self.step_w.shape[:1] != (homes,):
            raise ValueError("steps and prices are arrays of (homes, intervals, points)")
        if self.takes_whole.shape != (homes,) or self.interval_s <= 0 or np.any(self.feeder < 0):
            raise ValueError("each home has a feeder, and an interval a length")
        if np.any(self.step_w < 0) or np.any(self.step_w.sum(axis=2) > MOST_W):
            raise ValueError(f"a home offers 0 to {MOST_W} W")
        if np.any(np.abs(self.step_micro) > MOST_MICRO) or np.any(np.diff(self.step_micro, axis=2) < 0):
            raise ValueError("a price curve is convex: another kW never costs less than the one before")
        if self.budget_wh.shape != (homes,) or np.any(self.budget_wh < 0):
            raise ValueError("a budget is at least 0 Wh, one for each home")

    def only(self, chosen: Flags) -> Offers:
        """Return the offers, 0 W of each home that is not chosen: who did not consent, or dropped out."""
        if chosen.all():
            return self
        return replace(self, step_w=np.where(chosen[:, None, None], self.step_w, np.int64(0)))

    def expected(self, share: Real) -> Offers:
        """Return what is to be expected of each home, by the share of what it offered that has come so far.

        Of a home of which half comes twice as much is called: a kWh of it costs twice as much. Raises
        ValueError for a share that is none.
        """
        if np.any((share <= 0) | (share > 1)):
            raise ValueError("a proven share is above 0, at most 1")
        by_home = share[:, None, None]
        dearer = np.where(self.step_micro > 0, self.step_micro / by_home, self.step_micro)
        return replace(
            self,
            step_w=np.floor(self.step_w * by_home).astype(np.int64),
            step_micro=np.minimum(np.round(dearer), MOST_MICRO).astype(np.int64),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Need:
    """Power that is needed of all, ``power_w`` of shape (intervals,), and what each feeder may give at most.

    ``feeder_cap_w`` has shape (feeders, intervals).
    """

    power_w: Whole
    feeder_cap_w: Whole

    def __post_init__(self) -> None:
        """Raise ValueError for a need below zero."""
        if np.any(self.power_w < 0) or np.any(self.feeder_cap_w < 0):
            raise ValueError("a need and a cap are at least 0 W")
        if self.feeder_cap_w.shape[1:] != self.power_w.shape:
            raise ValueError("each feeder has a cap in each interval")


def steps_of(power_w: Whole, price_micro: Whole) -> tuple[Whole, Whole]:
    """Return (``step_w``, ``step_micro``) of curves: power in all and marginal price a kWh at each point."""
    step_w = power_w.copy()
    step_w[:, :, 1:] -= power_w[:, :, :-1]
    return step_w, price_micro


def by_feeder(power_w: Whole, feeder: Whole, feeders: int) -> Whole:
    """Return the sum of homes' power (homes, intervals) by feeder, of shape (feeders, intervals)."""
    sums = np.zeros((feeders, power_w.shape[1]), dtype=np.int64)
    np.add.at(sums, feeder, power_w)
    return sums


def feeders_of(names: Sequence[str]) -> tuple[Whole, tuple[str, ...]]:
    """Return the number of each home's feeder, and the feeders in the order of their numbers."""
    order = tuple(sorted(set(names)))
    number = {name: index for index, name in enumerate(order)}
    return np.array([number[name] for name in names], dtype=np.int64), order

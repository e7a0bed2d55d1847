"""One look ahead on the history's own steps, before it is brought onto the steps of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from .forecast import FloatArray

LEVELS: Final = (0.1, 0.5, 0.9)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Outlook:
    """What is expected of the steps from ``first`` (an index of the history) on: W, and W at each level."""

    first: int
    expected_w: FloatArray
    quantiles_w: Mapping[float, FloatArray] = field(default_factory=dict)


class Outlooks(Protocol):
    """A way to look ahead from an index on, knowing only what was measured before it."""

    def at(self, first: int, steps: int) -> Outlook | None:
        """Return the outlook on some steps; None with too little history."""


def weighted_mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the mean along the first axis over what is known; NaN where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, weights, 0.0)
    summed = total.sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean: FloatArray = np.where(known, values * weights, 0.0).sum(axis=0) / summed
    return mean


def weighted_quantiles(values: FloatArray, weights: FloatArray, levels: tuple[float, ...]) -> FloatArray:
    """Return quantiles along the first axis, one row for each level; NaN where nothing is known.

    The value at which the weights of the smaller ones and half its own reach the level, between two of them
    in proportion.
    """
    weight = np.where(np.isfinite(values), weights, 0.0)
    ordered = np.where(weight > 0, values, np.inf)
    order = np.argsort(ordered, axis=0)
    ordered, weight = np.take_along_axis(ordered, order, axis=0), np.take_along_axis(weight, order, axis=0)
    total = weight.sum(axis=0)
    reached = (np.cumsum(weight, axis=0) - weight / 2) / np.where(total > 0, total, 1.0)
    last = np.maximum((weight > 0).sum(axis=0) - 1, 0)
    columns = np.arange(values.shape[1])
    found = np.full((len(levels), values.shape[1]), np.nan)
    for row, level in enumerate(levels):
        above = np.minimum((reached < level).sum(axis=0), last)
        below = np.maximum(above - 1, 0)
        low, high = reached[below, columns], reached[above, columns]
        share = np.where(high > low, (level - low) / np.where(high > low, high - low, 1.0), 1.0)
        at_low, at_high = (np.where(total > 0, ordered[at, columns], np.nan) for at in (below, above))
        found[row] = at_low + np.clip(share, 0.0, 1.0) * (at_high - at_low)
    return found

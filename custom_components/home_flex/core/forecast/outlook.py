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
    total = np.where(np.isfinite(values), np.broadcast_to(weights, values.shape), 0.0)
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    weight = np.take_along_axis(total, order, axis=0)
    reached = (np.cumsum(weight, axis=0) - weight / 2) / np.where(weight.sum(axis=0), weight.sum(axis=0), 1.0)
    found = np.full((len(levels), values.shape[1]), np.nan)
    for column in range(values.shape[1]):
        known = weight[:, column] > 0
        if known.any():
            found[:, column] = np.interp(levels, reached[known, column], ordered[known, column])
    return found

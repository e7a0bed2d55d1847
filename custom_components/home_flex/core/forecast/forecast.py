"""A forecast: what is expected in each step of a grid, how wide it may miss, and how it missed before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ..model import TimeGrid

type FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Forecast:
    """Mean power of each step in W, as it was seen at ``made_at``.

    Load is consumption and production is what the sun gives: both are 0 or more here, and a plan that
    balances them takes production with its minus sign. ``quantiles``: level (0 to 1) to W of each step.
    ``error_paths``: what was measured less what was expected, in W, over as many steps, from past forecasts
    of the same kind; ``expected_w + path`` may be below 0 and is then 0. ``source`` is a slug: which
    forecast this is (``weighted_days``, ``yesterday``, ``roof``, ``outside``, ``blend``, ``nothing``).
    """

    grid: TimeGrid
    expected_w: FloatArray
    made_at: datetime
    source: str
    quantiles_w: Mapping[float, FloatArray] = field(default_factory=dict)
    error_paths_w: tuple[FloatArray, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError where an array has not one number for each step."""
        for array in (self.expected_w, *self.quantiles_w.values(), *self.error_paths_w):
            if array.shape != (len(self.grid),) or not np.isfinite(array).all():
                raise ValueError("A forecast has one finite number for each step of its grid")

    def paths_w(self) -> tuple[FloatArray, ...]:
        """Return what may come instead, one array for each error path: expected plus error, never below 0."""
        return tuple(np.maximum(self.expected_w + path, 0.0) for path in self.error_paths_w)

"""Mean powers of even steps on the steps of a plan, with the same energy."""

from datetime import datetime

import numpy as np

from ..model import TimeGrid
from .forecast import FloatArray


def on_steps(values_w: FloatArray, start: datetime, step_s: int, grid: TimeGrid) -> FloatArray:
    """Return the time-weighted mean in each step of a grid, which the even steps from ``start`` on cover."""
    energy = np.concatenate(([0.0], np.cumsum(values_w * step_s)))
    at_s = np.array([(bound - start).total_seconds() for bound in grid.bounds()])
    reached = np.interp(at_s, np.arange(len(energy)) * float(step_s), energy)
    powers: FloatArray = np.diff(reached) / np.array(grid.lengths_s)
    return powers

"""The programme of an appliance on the steps of a grid: what each start draws in which step."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from .problem import Appliance
from .sketch import FloatArray, IndexArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cycle:
    """Entry by entry: a start in step ``start`` draws ``kw`` on average in step ``step``.

    ``may_start``: by step, whether a start there ends in time.
    """

    start: IndexArray
    step: IndexArray
    kw: FloatArray
    may_start: NDArray[np.bool_]


@lru_cache(maxsize=32)
def cycle_of(appliance: Appliance, lengths_s: tuple[int, ...]) -> Cycle:
    """Return what each start of a programme draws; one that runs has the rest of it left, from now on.

    A programme that would not end within the grid is cut off at its end, and may start only if it runs.
    """
    bounds = np.array(list(accumulate(lengths_s, initial=0)), dtype=np.float64)
    profile = np.array(appliance.profile_w, dtype=np.float64)
    done_s = appliance.running_s or 0.0
    # Energy in kWs drawn from the beginning of the programme until each of its parts' ends.
    ends_s = np.arange(len(profile) + 1) * appliance.part_s
    drawn = np.concatenate(([0.0], np.cumsum(profile) * appliance.part_s / 1000))
    starts = bounds[:-1, None]
    until = np.interp(np.clip(bounds[None, :] - starts + done_s, 0.0, None), ends_s, drawn)
    kw = np.diff(until, axis=1) / np.array(lengths_s, dtype=np.float64)
    kw[np.tril_indices(len(lengths_s), -1)] = 0.0
    start, step = np.nonzero(kw > 1e-9)
    steps = np.arange(len(lengths_s))
    if appliance.running_s is not None:
        may_start = steps == 0
    else:
        latest_s = bounds[min(max(appliance.latest_end_step, 0), len(lengths_s))]
        may_start = (bounds[:-1] + ends_s[-1] <= latest_s + 1.0) & (steps >= appliance.earliest_step)
    return Cycle(
        start=start.astype(np.int32), step=step.astype(np.int32), kw=kw[start, step], may_start=may_start
    )

"""How forecasts missed on past days, as paths over the steps ahead: what a plan is tried against."""

from typing import Final

import numpy as np

from .forecast import FloatArray
from .tracks import EACH_S, Track

# The error of yesterday's outlook is not known yet for tomorrow's steps.
_FIRST_DAY, _DAYS = 2, 21
_LEAST_KNOWN: Final = 0.9


def error_paths(tracked: Track, steps: int, most: int) -> tuple[FloatArray, ...]:
    """Return, for each of up to ``most`` days from the day before yesterday back, that day's errors in W.

    Each path holds what was measured less what was expected, at the same times of day as the steps from the
    present row on, of the outlook that was made at about this time of that day. Days of which a tenth is not
    known are passed over; smaller gaps are bridged.
    """
    a_day = 86_400 // tracked.step_s
    now = int(tracked.firsts[-1])
    found: list[FloatArray] = []
    for day in range(_FIRST_DAY, _DAYS + 1):
        then = now - day * a_day
        row = int(np.searchsorted(tracked.firsts, then, side="right")) - 1
        if len(found) == most or row < 0 or then - tracked.firsts[row] >= EACH_S // tracked.step_s:
            break
        late = then - int(tracked.firsts[row])
        errors = tracked.errors_w[row, late : late + steps]
        known = np.isfinite(errors)
        if len(errors) == steps and known.mean() > _LEAST_KNOWN:
            indices = np.arange(steps)
            found.append(np.interp(indices, indices[known], errors[known]))
    return tuple(found)

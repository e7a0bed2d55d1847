"""The cheapest sessions of a consumer at given prices: dynamic programming over steps and stored energy."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .sketch import FloatArray

# Into how many parts the energy needed is cut at most.
_MOST_LEVELS: Final = 100


def cheapest_sessions(
    kwh: FloatArray, price: FloatArray, need_kwh: float, start_price: float, *, runs: bool
) -> NDArray[np.bool_]:
    """Return in which steps to run so that at least ``need_kwh`` is stored, for the least money.

    ``kwh`` is stored by running in a step (0: not usable), at ``price`` per kWh; each session costs
    ``start_price``, but for one that ``runs`` already. All usable steps, where they do not hold the need.
    """
    steps = len(kwh)
    if need_kwh <= 1e-9 or kwh.sum() < need_kwh:
        return kwh > 0
    # Steps of one length, and of tiers, store whole multiples of what the shortest does.
    unit_kwh = max(float(kwh[kwh > 0].min()), need_kwh / _MOST_LEVELS)
    gains, top = np.floor(kwh / unit_kwh + 1e-6).astype(int), int(np.ceil(need_kwh / unit_kwh - 1e-6))
    if gains.sum() < top:
        return kwh > 0
    used = int(np.flatnonzero(gains)[-1]) + 1
    # What standing still and running cost by the level reached, and where each came from.
    idle, running = np.full(top + 1, np.inf), np.full(top + 1, np.inf)
    idle[0] = 0.0
    begin = 0.0 if runs else start_price
    ran_before = np.zeros((used, 2, top + 1), dtype=np.bool_)
    reached_from = np.zeros((used, top + 1), dtype=np.int16)
    levels = np.arange(top + 1, dtype=np.int16)
    for step in range(used):
        started = idle + begin
        np.less(running, idle, out=ran_before[step, 0])
        rest, goes_on = np.minimum(idle, running), np.full(top + 1, np.inf)
        if gain := min(int(gains[step]), top):
            which = running < started
            value = np.minimum(running, started) + price[step] * kwh[step]
            goes_on[gain:] = value[: top + 1 - gain]
            ran_before[step, 1, gain:] = which[: top + 1 - gain]
            reached_from[step, gain:] = levels[: top + 1 - gain]
            # What would go beyond the need reaches it all the same.
            beyond = top - gain + int(value[top - gain :].argmin())
            goes_on[top], ran_before[step, 1, top] = value[beyond], which[beyond]
            reached_from[step, top] = beyond
        idle, running = rest, goes_on
        begin = start_price
    on = np.zeros(steps, dtype=np.bool_)
    on[:used] = _traced(ran_before, reached_from, runs=bool(running[top] < idle[top]))
    return on


def _traced(
    ran_before: NDArray[np.bool_], reached_from: NDArray[np.int16], *, runs: bool
) -> NDArray[np.bool_]:
    steps, level = len(ran_before), reached_from.shape[1] - 1
    on = np.zeros(steps, dtype=np.bool_)
    for step in range(steps - 1, -1, -1):
        on[step] = runs
        before = bool(ran_before[step, int(runs), level])
        if runs:
            level = int(reached_from[step, level])
        runs = before
    return on

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
    # cost[0] is that of standing still, cost[1] that of running, by the level reached.
    cost = np.full((2, top + 1), np.inf)
    cost[0, 0] = 0.0
    begin = np.array([[0.0 if runs else start_price], [0.0]])
    came_from = np.zeros((used, 2, top + 1), dtype=np.int8)
    reached_from = np.zeros((used, top + 1), dtype=np.int16)
    levels = np.arange(top + 1)
    for step in range(used):
        still = cost.argmin(axis=0)
        came_from[step, 0] = still
        rest = cost[still, levels]
        running = np.full(top + 1, np.inf)
        if gain := int(gains[step]):
            options = cost + begin
            which = options.argmin(axis=0)
            value = options[which, levels] + price[step] * kwh[step]
            gain = min(gain, top)
            running[gain:] = value[: top + 1 - gain]
            came_from[step, 1, gain:] = which[: top + 1 - gain]
            reached_from[step, gain:] = levels[: top + 1 - gain]
            # What would go beyond the need reaches it all the same.
            beyond = top - gain + int(value[top - gain :].argmin())
            running[top], came_from[step, 1, top] = value[beyond], which[beyond]
            reached_from[step, top] = beyond
        cost = np.stack((rest, running))
        begin[0, 0] = start_price
    on = np.zeros(steps, dtype=np.bool_)
    on[:used] = _traced(cost, came_from, reached_from)
    return on


def _traced(
    cost: FloatArray, came_from: NDArray[np.int8], reached_from: NDArray[np.int16]
) -> NDArray[np.bool_]:
    steps, top = len(came_from), cost.shape[1] - 1
    on = np.zeros(steps, dtype=np.bool_)
    level, runs = top, int(cost[:, top].argmin())
    for step in range(steps - 1, -1, -1):
        on[step] = bool(runs)
        before = int(came_from[step, runs, level])
        if runs:
            level = int(reached_from[step, level])
        runs = before
    return on

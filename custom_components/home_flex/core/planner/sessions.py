"""The cheapest sessions of a consumer at given prices: dynamic programming over steps and stored energy."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .sketch import FloatArray

# Into how many parts the energy needed is cut.
_LEVELS: Final = 48


def cheapest_sessions(
    kwh: FloatArray, price: FloatArray, need_kwh: float, start_price: float, *, runs: bool
) -> NDArray[np.bool_]:
    """Return in which steps to run so that at least ``need_kwh`` is stored, for the least money.

    ``kwh`` is stored by running in a step (0: not usable), at ``price`` per kWh; each session costs
    ``start_price``, but for one that ``runs`` already. All usable steps, where they do not hold the need.
    """
    steps = len(kwh)
    gains = np.floor(kwh / max(need_kwh, 1e-9) * _LEVELS + 1e-6).astype(int)
    if need_kwh <= 1e-9 or gains.sum() < _LEVELS:
        return kwh > 0
    # cost[0] is that of standing still, cost[1] that of running, by the level reached.
    cost = np.full((2, _LEVELS + 1), np.inf)
    cost[0, 0] = 0.0
    begin = np.array([[0.0 if runs else start_price], [0.0]])
    came_from = np.zeros((steps, 2, _LEVELS + 1), dtype=np.int8)
    reached_from = np.zeros((steps, _LEVELS + 1), dtype=np.int16)
    levels = np.arange(_LEVELS + 1)
    for step in range(steps):
        still = cost.argmin(axis=0)
        came_from[step, 0] = still
        rest = cost[still, levels]
        running = np.full(_LEVELS + 1, np.inf)
        if gain := int(gains[step]):
            options = cost + begin
            which = options.argmin(axis=0)
            value = options[which, levels] + price[step] * kwh[step]
            gain = min(gain, _LEVELS)
            running[gain:] = value[: _LEVELS + 1 - gain]
            came_from[step, 1, gain:] = which[: _LEVELS + 1 - gain]
            reached_from[step, gain:] = levels[: _LEVELS + 1 - gain]
            # What would go beyond the need reaches it all the same.
            beyond = _LEVELS - gain + int(value[_LEVELS - gain :].argmin())
            running[_LEVELS], came_from[step, 1, _LEVELS] = value[beyond], which[beyond]
            reached_from[step, _LEVELS] = beyond
        cost = np.stack((rest, running))
        begin[0, 0] = start_price
    return _traced(cost, came_from, reached_from)


def _traced(
    cost: FloatArray, came_from: NDArray[np.int8], reached_from: NDArray[np.int16]
) -> NDArray[np.bool_]:
    steps = len(came_from)
    on = np.zeros(steps, dtype=np.bool_)
    level, runs = _LEVELS, int(cost[:, _LEVELS].argmin())
    for step in range(steps - 1, -1, -1):
        on[step] = bool(runs)
        before = int(came_from[step, runs, level])
        if runs:
            level = int(reached_from[step, level])
        runs = before
    return on

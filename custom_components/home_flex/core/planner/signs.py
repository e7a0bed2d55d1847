"""Where a kWh sold brings more than one bought costs: the meter still shows one direction at a time.

A linear model would buy and sell at once there. In those steps the direction is settled by the solution in
which selling brings no more than buying costs; the prices then are the real ones again. What a store sells
then, for much more than it costs to fill again, that solution does not see: single steps are turned after it.
"""

from typing import Final

import numpy as np

from .outcome import Outcome
from .parts.meter import EXPORT, IMPORT, OVER, SPILL
from .search import Move, Search
from .sketch import FloatArray, IndexArray

# So often is a step tried, and so often in vain, that was to buy and may sell instead.
_MOST_TURNED: Final = 12
_MOST_IN_VAIN: Final = 2


def pumping_steps(search: Search) -> IndexArray:
    """Return the steps in which selling brings more than buying costs."""
    context = search.context
    return np.flatnonzero(context.sold > context.bought + 1e-9).astype(np.int32)


def level(search: Search) -> float:
    """Let selling bring no more than buying costs; return what that may lose while the meter goes one way."""
    steps, context = pumping_steps(search), search.context
    if not len(steps):
        return 0.0
    columns = search.columns(EXPORT)[steps]
    search.price(columns, -context.bought[steps] * context.lengths_h[steps])
    given_kw = sum(one.discharge_w for one in context.problem.batteries) / 1000 - context.residual_kw[steps]
    most_kw = np.minimum(np.maximum(given_kw, 0.0), search.numbers.upper[columns])
    more = (context.sold - context.bought)[steps] * context.lengths_h[steps]
    return float(np.sum(more * most_kw))


def settle_signs(search: Search, leveled: Outcome) -> Outcome:
    """Let the meter go one way in each of those steps; return the solution then, at the real prices."""
    steps = pumping_steps(search)
    if not len(steps):
        return leveled
    columns = search.columns(EXPORT)[steps]
    search.price(columns, search.numbers.cost[columns])
    search.make(one_way(search, steps, leveled.values))
    return _turned(search, steps, search.outcome() or leveled)


def _turned(search: Search, steps: IndexArray, found: Outcome) -> Outcome:
    """Let steps sell that were to buy, as long as that is cheaper, the most rewarding first."""
    bought, sold = search.columns(IMPORT)[steps], search.columns(EXPORT)[steps]
    tried = search.numbers.upper[sold] > 0
    in_vain = 0
    for _ in range(_MOST_TURNED):
        # What one kWh more sold there would change, in which buying is still the only way.
        gain = np.where(tried, 0.0, found.reduced[sold] / search.context.lengths_h[steps])
        step = int(gain.argmin())
        if gain[step] > -search.context.problem.preferences.least_gain or in_vain == _MOST_IN_VAIN:
            break
        tried[step] = True
        turn = Move(
            columns=np.array([bought[step], sold[step]]),
            lower=np.zeros(2),
            upper=np.array([0.0, search.numbers.upper[bought[step]]]),
        )
        if search.improves(turn, found.objective) is None:
            in_vain += 1
        else:
            found, in_vain = search.outcome() or found, 0
    return search.outcome() or found


def one_way(search: Search, steps: IndexArray, values: FloatArray) -> Move:
    """Return the move that lets the meter only buy, or only sell, in some steps, as a solution mostly does.

    Beyond limits it stays free.
    """
    bought, sold = search.columns(IMPORT)[steps], search.columns(EXPORT)[steps]
    over, spill = search.columns(OVER)[steps], search.columns(SPILL)[steps]
    buys = values[bought] + values[over] >= values[sold] + values[spill]
    most = np.maximum(search.numbers.upper[bought], search.numbers.upper[sold])
    return Move(
        columns=np.concatenate((bought, sold)),
        lower=np.zeros(2 * len(steps)),
        upper=np.concatenate((np.where(buys, most, 0.0), np.where(buys, 0.0, most))),
    )

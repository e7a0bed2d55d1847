"""Where a kWh sold brings more than one bought costs: the meter still shows one direction at a time.

A linear model would buy and sell at once there. In those steps the direction is settled by the solution in
which selling brings no more than buying costs; the prices then are the real ones again.
"""

import numpy as np

from .outcome import Outcome
from .parts.meter import EXPORT, IMPORT, OVER, SPILL
from .search import Move, Search
from .sketch import FloatArray, IndexArray


def pumping_steps(search: Search) -> IndexArray:
    """Return the steps in which selling brings more than buying costs."""
    context = search.context
    return np.flatnonzero(context.sold > context.bought + 1e-9).astype(np.int32)


def settle_signs(search: Search, relaxed: Outcome) -> Outcome:
    """Let the meter go one way in each of those steps; return the solution then."""
    steps = pumping_steps(search)
    if not len(steps):
        return relaxed
    columns = search.columns(EXPORT)[steps]
    real = search.numbers.cost[columns]
    search.price(columns, -search.context.bought[steps] * search.context.lengths_h[steps])
    level = search.outcome() or relaxed
    search.price(columns, real)
    search.make(one_way(search, steps, level.values))
    return search.outcome() or level


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

"""Where a kWh sold brings more than one bought costs: the meter still shows one direction at a time.

A linear model would buy and sell at once there. In those steps the direction is settled by the solution in
which selling brings no more than buying costs; the prices then are the real ones again.
"""

import numpy as np

from .outcome import Outcome
from .parts.meter import EXPORT, IMPORT, OVER, SPILL
from .search import Move, Search
from .sketch import IndexArray


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
    bought = level.values[search.columns(IMPORT)] + level.values[search.columns(OVER)]
    sold = level.values[search.columns(EXPORT)] + level.values[search.columns(SPILL)]
    for step in steps:
        search.make(one_way(search, int(step), buys=bool(bought[step] >= sold[step])))
    return search.outcome() or level


def one_way(search: Search, step: int, *, buys: bool) -> Move:
    """Return the move that lets the meter only buy, or only sell, in a step; beyond limits it stays free."""
    keys = (IMPORT, EXPORT)
    columns = np.array([search.columns(key)[step] for key in keys], dtype=np.int32)
    most = max(float(search.numbers.upper[columns].max()), 0.0)
    upper = np.array([most, 0.0]) if buys else np.array([0.0, most])
    return Move(columns=columns, lower=np.zeros(2), upper=upper)

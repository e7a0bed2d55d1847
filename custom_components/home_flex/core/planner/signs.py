"""Where a kWh sold brings more than one bought costs: the meter still shows one direction at a time.

A linear model would buy and sell at once there. In those steps the direction is settled by the solution in
which selling brings no more than buying costs; the prices then are the real ones again. What a store sells
then, for much more than it costs to fill again, that solution does not see: single steps are turned after it.
"""

from typing import Final

import numpy as np

from .outcome import Outcome
from .parts.meter import EXPORT, IMPORT, OVER, SPILL, most_each_way
from .search import Move, OnSet, Search
from .sketch import FloatArray, IndexArray

# So often is a step tried, and so often in vain, that was to buy and may sell instead.
_MOST_TURNED: Final = 12
_MOST_IN_VAIN: Final = 2
_MOST_TURNED_BACK: Final = 3
_NOTHING_KW: Final = 1e-6


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
    most_given = most_each_way(search.context)[1][steps]
    tried = (search.numbers.upper[sold] > 0) | (most_given <= 0)
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
            upper=np.array([0.0, most_given[step]]),
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
    return _ways(search, steps, values[bought] + values[over] >= values[sold] + values[spill])


def turned_back(search: Search, found: Outcome) -> Outcome:
    """Turn the meter in steps in which, since its direction was settled, more goes the way that is barred.

    It would go there as if beyond a limit, and be told as one that was bent.
    """
    steps = pumping_steps(search)
    if not len(steps):
        return found
    bought, sold = search.columns(IMPORT)[steps], search.columns(EXPORT)[steps]
    over, spill = search.columns(OVER)[steps], search.columns(SPILL)[steps]
    most_drawn, most_given = (most_kw[steps] for most_kw in most_each_way(search.context))
    for _ in range(_MOST_TURNED_BACK):
        upper = search.numbers.upper
        draws = (found.values[over] > _NOTHING_KW) & (upper[bought] <= 0) & (most_drawn > 0)
        gives = (found.values[spill] > _NOTHING_KW) & (upper[sold] <= 0) & (most_given > 0)
        if not (draws | gives).any():
            break
        search.make(_ways(search, steps, draws | ~gives & (upper[bought] > 0)))
        found = search.outcome() or found
    return found


def buying_in(search: Search, wanted: OnSet) -> Move | None:
    """Return the move that lets the meter buy in steps in which it was to sell; None where there are none."""
    steps = pumping_steps(search)
    buys = search.numbers.upper[search.columns(IMPORT)[steps]] > 0
    return _ways(search, steps, buys | wanted[steps]) if (wanted[steps] & ~buys).any() else None


def _ways(search: Search, steps: IndexArray, buys: OnSet) -> Move:
    """Return the move that lets the meter only buy in some of the steps, and only sell in the others."""
    most_drawn, most_given = (most_kw[steps] for most_kw in most_each_way(search.context))
    return Move(
        columns=np.concatenate((search.columns(IMPORT)[steps], search.columns(EXPORT)[steps])),
        lower=np.zeros(2 * len(steps)),
        upper=np.concatenate((np.where(buys, most_drawn, 0.0), np.where(buys, 0.0, most_given))),
    )

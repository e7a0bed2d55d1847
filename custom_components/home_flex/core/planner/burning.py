"""A battery charges or gives, and never does both: in a linear model it could burn energy so.

Losses make that dear, and a floor of wear where prices are negative (``parts.battery``). Where a limit or a
promise is at stake, which costs more to bend than any loss, only a bound keeps it from it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from .outcome import Outcome
from .search import Move, Search
from .sketch import FloatArray

# Charging and giving at once, in kW: less is the solver's dust.
BURNS_KW: Final = 1e-4
_TRIES: Final = 16


def burning(search: Search, values: FloatArray) -> Iterator[Move]:
    """Yield what keeps a battery from charging and giving at once, where it does: the smaller is barred."""
    for battery in search.context.problem.batteries:
        places = search.numbers.matrix.columns
        charge, discharge = places[battery.device_id, "charge"], places[battery.device_id, "discharge"]
        at = np.flatnonzero(np.minimum(values[charge], values[discharge]) > BURNS_KW)
        if len(at):
            is_less = values[charge][at] < values[discharge][at]
            columns = np.where(is_less, charge.start + at, discharge.start + at).astype(np.int32)
            yield Move(columns=columns, lower=np.zeros(len(at)), upper=np.zeros(len(at)))


def without_burning(search: Search, found: Outcome) -> Outcome:
    """Return the solution in which no battery burns energy; the search then stands at it."""
    for _ in range(_TRIES):
        barred = tuple(burning(search, found.values))
        if not barred:
            break
        for move in barred:
            search.make(move)
        found = search.outcome() or found
    return found

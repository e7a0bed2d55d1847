"""The plan shifted at the meter within a window: how far it goes, and what each part of the way costs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from .burning import burning
from .offer import Direction
from .outcome import Outcome
from .parts.meter import ABOVE, BELOW, EXPORT, IMPORT, LESS, MORE, OFFER_REWARD, OFFERED, OVER, SPILL
from .problem import Problem
from .search import Move, Search
from .sketch import FloatArray, Key
from .windows import Window

# More than any home shifts. A bound that is there lets the dual simplex go on from where it stands: past none
# it has to begin anew.
_MOST_KW = 1000.0
_TRIES = 4


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shifted:
    """The plan with ``kw`` shifted: what it costs more than the plan, and its solution."""

    kw: float
    price: float
    values: FloatArray


@dataclass(kw_only=True, slots=True, eq=False)
class Shifting:
    """A solved plan as the place from which a window is shifted; no wish is bent further than in the plan."""

    search: Search
    base: Outcome
    base_kw: FloatArray = field(init=False)
    base_price: float = field(init=False)

    def __post_init__(self) -> None:
        """Hold all that was bent to what the plan bends."""
        self.base_kw = net_kw(self.search, self.base.values)
        self.base_price = self.base.objective + self.search.session_cost()
        for key in _slacks(self.search.context.problem):
            columns = self.search.columns(key)
            bent = np.maximum(self.base.values[columns], 0.0)
            self.search.make(Move(columns=columns, lower=np.zeros(len(columns)), upper=bent))

    @contextmanager
    def within(self, window: Window, direction: Direction, moves: Sequence[Move]) -> Iterator[Shift]:
        """Shift in a window, with what is on or off rearranged by some moves, until the context ends."""
        search, rows = self.search, self.search.numbers.matrix.rows[OFFERED]
        at = np.arange(rows.start, rows.stop, dtype=np.int32)[window.steps]
        free, held = np.full(len(at), np.inf), self.base_kw[window.steps]
        is_up = direction is Direction.UP
        search.solver.bound_rows(at, -free if is_up else held, held if is_up else free)
        back = [search.make(move) for move in moves]
        shift = Shift(shifting=self, key=LESS if is_up else MORE, undo=back)
        try:
            yield shift
        finally:
            shift.hold(0.0, 0.0)
            for move in reversed(back):
                search.make(move)
            search.solver.bound_rows(at, -free, free)


@dataclass(kw_only=True, slots=True, eq=False)
class Shift:
    """A window that is being shifted; ``undo``: the bounds to bring back when it ends."""

    shifting: Shifting
    key: Key
    undo: list[Move]

    def hold(self, lower: float, upper: float) -> None:
        """Hold what is shifted within bounds."""
        columns = self.shifting.search.columns(self.key)
        self.shifting.search.solver.bound(columns, np.array([lower]), np.array([upper]))

    def furthest(self) -> Shifted | None:
        """Return the plan that is shifted as far as it goes, at its least cost."""
        self.hold(0.0, _MOST_KW)
        return self._solved()

    def by(self, kw: float) -> Shifted | None:
        """Return the cheapest plan with ``kw`` shifted; None where there is none."""
        self.hold(kw, kw)
        return self._solved()

    def _solved(self) -> Shifted | None:
        search, shifting = self.shifting.search, self.shifting
        for _ in range(_TRIES):
            objective = search.solver.run(search.left_s) if search.left_s > 0 else None
            if objective is None:
                return None
            values = search.solver.values()
            # What a battery burns is no flexibility.
            barred = tuple(burning(search, values))
            if not barred:
                kw = float(values[search.columns(self.key)][0])
                cost = objective + OFFER_REWARD * kw + search.session_cost()
                return Shifted(kw=kw, price=cost - shifting.base_price, values=values)
            self.undo.extend(search.make(move) for move in barred)
        return None


def net_kw(search: Search, values: FloatArray) -> FloatArray:
    """Return the net power at the meter."""
    drawn = values[search.columns(IMPORT)] + values[search.columns(OVER)]
    return np.asarray(drawn - values[search.columns(EXPORT)] - values[search.columns(SPILL)])


def _slacks(problem: Problem) -> Iterator[Key]:
    yield from (OVER, SPILL)
    if problem.commitments:
        yield from (ABOVE, BELOW)
    for limit in problem.circuit_limits:
        yield from ((limit.limit_id, "beyond"), (limit.limit_id, "lacking"))
    for battery in problem.batteries:
        yield battery.device_id, "lacking"
    for consumer in problem.consumers:
        yield consumer.device_id, "missed"
    for car in problem.fast_charges:
        yield car.device_id, "held"
    for store in problem.thermal_stores:
        yield from ((store.device_id, "cold"), (store.device_id, "hot"))

"""The plan shifted at the meter within a window: how far it goes, and what each part of the way costs."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from .burning import BURNS_KW, burning
from .offer import Direction
from .outcome import Outcome
from .parts.meter import ABOVE, BELOW, EXPORT, IMPORT, LESS, MORE, OFFER_REWARD, OFFERED, OVER, SPILL
from .problem import Problem
from .search import Move, Search
from .sketch import FloatArray, IndexArray, Key
from .windows import Window

# More than any home shifts. A bound that is there lets the dual simplex go on from where it stands: past none
# it has to begin anew.
_MOST_KW = 1000.0
_TRIES = 4
# Prices of offers that differ by this part of what a plan may be dearer by (``least_gap``) are equal.
_EQUAL_PART = 0.1


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shifted:
    """The plan with ``kw`` shifted: what it costs more than the plan, and its solution.

    ``slope``: another kW costs at least so much, and one less saves at most so much; None: nobody knows.
    """

    kw: float
    price: float
    values: FloatArray
    slope: float | None = None

    def is_straight_to(self, other: Shifted, kw: float, equal: float) -> bool:
        """Return whether what lies between costs as much, within ``equal``, as on a straight line."""
        line = self._on_line(other, kw)
        slopes = ((each, each.slope) for each in (self, other) if each.slope is not None)
        least = max((each.price + slope * (kw - each.kw) for each, slope in slopes), default=-math.inf)
        return line - least <= equal

    def between(self, other: Shifted, kw: float) -> Shifted:
        """Return the mixture of two: a plan as well, as what plans may be is convex."""
        part = (kw - self.kw) / (other.kw - self.kw)
        values = (1 - part) * self.values + part * other.values
        return Shifted(kw=kw, price=self._on_line(other, kw), values=values)

    def _on_line(self, other: Shifted, kw: float) -> float:
        part = (kw - self.kw) / (other.kw - self.kw)
        return (1 - part) * self.price + part * other.price


@dataclass(kw_only=True, slots=True, eq=False)
class Shifting:
    """A solved plan as the place from which a window is shifted; no wish is bent further than in the plan."""

    search: Search
    base: Outcome
    base_kw: FloatArray = field(init=False)
    base_price: float = field(init=False)
    equal: float = field(init=False)

    def __post_init__(self) -> None:
        """Hold all that was bent to what the plan bends."""
        self.base_kw = net_kw(self.search, self.base.values)
        self.base_price = self.base.objective + self.search.session_cost()
        self.equal = _EQUAL_PART * self.search.context.problem.preferences.least_gap
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
        shift = Shift(
            shifting=self,
            column=search.columns(LESS if is_up else MORE),
            start_price=search.session_cost(),
            is_rearranged=bool(moves),
            undo=back,
        )
        try:
            yield shift
        finally:
            shift.hold(0.0, 0.0)
            for move in reversed(back):
                search.make(move)
            search.solver.bound_rows(at, -free, free)


@dataclass(kw_only=True, slots=True, eq=False)
class Shift:
    """A window that is being shifted: by the value of ``column``, while sessions cost ``start_price``.

    ``undo``: the bounds to bring back when it ends.
    """

    shifting: Shifting
    column: IndexArray
    start_price: float
    is_rearranged: bool
    undo: list[Move]

    def hold(self, lower: float, upper: float) -> None:
        """Hold what is shifted within bounds."""
        self.shifting.search.solver.bound(self.column, np.array([lower]), np.array([upper]))

    @property
    def unshifted(self) -> Shifted | None:
        """Return the plan itself, than which nothing is cheaper; None where something is rearranged."""
        if self.is_rearranged:
            return None
        return Shifted(kw=0.0, price=0.0, values=self.shifting.base.values, slope=0.0)

    def furthest(self) -> Shifted | None:
        """Return the plan that is shifted as far as it goes, at its least cost."""
        self.hold(0.0, _MOST_KW)
        return self._solved()

    def by(self, kw: float, *, with_slope: bool = False) -> Shifted | None:
        """Return the cheapest plan with ``kw`` shifted; None where there is none."""
        self.hold(kw, kw)
        found = self._solved()
        if found is None or not with_slope:
            return found
        reduced = self.shifting.search.solver.reduced(int(self.column[0]))
        return replace(found, slope=OFFER_REWARD + reduced)

    def between(self, low: Shifted, high: Shifted, kw: float) -> Shifted | None:
        """Return the mixture of two plans; None where one between is cheaper, or mixing wastes something.

        That is where a battery charges in one and gives in the other, or one buys and the other sells.
        """
        if not low.is_straight_to(high, kw, self.shifting.equal):
            return None
        search, mixed = self.shifting.search, low.between(high, kw)
        both_kw = np.minimum(mixed.values[search.columns(IMPORT)], mixed.values[search.columns(EXPORT)])
        if both_kw.max() > BURNS_KW or any(burning(search, mixed.values)):
            return None
        return mixed

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
                kw = float(values[self.column][0])
                cost = objective + OFFER_REWARD * kw + self.start_price
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

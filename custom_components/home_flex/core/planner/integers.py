"""What can only be on or off in whole numbers: the mixed-integer programme of a plan that was dived to.

Minimum powers and sessions of consumers, programmes, and which way the meter goes where selling brings more
than buying costs. It takes seconds where a dive takes milliseconds; the dive's solution is its start, because
what it finds early is worth little. Importing this module imports highspy.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import highspy
import numpy as np

from .model import numbers_of
from .numbers import Numbers
from .outcome import Outcome
from .parts.meter import EXPORT, IMPORT
from .problem import Appliance, Consumer
from .search import Move, Search, on_move
from .signs import one_way, pumping_steps
from .sketch import Key
from .solver import pass_model, run, silent_highs

# A power that is none, in kW.
_NOTHING_KW: Final = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Found:
    """The cheapest solution found, as moves in the bounds of the search; nothing costs less than ``bound``.

    ``objective`` is its cost with sessions.
    """

    objective: float
    bound: float
    moves: tuple[Move, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """For how long is searched, and how close to the best it ends: money, and a part of the cost."""

    limit_s: float
    gap: float = 0.0
    part: float = 0.0


def cheapest(search: Search, start: Outcome, effort: Effort) -> Found | None:
    """Return the cheapest way to be on or off, from that of a dive on; None where none was found in time."""
    programme = _Programme(search, start)
    for consumer in search.context.problem.consumers:
        programme.add_consumer(consumer)
    for appliance in search.context.problem.appliances:
        programme.add_appliance(appliance)
    programme.add_directions()
    return programme.solved(effort)


@dataclass(kw_only=True, slots=True, eq=False)
class _Column:
    """A column that is added: a whole number from 0 to 1, and what it is at the start."""

    cost: float
    start: float


@dataclass(slots=True, eq=False)
class _Programme:
    """The matrix of a search, and the columns and rows that are added to it."""

    search: Search
    start: Outcome
    numbers: Numbers = field(init=False)
    _columns: list[_Column] = field(default_factory=list)
    _rows: list[tuple[float, Mapping[int, float]]] = field(default_factory=list)
    _whole: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Free what the dive has settled, but for the margins before deadlines that it keeps or gives up."""
        search = self.search
        self.numbers = numbers_of(search.model, search.context)
        for consumer in search.context.problem.consumers:
            for name in ("stored", "missed"):
                at = self.numbers.matrix.columns[consumer.device_id, name]
                self.numbers.lower[at] = search.numbers.lower[at]
                self.numbers.upper[at] = search.numbers.upper[at]

    def add_consumer(self, consumer: Consumer) -> None:
        """Let a consumer take nothing or at least its minimum, and pay for each session that begins."""
        least, most = consumer.min_w / 1000, consumer.max_w / 1000
        runs, now = consumer.power_w > 0, self.search.on.get(consumer.device_id)
        taken = self._indices((consumer.device_id, "taken"))
        if now is None:
            now = self.start.values[taken] > _NOTHING_KW
        begin = []
        last = int(np.flatnonzero(now)[-1]) if now.any() else -1
        before: tuple[int, int] | None = None
        for step, column in enumerate(taken):
            is_on, was_on = bool(now[step]), bool(now[step - 1]) if step else runs
            on, over = self._column(is_on), self._column(step >= last)
            begins = self._column(is_on and not was_on, consumer.start_price)
            begin.append(begins)
            self._row(0.0, {on: most, int(column): -1.0})
            # In the step after which it is off for good it may end early, as in ``on_move``: be below its
            # minimum on average.
            early = {int(column): 1.0, on: -least, over: least}
            if before is not None:
                on_before, over_before = before
                early[over_before] = -least
                self._row(0.0, {begins: 1.0, on: -1.0, on_before: 1.0})
                self._row(0.0, {over: 1.0, over_before: -1.0})
                self._row(-1.0, {on: -1.0, over_before: -1.0})
            elif not runs:
                self._row(0.0, {begins: 1.0, on: -1.0})
            self._row(0.0, early)
            before = (on, over)
        if not consumer.interruptible:
            self._row(0.0 if runs else -1.0, dict.fromkeys(begin, -1.0))

    def add_appliance(self, appliance: Appliance) -> None:
        """Let a programme begin in one step or in none."""
        for name in ("start", "skip"):
            self._whole += self._indices((appliance.device_id, name)).tolist()

    def add_directions(self) -> None:
        """Let the meter go one way at a time where selling brings more than buying costs."""
        upper = self.numbers.upper
        for step in pumping_steps(self.search):
            bought, sold = int(self._indices(IMPORT)[step]), int(self._indices(EXPORT)[step])
            buys = self._column(self.start.values[bought] > self.start.values[sold])
            self._row(0.0, {buys: float(upper[bought]), bought: -1.0})
            self._row(-float(upper[sold]), {buys: -float(upper[sold]), sold: -1.0})

    def solved(self, effort: Effort) -> Found | None:
        """Solve within the time there is."""
        highs = self._highs()
        options = {"mip_abs_gap": effort.gap, "mip_rel_gap": effort.part, "time_limit": effort.limit_s}
        for option, value in options.items():
            highs.setOptionValue(option, value)
        run(highs)
        info = highs.getInfo()
        is_feasible = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
        if not is_feasible or not math.isfinite(info.mip_dual_bound):
            return None
        values = np.array(highs.getSolution().col_value)
        return Found(
            objective=float(info.objective_function_value),
            bound=float(info.mip_dual_bound),
            moves=tuple(_moves(self.search, values)),
        )

    def _highs(self) -> highspy.Highs:
        highs = silent_highs()
        pass_model(highs, self.numbers)
        count = self.numbers.matrix.column_count
        for offset, column in enumerate(self._columns):
            highs.addVar(0.0, 1.0)
            highs.changeColCost(count + offset, column.cost)
        for index in (*self._whole, *range(count, count + len(self._columns))):
            highs.changeColIntegrality(index, highspy.HighsVarType.kInteger)
        for lower, entries in self._rows:
            at, values = np.array(list(entries), dtype=np.int32), np.array(list(entries.values()))
            highs.addRow(lower, highspy.kHighsInf, len(at), at, values)
        start = highspy.HighsSolution()
        start.col_value = [*self.start.values.tolist(), *(column.start for column in self._columns)]
        highs.setSolution(start)
        return highs

    def _column(self, start: float, cost: float = 0.0) -> int:
        self._columns.append(_Column(cost=cost, start=float(start)))
        return self.numbers.matrix.column_count + len(self._columns) - 1

    def _row(self, lower: float, entries: Mapping[int, float]) -> None:
        self._rows.append((lower, entries))

    def _indices(self, key: Key) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        return self.search.columns(key)


def _moves(search: Search, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterator[Move]:
    """Yield what brings the bounds of a search to how a solution is on or off."""
    problem = search.context.problem
    for consumer in problem.consumers:
        taken = values[search.columns((consumer.device_id, "taken"))]
        yield on_move(search, consumer, taken > _NOTHING_KW)
    for appliance in problem.appliances:
        names = ("start", "skip")
        columns = np.concatenate([search.columns((appliance.device_id, name)) for name in names])
        chosen = np.round(values[columns])
        yield Move(columns=columns, lower=chosen, upper=chosen)
    yield one_way(search, pumping_steps(search), values)

"""The same home as a mixed-integer programme: how much cheaper than the dive the best there is would be.

Everything that is on or off is a whole number here: a car's minimum and its sessions, programmes, and which
way the meter goes where selling brings more than buying costs.
"""

from typing import Final

import highspy
import numpy as np

from custom_components.home_flex.core.planner.model import numbers_of
from custom_components.home_flex.core.planner.parts.meter import EXPORT, IMPORT
from custom_components.home_flex.core.planner.planner import Solved
from custom_components.home_flex.core.planner.signs import pumping_steps
from custom_components.home_flex.core.planner.sketch import Key
from custom_components.home_flex.core.planner.solver import pass_model

# How close to the best it is proven, and for how long that is tried.
_GAP: Final = 0.001
_LIMIT_S: Final = 10.0


class _Programme:
    """A matrix that whole-numbered columns and their rows are added to."""

    def __init__(self, solved: Solved) -> None:
        search = solved.search
        self.numbers = numbers_of(search.model, search.context)
        self.matrix = self.numbers.matrix
        for consumer in solved.problem.consumers:
            # The margin before a deadline is kept, or given up, as in the plan.
            for name in ("stored", "missed"):
                at = self.matrix.columns[consumer.device_id, name]
                self.numbers.lower[at] = search.numbers.lower[at]
                self.numbers.upper[at] = search.numbers.upper[at]
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call] # has no stubs
        options = {"output_flag": False, "threads": 1, "mip_rel_gap": _GAP, "time_limit": _LIMIT_S}
        for option, value in options.items():
            self.highs.setOptionValue(option, value)
        pass_model(self.highs, self.numbers)

    def column(self, cost: float = 0.0) -> int:
        """Add a column that is 0 or 1; return its index."""
        self.highs.addVar(0.0, 1.0)
        index = int(self.highs.getNumCol()) - 1
        self.highs.changeColCost(index, cost)
        self.whole(index)
        return index

    def whole(self, index: int) -> None:
        """Let a column be a whole number."""
        self.highs.changeColIntegrality(index, highspy.HighsVarType.kInteger)

    def row(self, lower: float, entries: dict[int, float]) -> None:
        """Add a row: what the entries add up to is at least ``lower``."""
        columns, values = np.array(list(entries), dtype=np.int32), np.array(list(entries.values()))
        self.highs.addRow(lower, highspy.kHighsInf, len(columns), columns, values)

    def indices(self, key: Key) -> range:
        """Return the indices of columns."""
        at = self.matrix.columns[key]
        return range(at.start, at.stop)


def best_objective(solved: Solved) -> float | None:
    """Return what the best plan costs, sessions included; None where it was not proven in time."""
    programme = _Programme(solved)
    for consumer in solved.problem.consumers:
        least, most = consumer.min_w / 1000, consumer.max_w / 1000
        taken = programme.indices((consumer.device_id, "taken"))
        lasts = []
        before: int | None = None
        for column in taken:
            on, last = programme.column(), programme.column()
            begins = programme.column(consumer.start_price)
            lasts.append(last)
            programme.row(0.0, {on: most, column: -1.0})
            # In one step it may end early, and so be below its minimum on average.
            programme.row(0.0, {column: 1.0, on: -least, last: least})
            rest = {} if before is None else {before: 1.0}
            programme.row(0.0, {begins: 1.0, on: -1.0, **rest})
            before = on
        programme.row(-1.0, dict.fromkeys(lasts, -1.0))
    for appliance in solved.problem.appliances:
        for name in ("start", "skip"):
            for column in programme.indices((appliance.device_id, name)):
                programme.whole(column)
    upper = programme.numbers.upper
    for step in pumping_steps(solved.search):
        bought, sold = programme.indices(IMPORT)[step], programme.indices(EXPORT)[step]
        buys = programme.column()
        programme.row(0.0, {buys: float(upper[bought]), bought: -1.0})
        programme.row(-float(upper[sold]), {buys: -float(upper[sold]), sold: -1.0})
    programme.highs.run()
    if programme.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(programme.highs.getInfo().objective_function_value)

"""The solver: one HiGHS object that is kept alive, with bounds and costs changed in place.

It is used by one thread at a time: two at once end the whole process. Importing this module imports highspy,
some 30 ms and 9 MB: plans are made in an executor, and only there it is imported.
"""

import ctypes
import math
import os
import threading
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import highspy
import numpy as np

from .numbers import Numbers
from .outcome import Outcome, Strategy
from .sketch import FloatArray, IndexArray

# From so many steps on the primal simplex is faster from a cold start.
MANY_STEPS: Final = 300
_NONE: Final[IndexArray] = np.zeros(0, dtype=np.int32)
_MAKING: Final = threading.Lock()
# Small models in kW and kWh, solved again and again from near their optimum: nothing is worth preparing.
_OPTIONS: Final[Mapping[str, str | int | float]] = {
    "threads": 1,
    "presolve": "off",
    "random_seed": 0,
    "simplex_scale_strategy": 0,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}


def pass_model(highs: highspy.Highs, numbers: Numbers) -> None:
    """Give HiGHS a whole programme at once, as arrays; what it knew before is gone."""
    matrix = numbers.matrix
    highs.passModel(
        matrix.column_count,
        matrix.row_count,
        len(matrix.values),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        numbers.cost,
        numbers.lower,
        numbers.upper,
        numbers.row_lower,
        numbers.row_upper,
        matrix.starts,
        matrix.indices,
        matrix.values,
        np.zeros(matrix.column_count, dtype=np.int32),
    )


class Solver:
    """A linear programme that is solved again and again with other numbers."""

    def __init__(self) -> None:
        """Make the solver, silently."""
        self._highs = silent_highs()
        self._numbers: Numbers | None = None
        # What its options were set to: telling it again takes longer than asking here.
        self._strategy: Strategy | None = None
        self._below = math.inf
        self.solves = 0

    def load(self, numbers: Numbers, steps: int) -> None:
        """Take a new matrix with its numbers; nothing is known of it yet."""
        pass_model(self._highs, numbers)
        self._numbers = numbers
        self.choose(Strategy.PRIMAL if steps >= MANY_STEPS else Strategy.CHOOSE)

    def renew(self, numbers: Numbers) -> None:
        """Take other numbers for the matrix that is loaded; the solution before is the start of the next.

        What was loaded or taken before is what the solver has: bounds are changed in both (``Search.make``).
        """
        before = self._numbers
        if before is None:
            raise ValueError("there is no matrix yet")
        changed = _differ(before.cost, numbers.cost) if numbers.cost is not before.cost else _NONE
        if len(changed):
            self._highs.changeColsCost(len(changed), changed, numbers.cost[changed])
        columns = _differ(before.lower, numbers.lower, before.upper, numbers.upper)
        self._highs.changeColsBounds(len(columns), columns, numbers.lower[columns], numbers.upper[columns])
        rows = _differ(before.row_lower, numbers.row_lower, before.row_upper, numbers.row_upper)
        self.bound_rows(rows, numbers.row_lower[rows], numbers.row_upper[rows])
        self.choose(Strategy.PRIMAL if len(changed) else Strategy.DUAL)
        self._numbers = numbers

    def choose(self, strategy: Strategy) -> None:
        """Choose the simplex: primal where costs have changed, dual where bounds have."""
        if strategy is not self._strategy:
            self._strategy = strategy
            self._highs.setOptionValue("simplex_strategy", int(strategy))

    def bound(self, columns: IndexArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the bounds of some columns: what was found stays optimal to the dual simplex."""
        self.choose(Strategy.DUAL)
        self._highs.changeColsBounds(len(columns), columns, lower, upper)

    def price(self, columns: IndexArray, cost: FloatArray) -> None:
        """Change the costs of some columns: what was found stays feasible to the primal simplex."""
        self.choose(Strategy.PRIMAL)
        self._highs.changeColsCost(len(columns), columns, cost)

    def bound_rows(self, rows: IndexArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the bounds of some rows."""
        # Its stubs do not know this method.
        self._highs.changeRowsBounds(len(rows), rows, lower, upper)  # type: ignore[attr-defined]

    def run(self, limit_s: float, below: float = math.inf) -> float | None:
        """Solve; return the objective, None unless an optimum below ``below`` was found within ``limit_s``.

        The dual simplex comes to the optimum from below, and stops where it is beyond.
        """
        if below != self._below:
            self._below = below
            self._highs.setOptionValue("objective_bound", below)
        self._solve(limit_s)
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found = float(self._highs.getObjectiveValue())
        return found if found < below else None

    def values(self) -> FloatArray:
        """Return the values of the columns that the last solve found."""
        return _array(self._highs.getSolution().col_value)

    def duals(self) -> FloatArray:
        """Return the duals of the rows that the last solve found."""
        return _array(self._highs.getSolution().row_dual)

    def reduced(self, column: int) -> float:
        """Return the reduced cost of a column that the last solve found."""
        return float(self._highs.getSolution().col_dual[column])

    def outcome(self, limit_s: float) -> Outcome | None:
        """Solve; return what was found, None where not even a feasible point was."""
        is_optimal = self.run(limit_s) is not None
        status = self._highs.getInfo().primal_solution_status
        if not is_optimal and status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return None
        return self._found(is_optimal=is_optimal)

    def found(self) -> Outcome:
        """Return what the last solve found, which was an optimum."""
        return self._found(is_optimal=True)

    def _found(self, *, is_optimal: bool) -> Outcome:
        solution = self._highs.getSolution()
        return Outcome(
            objective=float(self._highs.getObjectiveValue()),
            values=_array(solution.col_value),
            duals=_array(solution.row_dual),
            reduced=_array(solution.col_dual),
            is_optimal=is_optimal,
        )

    def _solve(self, limit_s: float) -> None:
        # The clock of HiGHS runs on from one solve to the next.
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(limit_s, 0.0))
        run(self._highs)
        self.solves += 1


def _differ(*pairs: FloatArray) -> IndexArray:
    """Return where the arrays of any pair, one after the other, differ."""
    differs = pairs[0] != pairs[1]
    for before, after in zip(pairs[2::2], pairs[3::2], strict=True):
        differs |= before != after
    return np.flatnonzero(differs).astype(np.int32)


def _array(numbers: list[float]) -> FloatArray:
    """Return numbers as an array; numpy alone takes more than twice as long over a list."""
    return np.frombuffer(array("d", numbers))


def run(highs: highspy.Highs) -> None:
    """Solve, on one thread, or on as many as another user of HiGHS has set on this one.

    HiGHS keeps its workers by calling thread, and refuses another number of them than it began with there.
    Executors are shared: who came first is nobody's choice.
    """
    if highs.run() == highspy.HighsStatus.kError:
        highs.setOptionValue("threads", 0)
        highs.run()


def silent_highs() -> highspy.Highs:
    """Return a new HiGHS that prints nothing, with what is best for small models."""
    # Standard output is the whole process's.
    with _MAKING, _stdout_away():
        highs = highspy.Highs()  # type: ignore[no-untyped-call] # so are its stubs
        highs.setOptionValue("output_flag", False)
    for option, value in _OPTIONS.items():
        highs.setOptionValue(option, value)
    return highs


@contextmanager
def _stdout_away() -> Iterator[None]:
    """Send what is printed away: HiGHS names itself on standard output before it can be told not to."""
    library = ctypes.CDLL(None)
    library.fflush(None)
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
        library.fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)

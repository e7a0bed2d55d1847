"""What the planner asks of a solver, and what it answers; ``solver`` is the one there is."""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from .numbers import Numbers
from .sketch import FloatArray, IndexArray


class Strategy(IntEnum):
    """HiGHS' option ``simplex_strategy``."""

    CHOOSE = 0
    DUAL = 1
    PRIMAL = 4


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Outcome:
    """What a solve found. ``duals`` are of the rows, ``reduced`` of the columns, per unit of each.

    ``is_optimal`` is False where time ended it in a feasible point.
    """

    objective: float
    values: FloatArray
    duals: FloatArray
    reduced: FloatArray
    is_optimal: bool


class LinearSolver(Protocol):
    """A linear programme that is kept alive: numbers change in place, and it goes on from where it was."""

    solves: int

    def load(self, numbers: Numbers, steps: int) -> None:
        """Take a new matrix with its numbers."""

    def renew(self, numbers: Numbers) -> None:
        """Take other numbers for the matrix that is loaded."""

    def choose(self, strategy: Strategy) -> None:
        """Choose how it is solved from here on."""

    def bound(self, columns: IndexArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the bounds of some columns."""

    def price(self, columns: IndexArray, cost: FloatArray) -> None:
        """Change the costs of some columns."""

    def bound_rows(self, rows: IndexArray, lower: FloatArray, upper: FloatArray) -> None:
        """Change the bounds of some rows."""

    def run(self, limit_s: float, below: float = math.inf) -> float | None:
        """Solve; return the objective, None unless an optimum below ``below`` was found in time."""

    def values(self) -> FloatArray:
        """Return the values of the columns that the last solve found."""

    def duals(self) -> FloatArray:
        """Return the duals of the rows that the last solve found."""

    def reduced(self, column: int) -> float:
        """Return the reduced cost of a column that the last solve found."""

    def found(self) -> Outcome:
        """Return what the last solve found, which was an optimum."""

    def outcome(self, limit_s: float) -> Outcome | None:
        """Solve; return what was found, None where not even a feasible point was."""

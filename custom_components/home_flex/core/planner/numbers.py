"""What changes from plan to plan: bounds and costs of the columns, and bounds of the rows."""

from dataclasses import dataclass, replace

import numpy as np

from .sketch import FloatArray, Key, Matrix

type Value = FloatArray | float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Numbers:
    """Bounds and costs of a matrix, changed in place. Unset columns are 0, unset rows are free.

    ``money`` is the part of the costs that is paid or earned; the rest are prices of preference.
    """

    matrix: Matrix
    lower: FloatArray
    upper: FloatArray
    cost: FloatArray
    money: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray

    @classmethod
    def blank(cls, matrix: Matrix) -> Numbers:
        """Return numbers that hold every column at 0 and leave every row free."""
        columns, rows = matrix.column_count, matrix.row_count
        return cls(
            matrix=matrix,
            lower=np.zeros(columns),
            upper=np.zeros(columns),
            cost=np.zeros(columns),
            money=np.zeros(columns),
            row_lower=np.full(rows, -np.inf),
            row_upper=np.full(rows, np.inf),
        )

    def copied(self) -> Numbers:
        """Return numbers with bounds of their own and the same costs."""
        return replace(
            self,
            lower=self.lower.copy(),
            upper=self.upper.copy(),
            row_lower=self.row_lower.copy(),
            row_upper=self.row_upper.copy(),
        )

    def bound(self, key: Key, lower: Value, upper: Value) -> None:
        """Keep columns within [lower, upper]."""
        self.lower[self.matrix.columns[key]] = lower
        self.upper[self.matrix.columns[key]] = upper

    def pay(self, key: Key, price: Value) -> None:
        """Add money to the costs of columns; negative earns."""
        self.cost[self.matrix.columns[key]] += price
        self.money[self.matrix.columns[key]] += price

    def prefer(self, key: Key, price: Value) -> None:
        """Add a price that steers and is no money to the costs of columns."""
        self.cost[self.matrix.columns[key]] += price

    def row(self, key: Key, lower: Value, upper: Value) -> None:
        """Keep rows within [lower, upper]."""
        self.row_lower[self.matrix.rows[key]] = lower
        self.row_upper[self.matrix.rows[key]] = upper

"""The matrix of a plan while it is drawn: named columns and rows, and how strongly they meet.

What is drawn depends only on what is there (how many steps, which devices, how efficient), never on prices,
forecasts or states: those are bounds and costs (``numbers``), and change without a new matrix.
Inside, powers are in kW, energies in kWh and time in hours: numbers near 1 are what a solver likes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]
type IndexArray = NDArray[np.int32]
# Whose columns or rows, and which: ("battery-1", "charge").
type Key = tuple[str, str]

# The subject of what belongs to the meter.
METER = "meter"
BALANCE: Key = (METER, "balance")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Matrix:
    """Rows in compressed form: ``starts`` of each row, and the columns and values in it."""

    columns: Mapping[Key, slice]
    rows: Mapping[Key, slice]
    column_count: int
    row_count: int
    starts: IndexArray
    indices: IndexArray
    values: FloatArray


@dataclass(kw_only=True, slots=True, eq=False)
class Sketch:
    """A matrix that grows; ``shares``: by limit, which part of a device's power counts there."""

    lengths_h: FloatArray
    shares: Mapping[str, Mapping[str, float]]
    _columns: dict[Key, slice] = field(default_factory=dict)
    _rows: dict[Key, slice] = field(default_factory=dict)
    _entries: list[tuple[IndexArray, IndexArray, FloatArray]] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """Return the number of steps."""
        return len(self.lengths_h)

    def columns(self, key: Key, count: int | None = None) -> IndexArray:
        """Add columns, one for each step unless a count is given; return their indices."""
        return _add(self._columns, key, self.steps if count is None else count)

    def rows(self, key: Key, count: int | None = None) -> IndexArray:
        """Add rows, one for each step unless a count is given; return their indices."""
        return _add(self._rows, key, self.steps if count is None else count)

    def rows_of(self, key: Key) -> IndexArray:
        """Return the indices of rows that are there."""
        found = self._rows[key]
        return np.arange(found.start, found.stop, dtype=np.int32)

    def put(self, rows: IndexArray, columns: IndexArray, values: FloatArray | float) -> None:
        """Let rows and columns meet pairwise (one of them may be a single one) with these values."""
        count = max(len(rows), len(columns))
        self._entries.append(
            (
                np.broadcast_to(rows, count),
                np.broadcast_to(columns, count),
                np.broadcast_to(np.asarray(values, dtype=np.float64), count),
            )
        )

    def draw(
        self, device_id: str, columns: IndexArray, kw: FloatArray | float, steps: IndexArray | None = None
    ) -> None:
        """Let columns take power from the house, ``kw`` for each unit, in their steps; < 0 gives.

        It counts in the balance, and in each limit by the device's share.
        """
        at = np.arange(self.steps, dtype=np.int32) if steps is None else steps
        self.put(self.rows_of(BALANCE)[at], columns, -np.asarray(kw, dtype=np.float64))
        for limit_id, shares in self.shares.items():
            if share := shares.get(device_id, 0.0):
                self.put(self.rows_of((limit_id, "limit"))[at], columns, share * np.asarray(kw))

    def drawn(self) -> Matrix:
        """Return the whole matrix, its entries by rows."""
        rows, columns, values = (
            np.concatenate([entry[part] for entry in self._entries]) for part in range(3)
        )
        order = np.argsort(rows, kind="stable")
        row_count = _count(self._rows)
        starts = np.searchsorted(rows[order], np.arange(row_count + 1)).astype(np.int32)
        return Matrix(
            columns=dict(self._columns),
            rows=dict(self._rows),
            column_count=_count(self._columns),
            row_count=row_count,
            starts=starts,
            indices=columns[order].astype(np.int32),
            values=values[order].astype(np.float64),
        )


def _count(blocks: Mapping[Key, slice]) -> int:
    return max((block.stop for block in blocks.values()), default=0)


def _add(blocks: dict[Key, slice], key: Key, count: int) -> IndexArray:
    if key in blocks:
        raise ValueError(f"{key} is there already")
    start = _count(blocks)
    blocks[key] = slice(start, start + count)
    return np.arange(start, start + count, dtype=np.int32)

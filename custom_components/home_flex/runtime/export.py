"""The home's own series as a file for others: CSV for people and spreadsheets, Parquet for programs.

One row for each stretch of time, and for each series its value and how it came to be. Energy and volumes are
summed, powers and states of charge are means; a stretch of which a part is missing is empty.
"""

import asyncio
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from ..core.statistics import SLOT_S, Mark, SlotSeries
from ..core.statistics.registers import PER_MILLE, TENTH_C, W
from ..history.parquet import ParquetWriter
from ..history.series_rows import SeriesKey
from ..history.series_store import SeriesStore, Stretch
from .one_task import OneTask

# Rows are read and written a week at a time.
_PART_SLOTS: Final = 7 * 86_400 // SLOT_S
_MEANS: Final = frozenset({W, PER_MILLE, TENTH_C})
_TIME: Final = "start"
_MARK: Final = " mark"


class FileFormat(StrEnum):
    """What kind of file is written."""

    CSV = "csv"
    PARQUET = "parquet"


class _Table(Protocol):
    """Takes rows: when each begins (seconds of the UTC epoch), and its columns with their marks."""

    def write(self, times_s: Sequence[int], columns: Mapping[str, SlotSeries]) -> None:
        """Add rows."""
        ...

    def close(self) -> None:
        """End the file."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """What is written: the series by the name of their column, over slots, in stretches of ``step_s``."""

    columns: Mapping[str, SeriesKey]
    stretch: Stretch
    step_s: int
    format: FileFormat


async def write_out(store: SeriesStore, export: Export, path: Path, task: OneTask) -> int:
    """Write a file, whole or not at all; return its rows.

    Raises OSError, HistoryError, and RequestError while something else is done.
    """
    rows, step = 0, export.step_s // SLOT_S
    first, end = export.stretch.first_slot // step * step, export.stretch.end_slot // step * step
    with task.doing("export"), _whole(path) as part:
        table = await asyncio.to_thread(_TABLES[export.format], part, tuple(export.columns))
        try:
            for start in range(first, end, _PART_SLOTS):
                stretch = Stretch(first_slot=start, end_slot=min(start + _PART_SLOTS, end))
                found = await store.read(export.columns.values(), stretch)
                rows += await asyncio.to_thread(_write, table, export, stretch, found)
                task.at((stretch.end_slot - first) / (end - first))
        finally:
            await asyncio.to_thread(table.close)
    return rows


def _write(table: _Table, export: Export, stretch: Stretch, found: Mapping[SeriesKey, SlotSeries]) -> int:
    step = export.step_s // SLOT_S
    times_s = [slot * SLOT_S for slot in range(stretch.first_slot, stretch.end_slot, step)]
    table.write(
        times_s, {name: _stepped(found[key], key, export.step_s) for name, key in export.columns.items()}
    )
    return len(times_s)


def _stepped(series: SlotSeries, key: SeriesKey, step_s: int) -> SlotSeries:
    """Return a series in longer stretches: sums, and means of what is no amount."""
    sums = series.sums(step_s)
    if key.unit not in _MEANS:
        return sums
    parts = step_s // SLOT_S
    return SlotSeries(
        first_slot=sums.first_slot,
        values=tuple(None if value is None else round(value / parts) for value in sums.values),
        marks=sums.marks,
        slot_s=step_s,
    )


def _no_formula(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula: a device is called as it called itself."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


class _Csv:
    """Commas, times in UTC, marks in words."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file)
        titles = [_no_formula(name) for name in names]
        self._rows.writerow((_TIME, *(each for title in titles for each in (title, title + _MARK))))

    def write(self, times_s: Sequence[int], columns: Mapping[str, SlotSeries]) -> None:
        """Add rows."""
        for at, time_s in enumerate(times_s):
            row: list[str | int | None] = [datetime.fromtimestamp(time_s, UTC).isoformat()]
            for series in columns.values():
                row += [series.values[at], series.marks[at].name.lower()]
            self._rows.writerow(row)

    def close(self) -> None:
        """End the file."""
        self._file.close()


class _Parquet:
    """Marks as numbers (``Mark``)."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._file = path.open("wb")
        self._writer = ParquetWriter(
            self._file, _TIME, [each for name in names for each in (name, name + _MARK)]
        )

    def write(self, times_s: Sequence[int], columns: Mapping[str, SlotSeries]) -> None:
        """Add rows."""
        marks: dict[str, Sequence[Mark]] = {name + _MARK: series.marks for name, series in columns.items()}
        self._writer.write(times_s, {**{name: each.values for name, each in columns.items()}, **marks})

    def close(self) -> None:
        """End the file."""
        with self._file:
            self._writer.close()


_TABLES: Final[Mapping[FileFormat, Callable[[Path, Sequence[str]], _Table]]] = {
    FileFormat.CSV: _Csv,
    FileFormat.PARQUET: _Parquet,
}


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Write beside a file, and put it in its place when it is whole."""
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

"""The statements of the home's own series, each run inside a transaction of its caller.

Columns are named after the numbers of series, which are ours: nothing that anybody typed is in a statement.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..core.statistics import SLOT_S, CounterReading, Mark, MeterSwap, SlotSeries
from ..core.statistics.blocks import SLOTS_A_DAY
from . import series_blocks as blocks
from . import series_hours as hours
from . import series_prices as prices
from . import series_runs as runs
from .series_layout import ALL_MISSING, MARKS_PER_COLUMN, MOST
from .series_rows import Cells, Filled, Filling, SeriesBatch, SeriesKey, Sum, covered

_MARK_BITS: Final = 3


def load_numbers(connection: sqlite3.Connection) -> dict[SeriesKey, int]:
    """Return the number of every series."""
    rows = connection.execute("SELECT device_id, name, unit, number FROM series")
    return {
        SeriesKey(device_id=device_id, name=name, unit=unit): number for device_id, name, unit, number in rows
    }


def add_series(connection: sqlite3.Connection, keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
    """Give each new series its number and column; return the numbers of all."""
    numbers = load_numbers(connection)
    columns = {row[1] for row in connection.execute("PRAGMA table_info(slot)")}
    for key in keys:
        if key in numbers:
            continue
        number = max(numbers.values(), default=-1) + 1
        connection.execute(
            "INSERT INTO series (number, device_id, name, unit) VALUES (?, ?, ?, ?)",
            (number, key.device_id, key.name, key.unit),
        )
        numbers[key] = number
        marks = _marks(number)
        if marks not in columns:
            columns.add(marks)
            connection.execute(f"ALTER TABLE slot ADD COLUMN {marks} INTEGER NOT NULL DEFAULT {ALL_MISSING}")
        connection.execute(
            f"ALTER TABLE slot ADD COLUMN v{number} INTEGER CHECK (v{number} BETWEEN -{MOST} AND {MOST})"
        )
    return numbers


def write(connection: sqlite3.Connection, numbers: Mapping[SeriesKey, int], batch: SeriesBatch) -> None:
    """Write a batch over what is there; its fillings only where nothing is."""
    _write_cells(connection, numbers, batch.cells)
    hours.drop_measured(connection, numbers, batch.cells)
    for key, filling in batch.fillings:
        fill(connection, numbers, key, filling)
    runs.put(connection, batch.runs)
    connection.executemany(
        "INSERT OR REPLACE INTO swap (series, time, end_value, start_value) VALUES (?, ?, ?, ?)",
        [(numbers[key], swap.time_s, swap.end_value, swap.start_value) for key, swap in batch.swaps.items()],
    )
    for kind, day in batch.reopened_after.items():
        blocks.reopen_after(connection, kind, day)
    # What came in while a block was made opens it again.
    blocks.put(connection, batch.blocks)
    blocks.reopen(connection, blocks.days_of(batch.cells))
    for slot, readings in batch.readings.items():
        text = json.dumps(
            {
                str(numbers[key]): [_packed(reading) for reading in its_readings]
                for key, its_readings in readings.items()
            }
        )
        connection.execute(
            "INSERT INTO slot (slot, readings) VALUES (?, ?) ON CONFLICT (slot) DO UPDATE"
            " SET readings = json_patch(coalesce(readings, '{}'), excluded.readings)",
            (slot, text),
        )
    prices.put(connection, batch.prices)
    connection.executemany(
        'INSERT OR REPLACE INTO finding (start, series, problem, "end", amount) VALUES (?, ?, ?, ?, ?)',
        [
            (finding.start_s, numbers[key], finding.problem.value, finding.end_s, finding.amount)
            for key, findings in batch.findings.items()
            for finding in findings
        ],
    )


def fill(
    connection: sqlite3.Connection, numbers: Mapping[SeriesKey, int], key: SeriesKey, filling: Filling
) -> Filled:
    """Write what someone else counted where nothing was measured; the same again changes nothing."""
    cells, filled = hours.fill(connection, numbers, key, filling)
    _write_cells(connection, numbers, {key: cells})
    hours.drop_measured(connection, numbers, {key: cells})
    if filled.new:
        blocks.reopen(connection, blocks.days_filled(key, filling))
    return filled


def read(
    connection: sqlite3.Connection, numbers: Sequence[int], first_slot: int, end_slot: int
) -> dict[int, SlotSeries]:
    """Return series over slots, missing where there is nothing."""
    slots = max(0, end_slot - first_slot)
    values: dict[int, list[int | None]] = {number: [None] * slots for number in numbers}
    marks: dict[int, list[Mark]] = {number: [Mark.MISSING] * slots for number in numbers}
    if numbers and slots:
        mark_columns = sorted({_marks(number) for number in numbers})
        columns = ", ".join(["slot", *mark_columns, *(f"v{number}" for number in numbers)])
        rows = connection.execute(
            f"SELECT {columns} FROM slot WHERE slot >= ? AND slot < ?",  # noqa: S608 # our own names
            (first_slot, end_slot),
        )
        for slot, *row in rows:
            packed = dict(zip(mark_columns, row, strict=False))
            for number, value in zip(numbers, row[len(mark_columns) :], strict=True):
                values[number][slot - first_slot] = value
                marks[number][slot - first_slot] = _mark(packed[_marks(number)], number, value)
        for number in numbers:
            for slot, value, mark in hours.spread(connection, number, first_slot, end_slot):
                values[number][slot - first_slot], marks[number][slot - first_slot] = value, mark
    return {
        number: SlotSeries(first_slot=first_slot, values=tuple(values[number]), marks=tuple(marks[number]))
        for number in numbers
    }


def sums(
    connection: sqlite3.Connection, numbers: Sequence[int], first_slot: int, end_slot: int
) -> dict[int, Sum]:
    """Return the sum of each series over slots. SQLite adds up.

    Slots are counted by what all their marks together are. Nearly all are marked like the one in the middle,
    and to group only the others is several times as fast.
    """
    slots = max(0, end_slot - first_slot)
    found: dict[int, Sum] = {}
    by_column: defaultdict[str, list[int]] = defaultdict(list)
    for number in numbers:
        by_column[_marks(number)].append(number)
    for column, its_numbers in by_column.items():
        added = ", ".join(f"coalesce(sum(v{number}), 0)" for number in its_numbers)
        rows, *totals = connection.execute(
            f"SELECT count(*), {added} FROM slot WHERE slot >= ? AND slot < ?",  # noqa: S608 # our own names
            (first_slot, end_slot),
        ).fetchone()
        counted = _by_marks(connection, column, first_slot, end_slot, rows)
        for number, total in zip(its_numbers, totals, strict=True):
            by_mark = ((_bits(packed, number), count) for packed, count in counted)
            found[number] = Sum(total=total, coverage=covered(slots, by_mark))
    return hours.add_to_sums(connection, found, first_slot, end_slot)


def _by_marks(
    connection: sqlite3.Connection, column: str, first_slot: int, end_slot: int, rows: int
) -> list[tuple[int, int]]:
    """Return how many of so many rows have which marks."""
    middle = connection.execute(
        f"SELECT {column} FROM slot WHERE slot >= ? AND slot < ? LIMIT 1",  # noqa: S608 # our own names
        ((first_slot + end_slot) // 2, end_slot),
    ).fetchone()
    usual = middle[0] if middle is not None else ALL_MISSING
    others = connection.execute(
        f"SELECT {column}, count(*) FROM slot"  # noqa: S608 # our own names
        f" WHERE slot >= ? AND slot < ? AND {column} != ? GROUP BY {column}",
        (first_slot, end_slot, usual),
    ).fetchall()
    return [*others, (usual, rows - sum(count for _, count in others))]


def readings_since(
    connection: sqlite3.Connection, numbers: Mapping[SeriesKey, int], first_slot: int
) -> dict[SeriesKey, dict[int, tuple[CounterReading, ...]]]:
    """Return what counters said at the ends of slots from ``first_slot`` on, as far as it is kept."""
    keys = {str(number): key for key, number in numbers.items()}
    found: dict[SeriesKey, dict[int, tuple[CounterReading, ...]]] = {}
    rows = connection.execute(
        "SELECT slot, readings FROM slot WHERE slot >= ? AND readings IS NOT NULL ORDER BY slot",
        (first_slot,),
    )
    for slot, text in rows:
        for number, packed in json.loads(text).items():
            if (key := keys.get(number)) is not None:
                found.setdefault(key, {})[slot] = tuple(_unpacked(each) for each in packed)
    return found


def extent(connection: sqlite3.Connection, number: int) -> tuple[int, int] | None:
    """Return the first slot of which a series is known, and the slot after the last; None without any."""
    first, last = connection.execute(
        f"SELECT min(slot), max(slot) FROM slot WHERE v{number} IS NOT NULL"  # noqa: S608 # our own names
    ).fetchone()
    first_hour, last_hour = connection.execute(
        "SELECT min(hour), max(hour) FROM hour WHERE series = ?", (number,)
    ).fetchone()
    firsts = [first] if first is not None else []
    ends = [last + 1] if last is not None else []
    if first_hour is not None:
        firsts.append(first_hour * hours.SLOTS)
        ends.append((last_hour + 1) * hours.SLOTS)
    return (min(firsts), max(ends)) if firsts else None


def findings(
    connection: sqlite3.Connection, number: int, start_s: int, end_s: int
) -> list[tuple[str, int, int, int | None]]:
    """Return what was found wrong with a series in a time: problem, start, end and amount."""
    return connection.execute(
        'SELECT problem, start, "end", amount FROM finding'
        ' WHERE series = ? AND start < ? AND "end" >= ? ORDER BY start, problem',
        (number, end_s, start_s),
    ).fetchall()


def swaps_since(
    connection: sqlite3.Connection, numbers: Mapping[SeriesKey, int], since_s: int
) -> dict[SeriesKey, tuple[MeterSwap, ...]]:
    """Return the changes of meters from a moment on."""
    keys = {number: key for key, number in numbers.items()}
    found: defaultdict[SeriesKey, tuple[MeterSwap, ...]] = defaultdict(tuple)
    rows = connection.execute(
        "SELECT series, time, end_value, start_value FROM swap WHERE time >= ? ORDER BY time", (since_s,)
    )
    for number, time_s, end_value, start_value in rows:
        if (key := keys.get(number)) is not None:
            found[key] += (MeterSwap(time_s=time_s, end_value=end_value, start_value=start_value),)
    return dict(found)


def prune(
    connection: sqlite3.Connection, newest_slot: int, before_slot: int, readings_before_slot: int
) -> None:
    """Forget what is too old: slots, what counters said at their ends, and all that belongs to them."""
    before_s = before_slot * SLOT_S
    connection.execute("DELETE FROM slot WHERE slot < ?", (before_slot,))
    connection.execute("DELETE FROM hour WHERE hour < ?", (before_slot // hours.SLOTS,))
    runs.prune(connection, newest_slot * SLOT_S, before_s)
    blocks.close(connection, readings_before_slot // SLOTS_A_DAY)
    blocks.prune(connection, before_slot // SLOTS_A_DAY)
    connection.execute(
        "UPDATE slot SET readings = NULL WHERE slot < ? AND readings IS NOT NULL AND slot % 12 != 11",
        (readings_before_slot,),
    )
    prices.prune(connection, before_s)
    connection.execute("DELETE FROM swap WHERE time < ?", (before_s,))
    connection.execute('DELETE FROM finding WHERE "end" < ?', (before_s,))


def _write_cells(
    connection: sqlite3.Connection, numbers: Mapping[SeriesKey, int], cells: Mapping[SeriesKey, Cells]
) -> None:
    rows: defaultdict[int, dict[int, tuple[int | None, Mark]]] = defaultdict(dict)
    for key, its_cells in cells.items():
        for slot, cell in its_cells.items():
            rows[slot][numbers[key]] = cell
    for slot, row in sorted(rows.items()):
        _write_row(connection, slot, row)


def _write_row(connection: sqlite3.Connection, slot: int, row: Mapping[int, tuple[int | None, Mark]]) -> None:
    masks: defaultdict[str, int] = defaultdict(int)
    bits: defaultdict[str, int] = defaultdict(int)
    for number, (_, mark) in row.items():
        masks[_marks(number)] |= _MARK_BITS << _shift(number)
        bits[_marks(number)] |= mark << _shift(number)
    columns = [*masks, *(f"v{number}" for number in row)]
    fresh = [ALL_MISSING & ~masks[name] | bits[name] for name in masks]
    updates = [f"{name} = ({name} & ~{masks[name]}) | {bits[name]}" for name in masks]
    updates += [f"v{number} = excluded.v{number}" for number in row]
    connection.execute(
        f"INSERT INTO slot (slot, {', '.join(columns)}) VALUES ({', '.join('?' * (1 + len(columns)))})"  # noqa: S608 # our own names
        f" ON CONFLICT (slot) DO UPDATE SET {', '.join(updates)}",
        (slot, *fresh, *(value for value, _ in row.values())),
    )


def _packed(reading: CounterReading) -> list[int | str | bool]:
    return [reading.time_s, reading.value, reading.meter_id, reading.is_time_certain]


def _unpacked(packed: Sequence[object]) -> CounterReading:
    time_s, value, meter_id, certain = packed
    return CounterReading(
        time_s=int(str(time_s)), value=int(str(value)), meter_id=str(meter_id), is_time_certain=bool(certain)
    )


def _marks(number: int) -> str:
    return f"marks{number // MARKS_PER_COLUMN}"


def _shift(number: int) -> int:
    return 2 * (number % MARKS_PER_COLUMN)


def _bits(packed: int, number: int) -> Mark:
    return Mark(packed >> _shift(number) & _MARK_BITS)


def _mark(packed: int, number: int, value: int | None) -> Mark:
    return Mark.MISSING if value is None else _bits(packed, number)

"""What others counted by the hour, before Home Flex or while it was away: kept where nothing was measured.

An hour of a series is here, or it is in the slots. Five minutes are never made of it on the disk; where a
question cuts an hour, or asks for slots, its parts are a line through it and marked *interpolated*.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from ..core.statistics import SLOT_S, Coverage, Mark, shares
from ..core.statistics.registers import family_of
from .series_rows import Cells, Filled, Filling, SeriesKey, Source, Sum

HOUR_S: Final = 3600
SLOTS: Final = HOUR_S // SLOT_S

type Hours = dict[int, tuple[int, Mark, Source]]


def drop_measured(
    connection: sqlite3.Connection, numbers: Mapping[SeriesKey, int], cells: Mapping[SeriesKey, Cells]
) -> None:
    """Forget hours in which something is measured now, by whichever of a meter's registers."""
    for key, its_cells in cells.items():
        hours = {slot // SLOTS for slot, (value, _) in its_cells.items() if value is not None}
        connection.executemany(
            "DELETE FROM hour WHERE series = ? AND hour = ?",
            [(number, hour) for number in family(numbers, key) for hour in hours],
        )


def family(numbers: Mapping[SeriesKey, int], key: SeriesKey) -> list[int]:
    """Return the numbers of what counts the same as a series: a meter's tariffs, and its register for all."""
    return [
        number
        for other, number in numbers.items()
        if (other.device_id, other.unit, family_of(other.name))
        == (key.device_id, key.unit, family_of(key.name))
    ]


def fill(
    connection: sqlite3.Connection, numbers: Mapping[SeriesKey, int], key: SeriesKey, filling: Filling
) -> tuple[Cells, Filled]:
    """Write the hours of a filling where they may be, and return the slots that are to be written, too.

    Measured slots stay as they are, and so do hours that someone told who is believed more.
    """
    number = numbers[key]
    connection.executemany(
        "DELETE FROM hour WHERE series = ? AND hour = ?", [(number, hour) for hour in filling.over]
    )
    told = _told(connection, number, {*filling.hours, *(slot // SLOTS for slot in filling.slots)})
    measured = _measured(connection, family(numbers, key), _span(filling))
    slots: dict[int, tuple[int | None, Mark]] = {}
    for slot, cell in filling.slots.items():
        hour = slot // SLOTS
        if slot in measured or (hour in told and not _may_replace(filling, hour, told[hour][2])):
            continue
        slots[slot] = cell
    busy = {slot // SLOTS for slot in (*measured, *slots)}
    rows = []
    for hour, (value, mark) in filling.hours.items():
        known = told.get(hour)
        if hour in busy or (known is not None and known[2] < filling.source):
            continue
        if known is None or known[:2] != (value, mark):
            rows.append((number, hour, value, mark, filling.source))
    connection.executemany(
        "INSERT OR REPLACE INTO hour (series, hour, value, mark, source) VALUES (?, ?, ?, ?, ?)", rows
    )
    changed = len(rows) + len(slots)
    return slots, Filled(new=changed, kept=len(filling.slots) + len(filling.hours) - changed)


def add_to_sums(
    connection: sqlite3.Connection, found: Mapping[int, Sum], first_slot: int, end_slot: int
) -> dict[int, Sum]:
    """Return sums with what is known by the hour; of an hour that is cut, the part that is in the stretch."""
    sums = dict(found)
    first, end = -(-first_slot // SLOTS), end_slot // SLOTS
    marks = ", ".join("?" * len(found))
    if first < end:
        rows = connection.execute(
            "SELECT series, mark, sum(value), count(*) FROM hour"  # noqa: S608 # places for values only
            f" WHERE series IN ({marks}) AND hour >= ? AND hour < ? GROUP BY series, mark",
            (*found, first, end),
        )
        for number, mark, total, count in rows:
            sums[number] = _with(sums[number], total, Mark(mark), SLOTS * count)
    for hour in sorted({first_slot // SLOTS, end_slot // SLOTS} - set(range(first, end))):
        inside = range(max(first_slot, hour * SLOTS), min(end_slot, (hour + 1) * SLOTS))
        if not inside:
            continue
        rows = connection.execute(
            f"SELECT series, value, mark FROM hour WHERE hour = ? AND series IN ({marks})",  # noqa: S608 # places for values only
            (hour, *found),
        )
        for number, value, mark in rows:
            parts = tuple(shares(value, (1,) * SLOTS))
            total = sum(parts[slot - hour * SLOTS] for slot in inside)
            sums[number] = _with(sums[number], total, max(Mark(mark), Mark.INTERPOLATED), len(inside))
    return sums


def spread(
    connection: sqlite3.Connection, number: int, first_slot: int, end_slot: int
) -> Iterable[tuple[int, int, Mark]]:
    """Yield slot, value and mark of what is known by the hour, as a line through each."""
    rows = connection.execute(
        "SELECT hour, value, mark FROM hour WHERE series = ? AND hour >= ? AND hour <= ?",
        (number, first_slot // SLOTS, (end_slot - 1) // SLOTS),
    )
    for hour, value, mark in rows:
        for slot, part in enumerate(shares(value, (1,) * SLOTS), start=hour * SLOTS):
            if first_slot <= slot < end_slot:
                yield slot, part, max(Mark(mark), Mark.INTERPOLATED)


def hours_of(connection: sqlite3.Connection, number: int, first_hour: int, end_hour: int) -> Hours:
    """Return what is known by the hour of a series."""
    rows = connection.execute(
        "SELECT hour, value, mark, source FROM hour WHERE series = ? AND hour >= ? AND hour < ?",
        (number, first_hour, end_hour),
    )
    return {hour: (value, Mark(mark), Source(source)) for hour, value, mark, source in rows}


def _may_replace(filling: Filling, hour: int, source: Source) -> bool:
    """Whether slots may take the place of an hour: all of it, told by someone who is believed as much."""
    whole = all(slot in filling.slots for slot in range(hour * SLOTS, (hour + 1) * SLOTS))
    return whole and filling.source <= source


def _span(filling: Filling) -> range:
    """Return the slots from the first to the last hour that a filling touches."""
    hours = {*filling.hours, *(slot // SLOTS for slot in filling.slots)}
    return range(min(hours) * SLOTS, (max(hours) + 1) * SLOTS) if hours else range(0)


def _measured(connection: sqlite3.Connection, numbers: Iterable[int], span: range) -> set[int]:
    known = " OR ".join(f"v{number} IS NOT NULL" for number in numbers)
    rows = connection.execute(
        f"SELECT slot FROM slot WHERE slot >= ? AND slot < ? AND ({known})",  # noqa: S608 # our own names
        (span.start, span.stop),
    )
    return {slot for (slot,) in rows}


def _told(connection: sqlite3.Connection, number: int, hours: set[int]) -> Hours:
    if not hours:
        return {}
    known = hours_of(connection, number, min(hours), max(hours) + 1)
    return {hour: row for hour, row in known.items() if hour in hours}


def _with(found: Sum, total: int, mark: Mark, slots: int) -> Sum:
    """Return a sum with slots that were missing in it."""
    known = Coverage(
        measured=slots if mark is Mark.MEASURED else 0,
        interpolated=slots if mark is Mark.INTERPOLATED else 0,
        estimated=slots if mark is Mark.ESTIMATED else 0,
        missing=-slots,
    )
    return Sum(total=found.total + total, coverage=found.coverage + known)

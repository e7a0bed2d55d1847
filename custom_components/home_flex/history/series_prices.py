"""What energy cost and emitted: one row for each price that lasted, with the time at which it was known."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from ..core.signals import Signal, SignalKind, Slot


def put(connection: sqlite3.Connection, told: Mapping[tuple[str, datetime], tuple[Slot, str]]) -> None:
    """Write prices by kind and start, each with its unit, over what is there."""
    connection.executemany(
        'INSERT OR REPLACE INTO price (start, kind, "end", value, unit, known_at, source)'
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [_price_row(kind, one, unit) for (kind, _), (one, unit) in told.items()],
    )


def between(
    connection: sqlite3.Connection, kind: SignalKind, unit: str, start: datetime, end: datetime
) -> Signal:
    """Return what energy cost over a time in a unit; what is kept in another leaves a hole.

    A price ends where the next begins: a clock that was set back tells some times twice.
    """
    rows = connection.execute(
        'SELECT start, MIN("end", LEAD(start, 1, "end") OVER (ORDER BY start)), value, unit, known_at, source'
        ' FROM price WHERE kind = ? AND start < ? AND "end" > ? ORDER BY start',
        (kind.value, int(end.timestamp()), int(start.timestamp())),
    )
    slots = tuple(
        Slot(
            start=_from_s(start_s),
            end=_from_s(end_s),
            value=Decimal(value),
            known_at=_from_s(known_s),
            source=source,
        )
        for start_s, end_s, value, its_unit, known_s, source in rows
        if its_unit == unit
    )
    return Signal(kind=kind, unit=unit, slots=slots)


def until(connection: sqlite3.Connection) -> dict[SignalKind, datetime]:
    """Return until when what energy cost is kept."""
    rows = connection.execute('SELECT kind, MAX("end") FROM price GROUP BY kind')
    return {SignalKind(kind): _from_s(end_s) for kind, end_s in rows if kind in SignalKind}


def prune(connection: sqlite3.Connection, before_s: int) -> None:
    """Forget what ended before a moment."""
    connection.execute('DELETE FROM price WHERE "end" < ?', (before_s,))


def _price_row(kind: str, one: Slot, unit: str) -> tuple[object, ...]:
    start_s, end_s, known_s = (int(time.timestamp()) for time in (one.start, one.end, one.known_at))
    return start_s, kind, end_s, str(one.value), unit, known_s, one.source


def _from_s(time_s: int) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)

"""The states of derived intervals beside the series: what is written of a day opens its blocks again."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from ..core.statistics.blocks import SLOTS_A_DAY, Backlog, Block, BlockKind, BlockState
from .series_hours import SLOTS
from .series_rows import Cells, Filling, SeriesKey

# Series of the home itself are derived, and open nothing.
HOME: Final = ""


def days_of(cells: Mapping[SeriesKey, Cells]) -> set[int]:
    """Return the days (UTC) of what is measured."""
    return {slot // SLOTS_A_DAY for key, its in cells.items() if key.device_id != HOME for slot in its}


def days_filled(key: SeriesKey, filling: Filling) -> set[int]:
    """Return the days (UTC) of what someone told of a device."""
    if key.device_id == HOME:
        return set()
    days = {slot // SLOTS_A_DAY for slot in filling.slots}
    return days | {hour * SLOTS // SLOTS_A_DAY for hour in filling.hours}


def reopen(connection: sqlite3.Connection, days: Iterable[int]) -> None:
    """Put all blocks of some days to be done."""
    connection.executemany(
        "INSERT INTO block (kind, day, state) VALUES (?, ?, ?) ON CONFLICT (kind, day) DO UPDATE"
        " SET state = excluded.state, reason = '' WHERE state != excluded.state",
        [(kind, day, BlockState.TODO) for day in days for kind in BlockKind],
    )


def adopt(connection: sqlite3.Connection) -> None:
    """Put days to be done that have series and no blocks yet."""
    for kind in BlockKind:
        connection.execute(
            f"INSERT OR IGNORE INTO block (kind, day, state) SELECT ?, day, ? FROM"  # noqa: S608 # numbers of ours
            f" (SELECT DISTINCT slot / {SLOTS_A_DAY} AS day FROM slot"
            f" UNION SELECT DISTINCT hour / {SLOTS_A_DAY // SLOTS} FROM hour)",
            (kind, BlockState.TODO),
        )


def put(connection: sqlite3.Connection, blocks: Iterable[Block]) -> None:
    """Write blocks as they are now."""
    connection.executemany(
        "INSERT OR REPLACE INTO block (kind, day, state, reason, result) VALUES (?, ?, ?, ?, ?)",
        [(block.kind, block.day, block.state, block.reason, block.result) for block in blocks],
    )


def todo(
    connection: sqlite3.Connection, kinds: Iterable[BlockKind], before_day: int, most: int
) -> list[Block]:
    """Return the blocks of some kinds that are to be done of days before one, the oldest first."""
    listed = tuple(kinds)
    rows = connection.execute(
        "SELECT kind, day, state, reason, result FROM block WHERE state = ? AND day < ?"  # noqa: S608 # places for values only
        f" AND kind IN ({', '.join('?' * len(listed))}) ORDER BY day, kind LIMIT ?",
        (BlockState.TODO, before_day, *listed, most),
    )
    return [_block(row) for row in rows]


def before(connection: sqlite3.Connection, kind: BlockKind, day: int) -> Block | None:
    """Return the last block of a kind before a day."""
    row = connection.execute(
        "SELECT kind, day, state, reason, result FROM block WHERE kind = ? AND day < ?"
        " ORDER BY day DESC LIMIT 1",
        (kind, day),
    ).fetchone()
    return None if row is None else _block(row)


def reopen_after(connection: sqlite3.Connection, kind: BlockKind, day: int) -> None:
    """Put the blocks of a kind after a day to be done."""
    connection.execute(
        "UPDATE block SET state = ?, reason = '' WHERE kind = ? AND day > ?", (BlockState.TODO, kind, day)
    )


def backlog(connection: sqlite3.Connection, kinds: Iterable[BlockKind], before_day: int) -> Backlog:
    """Return what of some kinds is to be done of days before one."""
    listed = tuple(kinds)
    rows = {
        state: (count, oldest)
        for state, count, oldest in connection.execute(
            "SELECT state, count(*), min(day) FROM block WHERE day < ?"  # noqa: S608 # places for values only
            f" AND kind IN ({', '.join('?' * len(listed))}) GROUP BY state",
            (before_day, *listed),
        )
    }
    count, oldest = rows.get(BlockState.TODO, (0, None))
    return Backlog(todo=count, oldest_day=oldest, faulty=rows.get(BlockState.FAULTY, (0, None))[0])


def close(connection: sqlite3.Connection, before_day: int) -> None:
    """Close what is done of days before one; later only what is told from outside opens it."""
    connection.execute(
        "UPDATE block SET state = ? WHERE state = ? AND day < ?",
        (BlockState.CLOSED, BlockState.DONE, before_day),
    )


def prune(connection: sqlite3.Connection, before_day: int) -> None:
    """Forget the blocks of days before one."""
    connection.execute("DELETE FROM block WHERE day < ?", (before_day,))


def _block(row: tuple[str, int, str, str, str]) -> Block:
    kind, day, state, reason, result = row
    return Block(kind=BlockKind(kind), day=day, state=BlockState(state), reason=reason, result=result)

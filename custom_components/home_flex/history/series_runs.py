"""Forecasts and plans as they were when they were made: a run is what was expected then, and never changed.

Steps and mean powers are 32-bit numbers, deflated: about a kilobyte for two days.
"""

import sqlite3
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

# All runs are kept for so long, then one for each thin stretch.
KEEP_ALL: Final = timedelta(days=14)
_THIN_S: Final = 6 * 3600
_MOST: Final = (1 << 31) - 1


class RunKind(StrEnum):
    """What a run says of its subject."""

    FORECAST = "forecast"  # what it would do by itself: of the house ("load"), a load, a roof (0 or more)
    PLAN = "plan"  # what it is to do: of a device, and of the home's connection ("")


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What was expected of a subject at ``known_at``: mean power in W of steps from ``start`` on."""

    kind: RunKind
    subject: str
    known_at: datetime
    start: datetime
    lengths_s: tuple[int, ...]
    powers_w: tuple[int, ...]

    def __post_init__(self) -> None:
        """Raise ValueError for steps and powers that do not belong together, and powers of no home."""
        if len(self.lengths_s) != len(self.powers_w) or not self.lengths_s:
            raise ValueError("A run has one power for each of its steps")
        if any(abs(power_w) > _MOST for power_w in self.powers_w):
            raise ValueError("No home has such a power")


def put(connection: sqlite3.Connection, runs: Iterable[Run]) -> None:
    """Write runs; one that is there already stays as it is."""
    connection.executemany(
        "INSERT OR IGNORE INTO run (kind, subject, known_at, start, steps) VALUES (?, ?, ?, ?, ?)",
        [(run.kind, run.subject, _to_s(run.known_at), _to_s(run.start), _packed(run)) for run in runs],
    )


def runs_of(
    connection: sqlite3.Connection, kind: RunKind, subject: str, since: datetime, until: datetime
) -> list[Run]:
    """Return the runs that became known from ``since`` on and before ``until``, in order."""
    rows = connection.execute(
        "SELECT known_at, start, steps FROM run WHERE kind = ? AND subject = ?"
        " AND known_at >= ? AND known_at < ? ORDER BY known_at",
        (kind, subject, _to_s(since), _to_s(until)),
    )
    return [_unpacked(kind, subject, *row) for row in rows]


def prune(connection: sqlite3.Connection, newest_s: int, before_s: int) -> None:
    """Thin runs that are old, and forget those before a moment."""
    thin_before_s = newest_s - int(KEEP_ALL.total_seconds())
    connection.execute(
        "DELETE FROM run WHERE known_at < ? OR (known_at < ? AND EXISTS (SELECT 1 FROM run AS first"
        " WHERE first.kind = run.kind AND first.subject = run.subject AND first.known_at < run.known_at"
        " AND first.known_at >= run.known_at / ? * ?))",
        (before_s, thin_before_s, _THIN_S, _THIN_S),
    )


def _packed(run: Run) -> bytes:
    count = len(run.lengths_s)
    return zlib.compress(struct.pack(f"<{2 * count}i", *run.lengths_s, *run.powers_w), 9)


def _unpacked(kind: RunKind, subject: str, known_s: int, start_s: int, steps: bytes) -> Run:
    plain = zlib.decompress(steps)
    count = len(plain) // 8
    numbers = struct.unpack(f"<{2 * count}i", plain)
    return Run(
        kind=kind,
        subject=subject,
        known_at=datetime.fromtimestamp(known_s, UTC),
        start=datetime.fromtimestamp(start_s, UTC),
        lengths_s=numbers[:count],
        powers_w=numbers[count:],
    )


def _to_s(time: datetime) -> int:
    return int(time.timestamp())

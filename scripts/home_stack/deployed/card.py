"""What a home wears its memory card with: rows of Home Assistant's recorder, bytes that each service writes.

Rows are counted in the recorder's own database, bytes by the kernel (``/proc/<pid>/io``: pages made dirty by
a service's processes, and by those below them that have ended, less those that went before they were
written).
Both are scaled to a day.
"""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time

from ..processes import StackError
from .community import Community

DAY_S = 86_400.0
# The recorder gathers five minutes of changes before it writes them.
SETTLING_S = 330.0
TABLES = {
    "states": "last_updated_ts",
    "events": "time_fired_ts",
    "statistics_short_term": "created_ts",
    "statistics": "created_ts",
}

type Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wear:
    """What is written in a day, in rows and in megabytes (10^6 bytes)."""

    recorder_rows_per_day: int
    mb_per_day_by_service: dict[str, float]
    rows_by_entity: dict[str, int]
    mb_per_day_by_thread: dict[str, float]

    @property
    def mb_per_day(self) -> float:
        """What all services write in a day."""
        return sum(self.mb_per_day_by_service.values())


async def wear(community: Community, *, minutes: float, tell: Tell) -> Wear:
    """Watch a working home for some minutes. Raises StackError when nothing can be counted."""
    tell(f"the home settles for {SETTLING_S:.0f} s")
    await asyncio.sleep(SETTLING_S)
    begin, begin_s, before, threads = time(), monotonic(), _written(community), _by_thread(community)
    tell(f"watched for {minutes:g} minutes")
    await asyncio.sleep(minutes * 60)
    end, after, threads_after = time(), _written(community), _by_thread(community)
    scale = DAY_S / (monotonic() - begin_s)
    if sum(after.values()) == sum(before.values()):
        raise StackError("This file system does not count what is written to it")
    await asyncio.sleep(SETTLING_S)
    rows, by_entity = _rows(community.home.volume("home_assistant") / "home-assistant_v2.db", begin, end)
    return Wear(
        recorder_rows_per_day=round(rows * scale),
        mb_per_day_by_service={name: round((after[name] - before[name]) * scale / 1e6, 1) for name in after},
        rows_by_entity={name: round(count * scale) for name, count in by_entity},
        mb_per_day_by_thread={
            name: round((count - threads.get(name, 0)) * scale / 1e6, 1)
            for name, count in threads_after.items()
        },
    )


def _rows(path: Path, begin: float, end: float) -> tuple[int, list[tuple[str, int]]]:
    """Return how many rows were added between two moments, and of which entities, the most first."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        count = sum(
            database.execute(
                f"SELECT count(*) FROM {table} WHERE {column} >= ? AND {column} < ?",  # noqa: S608 # our own words
                (begin, end),
            ).fetchone()[0]
            for table, column in TABLES.items()
        )
        by_entity = database.execute(
            "SELECT states_meta.entity_id, count(*) FROM states JOIN states_meta USING (metadata_id)"
            " WHERE last_updated_ts >= ? AND last_updated_ts < ?"
            " GROUP BY states_meta.entity_id ORDER BY count(*) DESC",
            (begin, end),
        ).fetchall()
    return count, by_entity


def _written(community: Community) -> dict[str, int]:
    """Return the bytes that each service has written."""
    children = _children()
    return {
        name: sum(_bytes(Path(f"/proc/{pid}")) for pid in _tree(first, children))
        for name, first in community.home.pids().items()
    }


def _by_thread(community: Community) -> dict[str, int]:
    """Return the bytes that Home Assistant's threads have written, by their names."""
    written: Counter[str] = Counter()
    for pid in _tree(community.home.pids()["home_assistant"], _children()):
        for task in Path(f"/proc/{pid}/task").glob("*"):
            written[(task / "comm").read_text().strip()] += _bytes(task)
    return written


def _children() -> dict[int, list[int]]:
    """Return the processes below each process."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(folder.name))
    return children


def _tree(pid: int, children: dict[int, list[int]]) -> list[int]:
    return [pid, *(each for child in children.get(pid, []) for each in _tree(child, children))]


def _bytes(folder: Path) -> int:
    """Return what was made dirty less what was removed before it reached the card (proc_pid_io(5))."""
    try:
        lines = (folder / "io").read_text().splitlines()
    except OSError:
        return 0
    told = {name: int(value) for name, _, value in (line.partition(": ") for line in lines)}
    return told["write_bytes"] - told["cancelled_write_bytes"]

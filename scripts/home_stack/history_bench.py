"""``scripts/bench history``: the home's own series over a year, what a day writes, and what kills do."""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from custom_components.home_flex.core.model import Site
from custom_components.home_flex.core.statistics import (
    SLOT_S,
    CounterReading,
    Grouping,
    Mark,
    civil_period,
    periods,
)
from custom_components.home_flex.core.statistics.backfill import Interval
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime.backfill import Backfill
from custom_components.home_flex.runtime.one_task import OneTask
from custom_components.home_flex.runtime.series_keeper import WRITE_EVERY_S

_ZONE = ZoneInfo("Europe/Brussels")
_YEAR = civil_period(datetime(2026, 7, 1, tzinfo=UTC), Grouping.YEAR, _ZONE)
_SLOTS_A_DAY = 86_400 // SLOT_S
_COUNTERS = 9
_KEYS = tuple(
    SeriesKey(device_id=f"device {index}", name="energy" if index < _COUNTERS else "power", unit="Wh")
    for index in range(12)
)
_SITE = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.3"),
    export_price_per_kwh=Decimal("0.05"),
)
_MOST = {
    "year_by_month_ms": 100,
    "year_mb": 20,
    "mb_written_per_day": 3,
    "backfill_year_s": 60,
    "corrupt": 0,
    "lost_intervals_max": 0,
}

_WRITER = """
import asyncio, sys
from pathlib import Path
from custom_components.home_flex.history.series_store import SeriesStore
from scripts.home_stack.history_bench import tick

async def main():
    store = await SeriesStore.open(Path(sys.argv[1]))
    print("open", flush=True)
    for slot in range(int(sys.argv[2]), 10**9):
        await store.write(tick(slot))
        print(slot, flush=True)

asyncio.run(main())
"""


def values(slots: Iterable[int], seed: int) -> dict[int, tuple[int | None, Mark]]:
    """Return a series as homes have it: mostly measured, a little interpolated, and holes."""
    chance = random.Random(seed)  # noqa: S311 # a house, no secret
    found: dict[int, tuple[int | None, Mark]] = {}
    for slot in slots:
        odd = chance.random()
        if odd < 0.003:
            found[slot] = (None, Mark.MISSING)
        else:
            mark = Mark.INTERPOLATED if odd < 0.01 else Mark.MEASURED
            found[slot] = (max(0, round(chance.gauss(60, 50))), mark)
    return found


def tick(slot: int) -> SeriesBatch:
    """Return what a home hands over each five minutes."""
    batch = SeriesBatch()
    for number, key in enumerate(_KEYS):
        batch.put(key, values((slot,), slot * len(_KEYS) + number))
    ends = (slot * SLOT_S + 3, (slot + 1) * SLOT_S - 3)
    batch.readings[slot] = {
        key: tuple(CounterReading(time_s=time_s, value=10_000_000 + time_s % 1_000_000) for time_s in ends)
        for key in _KEYS[:_COUNTERS]
    }
    return batch


async def _fill_year(path: Path) -> SeriesStore:
    store = await SeriesStore.open(path)
    slots = _YEAR.slots()
    for first in range(slots.start, slots.stop, _SLOTS_A_DAY):
        day = range(first, min(first + _SLOTS_A_DAY, slots.stop))
        batch = SeriesBatch()
        for number, key in enumerate(_KEYS):
            batch.put(key, values(day, first + number))
        await store.write(batch)
    return store


async def _year_by_month_ms(store: SeriesStore) -> float:
    """Return the processor time of a year of all series by month, the median of 15 askings."""
    stretches = [
        Stretch(first_slot=month.slots().start, end_slot=month.slots().stop)
        for month in periods(_YEAR.start, _YEAR.end, Grouping.MONTH, _ZONE)
    ]
    times_ms = []
    for _ in range(15):
        began = time.process_time()
        found = await store.sums(_KEYS, stretches)
        times_ms.append(1000 * (time.process_time() - began))
        if [len(sums) for sums in found] != [len(_KEYS)] * 12:
            raise RuntimeError("A year has twelve months of all series")
    return sorted(times_ms)[len(times_ms) // 2]


async def _written_mb(store: SeriesStore) -> float:
    """Return what the ticks of a day hand to the operating system to write."""
    first = _YEAR.slots().stop
    before = _bytes_written()
    for slot in range(first, first + _SLOTS_A_DAY):
        await store.write(tick(slot))
    return (_bytes_written() - before) / 1e6


def _bytes_written() -> int:
    line = next(line for line in Path("/proc/self/io").read_text().splitlines() if line.startswith("wchar"))
    return int(line.split()[1])


async def _backfill_year_s(folder: Path) -> float:
    """Return how long a year of hours and ten days of five minutes of all series takes to be filled in.

    From statistics as the recorder answers with them, through every check and onto the disk.
    """
    store = await SeriesStore.open(folder / "filled.db")
    now = _YEAR.end
    fine_from = now - timedelta(days=10)

    async def ask(told_by: str, _unit: str, start: datetime, end: datetime, length_s: int) -> list[Interval]:
        first = max(start, fine_from) if length_s == SLOT_S else max(start, _YEAR.start)
        steps = range(int(first.timestamp()) // length_s, int(end.timestamp()) // length_s)
        chance = random.Random(told_by + str(first))  # noqa: S311 # a house, no secret
        return [Interval(start_s=at * length_s, amount=chance.uniform(0, length_s / 6)) for at in steps]

    keys = [
        SeriesKey(device_id=f"device {at}", name=name, unit="Wh")
        for at, name in enumerate(
            ("import", "export", "production", "charge", "discharge", *["consumption"] * 7)
        )
    ]
    try:
        began = time.monotonic()
        filling = Backfill(store, _SITE, OneTask())
        await filling.from_statistics({key: key.device_id for key in keys}, ask, now)
        return time.monotonic() - began
    finally:
        await store.close()


async def _kills(folder: Path, count: int, seed: int) -> tuple[int, int]:
    """Return how many of so many kills left a corrupt file, and the most slots that were lost to one."""
    path, chance = folder / "killed.db", random.Random(seed)  # noqa: S311 # moments, no secret
    first, lost = _YEAR.slots().start, 0
    for _ in range(count):
        promised = await asyncio.to_thread(_kill, path, first, chance.uniform(0.0, 0.25))
        store = await SeriesStore.open(path)
        if promised is not None:
            stretch = Stretch(first_slot=first, end_slot=promised + 1)
            readings = await store.readings_since(first)
            known = readings.get(_KEYS[0], {})
            lost = max(lost, sum(slot not in known for slot in range(stretch.first_slot, stretch.end_slot)))
            first = promised + 1
        await store.close()
    corrupt = list(folder.glob("killed.db.corrupt-*"))  # noqa: ASYNC240 # nothing else runs
    return len(corrupt), lost


def _kill(path: Path, first_slot: int, after_s: float) -> int | None:
    """Write slots until killed; return the last one that was said to be on the disk."""
    with subprocess.Popen(  # noqa: S603 # our own script
        [sys.executable, "-c", _WRITER, str(path), str(first_slot)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as writer:
        if writer.stdout is None or writer.stdout.readline() != "open\n":
            raise RuntimeError("The writer did not start")
        time.sleep(after_s)
        writer.kill()
        lines = [line for line in writer.stdout.readlines() if line.endswith("\n")]
    return int(lines[-1]) if lines else None


async def _run(kills: int, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await (await _fill_year(folder / "year.db")).close()
        # What filling it left to be written is no part of a day.
        store = await SeriesStore.open(folder / "year.db")
        try:
            year_ms = await _year_by_month_ms(store)
            written_mb = await _written_mb(store)
        finally:
            await store.close()
        backfill_s = await _backfill_year_s(folder)
        year_mb = (folder / "year.db").stat().st_size / 1e6  # nothing else runs
        corrupt, lost = await _kills(folder, kills, seed)
    return {
        "year_by_month_ms": round(year_ms, 1),
        "year_mb": round(year_mb, 2),
        "mb_written_per_day": round(written_mb, 2),
        "backfill_year_s": round(backfill_s, 2),
        "kills": kills,
        "corrupt": corrupt,
        "lost_intervals_max": lost,
        "write_transactions_per_minute": round(60 / max(WRITE_EVERY_S, SLOT_S), 2),
    }


def main() -> int:
    """Print the figures; fail when one is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    figures = asyncio.run(_run(given.kills, given.seed))
    missed = [f"{name} {figures[name]} over {most}" for name, most in _MOST.items() if figures[name] > most]
    for each in missed:
        print(f"missed: {each}")
    print(json.dumps(figures))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The home's own series on the disk: what is written stays, whole, marked, and bounded."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.signals import SignalKind, Slot
from custom_components.home_flex.core.statistics import (
    CounterReading,
    Coverage,
    Finding,
    Mark,
    Problem,
)
from custom_components.home_flex.history.database import take_copy
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore, Stretch

IMPORT = SeriesKey(device_id="meter", name="import", unit="Wh")
POWER = SeriesKey(device_id="meter", name="power", unit="W")
FIRST = 5_900_000
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = 288


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    opened = await SeriesStore.open(tmp_path / "series.db")
    yield opened
    await opened.close()


def batch(key: SeriesKey = IMPORT, *values: int | None, first: int = FIRST) -> SeriesBatch:
    made = SeriesBatch()
    made.put(
        key,
        {
            first + index: (value, Mark.MISSING if value is None else Mark.MEASURED)
            for index, value in enumerate(values)
        },
    )
    return made


async def values(
    store: SeriesStore, key: SeriesKey, slots: int, first: int = FIRST
) -> tuple[int | None, ...]:
    found = await store.read([key], Stretch(first_slot=first, end_slot=first + slots))
    return found[key].values


async def test_what_was_written_is_read_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "series.db"
    store = await SeriesStore.open(path)
    await store.write(batch(IMPORT, 100, None, 50))
    await store.close()

    again = await SeriesStore.open(path)

    assert await values(again, IMPORT, 4) == (100, None, 50, None)
    await again.close()


async def test_late_data_replace_a_slot_and_leave_its_neighbours_and_other_series(store: SeriesStore) -> None:
    await store.write(batch(IMPORT, 100, 90, 50))
    await store.write(batch(POWER, 1_200, 1_080, 600))
    late = SeriesBatch()
    late.put(IMPORT, {FIRST + 1: (95, Mark.INTERPOLATED)})

    await store.write(late)
    await store.write(late)

    found = await store.read([IMPORT, POWER], Stretch(first_slot=FIRST, end_slot=FIRST + 3))
    assert found[IMPORT].values == (100, 95, 50)
    assert found[IMPORT].marks == (Mark.MEASURED, Mark.INTERPOLATED, Mark.MEASURED)
    assert found[POWER].values == (1_200, 1_080, 600)


async def test_sums_say_how_they_are_covered(store: SeriesStore) -> None:
    await store.write(batch(IMPORT, 100, None, 50))
    await store.write(batch(POWER, -600, 600, 0))
    stretches = [
        Stretch(first_slot=FIRST - 1, end_slot=FIRST + 1),
        Stretch(first_slot=FIRST + 1, end_slot=FIRST + 4),
    ]

    first, second = await store.sums([IMPORT, POWER], stretches)

    assert (first[IMPORT].total, first[IMPORT].coverage) == (100, Coverage(measured=1, missing=1))
    assert (second[IMPORT].total, second[IMPORT].coverage) == (50, Coverage(measured=1, missing=2))
    assert second[POWER].total == 600


async def test_there_may_be_more_series_than_marks_fit_one_number(store: SeriesStore) -> None:
    keys = [SeriesKey(device_id=f"device {index}", name="power", unit="W") for index in range(70)]
    for index, key in enumerate(keys):
        await store.write(batch(key, index))

    found = await store.read(keys, Stretch(first_slot=FIRST, end_slot=FIRST + 1))

    assert [found[key].values for key in keys] == [(index,) for index in range(70)]
    assert {found[key].marks for key in keys} == {(Mark.MEASURED,)}


@pytest.mark.parametrize("value", ["7", True, 1.0, float("nan"), 1 << 60])
def test_what_a_column_would_turn_into_something_else_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        SeriesBatch().put(IMPORT, {FIRST: (value, Mark.MEASURED)})


async def test_a_batch_that_cannot_be_written_leaves_nothing(store: SeriesStore, tmp_path: Path) -> None:
    made = batch(IMPORT, 1)
    made.cells[POWER] = {FIRST: (1 << 50, Mark.MEASURED)}

    with pytest.raises(Exception, match="CHECK"):
        await store.write(made)

    await store.write(batch(POWER, 3))
    assert await values(store, POWER, 1) == (3,)
    with sqlite3.connect(tmp_path / "series.db") as reader:
        assert reader.execute("SELECT name FROM series").fetchall() == [("power",)]
    reader.close()


async def test_readings_at_the_ends_of_slots_are_kept_for_late_data(store: SeriesStore) -> None:
    first, second = (CounterReading(time_s=FIRST * 300 + at_s, value=at_s) for at_s in (5, 295))
    made = batch(IMPORT, 100)
    made.readings[FIRST] = {IMPORT: (first, second)}
    await store.write(made)
    other = batch(POWER, 1)
    other.readings[FIRST] = {POWER: (first,)}
    await store.write(other)

    found = await store.readings_since(FIRST)

    assert found == {IMPORT: {FIRST: (first, second)}, POWER: {FIRST: (first,)}}
    assert await store.readings_since(FIRST + 1) == {}


async def test_prices_and_findings_are_kept_with_their_time(store: SeriesStore) -> None:
    price = Slot(
        start=NOON,
        end=NOON + timedelta(hours=1),
        value=Decimal("-0.012345"),
        known_at=NOON - timedelta(days=1),
        source="exchange",
    )
    found = Finding(problem=Problem.RESET, start_s=100, end_s=110, amount=48)
    made = SeriesBatch(prices={("import_price", NOON): (price, "EUR/kWh")}, findings={IMPORT: [found]})
    await store.write(made)
    await store.write(made)

    kept = await store.prices(SignalKind.IMPORT_PRICE, "EUR/kWh", NOON, NOON + timedelta(minutes=5))
    assert (kept.unit, kept.slots) == ("EUR/kWh", (price,))
    nothing = await store.prices(SignalKind.EXPORT_PRICE, "EUR/kWh", NOON, NOON + timedelta(days=1))
    assert nothing.slots == ()
    assert await store.findings(IMPORT, 0, 200) == [found]
    assert await store.findings(POWER, 0, 200) == []


def lasting(start_h: float, end_h: float, value: str) -> Slot:
    start, end = (NOON + timedelta(hours=hours) for hours in (start_h, end_h))
    return Slot(start=start, end=end, value=Decimal(value), known_at=NOON, source="contract")


async def priced(store: SeriesStore, *told: tuple[Slot, str], unit: str = "EUR/kWh") -> list[Slot]:
    await store.write(SeriesBatch(prices={("import_price", slot.start): (slot, its) for slot, its in told}))
    return list((await store.prices(SignalKind.IMPORT_PRICE, unit, NOON, NOON + timedelta(days=1))).slots)


@pytest.mark.parametrize(("unit", "hours"), [("EUR/kWh", [0, 2]), ("SEK/kWh", [1]), ("GBP/kWh", [])])
async def test_what_is_told_in_another_currency_leaves_a_hole(
    store: SeriesStore, unit: str, hours: list[int]
) -> None:
    euros = (lasting(0, 1, "0.30"), "EUR/kWh"), (lasting(2, 3, "0.31"), "EUR/kWh")
    kept = await priced(store, *euros, (lasting(1, 2, "3.20"), "SEK/kWh"), unit=unit)
    assert [(slot.start - NOON) // timedelta(hours=1) for slot in kept] == hours


async def test_a_tariff_that_changes_holds_from_its_start_on(store: SeriesStore) -> None:
    kept = await priced(store, (lasting(0, 12, "0.30"), "EUR/kWh"), (lasting(12, 24, "0.40"), "EUR/kWh"))
    assert kept == [lasting(0, 12, "0.30"), lasting(12, 24, "0.40")]


async def test_of_times_that_a_clock_told_twice_the_price_that_began_last_holds(store: SeriesStore) -> None:
    kept = await priced(store, (lasting(0, 12, "0.30"), "EUR/kWh"), (lasting(11, 24, "0.40"), "EUR/kWh"))
    assert kept == [lasting(0, 11, "0.30"), lasting(11, 24, "0.40")]


async def test_what_is_too_old_is_forgotten_and_the_file_stays_bounded(tmp_path: Path) -> None:
    path = tmp_path / "series.db"
    store = await SeriesStore.open(path, keep=timedelta(days=10))
    sizes = []
    for day in range(60):
        await store.write(batch(IMPORT, *range(DAY), first=FIRST + day * DAY))
        with sqlite3.connect(path) as reader:
            sizes.append(reader.execute("PRAGMA page_count").fetchone()[0])
        reader.close()

    assert await values(store, IMPORT, 1) == (None,)
    assert await values(store, IMPORT, 2, first=FIRST + 59 * DAY) == (0, 1)
    assert max(sizes[20:]) <= 2 * sizes[15]
    await store.close()


async def test_a_file_of_a_newer_release_is_opened_and_written_to(tmp_path: Path) -> None:
    path = tmp_path / "series.db"
    store = await SeriesStore.open(path)
    await store.write(batch(IMPORT, 1))
    await store.close()
    with sqlite3.connect(path) as newer:
        newer.executescript("ALTER TABLE slot ADD COLUMN what_comes TEXT; PRAGMA user_version=9;")
    newer.close()

    older = await SeriesStore.open(path)
    await older.write(batch(IMPORT, 2, first=FIRST + 1))

    assert await values(older, IMPORT, 2) == (1, 2)
    await older.close()


async def test_a_corrupt_file_is_put_aside_and_a_copy_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "series.db"
    store = await SeriesStore.open(path)
    await store.write(batch(IMPORT, 7))
    take_copy(path)
    await store.close()
    path.write_bytes(b"no database" * 1_000)

    again = await SeriesStore.open(path)

    assert await values(again, IMPORT, 1) == (7,)
    assert len(list(tmp_path.glob("*.corrupt-*"))) == 1  # noqa: ASYNC240 # a test
    await again.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from custom_components.home_flex.core.statistics import Mark
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore

async def main():
    store = await SeriesStore.open(Path(sys.argv[1]))
    for slot in range(int(sys.argv[2]), 10**9):
        batch = SeriesBatch()
        for name in ("import", "export"):
            batch.put(SeriesKey(device_id="meter", name=name, unit="Wh"), {slot: (slot, Mark.MEASURED)})
        await store.write(batch)
        print(slot, flush=True)

asyncio.run(main())
"""


async def test_after_a_kill_every_slot_that_was_promised_is_there_and_whole(tmp_path: Path) -> None:
    path, first = tmp_path / "series.db", FIRST
    for promises in (1, 9, 40):
        with subprocess.Popen(  # noqa: S603, ASYNC220 # our own script
            [sys.executable, "-c", WRITER, str(path), str(first)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        ) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(promises)]
            time.sleep(0.002)  # noqa: ASYNC251 # nothing else runs
            writer.kill()
            lines += writer.stdout.readlines()
        last = int(next(line for line in reversed(lines) if line.endswith("\n")))
        store = await SeriesStore.open(path)
        both = [SeriesKey(device_id="meter", name=name, unit="Wh") for name in ("import", "export")]
        found = await store.read(both, Stretch(first_slot=FIRST, end_slot=last + 2))
        await store.close()
        assert found[both[0]].values == found[both[1]].values, "a slot is written whole"
        assert found[both[0]].values[:-1] == tuple(range(FIRST, last + 1))
        first = last + 1
    assert not list(tmp_path.glob("*.corrupt-*"))  # noqa: ASYNC240 # a test

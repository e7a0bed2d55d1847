"""Forecast against real: what was known before a period began, and what was counted in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.statistics import Mark, Period, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_runs import Run, RunKind
from custom_components.home_flex.history.series_store import SeriesStore
from custom_components.home_flex.runtime.forecast_figures import forecast_of

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERIOD = Period(start=NOON, end=NOON + 2 * HOUR)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    opened = await SeriesStore.open(tmp_path / "series.db")
    batch = SeriesBatch()
    first = slot_at(NOON)
    for device_id, name, wh in (("", "load", 50), ("car", "consumption", 20), ("roof", "production", 80)):
        key = SeriesKey(device_id=device_id, name=name, unit="Wh")
        batch.put(key, dict.fromkeys(range(first, first + 24), (wh, Mark.MEASURED)))
    await opened.write(batch)
    yield opened
    await opened.close()


def run(subject: str, known_at: datetime, *powers_w: int, start: datetime = NOON) -> Run:
    return Run(
        kind=RunKind.FORECAST,
        subject=subject,
        known_at=known_at,
        start=start,
        lengths_s=(3600,) * len(powers_w),
        powers_w=powers_w,
    )


async def subjects(store: SeriesStore, *runs: Run) -> dict[str, Any]:
    await store.write(SeriesBatch(runs=list(runs)))
    return await forecast_of(store, PERIOD)


async def test_the_last_forecast_before_a_period_stands_beside_what_was_counted(store: SeriesStore) -> None:
    found = await subjects(
        store,
        run("load", NOON - 6 * HOUR, 100, 100),
        run("load", NOON - HOUR, 0, 300, 500, start=NOON - HOUR),
        run("load", NOON + HOUR, 999, 999),
        run("roof", NOON - HOUR, 1_000, 900),
    )

    assert found == {
        "load": {"expected": 800, "real": 24 * 30, "known_at": (NOON - HOUR).isoformat()},
        "roof": {"expected": 1_900, "real": 24 * 80, "known_at": (NOON - HOUR).isoformat()},
    }


async def test_a_forecast_of_a_part_of_the_period_is_none(store: SeriesStore) -> None:
    assert await subjects(store, run("load", NOON - HOUR, 500), run("roof", NOON - 30 * HOUR, 1, 1)) == {}


async def test_what_was_not_counted_whole_is_not_compared(store: SeriesStore) -> None:
    hole = SeriesBatch()
    key = SeriesKey(device_id="car", name="consumption", unit="Wh")
    hole.put(key, {slot_at(NOON): (None, Mark.MISSING)})
    await store.write(hole)

    found = await subjects(store, run("load", NOON - HOUR, 500, 500))

    assert found["load"]["real"] is None

"""Forecasts and plans as they were known: kept as they were, thinned with age, and small."""

import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_runs import Run, RunKind
from custom_components.home_flex.history.series_store import SeriesStore

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    opened = await SeriesStore.open(tmp_path / "series.db")
    yield opened
    await opened.close()


def run(known_at: datetime, *powers_w: int, **other: Any) -> Run:
    given = {
        "kind": RunKind.FORECAST,
        "subject": "load",
        "lengths_s": (300,) * len(powers_w),
        "start": known_at,
        **other,
    }
    return Run(known_at=known_at, powers_w=powers_w, **given)


async def test_a_run_is_read_as_it_was_known_and_never_changes(store: SeriesStore) -> None:
    first = run(NOON, 400, -5_000, 0)
    await store.write(SeriesBatch(runs=[first]))
    await store.write(SeriesBatch(runs=[run(NOON, 1, 2, 3), run(NOON, 7, subject="roof")]))

    found = await store.runs(RunKind.FORECAST, "load", NOON, NOON + DAY)

    assert found == [first]
    assert await store.runs(RunKind.PLAN, "load", NOON, NOON + DAY) == []
    assert await store.runs(RunKind.FORECAST, "load", NOON - DAY, NOON) == []


async def test_old_runs_are_thinned_to_four_a_day_and_then_forgotten(tmp_path: Path) -> None:
    store = await SeriesStore.open(tmp_path / "series.db", keep=timedelta(days=40))
    start = NOON - timedelta(hours=12)
    for hour in range(0, 60 * 24, 3):
        await store.write(SeriesBatch(runs=[run(start + timedelta(hours=hour), 1)]))
    batch = SeriesBatch()
    key = SeriesKey(device_id="meter", name="import", unit="Wh")
    batch.put(key, {slot_at(start + 60 * DAY): (1, Mark.MEASURED)})

    await store.write(batch)

    found = await store.runs(RunKind.FORECAST, "load", start, start + 60 * DAY)
    assert found[0].known_at == start + 20 * DAY
    days = Counter(each.known_at.date() for each in found)
    assert [days[(start + day * DAY).date()] for day in (25, 55)] == [4, 8]
    await store.close()


async def test_a_year_of_runs_is_a_few_megabytes(store: SeriesStore, tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 # a house, no secret
    for number in range(200):
        powers_w = [round(chance.gauss(500, 300)) for _ in range(92)]
        await store.write(SeriesBatch(runs=[run(NOON + number * timedelta(hours=3), *powers_w)]))

    with sqlite3.connect(tmp_path / "series.db") as reader:
        (size,) = reader.execute("SELECT sum(length(steps)) FROM run").fetchone()
    reader.close()

    assert size / 200 < 300, "eight subjects, four times a day: 3.5 MB a year"


@pytest.mark.parametrize("wrong", [{"lengths_s": (300, 300)}, {"powers_w": ()}, {"powers_w": (1 << 31,)}])
def test_what_is_no_run_is_refused(wrong: dict[str, Any]) -> None:
    given = {"lengths_s": (300,) * len(wrong.get("powers_w", (1,))), "powers_w": (1,), **wrong}

    with pytest.raises(ValueError, match="power"):
        Run(kind=RunKind.PLAN, subject="", known_at=NOON, start=NOON, **given)

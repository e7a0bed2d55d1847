"""What meters counted: tariffs together, or a register for all; a meter that is no more is not in the way."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from custom_components.home_flex.core.statistics import Mark
from custom_components.home_flex.history.series_hours import SLOTS
from custom_components.home_flex.history.series_rows import Filling, SeriesBatch, SeriesKey, Source
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime.metered import added, metered

HOUR = 490_000
WHOLE = Stretch(first_slot=HOUR * SLOTS, end_slot=(HOUR + 2) * SLOTS)


def of(device_id: str, name: str) -> SeriesKey:
    return SeriesKey(device_id=device_id, name=name, unit="Wh")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    opened = await SeriesStore.open(tmp_path / "series.db")
    yield opened
    await opened.close()


async def measure(store: SeriesStore, key: SeriesKey, wh: int, hour: int = HOUR + 1) -> None:
    batch = SeriesBatch()
    batch.put(key, dict.fromkeys(range(hour * SLOTS, (hour + 1) * SLOTS), (wh, Mark.MEASURED)))
    await store.write(batch)


async def test_a_past_of_one_register_goes_on_as_two_tariffs(store: SeriesStore) -> None:
    told = Filling(source=Source.LONG_TERM, hours={HOUR: (600, Mark.MEASURED)})
    await store.fill({of("meter", "import"): told})
    await measure(store, of("meter", "import.1"), 30)
    await measure(store, of("meter", "import.2"), 20)

    found = await metered(store, "import", WHOLE)

    assert found["meter"].values == (50,) * 24


async def test_where_one_tariff_is_missing_the_meter_is(store: SeriesStore) -> None:
    await measure(store, of("meter", "import.1"), 30)
    await measure(store, of("meter", "import.2"), 20)
    hole = SeriesBatch()
    hole.put(of("meter", "import.2"), {WHOLE.end_slot - 1: (None, Mark.MISSING)})
    await store.write(hole)

    found = await metered(store, "import", WHOLE)

    assert found["meter"].values[-2:] == (50, None)


async def test_a_meter_that_took_the_place_of_another_goes_on_where_it_ended(store: SeriesStore) -> None:
    await measure(store, of("old", "import"), 40, hour=HOUR)
    await measure(store, of("new", "import"), 50)

    together = added(await metered(store, "import", WHOLE), WHOLE)

    assert together.values == (40,) * 12 + (50,) * 12

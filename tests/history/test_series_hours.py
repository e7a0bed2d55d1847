"""What others counted by the hour: kept where nothing was measured, and never counted twice."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import Coverage, Mark
from custom_components.home_flex.history.series_hours import SLOTS
from custom_components.home_flex.history.series_rows import Filled, Filling, SeriesBatch, SeriesKey, Source
from custom_components.home_flex.history.series_store import SeriesStore, Stretch

IMPORT = SeriesKey(device_id="meter", name="import", unit="Wh")
PEAK = SeriesKey(device_id="meter", name="import.1", unit="Wh")
HOUR = 490_000
FIRST = HOUR * SLOTS


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    opened = await SeriesStore.open(tmp_path / "series.db")
    yield opened
    await opened.close()


def by_hour(*values: int, source: Source = Source.LONG_TERM, first: int = HOUR) -> Filling:
    return Filling(
        source=source, hours={first + at: (value, Mark.MEASURED) for at, value in enumerate(values)}
    )


async def filled(store: SeriesStore, filling: Filling, key: SeriesKey = IMPORT) -> Filled:
    return (await store.fill({key: filling}))[key]


async def total(store: SeriesStore, hours: int = 1, key: SeriesKey = IMPORT) -> tuple[int, Coverage]:
    stretch = Stretch(first_slot=FIRST, end_slot=FIRST + hours * SLOTS)
    (found,) = await store.sums([key], [stretch])
    return found[key].total, found[key].coverage


async def measure(store: SeriesStore, key: SeriesKey, *slots: int) -> None:
    batch = SeriesBatch()
    batch.put(key, dict.fromkeys((FIRST + slot for slot in slots), (50, Mark.MEASURED)))
    await store.write(batch)


async def test_hours_are_summed_and_covered_as_they_were_told(store: SeriesStore) -> None:
    assert await filled(store, by_hour(400, 300)) == Filled(new=2)

    assert await total(store, 3) == (700, Coverage(measured=24, missing=12))


async def test_filling_in_the_same_again_changes_nothing(store: SeriesStore) -> None:
    await filled(store, by_hour(400, 300))

    assert await filled(store, by_hour(400, 300)) == Filled(kept=2)
    assert (await total(store, 2))[0] == 700


async def test_an_hour_in_which_something_was_measured_keeps_the_measured(store: SeriesStore) -> None:
    await measure(store, IMPORT, 11)

    assert await filled(store, by_hour(400, 300)) == Filled(new=1, kept=1)
    assert await total(store, 2) == (350, Coverage(measured=13, missing=11))


async def test_an_hour_of_all_registers_is_not_added_to_one_of_a_tariff(store: SeriesStore) -> None:
    await measure(store, PEAK, 11)

    assert await filled(store, by_hour(400, 300)) == Filled(new=1, kept=1)


async def test_what_is_measured_late_takes_the_place_of_what_was_told(store: SeriesStore) -> None:
    await filled(store, by_hour(400, 300))

    await measure(store, PEAK, *range(SLOTS))

    assert (await total(store, 2))[0] == 300
    assert (await total(store, 2, PEAK))[0] == 600


async def test_who_is_believed_less_overrides_nobody(store: SeriesStore) -> None:
    await filled(store, by_hour(400))

    assert await filled(store, by_hour(999, 300, source=Source.FILE)) == Filled(new=1, kept=1)
    assert (await total(store, 2))[0] == 700
    assert await filled(store, by_hour(310, first=HOUR + 1)) == Filled(new=1)


async def test_five_minutes_of_the_recorder_take_the_place_of_its_hour_only_as_a_whole(
    store: SeriesStore,
) -> None:
    await filled(store, by_hour(400, 300))
    slots = dict.fromkeys(range(FIRST, FIRST + SLOTS + 3), (30, Mark.MEASURED))

    found = await filled(store, Filling(source=Source.SHORT_TERM, slots=slots))

    assert found == Filled(new=12, kept=3)
    assert (await total(store, 2))[0] == 360 + 300


async def test_an_hour_read_by_slots_is_a_line_that_sums_to_it(store: SeriesStore) -> None:
    await filled(store, by_hour(401))

    found = await store.read([IMPORT], Stretch(first_slot=FIRST, end_slot=FIRST + SLOTS))

    assert found[IMPORT].total == 401
    assert set(found[IMPORT].marks) == {Mark.INTERPOLATED}
    assert {value for value in found[IMPORT].values if value is not None} == {33, 34}


@given(
    values=st.lists(st.integers(0, 17_000), min_size=1, max_size=4),
    at=st.lists(st.integers(0, 48), max_size=4),
)
@settings(max_examples=25, deadline=None)
async def test_a_stretch_is_the_sum_of_its_parts_wherever_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, values: list[int], at: list[int]
) -> None:
    store = await SeriesStore.open(tmp_path_factory.mktemp("cut") / "series.db")
    await filled(store, by_hour(*values))
    bounds = sorted({0, 48, *at})

    parts = await store.sums(
        [IMPORT],
        [Stretch(first_slot=FIRST + first, end_slot=FIRST + end) for first, end in pairwise(bounds)],
    )

    assert sum(part[IMPORT].total for part in parts) == sum(values)
    assert sum(part[IMPORT].coverage.missing for part in parts) == 48 - SLOTS * len(values)
    await store.close()


def test_nothing_is_filled_in_with_nothing() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Filling(source=Source.FILE, hours={HOUR: (1, Mark.MISSING)})

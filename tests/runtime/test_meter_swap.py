"""A meter that was replaced: its series goes on with what was read off both, and says that it was changed."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from custom_components.home_flex.core.statistics import Mark, MeterSwap, Problem
from custom_components.home_flex.history.series_rows import SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime.meter_swap import swap_meter
from custom_components.home_flex.runtime.view import RequestError

from .test_series_feed import NOON, SITE, SLOT, House, meter, moments, view

IMPORT = SeriesKey(device_id="meter", name="import", unit="Wh")
CHANGED = NOON + timedelta(minutes=17)


def swap(end_value: int, start_value: int, at: datetime = CHANGED) -> MeterSwap:
    return MeterSwap(time_s=int(at.timestamp()), end_value=end_value, start_value=start_value)


class Replaced(House):
    """A house of 600 W whose meter stops at 12,346,000 Wh after 15 minutes; the new one speaks from 18 on."""

    def live(self, *, until_new: bool = False) -> None:
        for at, at_s in moments(900):
            self.feed.view_changed(view(at, meter=meter(at, 12_345_850 + at_s / 6)))
        if not until_new:
            self.new_meter()

    def new_meter(self) -> None:
        for at, at_s in moments(700, start=NOON + timedelta(minutes=18)):
            self.feed.view_changed(view(at, meter=meter(at, 871_000 + at_s / 6)))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SeriesStore]:
    opened = await SeriesStore.open(tmp_path / "series.db")
    yield opened
    await opened.close()


async def slots(store: SeriesStore) -> list[tuple[int | None, Mark]]:
    found = await store.read([IMPORT], Stretch(first_slot=SLOT, end_slot=SLOT + 5))
    return list(zip(found[IMPORT].values, found[IMPORT].marks, strict=True))


async def test_without_readings_of_both_meters_the_change_is_a_hole_that_is_told(store: SeriesStore) -> None:
    house = Replaced()
    house.live()
    await store.write(house.whole)

    assert (await slots(store))[3] == (None, Mark.MISSING)
    assert Problem.METER_CHANGED in {each.problem for each in await store.findings(IMPORT, 0, 1 << 40)}


async def test_with_readings_of_both_meters_no_watt_hour_is_missing(store: SeriesStore) -> None:
    house = Replaced()
    house.live()
    await store.write(house.whole)

    batch, told = await swap_meter(store, SITE, IMPORT, swap(12_346_020, 870_990))
    await store.write(batch)

    assert told["counted"] == 12_346_020 - 12_345_998 + 871_000 - 870_990
    found = await slots(store)
    assert sum(value or 0 for value, _ in found) == 5 * 50
    assert found[3][1] in {Mark.MEASURED, Mark.INTERPOLATED}


async def test_a_change_that_is_told_before_the_new_meter_speaks_waits_for_it(store: SeriesStore) -> None:
    house = Replaced()
    house.live(until_new=True)
    await store.write(house.whole)
    told_change = swap(12_346_020, 870_990)

    batch, told = await swap_meter(store, SITE, IMPORT, told_change)
    assert told["counted"] is None
    await store.write(batch)
    assert await store.swaps_since(SLOT) == {IMPORT: (told_change,)}
    house.feed.swap(IMPORT, told_change)
    house.new_meter()
    await store.write(house.whole)

    assert sum(value or 0 for value, _ in await slots(store)) == 5 * 50


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (swap(12_345_000, 870_990), "swap_refused"),
        (swap(12_346_020, 880_000), "swap_refused"),
        (swap(12_346_020, 870_990, NOON - timedelta(days=1)), "nothing_before_swap"),
    ],
)
async def test_readings_that_do_not_fit_are_refused_and_change_nothing(
    store: SeriesStore, told: MeterSwap, reason: str
) -> None:
    house = Replaced()
    house.live()
    await store.write(house.whole)

    with pytest.raises(RequestError) as refused:
        await swap_meter(store, SITE, IMPORT, told)

    assert refused.value.reason == reason
    assert (await slots(store))[3] == (None, Mark.MISSING)

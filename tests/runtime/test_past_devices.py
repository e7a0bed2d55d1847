"""What the series tell of devices and of the weather on other days, for a re-run of them."""

from datetime import UTC, date, datetime
from pathlib import Path

from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.core.statistics.registers import CONSUMPTION, OUTDOOR, TENTH_C, WH
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.series_store import SeriesStore, Stretch
from custom_components.home_flex.runtime.past_devices import Days, devices_past

DAY = date(2026, 1, 15)
FIRST = slot_at(datetime(2026, 1, 15, tzinfo=UTC))


async def test_devices_are_summed_and_the_weather_is_a_mean_by_quarter_hours_of_local_days(
    tmp_path: Path,
) -> None:
    store = await SeriesStore.open(tmp_path / "series.sqlite")
    batch = SeriesBatch()
    for key, first in (
        (SeriesKey(device_id="pump", name=CONSUMPTION, unit=WH), [100, 101, 102]),
        (SeriesKey(device_id="", name=OUTDOOR, unit=TENTH_C), [-10, -11, -12]),
    ):
        cells = {FIRST + index: (value, Mark.MEASURED) for index, value in enumerate(first)}
        batch.put(key, {**cells, FIRST + 3: (7, Mark.MEASURED)})
    await store.write(batch)

    days = Days(first=DAY, last=DAY, zone=UTC)
    found = await devices_past(store, {"pump"}, days, Stretch(first_slot=FIRST, end_slot=FIRST + 288))
    await store.close()

    assert found.use_wh["pump"][DAY][:3] == (303, None, None)
    assert found.outdoor_dk[DAY][:3] == (-11, None, None)

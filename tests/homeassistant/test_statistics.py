"""Figures of the home's own series in Home Assistant: kept, asked for, in the backup, and removed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr

from custom_components.home_flex.backup import async_post_backup, async_pre_backup
from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.signals import Slot
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.home_series import series_path
from custom_components.home_flex.runtime.series_keeper import SeriesKeeper

from .house import until

BRUSSELS = ZoneInfo("Europe/Brussels")
DAY = datetime(2026, 3, 29, tzinfo=BRUSSELS)  # it has 23 hours


async def keeper_of(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> SeriesKeeper:
    await hass.config.async_set_time_zone("Europe/Brussels")
    await until(lambda: entry.runtime_data.series.keeper is not None)
    keeper = entry.runtime_data.series.keeper
    assert keeper is not None
    return keeper


async def fill(keeper: SeriesKeeper, device_id: str, *, days: int = 1) -> None:
    """Write days of 600 W of import and 240 W of export, at 0.30 and 0.05 per kWh."""
    first, last = slot_at(DAY), slot_at(DAY + timedelta(days=days))
    batch = SeriesBatch()
    for name, value in (("import", 50), ("export", 20)):
        key = SeriesKey(device_id=device_id, name=name, unit="Wh")
        batch.put(key, dict.fromkeys(range(first, last), (value, Mark.MEASURED)))
    batch.put(
        SeriesKey(device_id=device_id, name="power", unit="W"),
        dict.fromkeys(range(first, last), (360, Mark.MEASURED)),
    )
    for kind, price, unit in (
        ("import_price", "0.30", "EUR/kWh"),
        ("export_price", "0.05", "EUR/kWh"),
        ("carbon_intensity", "200", "g/kWh"),
    ):
        start, end = (datetime.fromtimestamp(slot * 300, DAY.tzinfo) for slot in (first, last))
        slot = Slot(start=utc(start), end=utc(end), value=Decimal(price), known_at=utc(start), source="test")
        batch.prices[kind, slot.start] = slot, unit
    await keeper.store.write(batch)


def utc(time: datetime) -> datetime:
    return datetime.fromtimestamp(time.timestamp(), UTC)


async def asked(hass: HomeAssistant, **data: Any) -> list[dict[str, Any]]:
    data = {"start": DAY.isoformat(), "end": (DAY + timedelta(days=1)).isoformat(), **data}
    answer = await hass.services.async_call(
        DOMAIN, "get_statistics", data, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    periods = answer["periods"]
    assert isinstance(periods, list)
    return periods  # type: ignore[return-value] # plain JSON


async def test_energy_of_a_day_of_23_hours_with_how_it_is_covered(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    await fill(await keeper_of(hass, site), "meter")

    (day,) = await asked(hass, kind="energy")

    assert (day["import"], day["export"]) == (23 * 600, 23 * 240)
    assert day["coverage"]["import"] == {
        "measured": 23 * 12,
        "interpolated": 0,
        "estimated": 0,
        "missing": 0,
    }
    hours = await asked(hass, kind="energy", group_by="hour")
    assert [hour["import"] for hour in hours] == [600] * 23


async def test_what_was_not_kept_is_missing_and_not_zero_for_sure(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    await fill(await keeper_of(hass, site), "meter")

    (two_days,) = await asked(
        hass, kind="energy", group_by="total", start=(DAY - timedelta(days=1)).isoformat()
    )

    assert two_days["coverage"]["import"]["missing"] == 288


async def test_what_a_day_cost_is_rounded_once(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    await fill(await keeper_of(hass, site), "meter")

    (day,) = await asked(hass, kind="cost")

    assert (day["import_cost"], day["export_revenue"], day["total"]) == ("4.14", "0.28", "3.86")
    assert day["unpriced_slots"] == 0


async def test_carbon_and_the_peak_of_a_day(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    await fill(await keeper_of(hass, site), "meter")

    (carbon,) = await asked(hass, kind="carbon")
    (power,) = await asked(hass, kind="power")

    assert (carbon["footprint"], carbon["avoided_by_export"]) == ("2.760", "1.104")
    assert (power["quarter_hour_peak"], power["quarter_hour_start"]) == (600, DAY.isoformat())


async def test_a_meter_that_is_no_more_takes_nothing_away(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    keeper = await keeper_of(hass, site)
    old = SeriesBatch()
    old.put(SeriesKey(device_id="old meter", name="import", unit="Wh"), {1: (5, Mark.MEASURED)})
    await keeper.store.write(old)
    await fill(keeper, "meter")

    (power,) = await asked(hass, kind="power")
    (cost,) = await asked(hass, kind="cost")

    assert (power["quarter_hour_peak"], cost["unpriced_slots"]) == (600, 0)


async def test_figures_of_one_device(
    hass: HomeAssistant, house: HomeFlexConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    keeper = await keeper_of(hass, house)
    (roof,) = (subentry for subentry in house.subentries.values() if subentry.title == "Roof")
    await fill(keeper, roof.subentry_id)
    device = next(
        one
        for one in dr.async_entries_for_config_entry(device_registry, house.entry_id)
        if one.name == "Roof"
    )

    (day,) = await asked(hass, kind="power", device_id=device.id)

    assert day["mean"] == 360


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"end": DAY.isoformat()}, "invalid_range"),
        ({"group_by": "15min", "end": (DAY + timedelta(days=90)).isoformat()}, "invalid_range"),
        ({"device_id": "nobody"}, "unknown_device"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_words(
    hass: HomeAssistant, site: HomeFlexConfigEntry, data: dict[str, str], problem: str
) -> None:
    await keeper_of(hass, site)

    with pytest.raises(ServiceValidationError) as refusal:
        await asked(hass, kind="energy", **data)

    assert refusal.value.translation_key == problem


async def test_the_series_are_in_the_backup_and_are_removed_with_the_site(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    path: Path = series_path(hass, site.entry_id)
    await fill(await keeper_of(hass, site), "meter")
    copy = path.with_name(f"{path.name}.backup")

    await async_pre_backup(hass)
    assert copy.exists()
    await async_post_backup(hass)
    assert not copy.exists()

    await hass.config_entries.async_remove(site.entry_id)
    await hass.async_block_till_done()
    assert not path.exists()  # noqa: ASYNC240 # a test

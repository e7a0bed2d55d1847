"""What the panel is told of how the home does: only what is known, and since when."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey

from .test_panel import Browser, Clients
from .test_statistics import keeper_of


async def told(hass: HomeAssistant, hass_ws_client: Clients) -> Any:
    answer = await Browser(await hass_ws_client(hass)).ask(type=f"{DOMAIN}/performance")
    assert answer["success"], answer
    return answer["result"]


def device_id(entry: HomeFlexConfigEntry, title: str) -> str:
    return next(each.subentry_id for each in entry.subentries.values() if each.title == title)


async def write(
    hass: HomeAssistant,
    entry: HomeFlexConfigEntry,
    days: int,
    series: dict[str, tuple[str, list[int | None]]],
) -> None:
    """Write series of the battery, each with a pattern that comes again, for so many days until now."""
    keeper = await keeper_of(hass, entry)
    end = slot_at(dt_util.utcnow())
    slots = range(end - 288 * days, end)
    batch = SeriesBatch()
    for name, (unit, values) in series.items():
        cells = {
            slot: (
                values[index % len(values)],
                Mark.MISSING if values[index % len(values)] is None else Mark.MEASURED,
            )
            for index, slot in enumerate(slots)
        }
        batch.put(SeriesKey(device_id=device_id(entry, "Cellar battery"), name=name, unit=unit), cells)
    await keeper.store.write(batch)


async def test_a_battery_has_lost_what_went_in_for_good(
    hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients
) -> None:
    await write(
        hass,
        house,
        4,
        {
            "charge": ("Wh", [10, 0]),
            "discharge": ("Wh", [0, 9]),
            "state_of_charge": ("per_mille", [500]),
        },
    )
    (battery,) = (await told(hass, hass_ws_client))["batteries"]
    assert battery["name"] == "Cellar battery"
    assert battery["charge_wh"] - battery["discharge_wh"] == battery["loss_wh"]
    assert battery["loss_wh"] == pytest.approx(4 * 144, abs=20)
    assert battery["cycles"] > 0


async def test_what_a_battery_lost_is_not_guessed_where_something_is_missing(
    hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients
) -> None:
    await write(
        hass,
        house,
        4,
        {
            "charge": ("Wh", [10, None]),
            "discharge": ("Wh", [9]),
            "state_of_charge": ("per_mille", [500]),
        },
    )
    (battery,) = (await told(hass, hass_ws_client))["batteries"]
    assert battery["loss_wh"] is None
    assert battery["known"] == pytest.approx(0.5, abs=0.01)


async def test_a_device_was_heard_for_the_time_since_it_is_known(
    hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients
) -> None:
    await write(hass, house, 2, {"power": ("W", [100, 100, 100, None])})
    devices = {each["name"]: each for each in (await told(hass, hass_ws_client))["devices"]}
    assert devices["Cellar battery"]["heard"] == pytest.approx(0.75, abs=0.02)
    assert devices["Cellar battery"]["heard_since"] < dt_util.utcnow().isoformat()


async def test_a_home_that_was_just_set_up_has_no_figures_yet_and_says_so(
    hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients
) -> None:
    await keeper_of(hass, house)
    document = await told(hass, hass_ws_client)
    assert document["heat_loss"] is None
    assert {each["heard"] for each in document["devices"]} == {None}
    assert [each["cycles"] for each in document["batteries"]] == [None]
    assert document["home"]["self_sufficiency"] is None
    assert document["start"] < (dt_util.utcnow() - timedelta(days=29)).isoformat()

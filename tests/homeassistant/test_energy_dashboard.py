"""The Energy dashboard is filled in with what the home measures, where nothing stands; what does is kept."""

from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.components.energy.data import ENERGY_SOURCE_SCHEMA, EnergyManager, async_get_manager
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.energy_prefill import async_sources_of_others, price_entity, suggestions

from .test_first_run import first_run
from .test_panel import Browser, browser

__all__ = ["browser"]

METER_OF_THEIR_OWN: dict[str, Any] = {
    "type": "grid",
    "stat_energy_from": "sensor.meter_of_their_own",
    "stat_energy_to": None,
    "stat_cost": None,
    "entity_energy_price": None,
    "number_energy_price": None,
    "stat_compensation": None,
    "entity_energy_price_export": None,
    "number_energy_price_export": None,
    "cost_adjustment_day": 0.0,
}


@pytest.fixture
async def dashboard(hass: HomeAssistant) -> EnergyManager:
    """Have Home Assistant's own store of the dashboard, without the recorder behind it."""
    hass.config.components.add("energy")
    return await async_get_manager(hass)


async def fill(hass: HomeAssistant, **more: Any) -> Any:
    answer = await hass.services.async_call(
        DOMAIN, "fill_energy_dashboard", {}, blocking=True, return_response=True, **more
    )
    assert answer is not None
    return answer["added"]


def sensor(hass: HomeAssistant, entry: HomeFlexConfigEntry, kind: str, key: str) -> str:
    (device,) = entry.get_subentries_of_type(kind)
    found = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{device.subentry_id}_{key}")
    assert found is not None
    return found


async def test_an_empty_dashboard_is_filled_in_with_each_device_that_counts(
    hass: HomeAssistant, house: HomeFlexConfigEntry, dashboard: EnergyManager
) -> None:
    assert await fill(hass) == ["grid", "solar", "battery"]
    assert dashboard.data is not None
    grid, solar, battery = dashboard.data["energy_sources"]
    assert (grid["type"], grid["stat_energy_from"], grid["stat_energy_to"]) == (  # type: ignore[typeddict-item] # a grid
        "grid",
        sensor(hass, house, "grid_meter", "energy_import"),
        sensor(hass, house, "grid_meter", "energy_export"),
    )
    assert grid["entity_energy_price"] == "sensor.my_home_import_price_now"  # type: ignore[typeddict-item] # a grid
    assert solar["stat_energy_from"] == sensor(hass, house, "pv", "energy_produced")  # type: ignore[typeddict-item] # solar
    assert {battery["stat_energy_from"], battery["stat_energy_to"]} == {  # type: ignore[typeddict-item] # a battery
        sensor(hass, house, "battery", "energy_charged"),
        sensor(hass, house, "battery", "energy_discharged"),
    }


async def test_what_is_entered_is_what_home_assistant_itself_would_take(
    hass: HomeAssistant, house: HomeFlexConfigEntry, dashboard: EnergyManager
) -> None:
    await fill(hass)
    assert dashboard.data is not None
    ENERGY_SOURCE_SCHEMA(dashboard.data["energy_sources"])  # raises where one is wrong


async def test_what_somebody_entered_stays_and_is_not_doubled(
    hass: HomeAssistant, house: HomeFlexConfigEntry, dashboard: EnergyManager
) -> None:
    devices: Any = [{"stat_consumption": "sensor.fridge"}]
    theirs: Any = {"energy_sources": [METER_OF_THEIR_OWN], "device_consumption": devices}
    await dashboard.async_update(theirs)
    assert await fill(hass) == ["solar", "battery"]
    assert await fill(hass) == []
    assert dashboard.data is not None
    assert dashboard.data["energy_sources"][0] == METER_OF_THEIR_OWN
    assert [each["type"] for each in dashboard.data["energy_sources"]] == ["grid", "solar", "battery"]
    assert dashboard.data["device_consumption"] == devices


async def test_a_sensor_that_somebody_disabled_is_not_entered(
    hass: HomeAssistant, house: HomeFlexConfigEntry, dashboard: EnergyManager
) -> None:
    registry = er.async_get(hass)
    produced = sensor(hass, house, "pv", "energy_produced")
    registry.async_update_entity(produced, disabled_by=er.RegistryEntryDisabler.USER)
    assert await fill(hass) == ["grid", "battery"]


async def test_the_guided_first_run_tells_what_is_lacking_until_it_is_there(
    hass: HomeAssistant, browser: Browser, dashboard: EnergyManager
) -> None:
    assert (await first_run(browser))["lacking_in_energy"] == ["grid", "solar", "battery"]
    await fill(hass)
    assert (await first_run(browser))["lacking_in_energy"] == []


async def test_the_homes_own_sensors_are_suggested_in_no_form(
    hass: HomeAssistant, house: HomeFlexConfigEntry, dashboard: EnergyManager
) -> None:
    await fill(hass)
    sources = await async_sources_of_others(hass)
    kinds = (DeviceKind.GRID_METER, DeviceKind.PV, DeviceKind.BATTERY)
    assert [
        each for kind in kinds for each in suggestions(kind, sources) if each.keys() != {"capacity"}
    ] == []
    assert price_entity(sources) is None


async def test_without_an_energy_dashboard_it_says_so_and_lacks_nothing(
    hass: HomeAssistant, browser: Browser
) -> None:
    assert (await first_run(browser))["lacking_in_energy"] == []
    with pytest.raises(ServiceValidationError) as refused:
        await fill(hass)
    assert refused.value.translation_key == "no_energy_dashboard"


async def test_only_who_administers_the_home_fills_it_in(
    hass: HomeAssistant, house: HomeFlexConfigEntry, dashboard: EnergyManager, hass_read_only_user: User
) -> None:
    with pytest.raises(Unauthorized):
        await fill(hass, context=Context(user_id=hass_read_only_user.id))
    assert dashboard.data is None

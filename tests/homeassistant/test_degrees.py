"""Forms ask for temperatures in the unit that the home's thermometers show."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from homeassistant.util.unit_system import METRIC_SYSTEM, US_CUSTOMARY_SYSTEM, UnitSystem

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.entity_fields import by_hand_suggested, entered_in

from .house import SubentryFlow, suggested
from .test_entity_devices import add, of_kind
from .test_panel_wishes import BOILER_FORM

FAHRENHEIT_FORM = BOILER_FORM | {"min_temperature": 113.0, "max_temperature": 149.0}


@pytest.fixture
async def boiler(hass: HomeAssistant) -> None:
    hass.config.units = US_CUSTOMARY_SYSTEM
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"boiler": {"initial": False}}}
    )
    hass.states.async_set("sensor.boiler", "0", {"unit_of_measurement": "W"})
    hass.states.async_set("sensor.tank", "122", {"unit_of_measurement": "°F"})


@pytest.mark.usefixtures("boiler")
async def test_what_is_entered_in_fahrenheit_is_kept_in_celsius_and_shown_as_entered(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    added: Any = await add(hass, site, "water_heater", FAHRENHEIT_FORM)
    assert added["type"] is FlowResultType.CREATE_ENTRY
    roles = of_kind(site, "water_heater").data["roles"]
    assert [round(roles[role]["value"], 6) for role in ("min_temperature", "max_temperature")] == [45.0, 65.0]
    form = await SubentryFlow(hass, site.entry_id, "water_heater").start(
        of_kind(site, "water_heater").subentry_id
    )
    assert {name: suggested(form, name) for name in FAHRENHEIT_FORM} == FAHRENHEIT_FORM


@pytest.mark.parametrize(
    ("units", "unit", "room", "bounds"),
    [
        (METRIC_SYSTEM, "°C", (19.0, 23.0), (0.0, 95.0)),
        (US_CUSTOMARY_SYSTEM, "°F", (66.2, 73.4), (32.0, 203.0)),
    ],
)
def test_fields_and_what_stands_in_them_are_in_the_unit_of_the_home(
    hass: HomeAssistant, units: UnitSystem, unit: str, room: tuple[float, float], bounds: tuple[float, float]
) -> None:
    hass.config.units = units
    entered = entered_in(hass)["min_temperature"]
    assert (entered.unit, entered.low, entered.high) == (unit, *bounds)
    beforehand = by_hand_suggested(hass, DeviceKind.HEAT_PUMP)
    assert (beforehand["min_temperature"], beforehand["max_temperature"]) == room
    assert entered_in(hass)["capacity"].unit == "kWh"

"""What helps a device: its quiet times, and what its car tells."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.wishes import Car
from custom_components.home_flex.runtime.home_settings import Heard

from .conftest import StartSite
from .house import charger, suggested

QUIET = "schedule.night"
CAR = {"car_soc": "sensor.car", "car_capacity_kwh": 50.0}


@pytest.fixture
async def home(start_site: StartSite) -> HomeFlexConfigEntry:
    """Set up a site with a charger."""
    entry: HomeFlexConfigEntry = await start_site(charger("Garage", "CP1"))
    return entry


def charger_id(entry: HomeFlexConfigEntry) -> str:
    (found,) = entry.get_subentries_of_type("ev_charger")
    return found.subentry_id


async def open_form(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> Any:
    """Return the form of the charger's helpers."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert (menu["type"], menu["menu_options"]) == (FlowResultType.MENU, ["device", "history_file"])
    form = await hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": "device"})
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "device")
    form = await hass.config_entries.options.async_configure(form["flow_id"], {"devices": charger_id(entry)})
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "helpers")
    assert form["description_placeholders"] == {"device": "Garage"}
    return form


async def enter(hass: HomeAssistant, form: Any, **values: Any) -> Any:
    result = await hass.config_entries.options.async_configure(form["flow_id"], values)
    await hass.async_block_till_done()
    return result


def heard(entry: HomeFlexConfigEntry) -> Heard:
    said: Heard = entry.runtime_data.controller.settings.heard()
    return said


async def test_without_devices_there_is_nothing_to_help(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    menu = await hass.config_entries.options.async_init(site.entry_id)
    refused = await hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": "device"})
    assert (refused["type"], refused["reason"]) == (FlowResultType.ABORT, "no_devices")


async def test_helpers_are_kept_and_suggested_again(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    before = home.runtime_data
    done = await enter(hass, await open_form(hass, home), quiet=QUIET, **CAR)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert home.options["helpers"] == {charger_id(home): {"quiet": QUIET, **CAR}}
    assert home.runtime_data is not before
    form = await open_form(hass, home)
    assert (suggested(form, "quiet"), suggested(form, "car_soc")) == (QUIET, "sensor.car")
    await enter(hass, form)
    assert home.options["helpers"] == {}


@pytest.mark.parametrize("half", [{"car_soc": "sensor.car"}, {"car_capacity_kwh": 50.0}])
async def test_a_car_that_is_half_known_is_refused(
    hass: HomeAssistant, home: HomeFlexConfigEntry, half: dict[str, Any]
) -> None:
    form = await open_form(hass, home)
    refused = await enter(hass, form, **half)
    assert refused["errors"] == {"base": "car_half_known"}
    assert (await enter(hass, form, **CAR))["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("state", "is_quiet"),
    [("on", True), ("off", False), ("unavailable", True), ("unknown", True), (None, True)],
)
async def test_a_device_is_quiet_while_its_schedule_is_on_or_cannot_be_read(
    hass: HomeAssistant, home: HomeFlexConfigEntry, state: str | None, is_quiet: bool
) -> None:
    await enter(hass, await open_form(hass, home), quiet=QUIET)
    if state is not None:
        hass.states.async_set(QUIET, state)
    assert (charger_id(home) in heard(home).quiet) is is_quiet
    await home.runtime_data.controller.tick()
    decided = hass.states.get("sensor.garage_decided_by")
    assert decided is not None
    assert decided.attributes["reason"] == ("quiet" if is_quiet else None)


@pytest.mark.parametrize(
    ("state", "soc"),
    [("64", 0.64), ("0", 0.0), ("100", 1.0), ("101", None), ("-1", None), ("nan", None), ("unknown", None)],
)
async def test_the_car_tells_its_state_of_charge(
    hass: HomeAssistant, home: HomeFlexConfigEntry, state: str, soc: float | None
) -> None:
    await enter(hass, await open_form(hass, home), **CAR)
    hass.states.async_set("sensor.car", state)
    assert heard(home).cars == {charger_id(home): Car(state_of_charge=soc, capacity_wh=50_000.0)}


async def test_targets_in_percent_are_there_once_the_car_tells_its_own(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    assert hass.states.get("number.garage_target_charge") is None
    await enter(hass, await open_form(hass, home), **CAR)
    for entity_id, value in (("number.garage_target_charge", 90), ("number.garage_minimum_charge", 30)):
        await hass.services.async_call(
            "number", "set_value", {"entity_id": entity_id, "value": value}, blocking=True
        )
        state = hass.states.get(entity_id)
        assert state is not None
        assert float(state.state) == value
    wishes = home.runtime_data.data.wishes.charger(charger_id(home))
    assert (wishes.target_soc, wishes.minimum_soc) == (0.9, 0.3)

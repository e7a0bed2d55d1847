"""What the site and its devices show, with a real meter, PV inverter and battery on the wire."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from tests.devices.fakes.modbus_server import FakeModbusServer
from tests.devices.ocpp_clients import dial

from .conftest import StartSite
from .house import subentry, until


def number(hass: HomeAssistant, entity_id: str) -> float:
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return float(state.state)


def text(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.state


@pytest.mark.parametrize(
    ("entity_id", "value"),
    [
        ("sensor.grid_meter_power", 1500),
        ("sensor.grid_meter_energy_import", 1200.75),
        ("sensor.grid_meter_energy_export", 50.125),
        ("sensor.grid_meter_power_l1", 700),
        ("sensor.roof_production_power", 2500),
        ("sensor.roof_energy_produced", 5_000_000),
        ("sensor.roof_rated_power", 5000),
        ("sensor.cellar_battery_power", 1500),
        ("sensor.cellar_battery_battery", 55),
        ("sensor.cellar_battery_energy_charged", 9),
        ("sensor.cellar_battery_energy_discharged", 7),
        ("sensor.cellar_battery_capacity", 10),
        ("number.cellar_battery_reserve", 10),
        ("sensor.my_home_grid_power", 1500),
        ("sensor.my_home_pv_power", 2500),
        ("sensor.my_home_battery_power", 1500),
        ("sensor.my_home_house_consumption", 5500),
    ],
)
async def test_each_device_and_the_site_show_power_and_energy_as_the_energy_dashboard_wants(
    hass: HomeAssistant, house: HomeFlexConfigEntry, entity_id: str, value: float
) -> None:
    await until(lambda: text(hass, entity_id) != "unknown")
    assert number(hass, entity_id) == pytest.approx(value)


@pytest.mark.parametrize(
    "entity_id",
    [
        "sensor.grid_meter_energy_import",
        "sensor.grid_meter_energy_export",
        "sensor.roof_energy_produced",
        "sensor.cellar_battery_energy_charged",
        "sensor.cellar_battery_energy_discharged",
    ],
)
async def test_energy_can_go_into_the_energy_dashboard(
    hass: HomeAssistant, house: HomeFlexConfigEntry, entity_id: str
) -> None:
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.attributes["device_class"] == "energy"
    assert state.attributes["state_class"] == "total_increasing"
    assert state.attributes["unit_of_measurement"] == "kWh"


async def test_what_a_device_does_not_tell_has_no_entity(
    hass: HomeAssistant, house: HomeFlexConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    keys = {
        entry.unique_id.split("_", 1)[1]
        for entry in er.async_entries_for_config_entry(entity_registry, house.entry_id)
    }
    assert {"power_l3", "voltage_l1", "current_l2"} <= keys
    assert "energy_register" not in keys  # no charger
    assert "aggregator_connected" not in keys
    assert "participation" not in keys


async def test_a_device_hangs_below_the_site_and_says_what_it_is(
    hass: HomeAssistant, house: HomeFlexConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    site = device_registry.async_get_device_by_identifier((DOMAIN, house.entry_id), house.entry_id)
    (roof_id,) = (s.subentry_id for s in house.subentries.values() if s.subentry_type == "pv")
    roof = device_registry.async_get_device_by_identifier((DOMAIN, roof_id), house.entry_id)
    assert site is not None
    assert roof is not None
    assert roof.via_device_id == site.id
    assert roof.config_subentry_id == roof_id
    assert (roof.manufacturer, roof.model, roof.serial_number) == ("Sunny Works", "Roof 5000", "SN-1")


async def test_only_the_device_that_is_lost_becomes_unavailable(
    hass: HomeAssistant, house: HomeFlexConfigEntry, modbus_server: FakeModbusServer
) -> None:
    await modbus_server.stop()
    await until(lambda: text(hass, "sensor.roof_production_power") == "unavailable")
    assert text(hass, "sensor.grid_meter_power") != "unavailable"
    assert text(hass, "sensor.my_home_event") == "idle"
    assert text(hass, "number.cellar_battery_reserve") == "10.0"
    await modbus_server.start()
    await until(lambda: text(hass, "sensor.roof_production_power") != "unavailable", 30)


async def test_a_reserve_is_kept_across_a_reload(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.cellar_battery_reserve", "value": 35},
        blocking=True,
    )
    assert number(hass, "number.cellar_battery_reserve") == 35
    assert await hass.config_entries.async_reload(house.entry_id)
    await hass.async_block_till_done()
    assert number(hass, "number.cellar_battery_reserve") == 35


async def test_an_event_of_the_resident_is_seen_everywhere(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "dispatch",
        {"import_limit": 1000, "duration": "00:10:00", "name": "Quiet hour"},
        blocking=True,
        return_response=True,
    )
    await until(lambda: text(hass, "sensor.my_home_event") == "running")
    assert number(hass, "sensor.my_home_import_limit") == 1000
    assert text(hass, "sensor.my_home_limited_by") == "resident"
    shown = hass.states.get("sensor.my_home_event")
    assert shown is not None
    assert shown.attributes["event_id"] == answer["event_id"]
    assert shown.attributes["event_name"] == "Quiet hour"
    assert text(hass, "calendar.my_home_events") == "on"
    told = hass.states.get("event.my_home_flexibility_event")
    assert told is not None
    assert told.attributes["event_type"] == "started"
    await hass.services.async_call(DOMAIN, "cancel_dispatch", {"event_id": answer["event_id"]}, blocking=True)
    await until(lambda: text(hass, "sensor.my_home_event") == "idle")
    told = hass.states.get("event.my_home_flexibility_event")
    assert told is not None
    assert told.attributes["event_type"] == "revoked"


async def test_the_calendar_lists_announced_and_past_events_in_their_words(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    start = dt_util.utcnow() + timedelta(hours=1)
    await hass.services.async_call(
        DOMAIN,
        "dispatch",
        {"export_limit": 500, "setpoint": -250, "start": start.isoformat(), "duration": {"minutes": 5}},
        blocking=True,
    )
    assert text(hass, "sensor.my_home_event") == "announced"
    listed: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": "calendar.my_home_events", "duration": {"hours": 2}},
        blocking=True,
        return_response=True,
    )
    (event,) = listed["calendar.my_home_events"]["events"]
    assert event["summary"] == "Export at most 0.5 kW"
    assert event["description"] == "Export at most 0.5 kW\nRun at -0.25 kW"


async def test_a_charger_shows_its_car_and_can_be_told_to_charge_now(
    hass: HomeAssistant, start_site: StartSite
) -> None:
    entry: HomeFlexConfigEntry = await start_site(
        subentry(
            "ev_charger",
            "Garage",
            identity="CP1",
            password="long-secret",
            min_current_a=6.0,
            max_current_a=16.0,
            wired_phases=["1", "2", "3"],
        )
    )
    assert text(hass, "binary_sensor.garage_vehicle") == "unavailable"
    async with dial(entry.runtime_data.ocpp_port, "CP1", "long-secret") as charger:
        await charger.boot()
        await charger.status("Preparing")
        await until(lambda: text(hass, "binary_sensor.garage_vehicle") == "on", 20)
        assert text(hass, "sensor.garage_status") == "preparing"
        assert text(hass, "sensor.garage_controlled_by") == "itself"
        await hass.services.async_call(
            "switch", "turn_on", {"entity_id": "switch.garage_charge_now"}, blocking=True
        )
        assert text(hass, "switch.garage_charge_now") == "on"
        await hass.services.async_call(
            "switch", "turn_off", {"entity_id": "switch.garage_charge_now"}, blocking=True
        )
        assert text(hass, "switch.garage_charge_now") == "off"
        await charger.meter({"value": "1234", "measurand": "Energy.Active.Import.Register", "unit": "Wh"})
        await until(lambda: hass.states.get("sensor.garage_energy_charged") is not None)
        assert number(hass, "sensor.garage_energy_charged") == pytest.approx(1.234)
    await until(lambda: text(hass, "binary_sensor.garage_vehicle") == "unavailable", 20)

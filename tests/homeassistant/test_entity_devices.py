"""Devices made of Home Assistant's own entities: chosen in the form, read, told something, and given back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from homeassistant.components.energy.data import async_get_manager
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry, store_path
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.device_drivers import device_unique_id
from custom_components.home_flex.history.batch import Batch
from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.subentry_flows.entity_input import held_by

from .house import SubentryFlow, suggested, until
from .made_up_inverter import BATTERY, CHARGE, GRID, SETPOINT, MadeUpInverter, running

BATTERY_FORM: dict[str, Any] = {
    "name": "Cellar",
    "power": BATTERY,
    "power_sign": "discharging",
    "state_of_charge": CHARGE,
    "capacity": 10.0,
    "max_charge_power": 5.0,
    "max_discharge_power": 5.0,
    "setpoint": SETPOINT,
    "setpoint_sign": "discharging",
    "reported_s": 1.0,
    "only_changes": False,
    "wired_phases": ["1", "2", "3"],
}
METER_FORM = {
    "name": "Meter",
    "power": GRID,
    "power_sign": "import",
    "reported_s": 1.0,
    "only_changes": False,
}
CONSENT = {"controlled": True, "least_seconds": 1.0, "writes_per_day": 1000}


@pytest.fixture
async def inverter(hass: HomeAssistant) -> AsyncIterator[MadeUpInverter]:
    async with running(hass) as inverter:
        yield inverter


def of_kind(entry: HomeFlexConfigEntry, kind: str) -> ConfigSubentry:
    return next(each for each in entry.subentries.values() if each.subentry_type == kind)


async def add(hass: HomeAssistant, entry: HomeFlexConfigEntry, kind: str, form: dict[str, Any]) -> Any:
    """Add a device by hand; returns what came of the last step."""
    flow = SubentryFlow(hass, entry.entry_id, kind)
    opened = await flow.open()
    if opened["type"] is FlowResultType.MENU:
        opened = await flow.choose("entities")
    if opened["step_id"] == "entities":
        opened = await flow.enter(entities="by_hand")
    assert opened["step_id"] == "entities_by_hand"
    result = await flow.enter(**form)
    if result.get("step_id") == "entities_consent":
        result = await flow.enter(**CONSENT)
    await hass.async_block_till_done()
    return result


async def home(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> str:
    """Add meter and battery; returns the battery's id once both are read."""
    for kind, form in (("grid_meter", METER_FORM), ("battery", BATTERY_FORM)):
        assert (await add(hass, entry, kind, form))["type"] is FlowResultType.CREATE_ENTRY
    await until(lambda: all(device.reading for device in entry.runtime_data.data.devices.values()))
    return of_kind(entry, "battery").subentry_id


def reading(entry: HomeFlexConfigEntry, device_id: str) -> Any:
    """Return what a device said last."""
    return entry.runtime_data.data.devices[device_id].reading


async def told(entry: HomeFlexConfigEntry, *outcomes: str) -> None:
    """Wait until the ledger tells all of these outcomes."""
    async with asyncio.timeout(30.0):
        found: set[str] = set()
        while not set(outcomes) <= found:
            await asyncio.sleep(0.1)
            found = {row.outcome for row in await entry.runtime_data.controller.ledger.rows(50)}


def setpoint(hass: HomeAssistant) -> float:
    state = hass.states.get(SETPOINT)
    assert state is not None
    return float(state.state)


async def limit_import(hass: HomeAssistant) -> None:
    await hass.services.async_call(
        DOMAIN, "dispatch", {"import_limit": 1000, "duration": {"minutes": 10}}, blocking=True
    )


async def test_a_battery_of_entities_is_asked_written_to_shows_it_and_is_measured(
    hass: HomeAssistant, inverter: MadeUpInverter, site: HomeFlexConfigEntry
) -> None:
    battery_id = await home(hass, site)
    await limit_import(hass)
    await until(lambda: setpoint(hass) >= 2000.0, timeout_s=20.0)
    await until(lambda: reading(site, battery_id).power_w <= -2000.0)
    await until(lambda: reading(site, battery_id).power_setpoint_w is not None, timeout_s=20.0)
    record = site.runtime_data.data.active
    assert record is not None
    ended = {"event_id": record.event.event_id}
    await hass.services.async_call(DOMAIN, "cancel_dispatch", ended, blocking=True)
    await until(lambda: setpoint(hass) == 0.0, timeout_s=20.0)
    await told(site, "accepted", "followed", "handed_back")


async def test_a_battery_that_is_held_is_given_back_when_the_site_is_unloaded(
    hass: HomeAssistant, inverter: MadeUpInverter, site: HomeFlexConfigEntry
) -> None:
    await home(hass, site)
    await limit_import(hass)
    await until(lambda: setpoint(hass) >= 2000.0, timeout_s=20.0)
    assert await hass.config_entries.async_unload(site.entry_id)
    assert setpoint(hass) == 0.0


async def test_a_battery_that_a_killed_home_held_is_given_back_by_the_next_one(
    hass: HomeAssistant, inverter: MadeUpInverter, site: HomeFlexConfigEntry
) -> None:
    battery_id = await home(hass, site)
    assert await hass.config_entries.async_unload(site.entry_id)
    store = await HistoryStore.open(store_path(hass, site.entry_id))
    kept = '{"version": 1, "was": {"setpoint": 40.0}, "held": true, "wrote": {}}'
    await store.write(Batch(settings={f"device.{battery_id}": kept}))
    await store.close()
    assert await hass.config_entries.async_setup(site.entry_id)
    await until(lambda: setpoint(hass) == 40.0, timeout_s=30.0)


@pytest.mark.parametrize(("fault", "reason"), [("refuses", "write_refused"), ("ignores", "write_ignored")])
async def test_a_battery_that_does_not_take_an_order_is_told_in_the_ledger_and_left_as_it_was(
    hass: HomeAssistant,
    inverter: MadeUpInverter,
    site: HomeFlexConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    reason: str,
) -> None:
    monkeypatch.setattr("custom_components.home_flex.devices.entities.by_hand._READBACK_S", 1.0)
    await home(hass, site)
    setattr(inverter, fault, True)
    await limit_import(hass)
    await told(site, reason)
    await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, f"device_{reason}"), timeout_s=20.0)
    assert setpoint(hass) == 0.0


async def test_an_entity_is_followed_when_it_is_renamed(
    hass: HomeAssistant,
    inverter: MadeUpInverter,
    site: HomeFlexConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    assert (await add(hass, site, "grid_meter", METER_FORM))["type"] is FlowResultType.CREATE_ENTRY
    meter_id = of_kind(site, "grid_meter").subentry_id
    await until(lambda: site.runtime_data.data.devices[meter_id].reading)
    entity_registry.async_update_entity(GRID, new_entity_id="sensor.grid_of_the_house")
    inverter.house_w = 4321.0
    await until(lambda: reading(site, meter_id).power_w == 4321.0)


@pytest.mark.parametrize("of", [GRID, SETPOINT])
async def test_a_device_whose_entities_were_removed_or_disabled_is_told_until_they_are_back(
    hass: HomeAssistant,
    inverter: MadeUpInverter,
    site: HomeFlexConfigEntry,
    entity_registry: er.EntityRegistry,
    monkeypatch: pytest.MonkeyPatch,
    of: str,
) -> None:
    monkeypatch.setattr("custom_components.home_flex.devices.entities.device.GRACE_S", 0.0)
    await home(hass, site)

    def told() -> bool:
        return ir.async_get(hass).async_get_issue(DOMAIN, "device_entities_gone") is not None

    assert not told()
    entity_registry.async_update_entity(of, disabled_by=er.RegistryEntryDisabler.USER)
    await until(told, timeout_s=20.0)
    entity_registry.async_update_entity(of, disabled_by=None)
    await until(lambda: not told(), timeout_s=20.0)


async def test_a_device_of_entities_shows_no_serial_number(
    hass: HomeAssistant,
    inverter: MadeUpInverter,
    site: HomeFlexConfigEntry,
    device_registry: dr.DeviceRegistry,
) -> None:
    battery_id = await home(hass, site)
    battery = device_registry.async_get_device_by_identifier((DOMAIN, battery_id), site.entry_id)
    assert battery is not None
    assert (battery.manufacturer is not None, battery.serial_number) == (True, None)


async def test_a_device_is_added_once_by_the_entity_that_leads_it(
    hass: HomeAssistant, inverter: MadeUpInverter, site: HomeFlexConfigEntry
) -> None:
    await add(hass, site, "battery", BATTERY_FORM)
    again = await add(hass, site, "battery", BATTERY_FORM | {"name": "Attic"})
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert of_kind(site, "battery").unique_id == device_unique_id(DeviceKind.BATTERY, held_by(hass, BATTERY))


async def test_a_device_that_nobody_agreed_to_is_only_read(
    hass: HomeAssistant, inverter: MadeUpInverter, site: HomeFlexConfigEntry
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "battery")
    await flow.open()
    await flow.choose("entities")
    consent = await flow.enter(**BATTERY_FORM)
    assert consent["step_id"] == "entities_consent"
    told = consent["description_placeholders"]
    assert told["ends"].startswith("Nothing ends by itself")
    assert told["pace"].startswith("It answers too slowly to follow the meter")
    await flow.enter(**CONSENT | {"controlled": False})
    await hass.async_block_till_done()
    battery_id = of_kind(site, "battery").subentry_id
    await until(lambda: site.runtime_data.data.devices[battery_id].reading)
    assert site.runtime_data.settable[battery_id] == frozenset()


@pytest.mark.parametrize(
    ("change", "field", "slug"),
    [
        ({"power": CHARGE}, "power", "entity_wrong_unit"),
        ({"power": "sensor.nowhere"}, "power", "entity_missing"),
        ({"power": "sensor.asleep"}, "power", "entity_unavailable"),
        ({"power": "sensor.huge"}, "power", "power_implausible"),
        ({"max_charge_power": 0.001, "max_discharge_power": 0.001}, "power", "power_implausible"),
        ({"energy_charged": GRID}, "energy_charged", "entity_wrong_unit"),
    ],
    ids=["unit", "missing", "unavailable", "fuse", "rating", "optional"],
)
async def test_what_cannot_be_right_is_said_at_its_field_and_can_be_put_right(
    hass: HomeAssistant,
    inverter: MadeUpInverter,
    site: HomeFlexConfigEntry,
    change: dict[str, Any],
    field: str,
    slug: str,
) -> None:
    inverter.setpoint._attr_native_value = 1000.0
    inverter.poll()
    hass.states.async_set("sensor.asleep", "unavailable", {"unit_of_measurement": "W"})
    hass.states.async_set("sensor.huge", "136", {"unit_of_measurement": "kW"})
    flow = SubentryFlow(hass, site.entry_id, "battery")
    await flow.open()
    await flow.choose("entities")
    refused = await flow.enter(**BATTERY_FORM | change)
    assert refused["errors"] == {field: slug}
    assert suggested(refused, "name") == "Cellar"
    assert (await flow.enter(**BATTERY_FORM))["step_id"] == "entities_consent"


CAR_FORM: dict[str, Any] = {
    "name": "Car",
    "power": "sensor.car",
    "switch": "input_boolean.car",
    "min_current": 10.0,
    "max_current": 10.0,
    "reported_s": 1.0,
    "only_changes": False,
    "wired_phases": ["1"],
}


async def test_a_charger_that_knows_only_on_and_off_is_paused_and_given_back(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"car": {"initial": True}}})

    def draws() -> bool:
        state = hass.states.get("input_boolean.car")
        is_on = state is not None and state.state == "on"
        hass.states.async_set("sensor.car", "2300" if is_on else "0", {"unit_of_measurement": "W"})
        return is_on

    assert draws()
    refused = await add(hass, site, "ev_charger", CAR_FORM | {"min_current": 6.0})
    assert refused["errors"] == {"switch": "switch_alone"}
    assert (await add(hass, site, "ev_charger", CAR_FORM))["type"] is FlowResultType.CREATE_ENTRY
    await until(lambda: draws() and reading(site, of_kind(site, "ev_charger").subentry_id))
    off = {"entity_id": "select.car_charge_mode", "option": "off"}
    await hass.services.async_call("select", "select_option", off, blocking=True)
    await until(lambda: not draws(), timeout_s=30.0)
    await told(site, "followed")
    assert await hass.config_entries.async_unload(site.entry_id)
    assert draws()


MODES = ["Self use", "Force charge", "Force discharge", "Do nothing"]
WORDS = {"charge": "Force charge", "discharge": "Force discharge"}


@pytest.fixture
async def battery_with_a_mode(hass: HomeAssistant, inverter: MadeUpInverter) -> dict[str, Any]:
    """Have helpers for how much and which way a battery is told; returns what its form is filled in with."""
    helpers = {
        "input_number": {"battery_power": {"min": 0, "max": 5000, "step": 10, "initial": 500}},
        "input_select": {"battery_mode": {"options": MODES, "initial": "Self use"}},
    }
    for domain, named in helpers.items():
        assert await async_setup_component(hass, domain, {domain: named})
    return BATTERY_FORM | {"setpoint": "input_number.battery_power", "mode": "input_select.battery_mode"}


def mode_and_power(hass: HomeAssistant) -> tuple[str, float]:
    states = [hass.states.get(each) for each in ("input_select.battery_mode", "input_number.battery_power")]
    assert states[0] is not None
    assert states[1] is not None
    return states[0].state, float(states[1].state)


async def test_a_battery_is_told_by_the_words_of_its_mode_and_put_back_into_it(
    hass: HomeAssistant, battery_with_a_mode: dict[str, Any], site: HomeFlexConfigEntry
) -> None:
    await add(hass, site, "grid_meter", METER_FORM)
    flow = SubentryFlow(hass, site.entry_id, "battery")
    await flow.open()
    await flow.choose("entities")
    asked = await flow.enter(**battery_with_a_mode)
    assert asked["step_id"] == "entities_words"
    assert {name: suggested(asked, name) for name in WORDS} == WORDS
    twice = await flow.enter(**WORDS | {"hold": "Force charge"})
    assert twice["errors"] == {"hold": "same_words"}
    assert (await flow.enter(**WORDS))["step_id"] == "entities_consent"
    assert (await flow.enter(**CONSENT))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    battery_id = of_kind(site, "battery").subentry_id
    await until(lambda: site.runtime_data.data.devices[battery_id].reading)
    await limit_import(hass)
    await until(lambda: mode_and_power(hass)[0] == "Force discharge", timeout_s=20.0)
    assert mode_and_power(hass)[1] >= 2000.0
    assert await hass.config_entries.async_unload(site.entry_id)
    assert mode_and_power(hass) == ("Self use", 500.0)


async def test_a_mode_that_offers_nothing_or_stands_alone_is_refused_at_its_field(
    hass: HomeAssistant, battery_with_a_mode: dict[str, Any], site: HomeFlexConfigEntry
) -> None:
    hass.states.async_set("select.gone", "unavailable")
    refused = await add(hass, site, "battery", battery_with_a_mode | {"mode": "select.gone"})
    assert refused["errors"] == {"mode": "no_options"}
    alone = {name: value for name, value in battery_with_a_mode.items() if name != "setpoint"}
    assert (await add(hass, site, "battery", alone))["errors"] == {"mode": "mode_alone"}


async def test_a_device_that_is_changed_shows_what_is_kept_of_it(
    hass: HomeAssistant, inverter: MadeUpInverter, site: HomeFlexConfigEntry
) -> None:
    await add(hass, site, "battery", BATTERY_FORM)
    flow = SubentryFlow(hass, site.entry_id, "battery")
    form = await flow.start(of_kind(site, "battery").subentry_id)
    assert form["step_id"] == "entities_by_hand"
    assert {name: suggested(form, name) for name in BATTERY_FORM} == BATTERY_FORM
    consent = await flow.enter(**BATTERY_FORM | {"capacity": 12.0})
    assert suggested(consent, "controlled") is True
    changed = await flow.enter(**CONSENT)
    assert (changed["type"], changed["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert of_kind(site, "battery").data["roles"]["capacity"] == {"type": "constant", "value": 12000.0}


@pytest.fixture
def p1_reader(hass: HomeAssistant, entity_registry: er.EntityRegistry) -> str:
    """Put a meter of another integration into the registry; returns the id of its power."""
    other = MockConfigEntry(domain="homewizard", title="P1 meter")
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id,
        identifiers={("homewizard", "5c2faf")},
        manufacturer="HomeWizard",
        model="Wi-Fi P1 Meter",
        model_id="HWE-P1",
        name="Smart meter",
    )
    ids = {}
    for key, unit, value in (
        ("active_power_w", "W", "-640"),
        ("total_power_import_kwh", "kWh", "13779.3"),
        ("total_power_export_kwh", "kWh", "5.1"),
    ):
        entity = entity_registry.async_get_or_create(
            "sensor",
            "homewizard",
            f"HWE-P1_5c2faf_{key}",
            config_entry=other,
            device_id=device.id,
            unit_of_measurement=unit,
        )
        hass.states.async_set(entity.entity_id, value, {"unit_of_measurement": unit})
        ids[key] = entity.id
    return ids["active_power_w"]


async def test_a_device_that_a_profile_knows_is_found_with_all_its_entities(
    hass: HomeAssistant, site: HomeFlexConfigEntry, p1_reader: str, entity_registry: er.EntityRegistry
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "grid_meter")
    await flow.open()
    choice = await flow.choose("entities")
    assert choice["step_id"] == "entities"
    (field,) = choice["data_schema"].schema
    found_key = field.description["suggested_value"]
    labels = {
        option["value"]: option["label"] for option in choice["data_schema"].schema[field].config["options"]
    }
    assert labels[found_key] == "HomeWizard: Smart meter"
    found = await flow.enter(entities=found_key)
    assert found["step_id"] == "entities_found"
    assert "- Power: sensor.smart_meter\n" in found["description_placeholders"]["found"]
    created = await flow.enter(name="Meter")
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    meter = of_kind(site, "grid_meter")
    assert (meter.unique_id, meter.data["profile"]) == (f"grid_meter_{p1_reader}", "homewizard")
    assert meter.data["device"]["model"] == "Wi-Fi P1 Meter"
    power = entity_registry.async_get(er.async_resolve_entity_id(entity_registry, p1_reader) or "")
    assert power is not None

    def read() -> bool:
        # The integration reports each poll, changed or not.
        hass.states.async_set(power.entity_id, "-640", {"unit_of_measurement": "W"})
        found = reading(site, meter.subentry_id)
        return found is not None and (found.power_w, found.energy_import_wh) == (-640.0, 13779300.0)

    await until(read)


@pytest.fixture
def huawei(hass: HomeAssistant, entity_registry: er.EntityRegistry) -> dict[str, str]:
    """Set up the battery of an inverter in another integration; its entity ids by what they tell."""
    other = MockConfigEntry(domain="huawei_solar", title="SUN2000", entry_id="huawei")
    other.add_to_hass(hass)
    ids = {}
    for key, unit, value in (
        ("charge_discharge_power", "W", "-640"),
        ("state_of_capacity", "%", "55"),
        ("rated_capacity", "kW", "10"),
        ("maximum_charge_power", "W", "5000"),
        ("maximum_discharge_power", "W", "5000"),
        ("total_charge", "m³", "7"),
    ):
        name = f"HV21_storage_{key}"
        ids[key] = entity_registry.async_get_or_create(
            "sensor", "huawei_solar", name, config_entry=other, unit_of_measurement=unit
        ).entity_id
        hass.states.async_set(ids[key], value, {"unit_of_measurement": unit})
    return ids


async def test_of_a_found_device_what_cannot_be_read_is_named_and_may_be_entered_instead(
    hass: HomeAssistant, site: HomeFlexConfigEntry, huawei: dict[str, str]
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "battery")
    await flow.open()
    found = (await flow.choose("entities"))["data_schema"].schema["entities"].config["options"][0]["value"]
    assert "capacity" not in (await flow.enter(entities=found))["data_schema"].schema
    refused = await flow.enter(name="Battery", wired_phases=["1"])
    assert refused["errors"] == {"capacity": "entity_wrong_unit"}
    lines = refused["description_placeholders"]["found"].splitlines()
    (line,) = [each for each in lines if each.startswith("- Capacity")]
    assert line.startswith(f"- Capacity: {huawei['rated_capacity']}. **The unit of this entity")
    assert sum("**" in each for each in lines) == 1
    await flow.enter(name="Battery", wired_phases=["1"], capacity=10.0)
    created = await flow.enter(controlled=False)
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()

    def read() -> bool:
        hass.states.async_set(huawei["charge_discharge_power"], "-640", {"unit_of_measurement": "W"})
        found = reading(site, of_kind(site, "battery").subentry_id)
        return found is not None and (found.capacity_wh, found.energy_charged_wh) == (10_000.0, None)

    await until(read)


async def test_what_the_energy_dashboard_knows_stands_in_the_form(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    hass.config.components.add("energy")  # without its recorder, which this needs nothing of
    manager = await async_get_manager(hass)
    grid: dict[str, Any] = {
        "type": "grid",
        "stat_energy_from": "sensor.taken",
        "stat_energy_to": None,
        "cost_adjustment_day": 0.0,
        "stat_rate": "sensor.grid_power",
    }
    await manager.async_update({"energy_sources": [grid]})  # type: ignore[typeddict-item] # as it is kept
    flow = SubentryFlow(hass, site.entry_id, "grid_meter")
    await flow.open()
    form = await flow.choose("entities")
    assert form["step_id"] == "entities_by_hand"
    found = {name: suggested(form, name) for name in ("power", "power_sign", "energy_import")}
    assert found == {"power": "sensor.grid_power", "power_sign": "import", "energy_import": "sensor.taken"}

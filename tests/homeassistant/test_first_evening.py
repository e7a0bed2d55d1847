"""The first evening: a home whose meter, sun and battery are in other integrations becomes a site."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.physics import Findings, Verdict
from custom_components.home_flex.device_drivers import device_unique_id
from custom_components.home_flex.repairs import ChangeDevice, async_create_fix_flow
from custom_components.home_flex.subentry_flows.entity_input import held_by
from custom_components.home_flex.subentry_flows.entity_texts import time_text
from scripts.home_stack.processes import free_port

from .house import suggested, until
from .test_site_flow import FORM


def put(hass: HomeAssistant, platform: str, name: str, entities: dict[str, tuple[str, str]]) -> None:
    """Put a device of another integration into the registry: domain and unique id to value and unit."""
    other = MockConfigEntry(domain=platform, title=name)
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={(platform, name)}, manufacturer=name, name=name
    )
    for key, (value, unit) in entities.items():
        domain, _, unique_id = key.partition(":")
        entity = er.async_get(hass).async_get_or_create(
            domain,
            platform,
            unique_id,
            config_entry=other,
            device_id=device.id,
            unit_of_measurement=unit or None,
        )
        hass.states.async_set(entity.entity_id, value, {"unit_of_measurement": unit} if unit else {})


@pytest.fixture
def meter(hass: HomeAssistant) -> None:
    put(hass, "homewizard", "Smart meter", {"sensor:HWE-P1_5c2faf_active_power_w": ("-640", "W")})


@pytest.fixture
def charger(hass: HomeAssistant) -> None:
    put(
        hass,
        "keba",
        "Wallbox",
        {
            "sensor:keba_17_charging_power": ("0.0", "kW"),
            "sensor:keba_17_total_energy": ("120.5", "kWh"),
            "sensor:keba_17_max_current": ("16", "A"),
            "binary_sensor:keba_17_plug_state": ("off", ""),
        },
    )


async def begin(hass: HomeAssistant) -> Any:
    form = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    values = {**FORM, "ocpp_port": free_port()}
    return await hass.config_entries.flow.async_configure(form["flow_id"], values)


async def enter(hass: HomeAssistant, step: Any, **values: Any) -> Any:
    result = await hass.config_entries.flow.async_configure(step["flow_id"], values)
    await hass.async_block_till_done()
    return result


def values_of(form: Any, name: str) -> list[str]:
    field = next(each for each in form["data_schema"].schema if each.schema == name)
    return [option["value"] for option in form["data_schema"].schema[field].config["options"]]


def labels(form: Any, name: str) -> list[str]:
    field = next(each for each in form["data_schema"].schema if each.schema == name)
    return [option["label"] for option in form["data_schema"].schema[field].config["options"]]


async def test_a_home_without_other_devices_is_asked_nothing_more(hass: HomeAssistant) -> None:
    created = await begin(hass)
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert not created["result"].subentries
    assert await hass.config_entries.async_unload(created["result"].entry_id)


def power_of_meter(hass: HomeAssistant) -> str:
    found = er.async_get(hass).async_get_entity_id("sensor", "homewizard", "HWE-P1_5c2faf_active_power_w")
    assert found is not None
    return found


METER, CHARGER = "Grid meter (HomeWizard: Smart meter)", "EV charger (KEBA: Wallbox)"


@pytest.mark.usefixtures("meter", "charger")
async def test_what_other_integrations_have_is_offered_and_added_at_once(hass: HomeAssistant) -> None:
    hass.services.async_register("keba", "set_current", lambda _call: None)
    devices = await begin(hass)
    assert devices["step_id"] == "devices"
    assert labels(devices, "devices") == [METER, CHARGER]
    nameplate = await enter(hass, devices, devices=suggested(devices, "devices"))
    assert nameplate["description_placeholders"] == {"device": CHARGER}
    assert {str(each) for each in nameplate["data_schema"].schema} == {"min_current", "max_current"}
    assert suggested(nameplate, "min_current") == 6.0
    control = await enter(hass, nameplate, min_current=6.0, max_current=16.0)
    assert (control["step_id"], labels(control, "controlled")) == ("control", [CHARGER])
    assert f"- **{CHARGER}**: " in control["description_placeholders"]["devices"]
    (charger_id,) = values_of(control, "controlled")
    created = await enter(hass, control, controlled=[charger_id])
    assert created["type"] is FlowResultType.CREATE_ENTRY
    kept = {each.subentry_type: each for each in created["result"].subentries.values()}
    assert {kind: each.title for kind, each in kept.items()} == {
        "grid_meter": "Grid meter",
        "ev_charger": "EV charger",
    }
    assert {kind: each.data["controlled"] for kind, each in kept.items()} == {
        "grid_meter": False,
        "ev_charger": True,
    }
    assert kept["ev_charger"].data["roles"]["max_current"] == {"type": "constant", "value": 16.0}
    leads = held_by(hass, power_of_meter(hass))
    assert kept["grid_meter"].unique_id == device_unique_id(DeviceKind.GRID_METER, leads)
    site = created["result"].runtime_data
    most = er.async_get(hass).async_get_entity_id(
        "number", DOMAIN, f"{kept['ev_charger'].subentry_id}_maximum_current"
    )
    assert most is not None
    assert hass.states.get(most) is not None

    def read() -> bool:
        # The integration reports each poll, changed or not.
        hass.states.async_set(power_of_meter(hass), "-640", {"unit_of_measurement": "W"})
        reading = site.data.devices[kept["grid_meter"].subentry_id].reading
        return reading is not None and reading.power_w == -640.0

    await until(read, timeout_s=20.0)
    assert await hass.config_entries.async_unload(created["result"].entry_id)


@pytest.mark.usefixtures("charger")
async def test_a_number_that_nobody_typed_is_asked_for_again(hass: HomeAssistant) -> None:
    nameplate = await enter(hass, devices := await begin(hass), devices=suggested(devices, "devices"))
    again = await enter(hass, nameplate, min_current=0.0, max_current=16.0)
    assert (again["step_id"], again["errors"]) == ("nameplate", {"base": "number_missing"})
    assert suggested(again, "max_current") == 16.0
    hass.config_entries.flow.async_abort(again["flow_id"])


@pytest.mark.usefixtures("meter", "charger")
async def test_nothing_is_added_or_steered_that_was_not_chosen(hass: HomeAssistant) -> None:
    created = await enter(hass, await begin(hass), devices=[])
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert not created["result"].subentries
    assert await hass.config_entries.async_unload(created["result"].entry_id)


@pytest.mark.usefixtures("meter")
async def test_a_second_meter_is_not_taken_beforehand_and_refused_when_chosen(hass: HomeAssistant) -> None:
    put(hass, "shelly", "Garage", {"sensor:AABBCC-em:0-total_act_power": ("5", "W")})
    devices = await begin(hass)
    both = values_of(devices, "devices")
    if len(both) < 2:  # both meters
        pytest.fail(f"two meters are there, offered: {both}")
    assert len(suggested(devices, "devices")) == 1
    refused = await enter(hass, devices, devices=both)
    assert refused["errors"] == {"base": "only_one_meter"}


async def test_a_device_whose_power_cannot_be_true_is_not_offered(hass: HomeAssistant) -> None:
    put(hass, "homewizard", "Smart meter", {"sensor:HWE-P1_5c2faf_active_power_w": ("136", "kW")})
    created = await begin(hass)
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert await hass.config_entries.async_unload(created["result"].entry_id)


@pytest.mark.usefixtures("meter")
async def test_a_meter_that_is_read_with_the_wrong_sign_is_turned_by_one_click(
    hass: HomeAssistant, issue_registry: ir.IssueRegistry
) -> None:
    created = await enter(hass, devices := await begin(hass), devices=suggested(devices, "devices"))
    entry = created["result"]
    (meter,) = entry.subentries.values()
    before = meter.data["roles"]["power"]
    doubted = Findings(meter=Verdict.SWAPPED)
    entry.runtime_data.async_set_updated_data(replace(entry.runtime_data.data, physics=doubted))
    issue = issue_registry.async_get_issue(DOMAIN, f"physics_{meter.subentry_id}")
    assert issue is not None
    assert (issue.is_fixable, issue.translation_key) == (True, "physics_turn")
    repair = await async_create_fix_flow(hass, issue.issue_id, dict(issue.data or {}))
    assert isinstance(repair, ChangeDevice)
    repair.hass, repair.handler, repair.issue_id = hass, DOMAIN, issue.issue_id
    assert (await repair.async_step_init())["type"] is FlowResultType.FORM
    assert (await repair.async_step_confirm({}))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (turned,) = entry.subentries.values()
    assert "sign" not in before
    assert turned.data["roles"]["power"]["sign"] == -1
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(20, "20 s"), (30.2, "31 s"), (120, "2 min"), (121, "3 min"), (7200, "2 h"), (86400, "24 h")],
)
def test_a_time_is_told_in_the_unit_in_which_people_say_it_rounded_up(seconds: float, text: str) -> None:
    assert time_text(seconds) == text

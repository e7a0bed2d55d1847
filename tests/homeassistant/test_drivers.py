"""Devices and the drivers that their subentries name: new ones, unknown ones, and those of before."""

import asyncio
import json
import socket
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.config_flow import HomeFlexConfigFlow
from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.model import DeviceIdentity, DeviceKind
from custom_components.home_flex.devices import registry
from custom_components.home_flex.devices.driver import LimitsCurrent, LinkDown, Publish
from custom_components.home_flex.devices.spec import Data, DriverSpec, Field, Form, ProbeResources
from tests.devices.fakes.p1_feeder import feeding
from tests.examples.line_meter import LINE_METER
from tests.examples.line_switch import LINE_SWITCH

from .conftest import StartSite
from .house import SubentryFlow, subentry, until

CHARGER: dict[str, Any] = {
    "identity": "CP1",
    "password": "long-secret",
    "min_current_a": 6.0,
    "max_current_a": 16.0,
    "wired_phases": ["1"],
}
P1: dict[str, Any] = {"type": "tcp", "host": "127.0.0.1", "port": 9}
SUNSPEC: dict[str, Any] = {"host": "127.0.0.1", "port": 9, "unit_id": 1, "wired_phases": ["1"]}


async def send_lines(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(json.dumps({"serial": "7", "power_w": 1500}).encode() + b"\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_a_new_driver_is_offered_tried_out_and_shown_by_its_line_in_the_registry(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry.DRIVERS, LINE_METER.id, LINE_METER)
    async with feeding(send_lines) as port:
        flow = SubentryFlow(hass, site.entry_id, "grid_meter")
        assert "line_meter" in (await flow.start())["menu_options"]
        await flow.choose("line_meter")
        created = await flow.enter(name="Meter", host="127.0.0.1", port=port)
        await hass.async_block_till_done()
        assert created["type"] is FlowResultType.CREATE_ENTRY
        (kept,) = site.subentries.values()
        assert kept.data == {"driver": "line_meter", "host": "127.0.0.1", "port": port}
        assert kept.unique_id == "grid_meter_7"
        await until(lambda: (state := hass.states.get("sensor.meter_power")) and state.state == "1500.0")
        assert hass.states.get("sensor.meter_controlled_by") is None  # nothing can be set of it
        changing = await flow.start(kept.subentry_id)
        assert changing["step_id"] == "line_meter"  # its own driver's form: there is no other
        assert await hass.config_entries.async_unload(site.entry_id)


async def send_switch_lines(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(json.dumps({"serial": "8", "on": True, "power_w": 1990.0}).encode() + b"\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_a_kind_is_offered_once_a_driver_names_it_and_has_what_every_device_has(
    hass: HomeAssistant,
    start_site: StartSite,
    entity_registry: er.EntityRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    types = HomeFlexConfigFlow.async_get_supported_subentry_types
    for driver_id in ("entities", "shelly"):
        monkeypatch.delitem(registry.DRIVERS, driver_id)
    assert "switched_load" not in types(MockConfigEntry(domain=DOMAIN))
    monkeypatch.setitem(registry.DRIVERS, LINE_SWITCH.id, LINE_SWITCH)
    assert "switched_load" in types(MockConfigEntry(domain=DOMAIN))
    async with feeding(send_switch_lines) as port:
        data: dict[str, Any] = {"host": "127.0.0.1", "port": port, "rated_power_w": 2000.0}
        entry: HomeFlexConfigEntry = await start_site(
            subentry("switched_load", "Pump", driver="line_switch", **data)
        )
        (pump_id,) = entry.subentries
        await until(lambda: (state := hass.states.get("sensor.pump_power")) and state.state == "1990.0")
        keys = {
            each.unique_id.removeprefix(f"{pump_id}_")
            for each in er.async_entries_for_config_entry(entity_registry, entry.entry_id)
            if each.config_subentry_id == pump_id
        }
        assert keys == {
            "load_power",
            "load_state",
            "load_mode",
            "controlled_by",
            "decided_by",
            "managed",
            "automatic",
            "quiet",
            "hours_a_day",
        }
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("kept", "key", "placeholders"),
    [
        (subentry("wind_mill", "Mill"), "unknown_kind", {"device": "Mill", "kind": "wind_mill"}),
        (
            subentry("pv", "Roof", driver="sun_dial"),
            "unknown_driver",
            {"device": "Roof", "driver": "sun_dial"},
        ),
        (
            subentry("pv", "Roof", driver="p1", **P1),
            "unknown_driver",
            {"device": "Roof", "driver": "p1"},
        ),
        (
            subentry("grid_meter", "Meter", driver="p1", type="tcp"),
            "device_settings",
            {"device": "Meter", "driver": "p1"},
        ),
    ],
    ids=["kind", "driver", "driver_of_another_kind", "settings"],
)
async def test_a_device_nobody_knows_how_to_reach_ends_the_start_and_is_named(
    hass: HomeAssistant,
    site_data: dict[str, Any],
    kept: ConfigSubentryData,
    key: str,
    placeholders: dict[str, str],
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data=site_data, version=1, minor_version=2, subentries_data=[kept])
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == key
    assert entry.error_reason_translation_placeholders == placeholders


async def test_a_device_of_an_unknown_driver_cannot_be_changed(
    hass: HomeAssistant, site_data: dict[str, Any]
) -> None:
    kept = subentry("pv", "Roof", driver="sun_dial")
    entry = MockConfigEntry(domain=DOMAIN, data=site_data, version=1, minor_version=2, subentries_data=[kept])
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    (roof_id,) = entry.subentries
    refused = await SubentryFlow(hass, entry.entry_id, "pv").start(roof_id)
    assert (refused["type"], refused["reason"]) == (FlowResultType.ABORT, "unknown_driver")


async def test_devices_kept_without_a_driver_are_given_the_one_their_kind_had(
    hass: HomeAssistant, start_site: StartSite
) -> None:
    entry: HomeFlexConfigEntry = await start_site(
        subentry("grid_meter", "Meter", **P1),
        subentry("pv", "Roof", **SUNSPEC),
        subentry("battery", "Battery", **SUNSPEC | {"unit_id": 2}),
        subentry("ev_charger", "Garage", **CHARGER),
    )
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.version, entry.minor_version) == (1, 2)
    kept = {each.subentry_type: dict(each.data) for each in entry.subentries.values()}
    assert kept == {
        "grid_meter": {"driver": "p1", **P1},
        "pv": {"driver": "sunspec", **SUNSPEC},
        "battery": {"driver": "sunspec", **SUNSPEC, "unit_id": 2},
        "ev_charger": {"driver": "ocpp", **CHARGER},
    }


async def test_what_a_newer_version_kept_is_left_as_it_is(
    hass: HomeAssistant, site_data: dict[str, Any]
) -> None:
    newer = subentry("grid_meter", "Meter", driver="p1", **P1, learned="later")
    entry = MockConfigEntry(
        domain=DOMAIN, data=site_data, version=1, minor_version=3, subentries_data=[newer]
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (kept,) = entry.subentries.values()
    assert (entry.minor_version, kept.data) == (3, newer["data"])
    assert await hass.config_entries.async_unload(entry.entry_id)


class Silent:
    """A driver of a device that does not answer, and of which nothing can be set."""

    def __init__(self) -> None:
        self.identity: DeviceIdentity | None = None

    async def run(self, publish: Publish) -> None:
        publish(LinkDown("timeout", "it does not answer"))
        await asyncio.Event().wait()


class SilentCharger(Silent, LimitsCurrent):
    """Its current can be limited."""

    async def set_current_limit(self, current_a: float | None, *, expires_in_s: float) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("kind", "driver", "there", "absent"),
    [
        (
            "battery",
            Silent(),
            {"battery_power", "state_of_charge"},
            {"reserve", "controlled_by", "battery_setpoint"},
        ),
        ("pv", Silent(), {"production_power"}, {"production_limit", "controlled_by"}),
        ("ev_charger", Silent(), {"charging_power", "vehicle_connected"}, {"charge_now", "controlled_by"}),
        ("ev_charger", SilentCharger(), {"vehicle_connected", "charge_now", "controlled_by"}, set()),
    ],
    ids=["battery", "pv", "charger", "limited_charger"],
)
async def test_what_cannot_be_set_of_a_device_has_no_entity(
    hass: HomeAssistant,
    start_site: StartSite,
    entity_registry: er.EntityRegistry,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    driver: Silent,
    there: set[str],
    absent: set[str],
) -> None:
    spec = DriverSpec(
        id="silent",
        kinds=frozenset({DeviceKind(kind)}),
        forms=(),
        parse=lambda _data: None,
        build=lambda *_: driver,
    )
    monkeypatch.setitem(registry.DRIVERS, spec.id, spec)
    entry: HomeFlexConfigEntry = await start_site(subentry(kind, "Thing", driver="silent"))
    (device_id,) = entry.subentries
    keys = {
        each.unique_id.removeprefix(f"{device_id}_")
        for each in er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    }
    assert there <= keys
    assert not absent & keys


async def test_a_charger_that_is_dialled_is_offered_beside_those_that_dial_in(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def probe(_kind: DeviceKind, host: str, _resources: ProbeResources) -> DeviceIdentity:
        return DeviceIdentity(manufacturer="Example", model="Wallbox", serial_number=f"of {host}")

    def host(data: Data) -> str:
        return str(data["host"])

    spec = DriverSpec(
        id="wallbox",
        kinds=frozenset({DeviceKind.EV_CHARGER}),
        forms=(Form(step="wallbox", fields=(Field(name="host"),)),),
        parse=host,
        probe=probe,
        build=lambda *_: SilentCharger(),
    )
    monkeypatch.setitem(registry.DRIVERS, spec.id, spec)
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    assert (await flow.start())["menu_options"] == ["ocpp", "wallbox", "entities"]
    await flow.choose("wallbox")
    created = await flow.enter(name="Garage", host="wallbox.local")
    await hass.async_block_till_done()
    assert created["data"] == {"driver": "wallbox", "host": "wallbox.local"}
    (kept,) = site.subentries.values()
    assert kept.unique_id == "ev_charger_of wallbox.local"
    with socket.socket() as client:  # nobody dials in, so nobody is listened for
        assert client.connect_ex(("127.0.0.1", site.runtime_data.charger_listener.port)) != 0

"""Adding and changing PV inverters and batteries: Home Assistant's shared Modbus link, a real server."""

import pytest
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from scripts.home_stack.processes import free_port
from tests.devices.fakes.modbus_server import FakeModbusServer, put, serving
from tests.devices.fakes.sunspec_hybrids import solaredge
from tests.devices.fakes.sunspec_images import classic_battery, common, der_battery, der_pv, image

from .house import BATTERY_UNIT, PV_UNIT, SubentryFlow, suggested, until


@pytest.mark.parametrize(("kind", "unit"), [("pv", PV_UNIT), ("battery", BATTERY_UNIT)])
async def test_a_device_is_kept_once_its_models_were_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry, modbus_server: FakeModbusServer, kind: str, unit: int
) -> None:
    flow = SubentryFlow(hass, site.entry_id, kind)
    menu = await flow.start()
    assert menu["menu_options"][:3] == ["sunspec", "sunspec_rtu_over_tcp", "sunspec_serial"]
    form = await flow.choose("sunspec")
    assert suggested(form, "port") == 502
    assert suggested(form, "wired_phases") == ["1", "2", "3"]
    created = await flow.enter(
        name="Thing", host="127.0.0.1", port=modbus_server.port, unit_id=unit, wired_phases=["3", "1"]
    )
    await hass.async_block_till_done()
    assert (created["type"], created["title"]) == (FlowResultType.CREATE_ENTRY, "Thing")
    (subentry,) = site.subentries.values()
    assert subentry.data == {
        "driver": "sunspec",
        "host": "127.0.0.1",
        "port": modbus_server.port,
        "unit_id": unit,
        "wired_phases": ["1", "3"],
    }
    assert subentry.unique_id == f"{kind}_SN-1"


@pytest.mark.parametrize(
    ("kind", "values", "error"),
    [
        ("pv", {"unit_id": 9}, "asleep"),
        ("pv", {"unit_id": 3}, "missing_model"),
        ("pv", {"unit_id": 4}, "not_sunspec"),
        ("battery", {"unit_id": PV_UNIT}, "missing_model"),
        ("pv", {"wired_phases": []}, "no_phase"),
        ("pv", {"host": " "}, "address_missing"),
        ("pv", {"port": None}, "cannot_connect"),
    ],
)
async def test_what_is_wrong_with_a_device_is_said_and_can_be_put_right(
    hass: HomeAssistant, site: HomeFlexConfigEntry, kind: str, values: dict[str, object], error: str
) -> None:
    units = {
        PV_UNIT: der_pv(),
        BATTERY_UNIT: der_battery(),
        3: image(common()),
        4: dict.fromkeys(range(40000, 40100), 0),
    }
    async with serving(units) as server:
        right = {
            "name": "Thing",
            "host": "127.0.0.1",
            "port": server.port,
            "unit_id": PV_UNIT if kind == "pv" else BATTERY_UNIT,
            "wired_phases": ["1"],
        }
        flow = SubentryFlow(hass, site.entry_id, kind)
        await flow.start()
        await flow.choose("sunspec")
        wrong = right | {key: free_port() if value is None else value for key, value in values.items()}
        assert (await flow.enter(**wrong))["errors"] == {"base": error}
        assert not async_get_connection_info(hass)  # no link is left open
        assert (await flow.enter(**right))["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        await until(lambda: all(device.reading for device in site.runtime_data.data.devices.values()))
        assert await hass.config_entries.async_unload(site.entry_id)
        assert not async_get_connection_info(hass)


async def test_the_same_device_cannot_be_added_twice(
    hass: HomeAssistant, site: HomeFlexConfigEntry, modbus_server: FakeModbusServer
) -> None:
    values = {"host": "127.0.0.1", "port": modbus_server.port, "wired_phases": ["1"]}
    flow = SubentryFlow(hass, site.entry_id, "pv")
    await flow.start()
    await flow.choose("sunspec")
    await flow.enter(name="Roof", unit_id=PV_UNIT, **values)
    await hass.async_block_till_done()
    await flow.start()
    await flow.choose("sunspec")
    again = await flow.enter(name="Roof again", unit_id=PV_UNIT, **values)
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_a_device_that_moved_is_found_again_and_another_one_is_asked_about(
    hass: HomeAssistant, site: HomeFlexConfigEntry, modbus_server: FakeModbusServer
) -> None:
    values = {"host": "127.0.0.1", "port": modbus_server.port, "wired_phases": ["1"]}
    flow = SubentryFlow(hass, site.entry_id, "pv")
    await flow.start()
    await flow.choose("sunspec")
    await flow.enter(name="Roof", unit_id=PV_UNIT, **values)
    await hass.async_block_till_done()
    (subentry,) = site.subentries.values()
    await flow.start(subentry.subentry_id)
    form = await flow.choose("sunspec")
    assert form["step_id"] == "sunspec"
    assert suggested(form, "name") == "Roof"
    other = der_pv() | dict(enumerate(common("SN-2"), start=40002))
    async with serving({1: other}) as other_server:
        asked = await flow.enter(name="Roof", unit_id=1, **values | {"port": other_server.port})
    assert asked["step_id"] == "another_device"  # and is left unconfirmed
    await flow.start(subentry.subentry_id)
    await flow.choose("sunspec")
    done = await flow.enter(name="South roof", unit_id=PV_UNIT, **values | {"wired_phases": ["2"]})
    await hass.async_block_till_done()
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    (changed,) = site.subentries.values()
    assert (changed.title, changed.data["wired_phases"]) == ("South roof", ["2"])


async def test_a_meter_on_an_inverter_is_the_grid_meter(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    async with serving({1: solaredge(meter_w=2500)}) as server:
        flow = SubentryFlow(hass, site.entry_id, "grid_meter")
        await flow.start()
        form = await flow.choose("sunspec")
        assert suggested(form, "positive_power") == "by_maker"
        await flow.enter(
            name="Meter", host="127.0.0.1", port=server.port, unit_id=1, positive_power="by_maker"
        )
        await hass.async_block_till_done()
        (subentry,) = site.subentries.values()
        assert subentry.unique_id == "grid_meter_MTR-1"
        await until(lambda: site.runtime_data.data.balance is not None)
        balance = site.runtime_data.data.balance
        assert balance is not None
        assert balance.grid_w == -2500
        assert await hass.config_entries.async_unload(site.entry_id)


async def test_a_rating_that_the_device_does_not_tell_is_asked_for(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    async with serving({1: solaredge()}) as server:
        values = {
            "name": "Roof",
            "host": "127.0.0.1",
            "port": server.port,
            "unit_id": 1,
            "wired_phases": ["1"],
        }
        flow = SubentryFlow(hass, site.entry_id, "pv")
        await flow.start()
        await flow.choose("sunspec")
        assert (await flow.enter(**values))["errors"] == {"base": "missing_rating"}
        created = await flow.enter(**values, rated_power_kw=10)
        assert created["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        await until(lambda: next(iter(site.runtime_data.data.devices.values())).reading is not None)
        assert await hass.config_entries.async_unload(site.entry_id)


@pytest.mark.parametrize("serial", ["", "0000"])
async def test_devices_without_a_serial_number_are_told_apart_by_their_addresses(
    hass: HomeAssistant, site: HomeFlexConfigEntry, serial: str
) -> None:
    nameless = der_pv() | dict(enumerate(common(serial), start=40002))
    async with serving({1: nameless, 255: dict(nameless)}) as server:
        for unit_id in (1, 255):
            flow = SubentryFlow(hass, site.entry_id, "pv")
            await flow.start()
            await flow.choose("sunspec")
            created = await flow.enter(
                name=f"Roof {unit_id}",
                host="127.0.0.1",
                port=server.port,
                unit_id=unit_id,
                wired_phases=["1"],
            )
            assert created["type"] is FlowResultType.CREATE_ENTRY
            await hass.async_block_till_done()
        assert {each.unique_id for each in site.subentries.values()} == {
            f"pv_127.0.0.1:{server.port}:{unit_id}" for unit_id in (1, 255)
        }
        assert await hass.config_entries.async_unload(site.entry_id)


async def test_what_keeps_a_device_from_being_controlled_is_one_repair_issue_while_it_lasts(
    hass: HomeAssistant, site: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    image = classic_battery()
    put(image, 124, InOutWRte_RvrtTms=0xFFFF)
    before = dict(image)
    async with serving({1: image}) as server:
        flow = SubentryFlow(hass, site.entry_id, "battery")
        await flow.start()
        await flow.choose("sunspec")
        await flow.enter(
            name="Store", host="127.0.0.1", port=server.port, unit_id=1, wired_phases=["1", "2", "3"]
        )
        await hass.async_block_till_done()
        await until(lambda: next(iter(site.runtime_data.data.devices.values())).reading is not None)
        (slot,) = site.runtime_data.controller.slots.values()
        await slot.driver.set_power(-1000, expires_in_s=60)  # type: ignore[attr-defined] # it is a battery's
        await until(lambda: issue_registry.async_get_issue(DOMAIN, "device_no_timer"))
        issue = issue_registry.async_get_issue(DOMAIN, "device_no_timer")
        assert issue is not None
        assert issue.translation_placeholders == {"devices": "Store"}
        # Control, which asked for nothing, has taken the first order back meanwhile, or will.
        await slot.driver.set_power(-1000, expires_in_s=60)  # type: ignore[attr-defined] # as above
        assert image != before
        assert await hass.config_entries.async_unload(site.entry_id)
        assert image == before  # nothing in it would have ended the order
        assert issue_registry.async_get_issue(DOMAIN, "device_no_timer") is None


async def test_what_was_written_before_home_assistant_died_is_put_back_when_it_runs_again(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    image = classic_battery()
    before = dict(image)
    async with serving({1: image}) as server:
        flow = SubentryFlow(hass, site.entry_id, "battery")
        await flow.start()
        await flow.choose("sunspec")
        await flow.enter(
            name="Store", host="127.0.0.1", port=server.port, unit_id=1, wired_phases=["1", "2", "3"]
        )
        await hass.async_block_till_done()
        await until(lambda: next(iter(site.runtime_data.data.devices.values())).reading is not None)
        (slot,) = site.runtime_data.controller.slots.values()
        await slot.driver.set_power(-1000, expires_in_s=60)  # type: ignore[attr-defined] # it is a battery's
        assert image != before
        assert await hass.config_entries.async_reload(site.entry_id)
        await until(lambda: image == before)
        assert await hass.config_entries.async_unload(site.entry_id)

"""A Fronius site added by its Solar API: the forms, what they say, and what is read."""

from typing import Any

import pytest
from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from tests.devices.fakes.solar_api import SolarNet, solar_api

from .house import SubentryFlow, until

FORMS: dict[str, dict[str, Any]] = {
    "grid_meter": {},
    "pv": {"wired_phases": ["1", "2", "3"]},
    "battery": {"wired_phases": ["1", "2", "3"], "max_charge_kw": 5.0, "max_discharge_kw": 4.0},
}


async def add(hass: HomeAssistant, site: HomeFlexConfigEntry, kind: str, host: str) -> Any:
    flow = SubentryFlow(hass, site.entry_id, kind)
    await flow.open()
    await flow.choose("fronius")
    result = await flow.enter(name=kind, host=host, **FORMS[kind])
    await hass.async_block_till_done()
    return result


async def test_meter_sun_and_battery_of_one_inverter_are_three_devices_that_are_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    house = SolarNet(pv_w=3000.0, battery_w=500.0, battery_wh=10_000.0, house_w=2000.0)
    async with solar_api(house) as host:
        for kind in FORMS:
            assert (await add(hass, site, kind, host))["type"] is FlowResultType.CREATE_ENTRY
        kept = {each.subentry_type: each for each in site.subentries.values()}
        assert {kind: each.unique_id for kind, each in kept.items()} == {
            "grid_meter": "grid_meter_MTR-1",
            "pv": "pv_INV-1",
            "battery": "battery_BAT-1",
        }
        assert kept["pv"].data == {"driver": "fronius", "host": host, "wired_phases": ["1", "2", "3"]}
        devices = site.runtime_data.data.devices
        await until(lambda: all(each.reading for each in site.runtime_data.data.devices.values()))
        await until(lambda: site.runtime_data.data.balance is not None)
        devices = site.runtime_data.data.devices
        powers = {kind: devices[each.subentry_id].reading.power_w for kind, each in kept.items()}  # type: ignore[union-attr] # waited for
        assert powers == {"grid_meter": -1500.0, "pv": -3000.0, "battery": -500.0}
        assert not any(site.runtime_data.settable.values())
        assert await hass.config_entries.async_unload(site.entry_id)


@pytest.mark.parametrize(
    ("house", "kind", "slug"),
    [
        (SolarNet(answers={"GetPowerFlowRealtimeData.fcgi": web.Response}), "pv", "not_fronius"),
        (SolarNet(location=None), "grid_meter", "no_meter"),
        (SolarNet(), "battery", "no_battery"),
        (SolarNet(pv_w=None, inverters=False), "pv", "inverter_asleep"),
    ],
)
async def test_what_is_wrong_is_said_in_the_form(
    hass: HomeAssistant, site: HomeFlexConfigEntry, house: SolarNet, kind: str, slug: str
) -> None:
    async with solar_api(house) as host:
        assert (await add(hass, site, kind, host))["errors"] == {"base": slug}


async def test_an_address_that_is_none_is_said_in_the_form(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    assert (await add(hass, site, "pv", "http://roof/"))["errors"] == {"base": "unreachable"}


async def test_an_inverter_that_moved_is_found_at_its_new_address(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    async with solar_api(SolarNet()) as before:
        await add(hass, site, "pv", before)
        (pv,) = site.subentries.values()
    async with solar_api(SolarNet()) as after:
        flow = SubentryFlow(hass, site.entry_id, "pv")
        form = await flow.start(pv.subentry_id)
        assert form["step_id"] == "fronius"
        changed = await flow.enter(name="Roof", host=after, wired_phases=["1"], rated_power_kw=6.0)
        assert (changed["type"], changed["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
        await hass.async_block_till_done()
        await until(lambda: site.runtime_data.data.devices[pv.subentry_id].reading)
        reading: Any = site.runtime_data.data.devices[pv.subentry_id].reading
        assert reading.rated_power_w == 6000.0
        assert await hass.config_entries.async_unload(site.entry_id)

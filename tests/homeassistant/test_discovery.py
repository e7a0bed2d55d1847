"""Devices that make themselves known are offered as a device of the site, for one confirmation."""

import json
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_DHCP, SOURCE_IGNORE, SOURCE_ZEROCONF, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from custom_components.home_flex import discovery
from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from scripts.home_stack.processes import free_port
from tests.devices.fakes.homewizard import homewizard
from tests.devices.fakes.modbus_server import FakeModbusServer, serving
from tests.devices.fakes.solar_api import SolarNet, solar_api
from tests.devices.fakes.sunspec_images import der_pv

from .conftest import StartSite
from .house import METER_LINES, suggested, until

SOLAREDGE, HOMEWIZARD = "_solaredge-modbus._tcp.local.", "_hwenergy._tcp.local."
FRONIUS_MAC, SMA_MAC, SMA_UNIT = "0003acaabbcc", "0015bbaabbcc", 126
MANIFEST = json.loads((Path(discovery.__file__).parent / "manifest.json").read_text(encoding="utf-8"))


async def heard(hass: HomeAssistant, service: str, port: int, host: str = "127.0.0.1") -> Any:
    class Heard(ZeroconfServiceInfo):
        @property
        def host(self) -> str:
            """Any name of this machine: the harness lets nobody speak with another one."""
            return host

    address = ip_address("127.0.0.1")
    info = Heard(
        ip_address=address,
        ip_addresses=[address],
        port=port,
        hostname="device.local.",
        type=service,
        name=f"device.{service}",
        properties={"product_type": "HWE-P1"},
    )
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info)


async def leased(hass: HomeAssistant, mac: str, ip: str = "127.0.0.1") -> Any:
    info = DhcpServiceInfo(ip=ip, hostname="symo", macaddress=mac)
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=info)


async def confirm(hass: HomeAssistant, form: Any, **entered: Any) -> Any:
    result = await hass.config_entries.flow.async_configure(form["flow_id"], entered)
    await hass.async_block_till_done()
    return result


async def test_an_inverter_that_announces_itself_is_added_by_one_confirmation(
    hass: HomeAssistant, site: HomeFlexConfigEntry, modbus_server: FakeModbusServer
) -> None:
    form = await heard(hass, SOLAREDGE, modbus_server.port)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "found")
    assert suggested(form, "wired_phases") == ["1", "2", "3"]
    assert (await confirm(hass, form, name="Roof", wired_phases=[]))["errors"] == {"base": "no_phase"}
    added = await confirm(hass, form, name=" Roof ", wired_phases=["2", "1"])
    assert (added["type"], added["reason"]) == (FlowResultType.ABORT, "device_added")
    (device,) = site.subentries.values()
    assert (device.title, device.subentry_type) == ("Roof", "pv")
    assert device.data == {
        "driver": "sunspec",
        "host": "127.0.0.1",
        "port": modbus_server.port,
        "unit_id": 1,
        "wired_phases": ["1", "2"],
    }
    await until(lambda: site.runtime_data.data.devices[device.subentry_id].link_reason is None)
    again = await heard(hass, SOLAREDGE, modbus_server.port)
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "device_known")


async def test_a_meter_is_offered_while_the_site_has_none(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    async with homewizard(lambda: METER_LINES) as host, homewizard(lambda: METER_LINES) as other:
        form = await heard(hass, HOMEWIZARD, 80, host)
        assert list(form["data_schema"].schema) == ["name"]
        assert (await confirm(hass, form, name=""))["reason"] == "device_added"
        (device,) = site.subentries.values()
        assert device.data == {"driver": "p1", "type": "homewizard", "host": host}
        assert device.title
        assert (await heard(hass, HOMEWIZARD, 80, other))["reason"] == "device_known"
        assert await hass.config_entries.async_unload(site.entry_id)


@pytest.mark.parametrize("kind", ["pv", "grid_meter"])
async def test_what_may_be_there_by_entities_already_is_not_offered(
    hass: HomeAssistant, start_site: StartSite, modbus_server: FakeModbusServer, kind: str
) -> None:
    entry = await start_site()
    theirs = {"driver": "entities"}
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(data=theirs, subentry_type=kind, title="Theirs", unique_id="theirs"),  # type: ignore[arg-type] # as HTTP gives it
    )
    await hass.async_block_till_done()
    service = SOLAREDGE if kind == "pv" else HOMEWIZARD
    assert (await heard(hass, service, modbus_server.port))["reason"] == "device_known"


async def test_who_announces_and_does_not_answer_is_not_offered(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    assert (await heard(hass, SOLAREDGE, free_port()))["reason"] == "no_answer"
    assert site.subentries == {}


async def test_a_device_that_is_lost_is_followed_to_its_new_address_and_one_that_is_read_is_not(
    hass: HomeAssistant, start_site: StartSite, modbus_server: FakeModbusServer
) -> None:
    entry = await start_site()
    form = await heard(hass, SOLAREDGE, modbus_server.port)
    await confirm(hass, form, name="Roof", wired_phases=["1"])
    (device,) = entry.subentries.values()
    await until(lambda: entry.runtime_data.data.devices[device.subentry_id].link_reason is None)
    async with serving({1: der_pv()}) as moved:
        # Somebody else says to be it, at another address, while it is read.
        assert (await heard(hass, SOLAREDGE, moved.port, "localhost"))["reason"] == "device_known"
        assert entry.subentries[device.subentry_id].data["host"] == "127.0.0.1"
        await modbus_server.stop()
        await until(lambda: entry.runtime_data.data.devices[device.subentry_id].link_reason is not None, 60)
        assert (await heard(hass, SOLAREDGE, moved.port, "localhost"))["reason"] == "device_known"
        await hass.async_block_till_done()
        data = entry.subentries[device.subentry_id].data
        assert (data["host"], data["port"], data["wired_phases"]) == ("localhost", moved.port, ["1"])
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_fronius_that_took_an_address_is_added_read_and_followed_to_its_next(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    # The Solar API of a real one is at port 80; the fake's port stands in its address.
    async with solar_api(SolarNet()) as host:
        form = await leased(hass, FRONIUS_MAC, host)
        assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "found")
        added = await confirm(hass, form, name="", wired_phases=["1", "2", "3"])
        assert (added["type"], added["reason"]) == (FlowResultType.ABORT, "device_added")
        (device,) = site.subentries.values()
        assert (device.subentry_type, device.unique_id) == ("pv", "pv_INV-1")
        assert device.data == {"driver": "fronius", "host": host, "wired_phases": ["1", "2", "3"]}
        await until(lambda: power_w(site, device) == -3000.0)
        assert (await leased(hass, FRONIUS_MAC, host))["reason"] == "device_known"
    await until(lambda: site.runtime_data.data.devices[device.subentry_id].link_reason is not None, 60)
    async with solar_api(SolarNet(pv_w=1200.0)) as moved:
        assert (await leased(hass, FRONIUS_MAC, moved))["reason"] == "device_known"
        await hass.async_block_till_done()
        assert site.subentries[device.subentry_id].data == {**device.data, "host": moved}
        await until(lambda: power_w(site, device) == -1200.0)
        assert await hass.config_entries.async_unload(site.entry_id)


async def test_an_inverter_of_sma_that_took_an_address_is_added_by_its_unit_and_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving({SMA_UNIT: der_pv()}) as server:
        # Only who runs as the administrator may listen at the port that a real one has.
        monkeypatch.setitem(
            discovery.BY_MAKER, "0015BB", replace(discovery.BY_MAKER["0015BB"], usual_port=server.port)
        )
        form = await leased(hass, SMA_MAC)
        assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "found")
        added = await confirm(hass, form, name="Roof", wired_phases=["2"])
        assert (added["type"], added["reason"]) == (FlowResultType.ABORT, "device_added")
        (device,) = site.subentries.values()
        assert (device.subentry_type, device.unique_id) == ("pv", "pv_SN-1")
        assert device.data == {
            "driver": "sunspec",
            "host": "127.0.0.1",
            "port": server.port,
            "unit_id": SMA_UNIT,
            "wired_phases": ["2"],
        }
        await until(lambda: power_w(site, device) is not None)
        assert (await leased(hass, SMA_MAC))["reason"] == "device_known"
        assert await hass.config_entries.async_unload(site.entry_id)


@pytest.mark.parametrize(("mac", "port"), [(FRONIUS_MAC, None), (SMA_MAC, 502)])
def test_who_took_an_address_is_asked_at_its_makers_port(mac: str, port: int | None) -> None:
    assert discovery.BY_MAKER[mac[:6].upper()].usual_port == port


async def test_an_inverter_of_sma_whose_modbus_is_off_is_not_offered(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = replace(discovery.BY_MAKER["0015BB"], usual_port=free_port())
    monkeypatch.setitem(discovery.BY_MAKER, "0015BB", offer)
    assert (await leased(hass, SMA_MAC))["reason"] == "no_answer"
    assert site.subentries == {}


def power_w(site: HomeFlexConfigEntry, device: ConfigSubentry) -> float | None:
    seen = site.runtime_data.data.devices.get(device.subentry_id)
    return None if seen is None or seen.reading is None else seen.reading.power_w


async def test_without_a_site_the_site_is_asked_for_once(hass: HomeAssistant) -> None:
    first = await heard(hass, SOLAREDGE, 1502)
    assert (first["type"], first["step_id"]) == (FlowResultType.FORM, "user")
    second = await leased(hass, FRONIUS_MAC)
    assert (second["type"], second["reason"]) == (FlowResultType.ABORT, "already_in_progress")


async def test_what_somebody_ignored_is_not_offered_again(
    hass: HomeAssistant, site: HomeFlexConfigEntry, modbus_server: FakeModbusServer
) -> None:
    form = await heard(hass, SOLAREDGE, modbus_server.port)
    unique_id = unique_id_of(hass, form["flow_id"])
    await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_IGNORE}, data={"unique_id": unique_id, "title": "Roof"}
    )
    assert (await heard(hass, SOLAREDGE, modbus_server.port))["reason"] == "already_configured"
    assert site.subentries == {}


def unique_id_of(hass: HomeAssistant, flow_id: str) -> str:
    (flow,) = (each for each in hass.config_entries.flow.async_progress() if each["flow_id"] == flow_id)
    return str(flow["context"]["unique_id"])


def test_who_is_listened_for_is_who_is_offered() -> None:
    services = {each if isinstance(each, str) else each["type"] for each in MANIFEST["zeroconf"]}
    assert services == set(discovery.BY_SERVICE)
    makers = {each["macaddress"].removesuffix("*") for each in MANIFEST["dhcp"]}
    assert makers == set(discovery.BY_MAKER)

"""Devices that make themselves known stand in the form, by what Home Assistant has heard of them."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import homeassistant
import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from zeroconf import (  # type: ignore[attr-defined] # its records are not in its list of names
    DNSAddress,
    DNSPointer,
    DNSService,
    DNSText,
    current_time_millis,
)

from custom_components.home_flex.announced_hosts import announced_hosts
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.devices.spec import Announced
from tests.devices.fakes.shelly import FakeShelly, shelly

from .house import SubentryFlow, suggested

SHELLY, HOMEWIZARD = "_shelly._tcp.local.", "_hwenergy._tcp.local."
PTR, IN, A, SRV, TXT = 12, 1, 1, 33, 16
_TTL_S = 120


def announce(
    heard: MagicMock, service: str, name: str, address: str, *, port: int = 80, **properties: str
) -> None:
    """Put what a device multicasts (RFC 6763) into what was heard."""
    full, server = f"{name}.{service}", f"{name}.local."
    text = b"".join(
        bytes([len(entry)]) + entry
        for entry in (f"{key}={value}".encode() for key, value in properties.items())
    )
    now = current_time_millis()
    octets = bytes(int(part) for part in address.split("."))
    heard.zeroconf.cache.async_add_records(
        [
            DNSPointer(service, PTR, IN, _TTL_S, full, now),
            DNSService(full, SRV, IN, _TTL_S, 0, 0, port, server, now),
            DNSText(full, TXT, IN, _TTL_S, text or b"\0", now),
            DNSAddress(server, A, IN, _TTL_S, octets, None, now),
        ]
    )


@pytest.fixture
def heard(hass: HomeAssistant, mock_async_zeroconf: MagicMock) -> MagicMock:
    """Return what Home Assistant has heard, without a network."""
    hass.config.components.add("zeroconf")
    hass.data["zeroconf"] = mock_async_zeroconf
    return mock_async_zeroconf


def options(form: Any) -> list[str]:
    field = next(each for each in form["data_schema"].schema if each == "host")
    return [option["value"] for option in form["data_schema"].schema[field].config["options"]]


async def shown(
    hass: HomeAssistant, site: HomeFlexConfigEntry, kind: str, step: str
) -> tuple[SubentryFlow, Any]:
    flow = SubentryFlow(hass, site.entry_id, kind)
    await flow.open()
    return flow, await flow.choose(step)


async def test_a_shelly_that_was_heard_stands_in_the_form_and_is_added(
    hass: HomeAssistant, site: HomeFlexConfigEntry, heard: MagicMock
) -> None:
    async with shelly(FakeShelly(phases_w=(1.0, 2.0, 3.0))) as host:
        address, _, port = host.partition(":")
        announce(heard, SHELLY, "shellypro3em-a4cf12f3c8b5", address, port=int(port), gen="2")
        flow, form = await shown(hass, site, "grid_meter", "shelly")
        assert (options(form), suggested(form, "host")) == ([host], host)
        created = await flow.enter(
            name="Meter", host=host, channel=0, positive_power="import", counting="together"
        )
        assert created["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(site.entry_id)


async def test_of_several_none_is_taken_beforehand_and_any_other_address_can_be_typed(
    hass: HomeAssistant, site: HomeFlexConfigEntry, heard: MagicMock
) -> None:
    announce(heard, SHELLY, "shellyplus1pm-1", "192.0.2.7")
    announce(heard, SHELLY, "shellyplus1pm-2", "192.0.2.8")
    flow, form = await shown(hass, site, "switched_load", "shelly")
    assert (options(form), suggested(form, "host")) == (["192.0.2.7", "192.0.2.8"], None)
    typed = await flow.enter(
        name="Pump", host="127.0.0.1:1", channel=0, rated_power_kw=1.0, wired_phases=["1"]
    )
    assert typed["errors"] == {"base": "unreachable"}
    assert suggested(typed, "host") == "127.0.0.1:1"


async def test_only_a_p1_meter_of_homewizard_is_offered_as_one(
    hass: HomeAssistant, site: HomeFlexConfigEntry, heard: MagicMock
) -> None:
    announce(heard, HOMEWIZARD, "p1meter-AABBCC", "192.0.2.9", product_type="HWE-P1", path="/api/v1")
    announce(heard, HOMEWIZARD, "energysocket-DDEEFF", "192.0.2.10", product_type="HWE-SKT", path="/api/v1")
    _, form = await shown(hass, site, "grid_meter", "homewizard")
    assert (options(form), suggested(form, "host")) == (["192.0.2.9"], "192.0.2.9")


async def test_without_anybody_to_listen_an_address_is_typed(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    _, form = await shown(hass, site, "grid_meter", "shelly")
    assert suggested(form, "host") is None
    assert announced_hosts(hass, None) == {}


def test_a_maker_is_known_by_how_its_addresses_begin(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Home Assistant's own helper, without the packet sniffer that its package begins with.
    package = ModuleType("homeassistant.components.dhcp")
    package.__path__ = [str(Path(homeassistant.__file__).parent / "components" / "dhcp")]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    hass.config.components.add("dhcp")
    hass.data["dhcp"] = SimpleNamespace(
        address_data={
            "0003acaabbcc": {"hostname": "Symo", "ip": "192.0.2.20"},
            "a4cf12aabbcc": {"hostname": "plug", "ip": "192.0.2.21"},
        }
    )
    assert announced_hosts(hass, Announced(mac="0003AC")) == {"192.0.2.20": "symo (192.0.2.20)"}

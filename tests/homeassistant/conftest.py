"""A site inside the harness, with devices that are real servers and clients on 127.0.0.1."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry, HomeFlexCoordinator
from custom_components.home_flex.core.control.state import PowerBalance
from custom_components.home_flex.core.model import DeviceKind
from scripts.home_stack.processes import free_port
from tests.aggregator.broker import Broker, mosquitto_program
from tests.devices.fakes.modbus_server import FakeModbusServer, serving
from tests.devices.fakes.p1_feeder import feeding
from tests.devices.fakes.sunspec_images import der_battery, der_pv

from .house import BATTERY_UNIT, METER_LINES, PV_UNIT, subentry, until


@pytest.fixture(autouse=True)
def _custom_integration_on_loopback(
    enable_custom_integrations: None, socket_enabled: None, tmp_path: Path, hass: HomeAssistant
) -> None:
    """Let Home Assistant find Home Flex and open loopback sockets; give it a folder of its own."""
    hass.config.config_dir = str(tmp_path)
    (tmp_path / ".storage").mkdir()


@pytest.fixture
async def meter_port() -> AsyncIterator[int]:
    """Serve a P1 telegram ten times a second: 1.5 kW import."""

    async def feed(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(METER_LINES)
            await writer.drain()
            await asyncio.sleep(0.1)

    async with feeding(feed) as port:
        yield port


@pytest.fixture
async def modbus_server() -> AsyncIterator[FakeModbusServer]:
    """Serve a PV inverter as unit 1 and a battery as unit 2."""
    async with serving({PV_UNIT: der_pv(), BATTERY_UNIT: der_battery()}) as server:
        yield server


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Run a Mosquitto that knows one user."""
    if mosquitto_program() is None:
        pytest.skip("mosquitto is not installed")
    broker = Broker(folder=tmp_path / "broker", users={"home": "secret-of-home"})
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def site_data() -> dict[str, Any]:
    return {
        "name": "My home",
        "currency": "EUR",
        "phases": 3,
        "main_fuse_a": 25.0,
        "import_price_per_kwh": "0.3",
        "export_price_per_kwh": "0.05",
        "ocpp_port": free_port(),
    }


def all_modbus_devices_spoke(coordinator: HomeFlexCoordinator) -> bool:
    """Whether each of them was read, or could not be."""
    kinds = {DeviceKind.PV, DeviceKind.BATTERY}
    devices = [device for device in coordinator.data.devices.values() if device.kind in kinds]
    return all(device.link_reason != "not_read_yet" for device in devices)


type StartSite = Callable[..., Any]


@pytest.fixture
async def start_site(
    hass: HomeAssistant, site_data: dict[str, Any], meter_port: int, modbus_server: FakeModbusServer
) -> AsyncIterator[StartSite]:
    """Set up a site with these subentries; it is unloaded after the test, before its devices go away."""
    entries: list[HomeFlexConfigEntry] = []

    async def start(*subentries: ConfigSubentryData) -> HomeFlexConfigEntry:
        entry: HomeFlexConfigEntry = MockConfigEntry(
            domain=DOMAIN,
            title="My home",
            data=site_data,
            unique_id=DOMAIN,
            subentries_data=list(subentries),
        )
        entries.append(entry)
        entry.add_to_hass(hass)  # type: ignore[attr-defined] # the harness' own
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        return entry

    yield start
    for entry in entries:
        if entry.state is ConfigEntryState.LOADED:
            # A link that is closed while it is being opened is reported by the Modbus library as an error.
            await until(lambda: all_modbus_devices_spoke(entry.runtime_data))  # noqa: B023 # waited for here
            assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def site(start_site: StartSite) -> HomeFlexConfigEntry:
    """Set up a site without any device."""
    entry: HomeFlexConfigEntry = await start_site()
    return entry


@pytest.fixture
async def house(
    hass: HomeAssistant, start_site: StartSite, meter_port: int, modbus_server: FakeModbusServer
) -> HomeFlexConfigEntry:
    """Set up a site, and wait until its meter, PV and battery have been read."""
    modbus: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": modbus_server.port,
        "wired_phases": ["1", "2", "3"],
    }
    entry: HomeFlexConfigEntry = await start_site(
        subentry("grid_meter", "Grid meter", type="tcp", host="127.0.0.1", port=meter_port),
        subentry("pv", "Roof", unit_id=PV_UNIT, **modbus),
        subentry("battery", "Cellar battery", unit_id=BATTERY_UNIT, **modbus),
    )
    coordinator: HomeFlexCoordinator = entry.runtime_data
    await until(lambda: all(device.reading for device in coordinator.data.devices.values()))
    # Of the devices, too: a balance that was drawn when the meter alone had spoken knows nothing of them.
    await until(lambda: is_whole(coordinator.data.balance))
    await hass.async_block_till_done()
    return entry


def is_whole(balance: PowerBalance | None) -> bool:
    return balance is not None and None not in (balance.pv_w, balance.battery_w)

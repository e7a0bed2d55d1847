"""Home Assistant's own integrations, set up by their own dialogs with made-up devices, and used by ours."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.components.fronius.coordinator import FroniusPowerFlowUpdateCoordinator
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.kinds.switched_load import SwitchedLoad
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.devices.entities.finding import Match
from custom_components.home_flex.devices.entities.profile import HowTested
from custom_components.home_flex.entity_profiles import async_all_proposals, async_load_profiles
from tests.devices.fakes.homewizard_devices import P1Reader, Socket, homewizard_device
from tests.devices.fakes.modbus_server import address_of, keep, serving
from tests.devices.fakes.solar_api import SolarNet, solar_api
from tests.devices.fakes.solaredge import SolarEdgeHouse
from tests.devices.fakes.sunspec_hybrids import gen24

from .house import SubentryFlow, until

# They poll each 5 or 10 s; nothing else of them is changed.
POLL = timedelta(seconds=1)
THREE_PHASES = ["1", "2", "3"]


async def connect(hass: HomeAssistant, integration: str, *steps: Mapping[str, Any]) -> None:
    """Go through an integration's dialog, and see that it is set up."""
    result: Any = await hass.config_entries.flow.async_init(integration, context={"source": "user"})
    for step in steps:
        result = await hass.config_entries.flow.async_configure(result["flow_id"], dict(step))
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    assert result["result"].state is ConfigEntryState.LOADED


async def found(hass: HomeAssistant, integration: str) -> dict[DeviceKind, dict[str, Match]]:
    """Return what our profile finds of an integration: by kind, how each role was found."""
    proposals = await async_all_proposals(hass, await async_load_profiles(hass))
    return {
        proposal.kind: {role: each.match for role, each in proposal.roles.items()}
        for proposal in proposals
        if proposal.profile.integration == integration
    }


async def add(
    hass: HomeAssistant, site: HomeFlexConfigEntry, kind: str, integration: str, **entered: Any
) -> ConfigSubentry:
    """Add the device of a kind that our profile found; controlled, where that can be consented to."""
    flow = SubentryFlow(hass, site.entry_id, kind)
    choice = await flow.open()
    if choice["type"] is FlowResultType.MENU:
        choice = await flow.choose("entities")
    key = next(
        option["value"]
        for option in choice["data_schema"].schema["entities"].config["options"]
        if option["value"].startswith(integration)
    )
    form = await flow.enter(entities=key)
    assert form["step_id"] == "entities_found", form
    phases = {} if kind == "grid_meter" else {"wired_phases": THREE_PHASES}
    enable = {"enable": True} if any(key == "enable" for key in form["data_schema"].schema) else {}
    result = await flow.enter(name=kind, **phases, **enable, **entered)
    async with asyncio.timeout(20.0):
        # Home Assistant loads an integration anew once more of its entities are enabled.
        while result.get("errors") == {"base": "entity_unavailable"}:
            await asyncio.sleep(0.2)
            result = await flow.enter(name=kind, **phases, **enable, **entered)
    if result.get("step_id") == "entities_consent":
        result = await flow.enter(controlled=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    return next(each for each in site.subentries.values() if each.subentry_type == kind)


def reading(site: HomeFlexConfigEntry, device: ConfigSubentry) -> Any:
    return site.runtime_data.data.devices[device.subentry_id].reading


async def all_read(site: HomeFlexConfigEntry) -> None:
    await until(
        lambda: all(device.reading for device in site.runtime_data.data.devices.values()), timeout_s=30.0
    )


async def dispatch(hass: HomeAssistant, **limits_w: float) -> None:
    event = {**limits_w, "duration": {"minutes": 10}}
    await hass.services.async_call(DOMAIN, "dispatch", event, blocking=True)


async def end_event(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    record = site.runtime_data.data.active
    assert record is not None
    ended = {"event_id": record.event.event_id}
    await hass.services.async_call(DOMAIN, "cancel_dispatch", ended, blocking=True)


async def leave(hass: HomeAssistant, site: HomeFlexConfigEntry, integration: str) -> None:
    """Unload ours, then theirs, while their devices are still there."""
    assert await hass.config_entries.async_unload(site.entry_id)
    for entry in hass.config_entries.async_entries(integration):
        assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def told(site: HomeFlexConfigEntry, *outcomes: str) -> None:
    """Wait until the ledger tells all of these outcomes."""
    async with asyncio.timeout(30.0):
        found: set[str] = set()
        while not set(outcomes) <= found:
            await asyncio.sleep(0.1)
            found = {row.outcome for row in await site.runtime_data.controller.ledger.rows(50)}


async def test_each_profile_that_calls_itself_tried_with_its_integration_is_tried_here(
    hass: HomeAssistant,
) -> None:
    profiles = await async_load_profiles(hass)
    tried = {each.integration for each in profiles.values() if each.tested is HowTested.INTEGRATION}
    assert tried == {"fronius", "homewizard", "solaredge_modbus"}


async def test_a_fronius_is_found_and_read_with_our_signs(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FroniusPowerFlowUpdateCoordinator, "default_interval", POLL)
    house = SolarNet(pv_w=3000.0, battery_w=500.0, battery_wh=10_000.0, soc_percent=55.0, house_w=2000.0)
    async with solar_api(house) as host:
        await connect(hass, "fronius", {"host": host, "modbus_port": 1502, "auto_revert_power_limit": False})
        roles = await found(hass, "fronius")
        assert {kind: each["power"] for kind, each in roles.items()} == {
            DeviceKind.GRID_METER: Match.FOUND,
            DeviceKind.PV: Match.FOUND,
            DeviceKind.BATTERY: Match.FOUND,
        }
        meter = await add(hass, site, "grid_meter", "fronius")
        pv = await add(hass, site, "pv", "fronius", rated_power=5.0)
        battery = await add(
            hass, site, "battery", "fronius", max_charge_power=4.0, max_discharge_power=4.0, rated_power=4.0
        )
        await all_read(site)
        assert (reading(site, meter).power_w, reading(site, pv).power_w) == (-1500.0, -3000.0)
        assert reading(site, meter).energy_import_wh == 2_013_105.0
        cellar = reading(site, battery)
        assert (cellar.power_w, cellar.state_of_charge, cellar.capacity_wh) == (-500.0, 0.55, 10_000.0)
        house.battery_w, house.house_w = -1000.0, 5000.0
        await until(lambda: reading(site, battery).power_w == 1000.0)
        await until(lambda: reading(site, meter).power_w == 3000.0)
        await leave(hass, site, "fronius")


def obeyed(house: SolarNet, image: dict[int, int]) -> Callable[[dict[int, int], int, tuple[int, ...]], None]:
    """Return what is done with writes to model 124: a negative limit of one direction forces the other."""

    def signed(point: str) -> float:
        word = image[address_of(image, 124, point)]
        return (word - 0x10000 if word >= 0x8000 else word) / 10_000

    def take(registers: dict[int, int], address: int, words: tuple[int, ...]) -> None:
        keep(registers, address, words)
        most_w = registers[address_of(image, 124, "WChaMax")]
        enabled = registers[address_of(image, 124, "StorCtl_Mod")]
        charged = signed("OutWRte") if enabled & 2 else 1.0
        discharged = signed("InWRte") if enabled & 1 else 1.0
        house.battery_w = most_w * (max(0.0, -discharged) - max(0.0, -charged))

    return take


async def test_a_fronius_battery_is_told_in_percent_over_modbus_and_given_back(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FroniusPowerFlowUpdateCoordinator, "default_interval", POLL)
    house = SolarNet(pv_w=1000.0, battery_w=0.0, battery_wh=10_000.0, house_w=5000.0)
    image = gen24()
    async with serving({1: image}) as modbus, solar_api(house) as host:
        modbus.take = obeyed(house, image)
        form = {"host": host, "modbus_port": modbus.port, "auto_revert_power_limit": False}
        await connect(hass, "fronius", form)
        free = image.copy()
        await add(hass, site, "grid_meter", "fronius")
        powers = {"rated_power": 5.0, "max_charge_power": 5.0, "max_discharge_power": 5.0}
        battery = await add(hass, site, "battery", "fronius", **powers)
        await all_read(site)
        await dispatch(hass, import_limit=1000.0)
        await until(lambda: house.battery_w is not None and house.battery_w >= 2900.0, timeout_s=30.0)
        await until(lambda: reading(site, battery).power_w <= -2900.0, timeout_s=30.0)
        await until(lambda: reading(site, battery).power_setpoint_w is not None, timeout_s=30.0)
        await told(site, "accepted", "followed")
        await leave(hass, site, "fronius")
    assert image == free
    assert house.battery_w == 0.0


async def test_the_sun_of_a_fronius_is_limited_in_percent_over_modbus_and_given_back(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FroniusPowerFlowUpdateCoordinator, "default_interval", POLL)
    house, image = SolarNet(pv_w=4000.0, house_w=1000.0), gen24()

    def take(registers: dict[int, int], address: int, words: tuple[int, ...]) -> None:
        keep(registers, address, words)
        share = registers[address_of(image, 123, "WMaxLimPct")] / 10_000
        is_on = registers[address_of(image, 123, "WMaxLim_Ena")]
        house.pv_w = min(4000.0, share * 5000.0) if is_on else 4000.0

    async with serving({1: image}) as modbus, solar_api(house) as host:
        modbus.take = take
        form = {"host": host, "modbus_port": modbus.port, "auto_revert_power_limit": False}
        await connect(hass, "fronius", form)
        free = image.copy()
        await add(hass, site, "grid_meter", "fronius")
        pv = await add(hass, site, "pv", "fronius", rated_power=5.0)
        await all_read(site)
        await dispatch(hass, export_limit=1000.0)
        await until(lambda: house.pv_w is not None and 1000.0 < house.pv_w <= 2000.0, timeout_s=30.0)
        await until(lambda: reading(site, pv).power_w >= -2000.0)
        await told(site, "accepted", "followed")
        await leave(hass, site, "fronius")
    assert image == free


async def test_a_solaredge_battery_is_told_shows_it_is_measured_and_given_back(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeassistant.components.solaredge_modbus.SCAN_INTERVAL", POLL)
    monkeypatch.setattr("homeassistant.config_entries.RELOAD_AFTER_UPDATE_DELAY", 0.1)
    house = SolarEdgeHouse(house_w=5000.0, pv_w=1000.0)
    async with serving({1: house.registers}) as server:
        server.take = house.take
        await connect(
            hass,
            "solaredge_modbus",
            {"next_step_id": "tcp"},
            {"host": "127.0.0.1", "port": server.port, "more_options": {"unit_id": 1}},
        )
        meter = await add(hass, site, "grid_meter", "solaredge_modbus")
        battery = await add(hass, site, "battery", "solaredge_modbus")
        await all_read(site)
        assert reading(site, meter).power_w == 4000.0
        await dispatch(hass, import_limit=1000.0)
        await until(lambda: house.battery_w <= -2900.0, timeout_s=30.0)
        await until(lambda: reading(site, battery).power_w <= -2900.0, timeout_s=30.0)
        await until(lambda: reading(site, battery).power_setpoint_w is not None, timeout_s=30.0)
        await end_event(hass, site)
        await until(lambda: house.told == (0, 7, 5000.0, 5000.0), timeout_s=60.0)
        await told(site, "accepted", "followed", "handed_back")
        await leave(hass, site, "solaredge_modbus")


@pytest.mark.filterwarnings("ignore:'asyncio.iscoroutinefunction' is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:enable_cleanup_closed ignored:DeprecationWarning")
async def test_a_homewizard_socket_is_switched_off_shows_it_and_is_given_back_when_we_leave(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeassistant.components.homewizard.coordinator.UPDATE_INTERVAL", POLL)
    monkeypatch.setattr(
        SwitchedLoad, "actuation", replace(SwitchedLoad.actuation, min_on_s=1.0, min_off_s=1.0)
    )
    socket = Socket(load_w=1800.0)
    reader = P1Reader(house_w=500.0, sockets=[socket])
    async with homewizard_device(reader) as meter_host, homewizard_device(socket) as socket_host:
        await connect(hass, "homewizard", {"ip_address": meter_host})
        await connect(hass, "homewizard", {"ip_address": socket_host})
        meter = await add(hass, site, "grid_meter", "homewizard")
        load = await add(hass, site, "switched_load", "homewizard", rated_power=1.8)
        await all_read(site)
        assert (reading(site, meter).power_w, reading(site, load).power_w) == (2300.0, 1800.0)
        await dispatch(hass, import_limit=1000.0)
        await until(lambda: not socket.is_on, timeout_s=30.0)
        await until(lambda: reading(site, load).switched is False, timeout_s=30.0)
        await until(lambda: reading(site, meter).power_w == 500.0)
        await told(site, "accepted", "followed")
        await leave(hass, site, "homewizard")
    assert socket.is_on

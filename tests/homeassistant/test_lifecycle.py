"""Loading, reloading, removing: a site leaves nothing behind."""

import asyncio
import re
import socket
import threading

import pytest
from homeassistant.components.modbus import async_get_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.typing import ConfigType
from homeassistant.setup import async_set_domains_to_be_loaded, async_setup_component
from modbus_connection import ModbusTlsParams
from pytest_homeassistant_custom_component.common import (  # type: ignore[import-untyped] # has no types
    MockConfigEntry,
    MockModule,
    mock_integration,
)

from custom_components.home_flex.backup import async_post_backup, async_pre_backup
from custom_components.home_flex.coordinator import HomeFlexConfigEntry, store_path
from custom_components.home_flex.energy_prefill import async_energy_sources
from custom_components.home_flex.history.store import HistoryStore

from .conftest import StartSite
from .house import subentry, until


def home_flex_tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("home_flex")}


async def test_an_unloaded_site_leaves_no_task_link_or_port_behind(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    assert home_flex_tasks()
    assert async_get_connection_info(hass)
    assert await hass.config_entries.async_unload(house.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.state is ConfigEntryState.NOT_LOADED
    assert not home_flex_tasks()
    assert not async_get_connection_info(hass)


async def test_the_chargers_port_is_free_again_after_unloading(
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
            wired_phases=["1"],
        )
    )
    port = entry.runtime_data.charger_listener.port
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) == 0
    assert await hass.config_entries.async_unload(entry.entry_id)
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) != 0


async def test_a_removed_device_takes_its_entities_along_and_the_site_goes_on(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    (roof,) = (s for s in house.subentries.values() if s.subentry_type == "pv")
    assert hass.states.get("sensor.roof_production_power") is not None
    hass.config_entries.async_remove_subentry(house, roof.subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get("sensor.roof_production_power") is None
    assert not [
        entry
        for entry in er.async_entries_for_config_entry(entity_registry, house.entry_id)
        if entry.config_subentry_id == roof.subentry_id
    ]
    devices = dr.async_entries_for_config_entry(device_registry, house.entry_id)
    assert {device.name for device in devices} == {"My home", "Grid meter", "Cellar battery"}
    await until(lambda: all(device.reading for device in house.runtime_data.data.devices.values()))


async def test_a_removed_site_takes_its_store_along(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    path = store_path(hass, site.entry_id)
    assert path.exists()
    await hass.config_entries.async_remove(site.entry_id)
    await hass.async_block_till_done()
    assert not [left.name for left in path.parent.iterdir() if left.name.startswith(path.name)]


async def test_a_backup_takes_a_whole_copy_of_the_history_along(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    copy = store_path(hass, site.entry_id).with_suffix(".sqlite.backup")
    await async_pre_backup(hass)
    store = await HistoryStore.open(copy)
    assert await store.ledger() == []
    await store.close()
    await async_post_backup(hass)
    assert not copy.exists()


async def test_a_backup_that_cannot_be_prepared_says_so_in_translated_words(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    in_the_way = store_path(hass, site.entry_id).with_suffix(".sqlite.backup")
    (in_the_way / "folder").mkdir(parents=True)
    with pytest.raises(HomeAssistantError) as refusal:
        await async_pre_backup(hass)
    assert refusal.value.translation_key == "history_not_copied"


async def test_a_backup_by_action_that_cannot_be_prepared_says_that_sentence_alone(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    assert await async_setup_component(hass, "backup", {})
    in_the_way = store_path(hass, site.entry_id).with_suffix(".sqlite.backup")
    (in_the_way / "folder").mkdir(parents=True)
    said = re.escape("Error during pre-backup: The history of Home Flex cannot be copied for the backup: ")
    with pytest.raises(HomeAssistantError, match=f"^{said}[^,]*Is a directory[^,]*$"):
        await hass.services.async_call("backup", "create", blocking=True)


async def test_an_optional_sensor_is_there_at_once_after_a_reload(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    assert await hass.config_entries.async_reload(house.entry_id)
    state = hass.states.get("sensor.grid_meter_energy_import")
    assert state is not None
    assert "restored" not in state.attributes


async def test_a_modbus_link_held_with_other_settings_is_told_in_words(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    (roof,) = (s for s in house.subentries.values() if s.subentry_type == "pv")
    assert await hass.config_entries.async_unload(house.entry_id)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    async_get_unit(hass, other, ModbusTlsParams(host=roof.data["host"], port=roof.data["port"]), 9)
    assert not await hass.config_entries.async_setup(house.entry_id)
    assert house.state is ConfigEntryState.SETUP_ERROR
    assert house.error_reason_translation_key == "modbus_link_in_use"
    assert not home_flex_tasks()


async def test_nothing_of_a_site_is_left_to_wait_for_when_home_assistant_ends(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    assert any(thread.name.startswith("home_flex") for thread in threading.enumerate())
    stops: list[bool] = []

    @callback
    def note(_event: Event) -> None:
        stops.append(not home_flex_tasks())

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, note)
    await hass.async_stop(force=True)
    assert stops == [True]  # devices were let go before their links are closed
    await until(lambda: not any(thread.name.startswith("home_flex") for thread in threading.enumerate()))
    assert not home_flex_tasks()


async def test_home_flex_starts_without_a_recorder_and_an_energy_dashboard_that_fail(
    hass: HomeAssistant,
) -> None:
    """As on a full disk, or while the recorder's database server is away."""
    failing = {"recorder", "energy", "zeroconf", "dhcp"}
    for domain in failing:
        mock_integration(hass, MockModule(domain, async_setup=_fails))
    async_set_domains_to_be_loaded(hass, failing)
    assert await async_setup_component(hass, "home_flex", {})
    assert await async_energy_sources(hass) == []


async def _fails(_hass: HomeAssistant, _config: ConfigType) -> bool:
    return False

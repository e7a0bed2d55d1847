"""Stands in for the integration of this name: the same entities, and a house that is made up."""

from homeassistant.config_entries import SOURCE_IMPORT, ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import ConfigType

PLATFORMS = [Platform.SENSOR, Platform.NUMBER, Platform.SWITCH]


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Create the entry, once."""
    if not hass.config_entries.async_entries("peblar"):
        flow = hass.config_entries.flow.async_init("peblar", context={"source": SOURCE_IMPORT}, data={})
        hass.async_create_task(flow)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Have the entities."""
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True

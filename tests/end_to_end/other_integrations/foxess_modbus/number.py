"""The entities of this platform."""

from datetime import timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .made_up import FOXESS

SCAN_INTERVAL = timedelta(seconds=1)


async def async_setup_entry(
    _hass: HomeAssistant, _entry: ConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add them."""
    async_add_entities(FOXESS["number"])

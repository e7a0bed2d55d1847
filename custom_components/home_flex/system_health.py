"""System health: whether a site runs, and reaches its devices and its aggregator."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import HomeFlexConfigEntry


@callback
def async_register(_hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what the page shows."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[HomeFlexConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    if not entries:
        return {"site": False}
    view = entries[0].runtime_data.data
    return {
        "site": True,
        "devices": len(view.devices),
        "devices_reached": sum(device.link_reason is None for device in view.devices.values()),
        **({} if view.aggregator_connected is None else {"aggregator": view.aggregator_connected}),
        "events": len(view.records),
    }

"""What older versions kept of a site, brought up to what is kept now."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_DRIVER

# Before 1.2 a device's kind was its driver, too. Only a minor version: older code passes over what is new.
_DRIVER_BEFORE_1_2 = {"grid_meter": "p1", "pv": "sunspec", "battery": "sunspec", "ev_charger": "ocpp"}


def migrate(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Name the driver of each device that was kept without one; leave what is newer than we are alone."""
    if entry.minor_version >= 2:
        return
    for subentry in list(entry.subentries.values()):
        driver_id = _DRIVER_BEFORE_1_2.get(subentry.subentry_type)
        if driver_id is not None and CONF_DRIVER not in subentry.data:
            hass.config_entries.async_update_subentry(
                entry, subentry, data={CONF_DRIVER: driver_id, **subentry.data}
            )
    hass.config_entries.async_update_entry(entry, minor_version=2)

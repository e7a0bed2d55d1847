"""The solar forecast that the resident chose in the Energy dashboard, whoever makes it."""

import asyncio
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import LOGGER
from .energy_prefill import async_energy_sources
from .optional_parts import part

# A forecast that is not there by then is done without; it mostly is in memory.
_TIMEOUT_S: Final = 10.0
_MOST_WH: Final = 1_000_000.0


async def async_outside_sun(hass: HomeAssistant) -> dict[datetime, float]:
    """Return what all chosen forecasts say together: Wh by the start of their period, aware UTC.

    Nothing where none was chosen. One that fails is left out, and with it all, as a part is no whole.
    """
    sources = await async_energy_sources(hass)
    chosen = {
        entry_id
        for source in sources
        if source.get("type") == "solar"
        for entry_id in source.get("config_entry_solar_forecast") or ()
    }
    if not chosen:
        return {}
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            told = [await _async_told(hass, entry_id) for entry_id in sorted(chosen)]
    except Exception as error:  # noqa: BLE001 # another integration's fault is not ours
        LOGGER.debug("The solar forecast cannot be read: %r", error)
        return {}
    total: dict[datetime, float] = {}
    for each in told:
        for start, energy_wh in each.items():
            total[start] = total.get(start, 0.0) + energy_wh
    return total


async def _async_told(hass: HomeAssistant, entry_id: str) -> dict[datetime, float]:
    """Return what one says. Raises LookupError for one that is not there or says nothing."""
    if (energy := part(hass, "energy", "websocket_api")) is None:
        raise LookupError("the Energy dashboard is not loaded")
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        raise LookupError(f"{entry_id} is not loaded")
    platforms = await energy.async_get_energy_platforms(hass)
    told = await platforms[entry.domain](hass, entry_id)
    if not told:
        raise LookupError(f"{entry.domain} says nothing")
    return _usable(told.get("wh_hours", {}))


def _usable(told: Mapping[str, object]) -> dict[datetime, float]:
    """Return the periods of which a time and an energy that can be are told."""
    found = {}
    for start, energy_wh in told.items():
        at = dt_util.parse_datetime(start)
        if at is None or at.tzinfo is None or not isinstance(energy_wh, int | float):
            continue
        if math.isfinite(energy_wh) and 0.0 <= energy_wh <= _MOST_WH:
            found[at.astimezone(UTC)] = float(energy_wh)
    return found

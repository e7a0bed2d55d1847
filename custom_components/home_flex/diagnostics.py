"""The diagnostics download: the set-up without secrets, the site as it is now, and its newest decisions."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant

from .const import CONF_CA_CERTIFICATE, CONF_CLIENT_CERTIFICATE, CONF_CLIENT_KEY, CONF_IDENTITY, CONF_VEN_ID
from .coordinator import HomeFlexConfigEntry

LEDGER_ROWS = 100
TO_REDACT = {
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_HOST,
    CONF_IDENTITY,
    CONF_PASSWORD,
    CONF_USERNAME,
    CONF_VEN_ID,
    "serial_number",
    "unique_id",
}


async def async_get_config_entry_diagnostics(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry
) -> dict[str, Any]:
    """Return what helps to understand a report, and nothing that opens a door."""
    coordinator = entry.runtime_data
    diagnostics = {
        "site": dict(entry.data),
        "subentries": [
            {"type": subentry.subentry_type, "title": subentry.title, "data": dict(subentry.data)}
            for subentry in entry.subentries.values()
        ],
        "view": as_json(coordinator.data),
        "ledger": await coordinator.async_ledger(LEDGER_ROWS),
    }
    return async_redact_data(diagnostics, TO_REDACT)


def as_json(value: Any) -> Any:
    """Return values, and dataclasses in dataclasses, as JSON knows them; times in ISO 8601."""
    match value:
        case Enum():
            return value.name.lower()
        case datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            return {str(key): as_json(item) for key, item in value.items()}
        case tuple() | list() | set() | frozenset():
            return [as_json(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    return value

"""The diagnostics download: the set-up without secrets, the site as it is now, and its newest decisions.

``scenario`` is what the newest plan was made from: it replays as a test (``core/planner/scenario.py``).
"""

from dataclasses import asdict
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant

from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_HEALTH_URL,
    CONF_HOME_ID,
    CONF_IDENTITY,
    CONF_VEN_ID,
)
from .coordinator import HomeFlexConfigEntry
from .core.planner.scenario import problem_document
from .devices.ocpp import shown
from .runtime.view import view_as_dict

LEDGER_ROWS = 100
TO_REDACT = {
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_HEALTH_URL,
    CONF_HOME_ID,
    CONF_HOST,
    CONF_IDENTITY,
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_URL,
    CONF_USERNAME,
    CONF_VEN_ID,
    "authentication_key",
    "forward_ca",
    "forward_identity",
    "forward_password",
    "forward_tag",
    "forward_url",
    "key",
    "path",
    "serial_number",
    "tags",
    "user",
    "unique_id",
}


async def async_get_config_entry_diagnostics(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry
) -> dict[str, Any]:
    """Return what helps to understand a report, and nothing that opens a door."""
    coordinator = entry.runtime_data
    planning = coordinator.controller.planning
    made = None if planning is None else planning.made
    diagnostics = {
        "site": dict(entry.data),
        "subentries": [
            {"type": subentry.subentry_type, "title": subentry.title, "data": dict(subentry.data)}
            for subentry in entry.subentries.values()
        ],
        "refused_chargers": [dict(shown(each)) for each in coordinator.central_system.callers.newest()],
        "chargers": coordinator.central_system.diagnostics(),
        "view": view_as_dict(coordinator.controller.view()),
        "scenario": None if made is None else {"problem": problem_document(made.problem)},
        "ledger": [
            {**asdict(row), "time": row.time.isoformat()}
            for row in await coordinator.controller.ledger.rows(LEDGER_ROWS)
        ],
    }
    return async_redact_data(diagnostics, TO_REDACT)

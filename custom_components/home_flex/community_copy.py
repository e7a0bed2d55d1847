"""The repair issue of a store whose copies do not reach the community."""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .const import DOMAIN
from .history.store_health import store_problems

COPY_STUCK: Final = "community_copy_stuck"
LOOK_EVERY_S = 60.0
# What the store calls what is wrong; the first that holds is told.
_PROBLEMS: Final = (
    "replication_points_dropped",
    "replication_queue_nearly_full",
    "replication_blocked",
    "replication_stalled",
    "gaps",
    "not_reconciled",
)


async def async_watch_community_copy(hass: HomeAssistant, health_url: str) -> None:
    """Look at the store's health page until cancelled, and keep the issue as it has to be."""
    session = async_get_clientsession(hass)
    try:
        while True:
            # A page that does not answer tells nothing new; a store that is gone has an issue of its own.
            if (found := await store_problems(session, health_url)) is not None:
                _show(hass, next((name for name in _PROBLEMS if name in found), None))
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        _show(hass, None)


def _show(hass: HomeAssistant, problem: str | None) -> None:
    if problem is None:
        ir.async_delete_issue(hass, DOMAIN, COPY_STUCK)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        COPY_STUCK,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=f"{COPY_STUCK}_{problem}",
    )

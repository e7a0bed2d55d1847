"""The panel's questions about what was: they are answered from the home's own series and receipts."""

from typing import Any, Final

import probatio
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..coordinator import HomeFlexCoordinator
from ..core.statistics import Grouping
from .answering import KeptAnswers, Message, answer
from .money import PARTS, keep_s, money_document
from .performance import KEEP_S as PERFORMANCE_KEEP_S
from .performance import performance_document

KEPT: Final[HassKey[KeptAnswers]] = HassKey(f"{DOMAIN}_panel_answers")


def _kept(hass: HomeAssistant) -> KeptAnswers:
    return hass.data.setdefault(KEPT, KeptAnswers())


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/money",
        probatio.Required("grouping"): probatio.In([each.value for each in PARTS]),
        # A local day within the period; without it that of today.
        probatio.Optional("date"): cv.date,
    }
)
@websocket_api.async_response
async def _money(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Tell what a period brought."""
    grouping = Grouping(msg["grouping"])
    day = msg.get("date") or dt_util.now().date()
    key = ("money", grouping, day, str(dt_util.get_default_time_zone()))

    async def kept(coordinator: HomeFlexCoordinator) -> Any:
        return await _kept(hass).get(
            coordinator,
            key,
            lambda site: money_document(site, grouping, day),
            keep_s=keep_s(grouping),
        )

    await answer(hass, connection, msg, kept)


@websocket_api.websocket_command({probatio.Required("type"): f"{DOMAIN}/performance"})
@websocket_api.async_response
async def _performance(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Tell how the home did in the last weeks."""

    async def kept(coordinator: HomeFlexCoordinator) -> Any:
        return await _kept(hass).get(
            coordinator, "performance", performance_document, keep_s=PERFORMANCE_KEEP_S
        )

    await answer(hass, connection, msg, kept)


FIGURES: Final = (_money, _performance)

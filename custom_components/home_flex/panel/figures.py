"""The panel's questions about what was: they are answered from the home's own series and receipts."""

from collections.abc import Callable
from datetime import date
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
from ..core.wishes import Weekday
from . import lived, performance
from .answering import KeptAnswers, Message, Work, answer
from .lived import lived_document
from .money import PARTS, keep_s, money_document
from .performance import performance_document

type Command = Callable[[HomeAssistant, ActiveConnection, Message], None]

# Days that no period around them, and no time zone, takes out of the calendar.
_FIRST: Final = date(1970, 1, 1)
_LAST: Final = date(9000, 1, 1)
_WEEKDAYS: Final = [each.name.lower() for each in Weekday]
KEPT: Final[HassKey[KeptAnswers]] = HassKey(f"{DOMAIN}_panel_answers")


def _kept(hass: HomeAssistant) -> KeptAnswers:
    return hass.data.setdefault(KEPT, KeptAnswers())


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/money",
        probatio.Required("grouping"): probatio.In([each.value for each in PARTS]),
        # A local day within the period; without it that of today.
        probatio.Optional("date"): probatio.All(cv.date, probatio.Range(min=_FIRST, max=_LAST)),
        # On which day weeks begin for whoever asks.
        probatio.Optional("first_weekday", default="monday"): probatio.In(_WEEKDAYS),
    }
)
@websocket_api.async_response
async def _money(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
    """Tell what a period brought."""
    grouping = Grouping(msg["grouping"])
    day = msg.get("date") or dt_util.now().date()
    first = _WEEKDAYS.index(msg["first_weekday"])
    key = ("money", grouping, day, first, str(dt_util.get_default_time_zone()))

    async def kept(coordinator: HomeFlexCoordinator) -> Any:
        return await _kept(hass).get(
            coordinator,
            key,
            lambda site: money_document(site, grouping, day, first),
            keep_s=keep_s(grouping),
        )

    await answer(hass, connection, msg, kept)


def _kept_answer(name: str, work: Work, keep_s: float) -> Command:
    """Return the command that answers with one document, whoever asks."""

    @websocket_api.websocket_command({probatio.Required("type"): f"{DOMAIN}/{name}"})
    @websocket_api.async_response
    async def command(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
        async def kept(coordinator: HomeFlexCoordinator) -> Any:
            return await _kept(hass).get(coordinator, name, work, keep_s=keep_s)

        await answer(hass, connection, msg, kept)

    return command


FIGURES: Final = (
    _money,
    # How the home did in the last weeks.
    _kept_answer("performance", performance_document, performance.KEEP_S),
    # Today so far, beside what was expected of it.
    _kept_answer("lived", lived_document, lived.KEEP_S),
)

"""The holidays of a home: what the calendars of Home Assistant's Holiday integration say."""

from datetime import date, timedelta
from typing import Final, cast

from homeassistant.const import ATTR_ENTITY_ID, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .const import LOGGER

_PLATFORM: Final = "holiday"
# The calendar's action, which need not be loaded where there is no calendar.
_GET_EVENTS: Final = "get_events"
# As far as forecasts look back and ahead.
_BACK, _AHEAD = timedelta(weeks=12), timedelta(days=3)


class Holidays:
    """Asks the calendars once a day, and when there are others."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know none."""
        self._hass = hass
        self._asked: tuple[date, list[str]] | None = None
        self._days: frozenset[date] = frozenset()

    async def __call__(self) -> frozenset[date]:
        """Return the local days of the last weeks and of the days ahead that are holidays."""
        calendars = sorted(
            each.entity_id
            for each in er.async_get(self._hass).entities.values()
            if each.platform == _PLATFORM and each.domain == Platform.CALENDAR
        )
        calendars = [each for each in calendars if self._hass.states.get(each) is not None]
        today = dt_util.now().date()
        if self._asked == (today, calendars):
            return self._days
        try:
            self._days = await self._async_days(calendars)
        except (HomeAssistantError, KeyError, ValueError) as error:
            LOGGER.debug("Holidays cannot be read: %s", error)
            return self._days
        self._asked = (today, calendars)
        return self._days

    async def _async_days(self, calendars: list[str]) -> frozenset[date]:
        if not calendars:
            return frozenset()
        today = dt_util.start_of_local_day()
        answer = await self._hass.services.async_call(
            Platform.CALENDAR,
            _GET_EVENTS,
            {
                ATTR_ENTITY_ID: calendars,
                "start_date_time": today - _BACK,
                "end_date_time": today + _AHEAD,
            },
            blocking=True,
            return_response=True,
        )
        told = cast("dict[str, dict[str, list[dict[str, str]]]]", answer or {})
        return frozenset(
            date.fromisoformat(event["start"][:10])
            for calendar in told.values()
            for event in calendar["events"]
        )

"""What Home Assistant knows of the days ahead: holidays, the chosen solar forecast; and wishes of loads."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from homeassistant.components.energy.data import async_get_manager
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (  # type: ignore[import-untyped] # has no types
    MockConfigEntry,
    mock_platform,
)

from custom_components.home_flex.holidays import Holidays
from custom_components.home_flex.outside_sun import async_outside_sun

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


async def choose(hass: HomeAssistant, told: Any, state: ConfigEntryState = ConfigEntryState.LOADED) -> None:
    """Have the resident choose a solar forecast in the Energy dashboard that tells this."""

    class Platform:
        @staticmethod
        async def async_get_solar_forecast(_hass: HomeAssistant, _entry_id: str) -> Any:
            if isinstance(told, Exception):
                raise told
            return told

    for component in ("energy", "made_up_sun"):
        hass.config.components.add(component)
    mock_platform(hass, "made_up_sun.energy", Platform())
    entry = MockConfigEntry(domain="made_up_sun", entry_id="sun", state=state)
    entry.add_to_hass(hass)
    manager = await async_get_manager(hass)
    source: Any = {
        "type": "solar",
        "stat_energy_from": "sensor.roof",
        "config_entry_solar_forecast": ["sun"],
    }
    await manager.async_update({"energy_sources": [source], "device_consumption": []})


async def test_without_a_choice_nothing_is_said_of_the_sun(hass: HomeAssistant) -> None:
    assert await async_outside_sun(hass) == {}


async def test_the_chosen_solar_forecast_is_read(hass: HomeAssistant) -> None:
    hours = {"2026-11-29T13:00:00+01:00": 1200, "2026-11-29T14:00:00+01:00": 900.5}
    await choose(hass, {"wh_hours": hours})

    assert await async_outside_sun(hass) == {NOON: 1200.0, NOON + timedelta(hours=1): 900.5}


async def test_what_cannot_be_of_it_is_left_out(hass: HomeAssistant) -> None:
    hours = {
        "yesterday": 5,
        "2026-11-29T13:00:00": 5,
        "2026-11-29T12:00:00+00:00": -5,
        "2026-11-29T13:00:00+00:00": "much",
        "2026-11-29T14:00:00+00:00": 7,
    }
    await choose(hass, {"wh_hours": hours})

    assert await async_outside_sun(hass) == {NOON + timedelta(hours=2): 7.0}


@pytest.mark.parametrize("told", [None, {}, RuntimeError("no")])
async def test_one_that_says_nothing_or_fails_is_done_without(hass: HomeAssistant, told: Any) -> None:
    await choose(hass, told)

    assert await async_outside_sun(hass) == {}


async def test_one_that_is_not_loaded_is_done_without(hass: HomeAssistant) -> None:
    await choose(hass, {"wh_hours": {NOON.isoformat(): 5}}, ConfigEntryState.SETUP_RETRY)

    assert await async_outside_sun(hass) == {}


def holiday_calendar(hass: HomeAssistant, *days: str) -> list[ServiceCall]:
    """Have a calendar of the Holiday integration that tells these days; return how it was asked."""
    calls: list[ServiceCall] = []

    async def get_events(call: ServiceCall) -> Any:
        calls.append(call)
        events = [{"start": day, "end": day, "summary": "Holiday"} for day in days]
        return {entity_id: {"events": events} for entity_id in call.data["entity_id"]}

    hass.services.async_register(
        "calendar", "get_events", get_events, supports_response=SupportsResponse.ONLY
    )
    entity = er.async_get(hass).async_get_or_create("calendar", "holiday", "nl", suggested_object_id="nl")
    hass.states.async_set(entity.entity_id, "off")
    return calls


async def test_the_holidays_are_those_of_the_calendars_and_asked_for_once_a_day(hass: HomeAssistant) -> None:
    calls, holidays = holiday_calendar(hass, "2026-12-25", "2026-12-26"), Holidays(hass)

    assert await holidays() == {date(2026, 12, 25), date(2026, 12, 26)}
    await holidays()

    (call,) = calls
    assert call.data["start_date_time"] < dt_util.utcnow() - timedelta(weeks=11)
    assert call.data["end_date_time"] > dt_util.utcnow() + timedelta(days=2)


async def test_without_such_a_calendar_there_are_none(hass: HomeAssistant) -> None:
    assert await Holidays(hass)() == frozenset()

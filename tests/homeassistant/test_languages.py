"""What Home Flex words itself, beside what the frontend words, is in the language of the home."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_setup
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("language", "summary"),
    [
        ("nl", "Lever maximaal 0,5 kW terug"),
        ("de", "Höchstens 0,5 kW einspeisen"),
        ("fr", "Injecter au plus 0,5 kW"),
        ("pt", "Injetar no máximo 0,5 kW"),
        ("pt-BR", "Injetar no máximo 0,5 kW"),
        ("fi", "Export at most 0.5 kW"),
    ],
)
async def test_the_calendar_speaks_the_language_of_the_home_or_english(
    hass: HomeAssistant, language: str, summary: str
) -> None:
    async_setup(hass)
    await hass.config.async_update(language=language)
    await hass.async_block_till_done()
    start = dt_util.utcnow() + timedelta(hours=1)
    data = {"export_limit": 500, "start": start.isoformat(), "duration": {"minutes": 5}}
    await hass.services.async_call(DOMAIN, "dispatch", data, blocking=True)
    listed: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": "calendar.my_home_events", "duration": {"hours": 2}},
        blocking=True,
        return_response=True,
    )
    (event,) = listed["calendar.my_home_events"]["events"]
    assert event["summary"] == summary

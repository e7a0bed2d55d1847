"""A wish that ends by itself is told, also one that ended while Home Assistant was away."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry

from .conftest import StartSite
from .house import charger, until

EVENT = "event.my_home_wish_ended"


@pytest.fixture
async def home(start_site: StartSite) -> HomeFlexConfigEntry:
    """Set up a site with a charger."""
    entry: HomeFlexConfigEntry = await start_site(charger("Garage", "CP1"))
    return entry


def told(hass: HomeAssistant) -> tuple[Any, Any]:
    """Return which wish ended last, and of which device."""
    state = hass.states.get(EVENT)
    assert state is not None
    return state.attributes.get("event_type"), state.attributes.get("device")


async def call(hass: HomeAssistant, action: str, **data: Any) -> None:
    await hass.services.async_call(DOMAIN, action, data, blocking=True)


async def test_the_end_of_a_wish_is_told_with_its_device(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    assert told(hass) == (None, None)
    await call(hass, "set_charge_mode", mode="off", **{"for": {"seconds": 1}})
    await until(lambda: told(hass) == ("charge_mode", "Garage"))
    await call(hass, "pause", **{"for": {"seconds": 1}})
    await until(lambda: told(hass) == ("paused", None))


async def test_what_the_resident_ends_is_not_told(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await call(hass, "pause", **{"for": {"hours": 1}})
    await call(hass, "resume")
    await home.runtime_data.controller.tick()
    assert told(hass) == (None, None)


async def test_what_ended_while_nobody_was_there_is_told_at_the_start(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    await call(hass, "set_export", mode="never", **{"for": {"seconds": 1}})
    assert await hass.config_entries.async_unload(home.entry_id)
    await hass.async_block_till_done()
    await until(_a_while_has_passed())
    assert await hass.config_entries.async_setup(home.entry_id)
    await hass.async_block_till_done()
    assert told(hass) == ("export", None)


def _a_while_has_passed() -> Any:
    """Return what says when a second and a bit have gone by."""
    rounds = iter(range(120))
    return lambda: next(rounds, None) is None

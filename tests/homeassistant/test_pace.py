"""What is shown rests, while control has every telegram of a meter that says something new each time."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.runtime import figure_pace
from tests.devices.fakes.p1_feeder import feeding
from tests.devices.fakes.telegrams import telegram

from .conftest import StartSite
from .house import subentry, until

POWER = "sensor.grid_meter_power"


@pytest.fixture
async def meter_port() -> AsyncIterator[int]:
    """Serve twenty telegrams a second, of which none is like the one before."""

    async def feed(writer: asyncio.StreamWriter) -> None:
        for power_w in count(1000):
            writer.write(telegram(f"1-0:1.7.0({power_w / 1000:06.3f}*kW)", "1-0:2.7.0(00.000*kW)"))
            await writer.drain()
            await asyncio.sleep(0.05)

    async with feeding(feed) as port:
        yield port


@pytest.fixture
async def metered(start_site: StartSite, meter_port: int) -> HomeFlexConfigEntry:
    """Set up a site with that meter, and wait until it is shown."""
    entry: HomeFlexConfigEntry = await start_site(
        subentry("grid_meter", "Grid meter", type="tcp", host="127.0.0.1", port=meter_port)
    )
    await until(lambda: entry.runtime_data.data.balance is not None)
    return entry


async def test_figures_are_shown_once_in_a_pause_however_often_the_meter_speaks(
    hass: HomeAssistant, metered: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure_pace, "FIGURES_EVERY_S", 1.0)
    shown: list[str] = []
    decided: set[float] = set()

    @callback
    def note_shown(event: Event[EventStateChangedData]) -> None:
        shown.append(event.data["entity_id"])

    @callback
    def note_decided() -> None:
        balance = metered.runtime_data.data.balance
        decided.add(balance.grid_w if balance else 0.0)

    metered.async_on_unload(async_track_state_change_event(hass, [POWER], note_shown))
    metered.async_on_unload(metered.runtime_data.async_add_listener(note_decided))
    await until(lambda: len(shown) >= 3)
    assert len(decided) > 2 * len(shown)


async def test_an_event_and_its_limit_are_shown_at_once_while_figures_rest(
    hass: HomeAssistant, metered: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure_pace, "FIGURES_EVERY_S", 3600.0)
    before = hass.states.get(POWER)
    data = {"import_limit": 1000, "duration": "00:10:00"}
    await hass.services.async_call(DOMAIN, "dispatch", data, blocking=True, return_response=True)
    await until(lambda: hass.states.is_state("sensor.my_home_event", "running"))
    assert hass.states.is_state("sensor.my_home_import_limit", "1000.0")
    decided_at = metered.runtime_data.data.balance
    await until(lambda: metered.runtime_data.data.balance != decided_at)
    assert hass.states.get(POWER) is before


async def test_a_wish_is_shown_at_once_while_figures_rest(
    hass: HomeAssistant, metered: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure_pace, "FIGURES_EVERY_S", 3600.0)
    await hass.services.async_call("switch", "turn_on", {"entity_id": "switch.my_home_paused"}, blocking=True)
    assert hass.states.is_state("switch.my_home_paused", "on")

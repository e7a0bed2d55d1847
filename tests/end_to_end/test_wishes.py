"""A resident says in Home Assistant's real user interface what they want; a power cut does not change it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from scripts.home_stack.home_assistant import HomeAssistant
from scripts.home_stack.home_flex import HomeFlex
from scripts.home_stack.house import House

pytestmark = pytest.mark.timeout(300)

WRITTEN_AFTER_S = 3.0
WISHED = {
    "number.battery_reserve": "30.0",
    "switch.ev_charger_ready_by": "on",
    "time.ev_charger_ready_by": "07:00:00",
    "select.home_feeding_in": "never",
    "switch.home_paused": "on",
}


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path / "house", options=("--at", "2026-11-21T01:00"))
    await house.start()
    yield house
    await house.stop()


async def enter(page: Page, home_assistant: HomeAssistant) -> None:
    """Log in."""
    await page.goto(f"{home_assistant.url}/config/integrations/integration/home_flex")
    await page.locator("input[name=username]").fill(home_assistant.username)
    await page.locator("input[name=password]").fill(home_assistant.password)
    await page.keyboard.press("Enter")
    await page.get_by_text("Add grid meter").first.wait_for()


async def open_device(page: Page, home_assistant: HomeAssistant, name: str) -> None:
    """Go to the page of a device."""
    devices = await home_assistant.api.websocket({"type": "config/device_registry/list"})
    (device_id,) = (device["id"] for device in devices if device["name"] == name)
    await page.goto(f"{home_assistant.url}/config/devices/device/{device_id}")


async def pick(page: Page, day: datetime) -> None:
    """Choose a day in the calendar that is open."""
    today = datetime.now(UTC)
    if (day.year, day.month) != (today.year, today.month):
        await page.locator("button[part~=next]").click()
    await page.get_by_role("button", name=f"{day:%B} {day.day}", exact=True).first.click()
    await page.locator("ha-button").filter(has_text="OK").click()


async def states(home_assistant: HomeAssistant) -> Mapping[str, str]:
    return {each: str(state["state"]) for each, state in (await home_assistant.api.states()).items()}


async def test_what_a_resident_wants_is_said_in_the_browser_and_kept_over_a_power_cut(
    home_assistant: HomeAssistant, house: House, page: Page
) -> None:
    home_flex = HomeFlex(home_assistant.api)
    await home_flex.create_site()
    await home_flex.add_sunspec("battery", house, house.ports.battery_unit_id)
    await home_flex.add_charger(house)
    await enter(page, home_assistant)

    # Keep 30 %.
    await open_device(page, home_assistant, "Battery")
    await page.get_by_label("Reserve", exact=True).fill("30")
    await page.keyboard.press("Enter")

    # Car full by 7.
    await open_device(page, home_assistant, "EV charger")
    ready_by = page.locator("hui-toggle-entity-row").filter(has_text="Ready by").locator("ha-switch")
    await ready_by.click()
    await expect(ready_by.locator("input")).to_be_checked()

    # Never feed in.
    await open_device(page, home_assistant, "Home")
    await page.locator("ha-select").filter(has_text="Feeding in").click()
    await page.get_by_role("menuitem", name="Never").click()

    # Leave me alone until Monday.
    today = datetime.now(UTC)
    monday = today + timedelta(days=7 - today.weekday())
    await (
        page.locator("hui-datetime-entity-row")
        .filter(has=page.get_by_label("Paused until"))
        .locator("ha-date-input")
        .click()
    )
    await pick(page, monday)
    paused = page.locator("hui-toggle-entity-row").filter(has_text="Paused").locator("ha-switch input")
    await expect(paused).to_be_checked()

    before = await states(home_assistant)
    assert {each: before[each] for each in WISHED} == WISHED
    until = before["datetime.home_paused_until"]
    assert until.startswith(f"{monday:%Y-%m-%d}")

    # Wishes, devices and log-ins are written a moment after they change.
    await home_assistant.stored("core.config_entries", holding="ev_charger")
    await home_assistant.stored("auth", holding="Home stack")
    await asyncio.sleep(WRITTEN_AFTER_S)
    await home_assistant.kill()
    await home_assistant.start()
    await home_flex.loaded()
    after = await states(home_assistant)
    assert {each: after[each] for each in WISHED} == WISHED
    assert after["datetime.home_paused_until"] == until
    await open_device(page, home_assistant, "Battery")
    await expect(page.get_by_label("Reserve", exact=True)).to_have_value("30")

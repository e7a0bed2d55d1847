"""A resident adds a P1 meter in Home Assistant's real user interface and sees live power."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from scripts.home_stack.home_assistant import HomeAssistant
from scripts.home_stack.home_flex import HomeFlex
from scripts.home_stack.house import House
from scripts.home_stack.panel_look import depict

pytestmark = pytest.mark.timeout(300)


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(
        tmp_path / "house", options=("--base-load-w", "1234", "--car", "away", "--at", "2026-11-21T01:00")
    )
    await house.start()
    yield house
    await house.stop()


async def test_a_p1_meter_is_added_in_the_browser_and_shows_live_power(
    home_assistant: HomeAssistant, house: House, page: Page
) -> None:
    await HomeFlex(home_assistant.api).create_site()

    await page.goto(f"{home_assistant.url}/config/integrations/integration/home_flex")
    await page.locator("input[name=username]").fill(home_assistant.username)
    await page.locator("input[name=password]").fill(home_assistant.password)
    await page.keyboard.press("Enter")

    await page.locator("ha-button").filter(has_text="Add grid meter").click()
    await page.get_by_text("Over the network").click()
    _name, host, port = (page.locator("ha-form input").nth(place) for place in range(3))
    await host.fill("127.0.0.1")
    await port.fill(str(house.ports.p1_port))
    await page.locator("ha-button").filter(has_text="Submit").click()
    await page.locator("ha-button").filter(has_text="Finish").click()

    await page.get_by_text("HOMESIMULATOR").click()
    await expect(page.get_by_text("1,234 W").first).to_be_visible()
    await house.put("/house", {"base_load_w": 2345})
    await expect(page.get_by_text("2,345 W").first).to_be_visible()
    await depict(page, "meter")

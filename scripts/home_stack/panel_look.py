"""The panel in a real browser: how it is opened, and what keeps somebody from reading it."""

from typing import Any, Final

from playwright.async_api import Page

from .home_assistant import HomeAssistant
from .processes import ROOT

PAGES: Final = ("now", "plan", "events", "money", "devices", "performance")
_AXE: Final = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


async def open_panel(page: Page, home_assistant: HomeAssistant, name: str = "now") -> None:
    """Log in, and open a page of the panel."""
    await page.goto(f"{home_assistant.url}/home-flex/{name}")
    await page.locator("input[name=username]").fill(home_assistant.username)
    await page.locator("input[name=password]").fill(home_assistant.password)
    await page.keyboard.press("Enter")
    await page.locator(f"hf-{name}").wait_for()


async def go(page: Page, name: str) -> None:
    """Click a page's name in the menu, which is in English."""
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name=name.capitalize()).click()
    await page.locator(f"hf-{name}").wait_for()


async def violations(page: Page, element: str = "home-flex-panel") -> list[str]:
    """Return what axe finds in our element; Home Assistant's own shell around it has some of its own."""
    if not await page.evaluate("'axe' in window"):
        await page.add_script_tag(path=_AXE)
    # What is fading is not yet the colour that it will be.
    await page.evaluate("Promise.allSettled(document.getAnimations().map((each) => each.finished))")
    panel = await page.locator(element).element_handle()
    found: dict[str, Any] = await page.evaluate("(panel) => axe.run(panel)", panel)
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]

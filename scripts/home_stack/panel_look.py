"""The panel in a real browser: how it is opened, and what keeps somebody from reading it."""

import asyncio
from typing import Any, Final

from playwright.async_api import Page

from .home_assistant import HomeAssistant
from .past_events import ZONE
from .processes import ROOT

PAGES: Final = ("now", "plan", "events", "money", "devices", "performance")
# For how many frames the layout has to stand still, and how many are waited for that at most.
_SETTLED_FRAMES: Final = 10
_FRAMES_AT_MOST: Final = 600
# How often is looked again, and how long Home Assistant's parts fade at most.
_LOOKS: Final = 4
_FADES_S: Final = 0.5
_STICKS_OUT: Final = """async ([settled, most]) => {
  const all = (root) =>
    [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  const right = (one) => Math.round(one.getBoundingClientRect().right);
  const widest = () => document.documentElement.scrollWidth;
  let within = 0;
  for (let frame = 0; frame < most && within < settled; frame++) {
    await new Promise(requestAnimationFrame);
    within = widest() <= innerWidth ? within + 1 : 0;
  }
  if (within >= settled) return [];
  const told = (one) => `${one.localName}.${one.getAttribute("class") ?? ""} to ${right(one)}`;
  const wide = all(document).filter((one) => right(one) > innerWidth);
  return [`${widest()} wide of ${innerWidth}`, ...wide.map(told)];
}"""
# What a button says ends within it, and lies not over its neighbour.
_LAID_OVER: Final = """(panel) => {
  const all = (root) =>
    [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  const over = all(panel.shadowRoot).filter((one) => one.matches("button, .button, .sum"));
  return over.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent.trim());
}"""
# From where pictures are taken over into the documents.
_DEPICTED: Final = ROOT / "artifacts" / "documents"
_AXE: Final = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


async def open_panel(page: Page, home_assistant: HomeAssistant, name: str = "now") -> None:
    """Log in, and open a page of the panel, where the clock is that of the home."""
    browser = await page.context.new_cdp_session(page)
    await browser.send("Emulation.setTimezoneOverride", {"timezoneId": ZONE.key})
    await page.goto(f"{home_assistant.url}/home-flex/{name}")
    await page.locator("input[name=username]").fill(home_assistant.username)
    await page.locator("input[name=password]").fill(home_assistant.password)
    await page.keyboard.press("Enter")
    await page.locator(f"hf-{name}").wait_for()


async def go(page: Page, name: str) -> None:
    """Click a page's name in the menu, which is in English."""
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name=name.capitalize()).click()
    await page.locator(f"hf-{name}").wait_for()


async def depict(page: Page, name: str) -> None:
    """Take a picture of what a document shows, of what is within sight."""
    _DEPICTED.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=_DEPICTED / f"{name}.png")


async def sticks_out(page: Page) -> list[str]:
    """Return what is wider than the screen once the layout stands still, with its right edge in px.

    When a screen is turned, Home Assistant lays its own columns out one frame later: only what stays counts.
    """
    found: list[str] = await page.evaluate(_STICKS_OUT, [_SETTLED_FRAMES, _FRAMES_AT_MOST])
    return found


async def laid_over(page: Page) -> list[str]:
    """Return what buttons and sums of the panel say beyond their edge."""
    found: list[str] = await page.locator("home-flex-panel").evaluate(_LAID_OVER)
    return found


async def violations(page: Page, element: str = "home-flex-panel") -> list[str]:
    """Return what axe finds in our element; Home Assistant's own shell around it has some of its own.

    What fades, in Home Assistant's parts as in ours, is not yet as it will be: only what stays counts.
    """
    if not await page.evaluate("'axe' in window"):
        await page.add_script_tag(path=_AXE)
    found = await _axe(page, element)
    for _ in range(_LOOKS):
        if not found:
            break
        await asyncio.sleep(_FADES_S)
        found = await _axe(page, element)
    return found


async def _axe(page: Page, element: str) -> list[str]:
    panel = await page.locator(element).element_handle()
    found: dict[str, Any] = await page.evaluate("(panel) => axe.run(panel)", panel)
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]

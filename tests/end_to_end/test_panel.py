"""A resident looks at the panel in the browser, and decides there: real Home Assistant, simulated house."""

import asyncio
from datetime import timedelta
from time import monotonic
from typing import Literal
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, ViewportSize, expect

from scripts.home_stack.home_flex import DOMAIN
from scripts.home_stack.panel_look import PAGES, go, laid_over, open_panel, sticks_out, violations
from scripts.home_stack.processes import ROOT
from scripts.home_stack.stack import HomeStack

from .looks import over_limit_s, wait_for_power, wait_until_settled

pytestmark = pytest.mark.timeout(400)

LIMIT_W = 4000
SEEN_BY_OTHERS_MS = 2_000
PICTURES = ROOT / "artifacts"
PHONE: ViewportSize = {"width": 360, "height": 780}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
WALL: ViewportSize = {"width": 800, "height": 480}


@pytest_asyncio.fixture(loop_scope="session")
async def panel(stack: HomeStack, page: Page) -> Page:
    """Open the panel as a resident who has logged in."""
    await open_panel(page, stack.home_assistant)
    await page.get_by_role("heading", name="EV charger").wait_for()
    return page


async def opted_out(stack: HomeStack, event_id: str) -> bool:
    records = (await stack.home_flex.status())["records"]
    return any(one["opted_out"] for one in records if one["event"]["event_id"] == event_id)


def skip_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Skip the rest")


async def in_another_tab(context: BrowserContext, url: str) -> Page:
    other = await context.new_page()
    await other.goto(url)
    return other


async def test_an_event_is_skipped_by_one_click_seen_by_others_and_taken_back(
    stack: HomeStack, panel: Page
) -> None:
    event = await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=20))
    await skip_button(panel).wait_for()
    await expect(panel.get_by_text("Draw at most 4.0 kW from the grid")).to_be_visible()
    other = await in_another_tab(panel.context, f"{stack.home_assistant.url}/home-flex/events")
    await skip_button(other).wait_for()

    await skip_button(panel).click()
    clicked = monotonic()
    await other.get_by_role("button", name="Join", exact=True).wait_for(timeout=SEEN_BY_OTHERS_MS)
    assert (monotonic() - clicked) * 1000 <= SEEN_BY_OTHERS_MS
    assert await opted_out(stack, event.event_id)
    await expect(panel.get_by_text("Skipped. Your home goes on by itself")).to_be_visible()

    await panel.get_by_role("button", name="Undo").click()
    await skip_button(other).wait_for()
    assert not await opted_out(stack, event.event_id)


async def test_a_car_is_charged_now_by_one_tap_until_it_leaves(stack: HomeStack, panel: Page) -> None:
    async def charges_now() -> bool:
        devices = (await stack.home_flex.status())["devices"].values()
        return any(device["charge_now"] for device in devices)

    await panel.get_by_role("button", name="Charge now").click()
    await expect(panel.get_by_text("You let it charge now, until the car leaves.")).to_be_visible()
    assert await charges_now()
    await panel.get_by_role("button", name="As before").click()
    await panel.get_by_role("button", name="Charge now").wait_for()
    assert not await charges_now()


async def test_a_wish_changed_in_one_browser_is_seen_in_another_at_once(
    stack: HomeStack, panel: Page
) -> None:
    await go(panel, "plan")
    other = await in_another_tab(panel.context, f"{stack.home_assistant.url}/home-flex/plan")
    by_a_time = [page.get_by_role("switch", name="Ready by a time") for page in (panel, other)]
    for each in by_a_time:
        await expect(each).not_to_be_checked()

    await by_a_time[0].check()
    clicked = monotonic()
    await expect(by_a_time[1]).to_be_checked(timeout=SEEN_BY_OTHERS_MS)
    assert (monotonic() - clicked) * 1000 <= SEEN_BY_OTHERS_MS
    await panel.get_by_role("button", name="Undo").click()
    await expect(by_a_time[1]).not_to_be_checked(timeout=SEEN_BY_OTHERS_MS)


async def test_who_refuses_everything_loses_nothing(stack: HomeStack, panel: Page) -> None:
    await go(panel, "events")
    await panel.get_by_role("button", name="Take part in none").click()
    await expect(panel.get_by_text("takes part in no events and goes on by itself")).to_be_visible()
    await wait_for_power(stack, at_least_w=LIMIT_W + 2000)
    event = await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(seconds=20))
    await expect(panel.get_by_text("Skipped").first).to_be_visible()
    # The car goes on all the while, and nothing is charged for it.
    assert await over_limit_s(stack, LIMIT_W, for_s=10) > 9
    await wait_until_settled(stack, event, ["ACCEPTED", "STARTED", "ABORTED"])
    asked = {"event_id": event.event_id}
    told = await stack.home_flex.api.call(DOMAIN, "get_receipts", asked, answers=True)
    assert [each["receipt"]["results"]["paid"] for each in told["receipts"]] in ([], [None])
    await wait_for_power(stack, at_least_w=LIMIT_W + 2000)
    await panel.get_by_role("button", name="Take part in events").click()
    await panel.get_by_role("button", name="Take part in none").wait_for()


async def test_every_page_can_be_read_by_everybody_and_asks_nobody_outside(
    stack: HomeStack, panel: Page
) -> None:
    asked: set[str] = set()
    panel.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
    await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=20))
    await skip_button(panel).wait_for()
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await panel.emulate_media(color_scheme=scheme)
        for name in PAGES:
            await go(panel, name)
            for size in (PHONE, DESKTOP):
                await panel.set_viewport_size(size)
                await looked_at(panel, f"panel-{name}-{size['width']}-{scheme}")
    assert asked <= {"127.0.0.1", ""}


async def test_who_has_only_keys_reads_from_right_to_left_or_from_a_wall_gets_everywhere(
    stack: HomeStack, panel: Page
) -> None:
    await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=20))
    await skip_button(panel).wait_for()
    # What is said in English stays so where Home Assistant runs from right to left around it.
    assert await panel.locator("home-flex-panel main").evaluate("(main) => [main.lang, main.dir]") == [
        "en",
        "ltr",
    ]
    # As Home Assistant does for Arabic and Hebrew: it says so by a style above the panel.
    await panel.locator("home-flex-panel").evaluate("(panel) => panel.style.direction = 'rtl'")
    await panel.locator("home-flex-panel main").evaluate("(main) => main.dir = 'rtl'")
    for name in PAGES:
        await panel.set_viewport_size(DESKTOP)
        await go(panel, name)
        await panel.set_viewport_size(PHONE)
        assert await sticks_out(panel) == [], name
        await panel.screenshot(path=PICTURES / f"panel-{name}-rtl.png", full_page=True)
        await panel.evaluate(_TEXT_OF, "200%")
        assert await sticks_out(panel) == [], f"{name} with large text"
        assert await laid_over(panel) == [], f"{name} with large text"
        await panel.evaluate(_TEXT_OF, "")
        await panel.locator("home-flex-panel").evaluate(_NAMED_BY_ONE_LONG_WORD)
        assert await sticks_out(panel) == [], name

    await go(panel, "now")
    flow = panel.locator("hf-now .flow .bar span").first
    drawn = await flow.evaluate(_BACKGROUND)
    await panel.emulate_media(forced_colors="active")
    assert await flow.evaluate(_BACKGROUND) == drawn
    await panel.emulate_media(forced_colors="none")

    await panel.set_viewport_size(WALL)
    await panel.goto(f"{stack.home_assistant.url}/home-flex/now?wall")
    await skip_button(panel).wait_for()
    await expect(panel.get_by_role("navigation", name="Pages")).to_be_hidden()
    await looked_at(panel, "panel-wall")

    await panel.goto(f"{stack.home_assistant.url}/home-flex/plan")
    await panel.locator("hf-plan").wait_for()
    await tab_to(panel, "Now")
    await panel.keyboard.press("Enter")
    await panel.locator("hf-now").wait_for()
    await tab_to(panel, "Skip the rest")
    await panel.keyboard.press("Enter")
    await expect(panel.get_by_text("Skipped. Your home goes on by itself")).to_be_visible()
    # The button is gone: who has only keys goes on from its card, not from the top of the page.
    await expect(panel.locator("hf-now article.event")).to_be_focused()
    await tab_to(panel, "Undo")
    await panel.keyboard.press("Enter")
    await skip_button(panel).wait_for()


_TEXT_OF = "(size) => document.documentElement.style.fontSize = size"
_BACKGROUND = "(one) => getComputedStyle(one).backgroundColor"
_NAMED_BY_ONE_LONG_WORD = """(panel) => {
  const within = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.shadowRoot) within(each.shadowRoot);
      if (!each.matches("h1, h3, legend, legend span, th[scope=row]")) continue;
      const texts = [...each.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
      for (const text of texts) text.data = "W".repeat(120);
    }
  };
  within(panel.shadowRoot);
}"""
_FOCUSED = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused?.textContent.trim().replaceAll(/\\s+/g, " ") ?? "";
}"""


async def tab_to(page: Page, text: str) -> None:
    """Press Tab until what says this has the focus."""
    for _ in range(100):
        await page.keyboard.press("Tab")
        if await page.evaluate(_FOCUSED) == text:
            return
    raise AssertionError(f"{text} is not reached by Tab")


async def looked_at(page: Page, picture: str) -> None:
    """See that nothing keeps anybody from reading it, that it fits the screen; take its picture."""
    assert await violations(page) == []
    assert await sticks_out(page) == []
    await page.screenshot(path=PICTURES / f"{picture}.png", full_page=True)


async def test_a_connection_that_drops_is_renewed_and_that_is_said(panel: Page) -> None:
    await panel.evaluate("document.querySelector('home-assistant').hass.connection.socket.close()")
    await panel.get_by_text("Back again.").wait_for()
    await expect(panel.get_by_role("button", name="Charge now")).to_be_enabled()
    await expect(panel.get_by_text("Live", exact=True)).to_be_visible()


async def test_it_says_that_home_flex_or_home_assistant_is_away_and_recovers(
    stack: HomeStack, panel: Page
) -> None:
    charge_now = panel.get_by_role("button", name="Charge now")
    await asyncio.gather(panel.get_by_text("Back again.").wait_for(), stack.home_flex.reload())
    await expect(charge_now).to_be_enabled()
    await stack.home_assistant.kill()
    await panel.get_by_text("No connection to Home Assistant").wait_for()
    await expect(charge_now).to_be_disabled()
    await stack.home_assistant.start()
    await stack.home_flex.ready()
    await panel.get_by_text("Live", exact=True).wait_for()
    await expect(charge_now).to_be_enabled()

"""The cards and the generated dashboard in the browser: on dashboards of a resident's own, and lazily."""

from datetime import timedelta
from typing import Any, Literal

import pytest
from playwright.async_api import Page, ViewportSize, expect

from scripts.home_stack.panel_look import depict, open_panel, sticks_out, violations
from scripts.home_stack.processes import ROOT
from scripts.home_stack.stack import HomeStack

pytestmark = pytest.mark.timeout(400)

PICTURES = ROOT / "artifacts"
LIMIT_W = 4000
SETTLED_MS = 30_000
SIZES: tuple[ViewportSize, ...] = ({"width": 360, "height": 780}, {"width": 1280, "height": 900})
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What a column of a crowded dashboard leaves, px.
NARROW_PX = 180
_WIDTHS = """(card, px) => {
  const host = card.parentElement;
  host.style.width = `${px}px`;
  const around = card.shadowRoot.querySelector("ha-card");
  return [host.scrollWidth, around.scrollWidth - around.clientWidth];
}"""


async def add_dashboard(stack: HomeStack, path: str, config: dict[str, Any]) -> None:
    """Make a dashboard, as its dialog and its editor do."""
    api = stack.home_assistant.api
    await api.websocket(
        {"type": "lovelace/dashboards/create", "url_path": path, "title": path, "mode": "storage"}
    )
    await api.websocket({"type": "lovelace/config/save", "url_path": path, "config": config})


async def test_the_generated_dashboard_shows_now_plan_event_and_devices(stack: HomeStack, page: Page) -> None:
    await add_dashboard(stack, "home-made", {"strategy": {"type": "custom:home-flex"}})
    await open_panel(page, stack.home_assistant)
    await page.goto(f"{stack.home_assistant.url}/home-made")
    await expect(page.locator("hf-now-card").get_by_text("Comes from")).to_be_visible()
    await expect(page.locator("hf-event-card").get_by_text("No events.")).to_be_visible()
    await expect(page.locator("hf-plan-card").get_by_role("heading", name="Plan")).to_be_visible()
    event = await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=20))
    skip = page.locator("hf-event-card").get_by_role("button", name="Skip the rest")
    await skip.wait_for()
    # Until every device shows what it was told, what flows does not add up.
    flow = page.locator("hf-now-card .flow")
    await expect(flow.get_by_text("Battery")).to_be_visible(timeout=SETTLED_MS)
    await expect(flow.get_by_text("Something that is not measured")).to_be_hidden(timeout=SETTLED_MS)
    for size in SIZES:
        await page.set_viewport_size(size)
        assert await sticks_out(page) == []
        await page.screenshot(path=PICTURES / f"dashboard-{size['width']}.png", full_page=True)
    await depict(page, "panel-dashboard")
    for card in ("hf-event-card", "hf-now-card", "hf-plan-card"):
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            # Home Assistant takes its theme over some frames later.
            assert await sticks_out(page) == []
            assert await violations(page, card) == []
        assert await page.locator(card).evaluate(_WIDTHS, NARROW_PX) == [NARROW_PX, 0], card
    await skip.click()
    await page.locator("hf-event-card").get_by_role("button", name="Join", exact=True).wait_for()
    records = (await stack.home_flex.status())["records"]
    assert [one["opted_out"] for one in records if one["event"]["event_id"] == event.event_id] == [True]
    await page.goto(f"{stack.home_assistant.url}/home-made/devices")
    await expect(page.get_by_text("EV charger", exact=True).first).to_be_visible()
    await page.screenshot(path=PICTURES / "dashboard-devices.png", full_page=True)


async def test_a_card_is_picked_with_a_preview_and_edited_without_yaml(stack: HomeStack, page: Page) -> None:
    view = {"title": "Mine", "path": "mine", "cards": [{"type": "custom:home-flex-now-card"}]}
    await add_dashboard(stack, "hand-made", {"views": [view]})
    await open_panel(page, stack.home_assistant)
    await page.goto(f"{stack.home_assistant.url}/hand-made/mine?edit=1")
    card = page.locator("hui-view hf-now-card")
    await expect(card).to_be_visible()
    await expect(card.get_by_role("heading", name="EV charger")).to_have_count(0)
    await page.get_by_role("button", name="Edit", exact=True).first.click()
    await page.get_by_text("Show the devices").wait_for()
    await page.locator("ha-form ha-switch").first.click()
    await page.screenshot(path=PICTURES / "card-editor.png")
    await page.get_by_role("button", name="Save").click()
    await expect(card.get_by_role("heading", name="EV charger")).to_be_visible()
    offered = await page.evaluate("customCards.map(({type, name}) => `${type} = ${name}`)")
    assert offered == [
        "home-flex-now-card = Home Flex: now",
        "home-flex-plan-card = Home Flex: plan",
        "home-flex-event-card = Home Flex: event",
    ]


async def test_a_page_without_a_card_loads_only_what_tells_of_them(stack: HomeStack, page: Page) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    view = {"title": "Empty", "path": "empty", "cards": []}
    await add_dashboard(stack, "empty-one", {"views": [view]})
    await page.goto(f"{stack.home_assistant.url}/empty-one/empty")
    await page.locator("input[name=username]").fill(stack.home_assistant.username)
    await page.locator("input[name=password]").fill(stack.home_assistant.password)
    await page.keyboard.press("Enter")
    await page.locator("hui-view").wait_for()
    ours = {url.rsplit("/", 1)[1].partition("-")[0] for url in loaded if "/home_flex_panel/" in url}
    assert ours == {"cards"}

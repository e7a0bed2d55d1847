"""A resident looks back in the panel, in the browser: what weeks brought, and how well the home did."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Page, ViewportSize, expect

from scripts.home_stack.demo_prices import tell_hours_ahead
from scripts.home_stack.panel_look import PAGES, depict, go, open_panel, sticks_out, violations
from scripts.home_stack.panel_past import give_past
from scripts.home_stack.processes import ROOT
from scripts.home_stack.stack import HomeStack

pytestmark = pytest.mark.timeout(500)

PICTURES = ROOT / "artifacts"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
# How the documents show its pages.
DEPICTED = {
    "now": "panel-now",
    "plan": "panel-plan",
    "events": "panel-events",
    "money": "panel-money",
    "devices": "panel-devices",
    "performance": "panel-performance",
}
DAYS = 40
LIMIT_W = 4000
# The home of the past earned with four events; the newest of them is opened first.
OPEN_ALL = """() => {
  const open = (root) => root.querySelectorAll("*").forEach((each) => {
    if (each.tagName === "DETAILS") each.open = true;
    if (each.shadowRoot) open(each.shadowRoot);
  });
  open(document);
}"""


def lines_of(file: Path) -> list[str]:
    return file.read_text().splitlines()


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def past(shared_stack: HomeStack) -> None:
    """Let the home have run for weeks."""
    await give_past(shared_stack, days=DAYS)


@pytest_asyncio.fixture(loop_scope="session")
async def money(stack: HomeStack, page: Page) -> Page:
    """Open the money of the month."""
    await open_panel(page, stack.home_assistant, "money")
    await page.get_by_role("heading", name="Paid").wait_for()
    return page


async def test_a_receipt_is_told_in_words_and_reckoned_again_and_a_statement_laid_beside(money: Page) -> None:
    receipts = money.locator("hf-receipt")
    await receipts.first.get_by_text("Receipt").click()
    await expect(receipts.first.get_by_text("For that your community pays")).to_be_visible()
    await expect(receipts.first.get_by_text("Reckoned again just now, to the same cent.")).to_be_visible()

    await money.get_by_text("Compare a statement of your community").click()
    lines = money.get_by_label("Lines of the statement")
    await lines.fill("nothing of this is a statement")
    await money.get_by_role("button", name="Compare").click()
    await expect(money.get_by_text("This is no statement")).to_be_visible()
    await lines.fill("event;kWh;EUR\nunknown-event;1,5;0,60")
    await money.get_by_role("button", name="Compare").click()
    await expect(money.get_by_text("not known here")).to_be_visible()


async def test_a_period_is_left_by_its_arrows_kept_in_the_address_and_saved_as_a_table(money: Page) -> None:
    # The chart has the same figures as the table, and the table those of the file.
    await money.get_by_role("button", name="Day").click()
    await money.get_by_role("button", name="Previous").click()
    await money.get_by_role("button", name="Next").click()
    await expect(money.get_by_role("button", name="Next")).to_be_disabled()
    assert "/money/day/" in money.url
    await money.get_by_role("button", name="Previous").click()
    await expect(money.get_by_role("button", name="Next")).to_be_enabled()
    heading = await money.locator("hf-money h2").first.inner_text()
    await money.reload()
    await expect(money.locator("hf-money h2").first).to_have_text(heading)
    # The menu shows the month of now, and the browser's arrow what was looked at before.
    await go(money, "money")
    await expect(money.locator("hf-money h2").first).not_to_have_text(heading)
    await money.go_back()
    await expect(money.locator("hf-money h2").first).to_have_text(heading)

    async with money.expect_download() as download:
        await money.get_by_role("button", name="Save as CSV").click()
    head, *rows = lines_of(await (await download.value).path())
    assert head.startswith("start,import_wh,import_known")
    assert len(rows) == 24


async def test_every_page_of_a_home_with_a_past_can_be_read_in_english_and_german(
    stack: HomeStack, money: Page
) -> None:
    await tell_hours_ahead(stack)
    await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=40))
    ahead = timedelta(minutes=90)
    await stack.aggregator.ask({"IMPORT_CAPACITY_LIMIT": 1}, duration=ahead, starts_in=ahead)
    # A plan with prices, sun and battery, and what the events are worth by it.
    await go(money, "plan")
    await expect(money.locator("hf-plan").get_by_text("/kWh").first).to_be_visible()
    await expect(money.get_by_label("Battery", exact=True)).to_be_visible()
    await go(money, "events")
    await money.get_by_role("button", name="Join partly").first.wait_for()
    looks: tuple[tuple[str, Literal["light", "dark"]], ...] = (
        ("en", "light"),
        ("en", "dark"),
        ("de", "light"),
    )
    for language, scheme in looks:
        await money.evaluate(
            "(language) => localStorage.setItem('selectedLanguage', JSON.stringify(language))", language
        )
        await money.emulate_media(color_scheme=scheme)
        for name in PAGES:
            await money.goto(money.url.partition("/home-flex")[0] + f"/home-flex/{name}")
            await money.locator(f"hf-{name} .card").first.wait_for()
            if (language, scheme) == ("en", "light"):
                await money.set_viewport_size(DESKTOP)
                assert await sticks_out(money) == [], name
                await depict(money, DEPICTED[name])
            await money.evaluate(OPEN_ALL)
            for width, height in ((360, 780), (1280, 900)):
                await money.set_viewport_size({"width": width, "height": height})
                assert await violations(money) == [], f"{name} {scheme} {language}"
                assert await sticks_out(money) == [], name
                picture = f"past-{name}-{width}-{scheme}-{language}.png"
                await money.screenshot(path=PICTURES / picture, full_page=True)


async def test_how_well_the_home_does_is_reached_from_the_devices_on_a_phone(money: Page) -> None:
    await go(money, "devices")
    await money.set_viewport_size({"width": 360, "height": 780})
    await money.get_by_role("button", name="How well it runs").click()
    battery = money.locator("hf-performance").get_by_text("Full cycles")
    await expect(battery).to_be_visible()
    await expect(money.get_by_text("Since").first).to_be_visible()

"""The guided first run in the browser: an empty home gets its first plan; clicks and fields are counted."""

from time import monotonic

import pytest
from playwright.async_api import Page, ViewportSize, expect

from scripts.home_stack.api import wait_until
from scripts.home_stack.home_assistant import HomeAssistant
from scripts.home_stack.panel_look import depict, sticks_out, violations
from scripts.home_stack.processes import ROOT

from .test_first_evening import CHARGE, Resident, home_assistant

__all__ = ["home_assistant"]

pytestmark = pytest.mark.timeout(400)

MOST_CLICKS, MOST_TYPED, MOST_MINUTES = 15, 12, 5.0
PICTURES = ROOT / "artifacts"
PHONE: ViewportSize = {"width": 360, "height": 780}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}


async def begin(resident: Resident, home_assistant: HomeAssistant) -> None:
    """Log in, and add a home with its prices and none of its devices."""
    page = resident.page
    await page.goto(f"{home_assistant.url}/config/integrations/dashboard")
    await page.locator("input[name=username]").fill(home_assistant.username)
    await page.locator("input[name=password]").fill(home_assistant.password)
    await page.keyboard.press("Enter")
    await page.get_by_text("Add integration").wait_for()
    await page.goto(f"{home_assistant.url}/config/integrations/dashboard/add?domain=home_flex")
    await resident.press("OK")
    await resident.sees("Set up your site")
    await resident.fill("0.28", "0.06", first=1)
    await resident.press("Submit")


async def test_an_empty_home_is_led_to_its_first_plan_and_every_step_can_wait(
    home_assistant: HomeAssistant, page: Page
) -> None:
    async def has_started() -> bool:
        return CHARGE in await home_assistant.api.states()

    await wait_until(has_started, "the other integrations to have their entities", timeout_s=60)
    resident, began = Resident(page=page), monotonic()
    await begin(resident, home_assistant)
    await resident.sees("Devices of this home")
    boxes = page.locator("ha-form ha-checkbox")
    for device in range(await boxes.count()):
        await boxes.nth(device).click()
    await resident.press("Submit")

    # The end of the dialog leads on.
    await resident.click(page.get_by_role("link", name="See what comes next"))
    start = page.locator("hf-start")
    await start.wait_for()
    await expect(start.get_by_text("1 of 5 steps done")).to_be_visible()
    await page.screenshot(path=PICTURES / "first-run-begin.png", full_page=True)

    # Whatever can wait is left, and taken up again.
    wishes = start.get_by_role("listitem").filter(has=page.get_by_role("heading", name="What you want"))
    await wishes.get_by_role("button", name="Later").click()
    await page.reload()
    await expect(wishes.get_by_text("Left for later")).to_be_visible()
    await wishes.get_by_role("button", name="Do it now").click()

    found = page.locator("hf-found")
    for name, number in (
        ("Rated power", "6"),
        ("Capacity", "10"),
        ("Most charging power", "5"),
        ("Most discharging power", "5"),
    ):
        await found.get_by_label(name).first.fill(number)
        resident.typed += 1
    for consent in await found.get_by_label("May be steered").all():
        await consent.check()
        resident.clicks += 1
    for size in (PHONE, DESKTOP):
        await page.set_viewport_size(size)
        assert await violations(page) == []
        assert await sticks_out(page) == []
        await page.screenshot(path=PICTURES / f"first-run-{size['width']}.png", full_page=True)
    await depict(page, "panel-first-run")
    await resident.click(page.get_by_role("button", name="Add what is ticked"))
    await expect(found).to_have_count(0)

    await page.get_by_label("Keep at least").fill("30")
    resident.typed += 1
    await expect(page.get_by_text("Changed. The new plan comes in a moment.")).to_be_visible()
    await expect(start.get_by_text("5 of 5 steps done")).to_be_visible()
    await resident.click(page.get_by_role("button", name="See the plan"))
    await page.locator("hf-plan").wait_for()
    minutes = (monotonic() - began) / 60.0
    spent = f"{resident.clicks} clicks, {resident.typed} typed fields, {minutes:.1f} minutes"
    print(spent)  # noqa: T201 # the figure that the guide is about
    assert resident.clicks <= MOST_CLICKS, spent
    assert resident.typed <= MOST_TYPED, spent
    assert minutes <= MOST_MINUTES, spent

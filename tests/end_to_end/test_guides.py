"""The householder's guides, done in the browser as they are written; and pictures of what it shows."""

from datetime import timedelta
from typing import Any, Literal

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from scripts.home_stack.api import wait_until
from scripts.home_stack.panel_look import open_panel, sticks_out, violations
from scripts.home_stack.processes import ROOT
from scripts.home_stack.stack import HomeStack

from .test_first_evening import Resident

pytestmark = pytest.mark.timeout(600)

LIMIT_W = 4000
PICTURES = ROOT / "artifacts"
SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 360, "height": 780},
    "desktop": {"width": 1280, "height": 900},
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What looks back is pictured by the tests of its figures.
PAGES = ("now", "plan", "events", "devices", "start")
# By the word for the first page; the resident's own comes last, and stays.
LANGUAGES = {"de": "Jetzt", "en": "Now"}


async def wishes_of(stack: HomeStack) -> dict[str, Any]:
    wishes: dict[str, Any] = (await stack.home_flex.status())["wishes"]
    return wishes


async def wait_for_wish(stack: HomeStack, what: str, **site: Any) -> None:
    async def is_wished() -> bool:
        told = (await wishes_of(stack))["site"]
        return {key: told[key] for key in site} == site

    await wait_until(is_wished, what, timeout_s=15)


def event_card(page: Page, name: str) -> Locator:
    return page.locator("article.event").filter(has_text=name)


async def test_who_says_no_loses_nothing_and_says_yes_again(stack: HomeStack, page: Page) -> None:
    await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=20))
    await open_panel(page, stack.home_assistant, "events")
    resident = Resident(page=page)
    running = event_card(page, "Import at most 4.0 kW")
    # What going on and skipping the rest are worth is told as soon as there is a plan with it.
    await expect(running.get_by_text("No wish gives way for it").first).to_be_visible()
    await resident.click(running.get_by_role("button", name="Skip the rest"))
    await expect(page.get_by_text("Skipped. Your home goes on by itself")).to_be_visible()
    await resident.click(running.get_by_role("button", name="Join", exact=True))
    await running.get_by_role("button", name="Skip the rest").wait_for()
    await resident.click(page.get_by_role("button", name="Take part in none"))
    await expect(page.get_by_text("Your home takes part in no events and goes on by itself.")).to_be_visible()
    await resident.click(page.get_by_role("button", name="Take part in events"))
    await page.get_by_role("button", name="Take part in none").wait_for()
    assert resident.clicks == 4


async def test_an_event_is_joined_partly_and_without_a_device_and_that_is_taken_back(
    stack: HomeStack, page: Page
) -> None:
    ahead = timedelta(minutes=15)
    asked = await stack.aggregator.ask({"IMPORT_CAPACITY_LIMIT": 0.2}, duration=ahead, starts_in=ahead)
    await open_panel(page, stack.home_assistant, "events")
    resident = Resident(page=page)
    event, undo = event_card(page, "Import at most 200 W"), page.get_by_role("button", name="Undo")
    # As soon as a plan says what each way is worth.
    await resident.click(event.get_by_role("button", name="Join partly"))
    await expect(event.get_by_text("Joined partly")).to_be_visible()
    await resident.click(undo)
    await expect(event.get_by_text("Joined partly")).to_be_hidden()

    await resident.click(event.get_by_text("Device by device"))
    takes_part = event.get_by_role("switch", name="EV charger takes part")
    await resident.click(takes_part)
    await expect(page.get_by_text("EV charger stays out of this event.")).to_be_visible()
    records = (await stack.home_flex.status())["records"]
    (record,) = (each for each in records if each["event"]["event_id"] == asked.event_id)
    assert len(record["spared"]) == 1
    await resident.click(undo)
    await expect(takes_part).to_be_checked()
    assert resident.clicks == 5


_SPEAK = """async (language) => {
    const value = { language, number_format: "language", time_format: "language", date_format: "language",
        time_zone: "local", first_weekday: "language" };
    const { connection } = document.querySelector("home-assistant").hass;
    await connection.sendMessagePromise({ type: "frontend/set_user_data", key: "language", value });
    localStorage.setItem("selectedLanguage", JSON.stringify(language));
}"""


async def speak(page: Page, language: str) -> None:
    """Choose a language, as the page of the user does; it is spoken from the next page on."""
    await page.evaluate(_SPEAK, language)


async def test_every_page_is_pictured_on_phone_and_desk_by_day_and_night_in_two_languages(
    stack: HomeStack, page: Page
) -> None:
    await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=40))
    await open_panel(page, stack.home_assistant)
    for language, now in LANGUAGES.items():
        await speak(page, language)
        for name in PAGES:
            await page.goto(f"{stack.home_assistant.url}/home-flex/{name}")
            await page.locator(f"hf-{name}").wait_for()
            await expect(page.get_by_role("link", name=now, exact=True)).to_be_visible()
            if name == "start":
                await page.get_by_role("switch").first.wait_for()
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme)
                for place, size in SIZES.items():
                    await page.set_viewport_size(size)
                    assert await sticks_out(page) == [], name
                    await page.screenshot(path=PICTURES / f"guide-{name}-{language}-{place}-{scheme}.png")
            assert await violations(page) == []


async def test_what_residents_want_most_is_one_click_each(stack: HomeStack, page: Page) -> None:
    await open_panel(page, stack.home_assistant, "start")
    resident = Resident(page=page)

    # Keep 30 %
    await page.get_by_label("Keep at least").fill("30")
    await expect(page.get_by_text("Changed. The new plan comes in a moment.")).to_be_visible()
    (battery,) = (await wishes_of(stack))["batteries"].values()
    assert battery["reserve"] == 0.3

    # Car full by 7
    await resident.click(page.get_by_label("Ready by a time"))

    async def is_ready_by() -> bool:
        # A charger is not among the wishes until something is wished of it.
        chargers = (await wishes_of(stack))["chargers"].values()
        return any(charger["ready_by"]["weekly_on"] for charger in chargers)

    await wait_until(is_ready_by, "the car to be ready by seven", timeout_s=15)

    # Never feed in
    await resident.click(page.get_by_label("Never feed into the grid"))
    await wait_for_wish(stack, "nothing to be fed in", export="never")

    # Leave me alone
    await page.goto(f"{stack.home_assistant.url}/home-flex/now")
    await resident.click(page.get_by_role("button", name="Pause everything, 2 h"))
    await wait_for_wish(stack, "the home to be left alone", paused=True)
    await resident.click(page.get_by_role("button", name="Go on"))
    await wait_for_wish(stack, "the home to go on", paused=False)
    assert resident.clicks == 4

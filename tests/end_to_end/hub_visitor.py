"""Somebody at the hub's console, with a browser of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from .conftest import CHROMIUM, FLAGS

PASSWORD: Final = "a long enough password"
PATIENCE_MS: Final = 30_000
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 860}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        await browser.close()


@dataclass
class Visitor:
    """Somebody with a browser of their own; ``complaints`` is what it complained of."""

    page: Page
    url: str
    complaints: list[str]

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def open(self, *place: str) -> None:
        await self.page.goto(f"{self.url}/console/#/{'/'.join(place)}")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def fill(self, **fields: str) -> None:
        """Fill the fields of the one form that is open, by their names."""
        for name, value in fields.items():
            await self.page.locator(f"input[name={name}]").fill(value)

    async def set_password(self, code: str, **first: str) -> None:
        await self.page.goto(f"{self.url}/console/#/code/{code}")
        await self.page.reload()
        if first:
            await self.page.get_by_text("I am the first operator").click()
        await self.fill(password=PASSWORD, **first)
        await self.press("Set the password")
        await self.page.get_by_text("Your password is set").wait_for()

    async def sign_in(self, email: str, code: str = "") -> None:
        await self.page.locator("input[name=email]").wait_for()
        await self.fill(email=email, password=PASSWORD, code=code)
        await self.press("Sign in")
        await self.page.get_by_role("button", name="Sign out", exact=True).wait_for()


@asynccontextmanager
async def visiting(browser: Browser, url: str) -> AsyncIterator[Visitor]:
    context = await browser.new_context(viewport=DESKTOP, locale="en-GB", timezone_id="UTC")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Visitor(page=page, url=url, complaints=complaints)
    await context.close()

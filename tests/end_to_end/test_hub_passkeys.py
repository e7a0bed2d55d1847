"""Passkeys in a browser, with an authenticator that the browser makes up (WebAuthn 3, 11)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from scripts.home_stack.hub_up.centre import Centre

from .hub_visitor import PASSWORD, Visitor, chromium, visiting

pytestmark = pytest.mark.timeout(200)

EMAIL: Final = "olga@example.org"


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """Give the address of a hub that runs, and the first operator's code."""
    centre = Centre(tmp_path)
    try:
        yield centre.url, await centre.start_hub()
    finally:
        await centre.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(hub: tuple[str, str]) -> AsyncIterator[Visitor]:
    """Give the first operator, signed in, in a browser that has an authenticator."""
    url, code = hub
    async with chromium() as browser, visiting(browser, url) as visitor:
        devtools = await visitor.context.new_cdp_session(visitor.page)
        await devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        await visitor.set_password(code, email=EMAIL, name="Olga")
        await visitor.sign_in(EMAIL)
        yield visitor


async def test_a_passkey_is_added_signs_in_and_once_removed_is_refused(visitor: Visitor) -> None:
    own = visitor.page.locator("hc-own-passkeys")
    await visitor.open("account")
    await own.get_by_text("Add a passkey").first.click()
    await own.locator("input[name=name]").fill("this computer")
    await own.locator("input[name=password]").fill(PASSWORD)
    await own.get_by_role("button", name="Add a passkey").click()
    row = own.get_by_role("row").filter(has_text="this computer")
    await expect(row).to_contain_text("Never")
    await expect(own.locator("li")).to_have_count(10)

    await visitor.press("Sign out")
    await visitor.press("Sign in with a passkey")
    await visitor.page.get_by_role("button", name="Sign out", exact=True).wait_for()
    await visitor.open("account")
    await expect(row).not_to_contain_text("Never")

    await own.get_by_role("button", name="Remove this computer").click()
    await expect(own.get_by_text("This is your last second factor")).to_be_visible()
    removal = own.locator("form").filter(has_text="last second factor")
    await removal.locator("input[name=password]").fill(PASSWORD)
    await removal.get_by_role("button", name="Remove this computer").click()
    await expect(own.get_by_role("status")).to_contain_text("No second factor is left")

    await visitor.press("Sign out")
    await visitor.press("Sign in with a passkey")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("too many attempts")
    assert visitor.complaints == []

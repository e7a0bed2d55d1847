"""Signing in to the hub at an OpenID provider, in a browser; the provider is a mock that others wrote."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import oidc_provider_mock  # type: ignore[import-untyped] # it has no types
import pytest
import pytest_asyncio
from playwright.async_api import expect

from scripts.home_stack.hub_up.centre import Centre

from .hub_visitor import PASSWORD, Visitor, chromium, visiting

pytestmark = pytest.mark.timeout(200)

EMAIL: Final = "olga@example.org"


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, str]]:
    """Give the address of a hub that relies on a provider, and the first operator's code."""
    # Else its library refuses to speak in the clear.
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        issuer = f"http://localhost:{server.server_port}"
        city = {"name": "city", "title": "The city", "issuer": issuer, "client_id": "hub"}
        monkeypatch.setenv("HUB_OPENID_PROVIDERS", json.dumps([city]))
        monkeypatch.setenv("HUB_OPENID_SECRETS", json.dumps({"city": "a secret"}))
        centre = Centre(tmp_path)
        try:
            yield centre.url, await centre.start_hub()
        finally:
            await centre.stop()


async def let_in(visitor: Visitor, subject: str) -> None:
    """Let the provider let somebody in, at its page."""
    await visitor.page.get_by_label("Subject").fill(subject)
    await visitor.page.get_by_role("button", name="Authorize", exact=True).click()


async def test_a_provider_is_linked_signs_in_proves_anew_and_is_unlinked(hub: tuple[str, str]) -> None:
    url, code = hub
    async with chromium() as browser, visiting(browser, url) as visitor:
        await visitor.set_password(code, email=EMAIL, name="Olga")
        await visitor.press("Sign in at The city")
        await let_in(visitor, "olga")
        await expect(visitor.page.get_by_role("alert").first).to_contain_text("No account is linked")
        await visitor.sign_in(EMAIL)
        await visitor.open("account")
        own = visitor.page.locator("hc-identities")
        await own.get_by_text("Link a provider").click()
        await own.locator("form.link input[name=password]").fill(PASSWORD)
        await own.get_by_role("button", name="Link The city", exact=True).click()
        await let_in(visitor, "olga")
        await expect(own.get_by_text("Linked on")).to_be_visible()

        await visitor.press("Sign out")
        await visitor.press("Sign in at The city")
        await let_in(visitor, "olga")
        await visitor.page.get_by_role("button", name="Sign out", exact=True).wait_for()

        await visitor.open("account")
        await own.get_by_role("button", name="Prove at The city").click()
        await let_in(visitor, "somebody else")
        await expect(own.get_by_role("alert").first).to_contain_text("No account is linked")
        await own.get_by_role("button", name="Prove at The city").click()
        await let_in(visitor, "olga")
        await expect(own.get_by_text("Linked on")).to_be_visible()

        await own.get_by_text("Unlink", exact=True).click()
        await own.locator("form:not(.link) input[name=password]").fill(PASSWORD)
        await own.get_by_role("button", name="Unlink The city").click()
        await expect(own.get_by_text("None is linked")).to_be_visible()
        assert visitor.complaints == []

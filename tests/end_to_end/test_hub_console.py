"""An operator and a household at the console: the hub's own processes, a broker over TLS, homes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Final

import httpx
import pytest
import pytest_asyncio
from community_hub.accounts import totp
from playwright.async_api import Browser, ViewportSize, expect

from scripts.home_stack.central_files import MOSQUITTO
from scripts.home_stack.hub_up.running import Community, running_community
from scripts.home_stack.panel_look import violations
from scripts.home_stack.processes import ROOT

from .hub_visitor import DESKTOP, PASSWORD, PATIENCE_MS, Visitor, chromium, visiting

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(not (MOSQUITTO / "mosquitto").exists(), reason="Mosquitto 2.1: run scripts/setup"),
]

PICTURES: Final = ROOT / "artifacts" / "console"
PHONE: Final[ViewportSize] = {"width": 360, "height": 780}


@pytest_asyncio.fixture(loop_scope="session")
async def community(tmp_path: Path) -> AsyncIterator[Community]:
    async with running_community(tmp_path, homes=20) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


def in_a_field(at: datetime) -> str:
    """Return a time as a field of date and time takes it; the browser's clock is on UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%S")


async def begin(operator: Visitor, community: Community) -> None:
    """Make the first operator, with a second factor, who signs in by both."""
    await operator.set_password(community.first_code, email="olga@example.org", name="Olga")
    await operator.sign_in("olga@example.org")
    await operator.open("account")
    factor = operator.page.locator("hc-second-factor")
    await factor.locator("input[name=password]").fill(PASSWORD)
    await factor.get_by_role("button", name="Set up").click()
    secret = await factor.locator("code.secret").inner_text()
    drawn = factor.get_by_role("img", name="Square code for your app")
    await expect(drawn).to_have_js_property("complete", value=True)
    assert await drawn.evaluate("image => image.naturalWidth") > 0
    step = int(time()) // totp.STEP_S
    await factor.locator("input[name=code]").fill(totp.code(secret, step))
    await factor.get_by_role("button", name="Confirm").click()
    await expect(factor.locator(".codes li")).to_have_count(10)
    await make_a_token(operator)
    await operator.press("Sign out")
    # A code is good once; that of the next step is good already.
    await operator.sign_in("olga@example.org", totp.code(secret, step + 1))


async def make_a_token(operator: Visitor) -> None:
    """Make a token for a program, which the hub takes until it is revoked."""
    await operator.open("access")
    own = operator.page.locator("hc-own-tokens")
    await own.get_by_text("Make a token").first.click()
    await own.get_by_label("Name").fill("a script")
    await own.get_by_label("Scopes").select_option(["home:read"])
    await own.get_by_role("button", name="Make a token").click()
    text = await own.locator("[role=status] code").inner_text()
    async with httpx.AsyncClient(
        base_url=operator.url, headers={"Authorization": f"Bearer {text}"}
    ) as program:
        assert (await program.get("/api/v1/homes")).status_code == 200
        assert (await program.get("/api/v1/people")).status_code == 403
        await own.get_by_role("button", name="Revoke a script").click()
        await expect(own.get_by_role("row").filter(has_text="a script")).to_contain_text("Revoked")
        assert (await program.get("/api/v1/homes")).status_code == 401


async def enrol(operator: Visitor, ven_id: str) -> str:
    """Let a home join with a new household; return the code that its household is handed."""
    await operator.open("homes")
    await operator.press("Add a home")
    dialog = operator.page.locator("hc-home-form dialog")
    await operator.fill(ven_id=ven_id, feeder="feeder-1", person="Hanna", email="hanna@example.org")
    await dialog.locator("input[name=name]").fill("Elm Street 21")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    code = await dialog.locator("code").inner_text()
    await dialog.get_by_role("button", name="Close").click()
    await operator.page.get_by_role("link", name="Elm Street 21").wait_for()
    return code


async def agree(household: Visitor, code: str) -> None:
    await household.set_password(code)
    await household.sign_in("hanna@example.org")
    await household.page.get_by_text("You have agreed to nothing").wait_for()
    await household.page.get_by_text("Agree to a programme").click()
    await household.press("I agree")
    await expect(household.page.locator("hc-own-consents blockquote").first).to_contain_text("Elm Street 21")


async def invite(operator: Visitor, start: datetime, ven_ids: str) -> None:
    await operator.open("invitations")
    await operator.press("Invite homes")
    await operator.fill(start=in_a_field(start), minutes="1", kwh="0.06", price="0.25", homes=ven_ids)
    await operator.page.locator("hc-invitation-form").get_by_role("button", name="Invite").click()
    await operator.page.get_by_text("Only who has not answered").wait_for()


async def test_an_operator_enrols_invites_dispatches_and_settles_and_a_household_verifies_its_line(
    community: Community, browser: Browser, tmp_path: Path
) -> None:
    url = community.centre.url
    ven_id = community.waiting.ven_id
    async with visiting(browser, url) as operator, visiting(browser, url) as household:
        await begin(operator, community)
        code = await enrol(operator, ven_id)
        await agree(household, code)
        await operator.open("offers")
        await expect(operator.page.get_by_role("row").filter(has_text="Elm Street 21")).to_be_visible()

        start = datetime.now(UTC) + timedelta(seconds=25)
        await invite(operator, start, ven_id)
        await household.page.get_by_text("Use 60 Wh less").wait_for()
        await expect(household.page.get_by_text("pays €0.250/kWh")).to_be_visible()
        await household.page.get_by_role("button", name="Yes", exact=True).click()
        await expect(operator.page.get_by_role("row").filter(has_text="Elm Street 21")).to_contain_text("Yes")

        await operator.press("Call 1 homes")
        delivery = operator.page.locator("hc-delivery")
        row = delivery.get_by_role("row").filter(has_text="Elm Street 21")
        await expect(row).to_contain_text("Running")
        await expect(row).to_contain_text("kW")
        await operator.page.screenshot(path=_picture("delivery"))

        settle = operator.page.get_by_role("button", name="Settle")
        await settle.wait_for(timeout=120_000)
        await asyncio.sleep(2)
        await settle.click()
        line = operator.page.get_by_role("row").filter(has_text=ven_id)
        await expect(line).to_contain_text("Settled")

        receipt = next((tmp_path / "receipts" / ven_id).iterdir())
        await household.page.locator("hc-own-line input[type=file]").set_input_files(receipt)
        await expect(household.page.get_by_text("Reckoned again: right")).to_be_visible()
        await operator.page.reload()
        await expect(line).to_contain_text("Reckoned again: right")
        assert operator.complaints + household.complaints == []


async def test_every_page_is_read_by_everybody_on_phone_and_desktop_in_light_and_dark(
    community: Community, browser: Browser
) -> None:
    async with visiting(browser, community.centre.url) as visitor:
        await visitor.set_password(community.first_code, email="olga@example.org", name="Olga")
        await visitor.sign_in("olga@example.org")
        signed_in = await visitor.context.storage_state()
    # axe cannot be let in by the pages' own policy.
    context = await browser.new_context(bypass_csp=True, storage_state=signed_in, viewport=DESKTOP)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    found: list[str] = []
    for name in (
        "homes",
        "offers",
        "invitations",
        "events",
        "settlement",
        "market",
        "people",
        "audit",
        "rollouts",
        "access",
        "account",
    ):
        await page.goto(f"{community.centre.url}/console/#/{name}")
        await page.locator("main h1").wait_for()
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)
        for scheme in ("light", "dark"):
            for size in (DESKTOP, PHONE):
                await page.emulate_media(color_scheme=scheme)
                await page.set_viewport_size(size)
                width = await page.evaluate("document.documentElement.scrollWidth")
                found += [f"{name}: {width} px wide"] if width > size["width"] else []
                await page.screenshot(path=_picture(f"{name}-{scheme}-{size['width']}"), full_page=True)
            found += [f"{name} {scheme}: {one}" for one in await violations(page, "hub-console")]
    await context.close()
    assert found == [], "\n".join(found)


def _picture(name: str) -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES / f"{name}.png"

"""The first evening: from a Home Assistant whose devices are in other integrations to a controlled home."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from scripts.home_stack.api import wait_until
from scripts.home_stack.home_assistant import HomeAssistant, complaints
from scripts.home_stack.processes import ROOT

from .test_wishes import open_device

pytestmark = pytest.mark.timeout(400)

OTHERS = ("foxess_modbus", "peblar")
CHARGE = "switch.peblar_charge"
MOST_CLICKS, MOST_TYPED, MOST_MINUTES = 20, 12, 5.0


@dataclass(kw_only=True, slots=True)
class Resident:
    """Somebody at the browser; counts what it takes."""

    page: Page
    clicks: int = 0
    typed: int = 0

    async def click(self, target: Locator) -> None:
        await target.click()
        self.clicks += 1

    async def press(self, text: str) -> None:
        await self.click(self.page.locator("ha-button").filter(has_text=text))

    async def fill(self, *values: str, first: int = 0) -> None:
        """Type into the number fields of the form, from the ``first`` on."""
        for place, value in enumerate(values, first):
            await self.page.locator("ha-form input[type=number]").nth(place).fill(value)
            self.typed += 1

    async def sees(self, text: str) -> None:
        await self.page.get_by_text(text).first.wait_for()


@pytest_asyncio.fixture(loop_scope="session")
async def home_assistant(tmp_path: Path) -> AsyncIterator[HomeAssistant]:
    """Home Assistant with a hybrid inverter and a charger, each in an integration of its own."""
    components = tmp_path / "home_assistant" / "custom_components"
    components.mkdir(parents=True)
    (components / "__init__.py").touch()
    (components / "home_flex").symlink_to(ROOT / "custom_components" / "home_flex")
    for other in OTHERS:
        (components / other).symlink_to(Path(__file__).with_name("other_integrations") / other)
    configuration = "".join(f"{other}:\n" for other in OTHERS)
    home_assistant = HomeAssistant(tmp_path / "home_assistant", more_configuration=configuration)
    await home_assistant.start()
    yield home_assistant
    await home_assistant.stop()
    assert complaints(home_assistant.log_lines()) == []


async def charge_switch(home_assistant: HomeAssistant) -> str:
    """Return the state of the charger's switch, in the integration that the charger belongs to."""
    return str((await home_assistant.api.states())[CHARGE]["state"])


async def test_devices_of_other_integrations_are_controlled_within_twelve_fields_and_five_minutes(
    home_assistant: HomeAssistant, page: Page
) -> None:
    async def has_started() -> bool:
        return CHARGE in await home_assistant.api.states()

    await wait_until(has_started, "the other integrations to have their entities", timeout_s=60)
    await page.goto(f"{home_assistant.url}/config/integrations/dashboard")
    await page.locator("input[name=username]").fill(home_assistant.username)
    await page.locator("input[name=password]").fill(home_assistant.password)
    await page.keyboard.press("Enter")
    resident, began = Resident(page=page), monotonic()

    await page.get_by_text("Add integration").wait_for()
    await page.goto(f"{home_assistant.url}/config/integrations/dashboard/add?domain=home_flex")
    await resident.press("OK")
    await resident.sees("Set up your site")
    await resident.fill("0.28", "0.06", first=1)
    await resident.press("Submit")

    await resident.sees("Devices of this home")
    await expect(page.locator("ha-form ha-checkbox")).to_have_count(4)
    await resident.press("Submit")

    await resident.sees("No entity tells these numbers of PV inverter")
    await resident.fill("6")
    await resident.press("Submit")
    await resident.sees("No entity tells these numbers of Battery")
    await resident.press("Submit")
    await resident.sees("Enter each number")
    await resident.fill("10", "5", "5")
    await resident.press("Submit")
    await resident.sees("No entity tells these numbers of EV charger")
    await resident.press("Submit")

    await resident.sees("What may be steered")
    for device in range(2):
        await resident.click(page.locator("ha-form ha-checkbox").nth(device))
    await resident.press("Submit")
    await resident.press("Skip and finish")
    await page.get_by_text("Skip and finish").wait_for(state="hidden")

    # The car stops when its charger is told to by Home Flex, and only then.
    assert await charge_switch(home_assistant) == "on"
    await open_device(page, home_assistant, "EV charger")
    await resident.click(page.locator("ha-select").filter(has_text="Charge mode"))
    await resident.click(page.get_by_role("menuitem", name="Off", exact=True))

    async def has_stopped() -> bool:
        return await charge_switch(home_assistant) == "off"

    await wait_until(has_stopped, "the charger to be told to pause", timeout_s=90)
    minutes = (monotonic() - began) / 60.0
    spent = f"{resident.clicks} clicks, {resident.typed} typed fields, {minutes:.1f} minutes"
    assert resident.clicks <= MOST_CLICKS, spent
    assert resident.typed <= MOST_TYPED, spent
    assert minutes <= MOST_MINUTES, spent

"""Real processes on 127.0.0.1, which tests of a file share where each leaves them as they were.

All of these tests run in one event loop, so that what runs can outlast a test.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect

from scripts.home_stack.api import wait_until
from scripts.home_stack.broker import Broker
from scripts.home_stack.home_assistant import HomeAssistant
from scripts.home_stack.recording import Recorder
from scripts.home_stack.stack import HomeStack

from .homes import fresh_home
from .looks import bring_to_rest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000


@pytest_asyncio.fixture(loop_scope="session")
async def mosquitto(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path / "broker")
    assert not broker.is_embedded, "Mosquitto is missing: run scripts/setup as root"
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def home_assistant(tmp_path: Path) -> AsyncIterator[HomeAssistant]:
    home_assistant = HomeAssistant(tmp_path / "home_assistant")
    await home_assistant.start()
    yield home_assistant
    await home_assistant.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeStack]:
    """Give one home to all tests of a file."""
    async with fresh_home(tmp_path_factory.mktemp("home")) as stack:
        yield stack


@pytest_asyncio.fixture(loop_scope="session")
async def stack(shared_stack: HomeStack) -> HomeStack:
    """Give the home of this file's tests with no event open and every device by itself."""
    await bring_to_rest(shared_stack)
    return shared_stack


@pytest_asyncio.fixture(loop_scope="session")
async def recorder(stack: HomeStack) -> AsyncIterator[Recorder]:
    """Sample the truth about the house, from when the car draws what it can."""
    recorder = Recorder(stack.house)

    async def charging() -> bool:
        return recorder.now.grid_power_w > 11_000

    async with recorder.running():
        await wait_until(charging, "the car to charge", timeout_s=60)
        yield recorder


@pytest_asyncio.fixture(loop_scope="session")
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """Open Debian's Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch_persistent_context(
            tmp_path / "browser",
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            viewport={"width": 1280, "height": 800},
        )
        browser.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser.pages[0]
        await browser.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let these tests run in the loop of their fixtures."""
    for item in items:
        if Path(__file__).parent in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)

"""Real processes on 127.0.0.1."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from scripts.home_stack.api import wait_until
from scripts.home_stack.broker import Broker
from scripts.home_stack.home_assistant import HomeAssistant, complaints
from scripts.home_stack.house import STEADY
from scripts.home_stack.recording import Recorder
from scripts.home_stack.stack import HomeStack, running_stack

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


@pytest.fixture
async def mosquitto(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path / "broker")
    assert not broker.is_embedded, "Mosquitto is missing: run scripts/setup as root"
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
async def home_assistant(tmp_path: Path) -> AsyncIterator[HomeAssistant]:
    home_assistant = HomeAssistant(tmp_path / "home_assistant")
    await home_assistant.start()
    yield home_assistant
    await home_assistant.stop()


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[HomeStack]:
    """Everything, set up, and at the end a log in which Home Flex did nothing it must not."""
    async with running_stack(tmp_path, house_options=STEADY) as stack:
        assert not stack.broker.is_embedded, "Mosquitto is missing: run scripts/setup as root"
        yield stack
    assert complaints(stack.home_assistant.log_lines()) == []


@pytest.fixture
async def recorder(stack: HomeStack) -> AsyncIterator[Recorder]:
    """Sample the truth about the house, from when the car draws what it can."""
    recorder = Recorder(stack.house)

    async def charging() -> bool:
        return recorder.now.grid_power_w > 11_000

    async with recorder.running():
        await wait_until(charging, "the car to charge", timeout_s=60)
        yield recorder


@pytest.fixture
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

"""Real processes on 127.0.0.1."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scripts.home_stack.broker import Broker
from scripts.home_stack.home_assistant import HomeAssistant


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

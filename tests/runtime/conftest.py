"""A home's event service."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .service_home import Home


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    home = Home(tmp_path / "home.sqlite")
    await home.start()
    yield home
    await home.stop()

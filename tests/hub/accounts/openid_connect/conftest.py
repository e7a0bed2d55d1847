"""A provider and a hub that relies on it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from community_hub.store import Store

from ...running import SETTINGS, Clock, Running
from .provider import StandIn


@pytest.fixture
async def city() -> AsyncIterator[StandIn]:
    found = StandIn(clock=Clock())
    async with found.running():
        yield found


@pytest.fixture
def hub(store: Store, city: StandIn) -> Running:
    settings = replace(SETTINGS, openid_providers=(city.provider(),))
    running = Running(store, settings=settings)
    city.clock = running.clock
    return running

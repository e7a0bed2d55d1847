"""A home that tells a second back end of its charger."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest

from custom_components.home_flex.devices.backoff import Backoff
from custom_components.home_flex.devices.ocpp import Forwarder, ForwardSettings
from custom_components.home_flex.devices.ocpp.forwarding import forwarder as forwarder_module
from tests.devices.fakes.back_end import PASSWORD, BackEnd, back_end
from tests.devices.ocpp_clients import QUICK, SETTINGS, Clock, Driven, RawCharger, dial, serving


async def eventually(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Wait for what nobody tells."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 # nothing tells it
            await asyncio.sleep(0.01)


@dataclass
class Store:
    """Keeps one document."""

    document: Mapping[str, Any] | None = None

    async def load(self) -> Mapping[str, Any] | None:
        return self.document

    def put(self, document: Mapping[str, Any]) -> None:
        self.document = document


@dataclass
class Home:
    """A home that forwards."""

    driven: Driven
    forwarder: Forwarder

    @property
    def clock(self) -> Clock:
        return self.driven.clock


@asynccontextmanager
async def forwarding(url: str, store: Store | None = None, **more: Any) -> AsyncIterator[Home]:
    """Run a home that tells the back end at ``url`` of its charger."""
    settings = ForwardSettings(url=url, **{"identity": "EMP1", "password": PASSWORD, **more})
    async with serving(QUICK) as (central, port, clock), aiohttp.ClientSession() as http:
        forwarder = Forwarder(
            "CP1", settings, http=http, kept=store or Store(), clock=clock, monotonic_s=clock.monotonic_s
        )
        driver = central.add(replace(SETTINGS, forward=settings), forwarder)
        driven = Driven(driver, port, clock, central)
        running = asyncio.create_task(driver.run(driven.publish), name="driver")
        try:
            yield Home(driven, forwarder)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            # The connections end before the session they go over.
            await central.stop()


@asynccontextmanager
async def all_three(
    *, store: Store | None = None, may_start: bool = False, id_tag: str | None = None, **replies: Any
) -> AsyncIterator[tuple[BackEnd, Home, RawCharger]]:
    """Run a back end that listens, a home, and a charger that is set up."""
    async with (
        back_end() as employer,
        forwarding(employer.url, store, may_start=may_start, id_tag=id_tag) as home,
        dial(home.driven.port, replies=replies) as charger,
    ):
        await charger.get_ready()
        await employer.until(lambda: bool(employer.heard("StatusNotification")))
        yield employer, home, charger


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait for a second try."""
    monkeypatch.setattr(Backoff, "next_s", lambda _: 0.05)
    monkeypatch.setattr(forwarder_module, "_AFTER_REFUSAL_S", 0.05)

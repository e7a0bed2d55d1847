"""The contract of a Shelly switch: asked, written, the device says so, measured; and each way to fail.

A real slot with its ledger, the real driver, and a real HTTP server.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from aiohttp import ClientSession

from custom_components.home_flex.core.kinds.switched_load import SwitchedLoadReading
from custom_components.home_flex.core.model import DeviceKind, Owner, Quantity, Setpoint
from custom_components.home_flex.devices.kept import NothingKept
from custom_components.home_flex.devices.shelly.api import ShellyApi
from custom_components.home_flex.devices.shelly.http import ShellyHttp
from custom_components.home_flex.devices.shelly.switch import ShellySwitch
from custom_components.home_flex.history.store import LedgerEntry
from custom_components.home_flex.runtime.device_slot import DeviceSlot
from tests.core.control.house import SITE

from .fakes.listener import noon
from .fakes.shelly import FakeShelly, Relay, shelly


class Home:
    """A load of a home, its slot and its ledger."""

    def __init__(self, device: FakeShelly, slot: DeviceSlot, rows: list[LedgerEntry]) -> None:
        self.device = device
        self.slot = slot
        self.rows = rows

    @property
    def relay(self) -> Relay:
        return self.device.relays[0]

    @property
    def reading(self) -> SwitchedLoadReading:
        assert isinstance(self.slot.reading, SwitchedLoadReading)
        return self.slot.reading

    @property
    def outcomes(self) -> list[str]:
        return [row.outcome for row in self.rows]

    def ask(self, value: float | None) -> None:
        self.slot.want(
            Setpoint(
                device_id="it",
                quantity=Quantity.SWITCH,
                value=value,
                owner=Owner.AGGREGATOR,
                reason="event",
                life_s=900.0,
            )
        )

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 # what is waited for tells nobody
                await asyncio.sleep(0.01)


@asynccontextmanager
async def home(device: FakeShelly) -> AsyncIterator[Home]:
    rows: list[LedgerEntry] = []
    async with shelly(device) as host, ClientSession() as session:
        driver = ShellySwitch(
            ShellyApi(ShellyHttp(session, host, None)),
            clock=noon,
            monotonic_s=monotonic,
            kept=NothingKept(),
            channel=0,
            rated_power_w=1500.0,
            every_s=0.02,
        )
        slot = DeviceSlot(
            device_id="it",
            name="It",
            kind=DeviceKind.SWITCHED_LOAD,
            wired_phases=(1,),
            site=SITE,
            driver=driver,
            clock=noon,
            monotonic_s=monotonic,
            on_reading=lambda _slot: None,
            on_ledger=rows.append,
        )
        running = asyncio.create_task(slot.run())
        it = Home(device, slot, rows)
        try:
            await it.until(lambda: slot.reading)
            yield it
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_an_order_is_asked_written_said_and_measured_and_handed_back() -> None:
    async with home(FakeShelly(relays=[Relay()])) as it:
        assert (it.reading.power_w, it.reading.switched) == (1500.0, None)
        it.ask(0.0)
        await it.until(lambda: it.reading.switched is False)
        assert (it.relay.is_on, it.relay.timer_s, it.reading.power_w) == (False, 900.0, 0.0)
        it.ask(None)
        await it.until(lambda: it.reading.switched is None)
        assert (it.relay.is_on, it.relay.timer_s) == (True, None)
        assert it.outcomes == ["accepted", "handed_back"]


async def test_an_order_that_is_not_taken_is_one_row_however_often_it_is_given() -> None:
    async with home(FakeShelly(relays=[Relay()], ignores=True)) as it:
        for refusals in (1, 2, 3):
            it.ask(0.0)
            await it.until(lambda: it.slot.state().refusals == refusals)  # noqa: B023 # waited for here
        assert it.outcomes == ["write_ignored"]
        assert it.reading.switched is None


async def test_an_order_that_is_refused_is_one_row() -> None:
    async with home(FakeShelly(relays=[Relay()])) as it:
        it.device.error = 500
        it.ask(0.0)
        await it.until(lambda: it.slot.state().refusals == 1)
        assert it.outcomes == ["write_refused"]


async def test_who_switches_it_by_hand_is_told_and_not_fought() -> None:
    async with home(FakeShelly(relays=[Relay()])) as it:
        it.ask(0.0)
        await it.until(lambda: it.reading.switched is False)
        it.relay.tell(is_on=True, back_after_s=None, source="button")
        await it.until(lambda: "overridden" in it.outcomes)
        it.ask(0.0)
        await it.until(lambda: it.slot.state().refusals == 1)
        assert (it.relay.is_on, it.reading.switched) == (True, None)
        assert it.outcomes == ["accepted", "overridden"]


@pytest.mark.parametrize("error", [503, 500])
async def test_a_switch_that_is_lost_in_an_order_is_as_before_when_its_timer_ends(error: int) -> None:
    async with home(FakeShelly(relays=[Relay()])) as it:
        it.ask(0.0)
        await it.until(lambda: it.reading.switched is False)
        it.device.error = error
        await it.until(lambda: it.slot.reading is None)
        it.relay.tell(is_on=False, back_after_s=0.01)
        await asyncio.sleep(0.02)
        it.device.error = None
        await it.until(lambda: it.slot.reading)
        assert (it.reading.is_on, it.reading.switched) == (True, None)
        assert it.slot.troubles == frozenset()

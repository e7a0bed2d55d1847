"""A device as the contract holds it: a real slot with its ledger, a real driver, a device that can fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic
from typing import Any

from custom_components.home_flex.core.model import DeviceKind, Owner, Quantity, Setpoint
from custom_components.home_flex.devices.driver import Driver
from custom_components.home_flex.history.store import LedgerEntry
from custom_components.home_flex.runtime.device_slot import DeviceSlot
from tests.core.control.house import SITE

from ..fakes.listener import noon

LIFE_S = 60.0


class Fault(Enum):
    """How a device fails: it says no, takes an order and does nothing, or cannot be reached."""

    REFUSES = auto()
    SWALLOWS = auto()
    IS_AWAY = auto()


@dataclass(kw_only=True)
class Held:
    """One device of a home, its slot and its ledger.

    ``told`` is what the device itself holds of orders, compared before and after. ``is_timed``: a timer in
    the device would end the order that it holds now.
    """

    slot: DeviceSlot
    rows: list[LedgerEntry]
    quantity: Quantity
    fail: Callable[[Fault | None], None]
    told: Callable[[], Any]
    is_timed: Callable[[], bool]

    @property
    def outcomes(self) -> list[str]:
        return [row.outcome for row in self.rows]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 # what is waited for tells nobody
                await asyncio.sleep(0.005)

    async def ask(self, value: float | None) -> None:
        """Ask, and wait until the driver has said yes or no."""
        before = self.slot.state()
        self.slot.want(
            Setpoint(
                device_id="it",
                quantity=self.quantity,
                value=value,
                owner=Owner.AGGREGATOR,
                reason="event",
                life_s=LIFE_S,
            )
        )

        def is_answered() -> bool:
            now = self.slot.state()
            return now.refusals != before.refusals or now.written_s != before.written_s

        await self.until(is_answered)


@asynccontextmanager
async def in_slot(driver: Driver, kind: DeviceKind, **of_device: Any) -> AsyncIterator[Held]:
    """Have a driver run in a slot; ``of_device`` are the fields of ``Held`` that its device gives."""
    rows: list[LedgerEntry] = []
    slot = DeviceSlot(
        device_id="it",
        name="It",
        kind=kind,
        wired_phases=(1, 2, 3),
        site=SITE,
        driver=driver,
        clock=noon,
        monotonic_s=monotonic,
        on_reading=lambda _slot: None,
        on_ledger=rows.append,
    )
    running = asyncio.create_task(slot.run())
    try:
        yield Held(slot=slot, rows=rows, **of_device)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@dataclass(frozen=True, kw_only=True)
class Actuator:
    """A device of a driver and an order for it.

    ``said`` is what its reading tells of the order, None without any. ``swallowed`` is the outcome of an
    order that it takes without doing anything: *accepted* where its protocol has no word for that, so that
    only what is measured tells. ``is_released``: there is something that can be taken back.
    """

    name: str
    holding: Callable[[], AbstractAsyncContextManager[Held]]
    value: float
    said: Callable[[Any], Any]
    swallowed: str = "write_ignored"
    is_released: bool = True

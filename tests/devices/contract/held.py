"""A device as the contract holds it: a real slot with its ledger, a real driver, a device that can fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
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
    """How a device fails: says no, takes an order and does nothing or half of it, or cannot be reached."""

    REFUSES = auto()
    SWALLOWS = auto()
    CLIPS = auto()
    IS_AWAY = auto()


@dataclass(kw_only=True)
class Held:
    """One device of a home, its slot and its ledger.

    ``told`` is what the device itself holds of orders, compared before and after. ``is_timed``: a timer in
    the device would end the order that it holds now. ``obey`` has it measure what it was told;
    ``take_over`` has somebody else set what we had set.
    """

    slot: DeviceSlot
    rows: list[LedgerEntry]
    quantity: Quantity
    fail: Callable[[Fault | None], None]
    told: Callable[[], Any]
    is_timed: Callable[[], bool]
    obey: Callable[[], Awaitable[None]]
    take_over: Callable[[], None]

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

    ``said`` is what its reading tells of the order, None without any, and ``measured_w`` its power once it
    obeys. Then the outcomes of orders: ``lost`` to a device that is away, ``swallowed`` by one that takes it
    without doing anything, ``clipped`` by one that takes half (None where there is no half), and ``latched``
    of a hand-back that it swallows. *accepted* and *handed_back* stand there where its protocol has no word
    for that, so that only what is measured tells. ``lasting`` are troubles that it has once an order was
    given. ``tells_others``: it can be seen that somebody else has set it. ``is_released``: there is something
    that can be taken back.
    """

    name: str
    holding: Callable[[], AbstractAsyncContextManager[Held]]
    value: float
    said: Callable[[Any], Any]
    measured_w: float
    lost: str
    swallowed: str = "write_ignored"
    clipped: str | None = None
    latched: str = "not_released"
    lasting: frozenset[str] = frozenset()
    tells_others: bool = True
    is_released: bool = True

"""The contract of an actuator: asked, written, the device says so, measured; and each way to fail.

A real slot with its ledger, the real driver, the real link, and a device whose registers a test holds.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from pymodbus.constants import ExcCodes

from custom_components.home_flex.core.model import (
    BatteryReading,
    DeviceKind,
    Owner,
    PvReading,
    Quantity,
    Setpoint,
)
from custom_components.home_flex.devices.sunspec import Access, SunSpecBattery, SunSpecInverter, requests
from custom_components.home_flex.history.store import LedgerEntry
from custom_components.home_flex.runtime.device_slot import DeviceSlot
from tests.core.control.house import SITE

from ..fakes import sunspec_images as images
from ..fakes.listener import noon
from ..fakes.modbus_server import FakeModbusServer, address_of, keep, put, serving, unit_of

type Image = dict[int, int]


class Home:
    """One device of a home, its slot and its ledger."""

    def __init__(self, slot: DeviceSlot, server: FakeModbusServer, rows: list[LedgerEntry]) -> None:
        self.slot = slot
        self.server = server
        self.rows = rows

    @property
    def outcomes(self) -> list[str]:
        return [row.outcome for row in self.rows]

    @property
    def told_w(self) -> float | None:
        match self.slot.reading:
            case BatteryReading() as battery:
                return battery.power_setpoint_w
            case PvReading() as sun:
                return sun.production_limit_w
        return None

    def ask(self, value: float | None) -> None:
        quantity = Quantity.POWER_W if self.slot.kind is DeviceKind.BATTERY else Quantity.PRODUCTION_LIMIT_W
        self.slot.want(
            Setpoint(
                device_id="it",
                quantity=quantity,
                value=value,
                owner=Owner.AGGREGATOR,
                reason="event",
                life_s=60.0,
            )
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 # what is waited for tells nobody
                await asyncio.sleep(0.01)

    async def asked(self, value: float | None) -> None:
        """Ask, and wait until the device has said yes or no."""
        refusals, written = self.slot.state().refusals, self.slot.state().written_s
        self.ask(value)
        await self.until(
            lambda: self.slot.state().refusals > refusals or self.slot.state().written_s != written
        )


@asynccontextmanager
async def home(image: Image, kind: DeviceKind = DeviceKind.BATTERY) -> AsyncIterator[Home]:
    rows: list[LedgerEntry] = []
    async with serving({1: image}) as server, unit_of(server) as unit:
        driver_type = SunSpecBattery if kind is DeviceKind.BATTERY else SunSpecInverter
        slot = DeviceSlot(
            device_id="it",
            name="It",
            kind=kind,
            wired_phases=(1, 2, 3),
            site=SITE,
            driver=driver_type(Access(unit=unit), clock=noon, poll_interval_s=0.02),
            clock=noon,
            monotonic_s=monotonic,
            on_reading=lambda _: None,
            on_ledger=rows.append,
        )
        running = asyncio.create_task(slot.run())
        one = Home(slot, server, rows)
        try:
            await one.until(lambda: slot.reading is not None)
            yield one
        finally:
            running.cancel()
            await asyncio.wait([running])


@pytest.mark.parametrize(
    ("image", "kind", "value", "power_point", "power_w"),
    [
        (images.classic_battery(), DeviceKind.BATTERY, -1600, (103, {"W": 1600}), -1600),
        (images.der_battery(), DeviceKind.BATTERY, 2000, (701, {"W": -2000}), 2000),
        (images.classic_pv(), DeviceKind.PV, 1000, (103, {"W": 1000}), -1000),
        (images.der_pv(), DeviceKind.PV, 1000, (701, {"W": 100}), -1000),
    ],
    ids=["124", "704", "123", "704 limit"],
)
async def test_asked_written_said_and_measured(
    image: Image, kind: DeviceKind, value: float, power_point: tuple[int, dict[str, float]], power_w: float
) -> None:
    before = dict(image)
    async with home(image, kind) as one:
        await one.asked(value)
        put(image, power_point[0], **power_point[1])
        await one.until(lambda: one.told_w == value)
        await one.until(lambda: one.slot.reading is not None and one.slot.reading.power_w == power_w)
        await one.asked(None)
        await one.until(lambda: one.told_w is None)
        put(image, power_point[0], W=3210 if kind is DeviceKind.PV else 0)
        assert one.outcomes == ["accepted", "handed_back"]
        assert not one.slot.troubles
        address = address_of(image, power_point[0], "W")
        assert image | {address: 0} == before | {address: 0}


async def test_refused_is_one_row_counted_at_once_and_a_trouble_after_the_third() -> None:
    async with home(images.classic_battery()) as one:
        one.server.refuse_writes = ExcCodes.DEVICE_FAILURE
        for time in range(1, 4):
            await one.asked(-1000)
            assert one.slot.state().refusals == time
            assert one.slot.troubles == ({"write_refused"} if time == 3 else frozenset())
        assert one.outcomes == ["write_refused"]
        assert one.slot.state().written is None
        assert one.told_w is None
        one.server.refuse_writes = None
        await one.asked(-1000)
        assert not one.slot.troubles


async def test_lost_is_an_order_nobody_knows_of_and_is_taken_back_where_it_arrived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = images.classic_battery()
    before = dict(image)
    async with home(image) as one:
        monkeypatch.setattr(requests, "_WITH_QUEUE_S", 0.3)
        one.server.refuses_write = lambda _, words, __: words == (3,)
        one.server.is_silent_instead = True
        one.server.refuse_writes = ExcCodes.DEVICE_FAILURE
        for time in range(1, 4):
            await one.asked(-1000)
            assert one.slot.state().refusals == time
        assert one.outcomes == ["busy"]
        assert one.slot.troubles == {"write_lost"}
        one.server.refuses_write = lambda *_: False
        await one.asked(None)
        assert image == before


async def test_accepted_and_ignored_is_no_order() -> None:
    image = images.classic_battery()
    async with home(image) as one:
        one.server.take = lambda *_: None
        await one.asked(-1000)
        assert one.outcomes == ["write_ignored"]
        assert one.slot.state().refusals == 1
        assert one.slot.state().written is None
        assert one.told_w is None


async def test_clipped_is_an_order_of_what_the_device_says() -> None:
    image = images.classic_battery()
    half = address_of(image, 124, "OutWRte")

    def clip(registers: Image, address: int, words: tuple[int, ...]) -> None:
        keep(registers, address, words)
        if address <= half < address + len(words) and registers[half] < 0x8000:
            registers[half] = min(registers[half], 2500)

    async with home(image) as one:
        one.server.take = clip
        await one.asked(-1600)
        await one.until(lambda: one.told_w == -800)
        assert one.slot.troubles == {"clipped"}
        await one.asked(-1700)
        await one.until(lambda: one.outcomes == ["accepted", "clipped", "accepted"])
        await one.asked(-480)
        await one.until(lambda: one.told_w == -480)
        assert not one.slot.troubles


async def test_overridden_is_seen_at_once_written_over_once_then_left_alone() -> None:
    image = images.classic_battery()

    def somebody_else_takes_over() -> None:
        put(image, 124, StorCtl_Mod=2, OutWRte=0, InWRte=10000)

    async with home(image) as one:
        await one.asked(-1000)
        await one.until(lambda: one.told_w == -1000)
        somebody_else_takes_over()
        await one.until(lambda: one.told_w is None)
        assert one.slot.troubles == {"overridden"}
        await one.asked(-1000)
        await one.until(lambda: one.told_w == -1000)
        somebody_else_takes_over()
        await one.until(lambda: one.told_w is None)
        writes = len(one.server.writes)
        for _ in range(2):
            await one.asked(-1000)
        assert one.slot.state().refusals == 2
        assert len(one.server.writes) == writes
        assert one.slot.troubles == {"overridden"}
        assert one.outcomes.count("overridden") <= 2
        await one.asked(None)
        assert len(one.server.writes) == writes
        assert not one.slot.troubles


async def test_unreleased_is_found_by_reading_back_and_ends_with_the_first_hand_back_that_holds() -> None:
    image = images.classic_battery()
    mode = address_of(image, 124, "StorCtl_Mod")

    def latch(registers: Image, address: int, words: tuple[int, ...]) -> None:
        keep(registers, address, words)
        registers[mode] = 3

    async with home(image) as one:
        await one.asked(-1000)
        one.server.take = latch
        await one.asked(None)
        assert one.outcomes == ["accepted", "not_released"]
        assert one.slot.troubles == {"not_released"}
        assert one.slot.state().refusals == 1
        one.server.take = keep
        await one.asked(None)
        assert one.outcomes[-1] == "handed_back"
        assert not one.slot.troubles


@pytest.mark.parametrize("keeps_zero", [False, True], ids=["not implemented", "kept at nothing"])
async def test_without_a_timer_that_runs_it_is_said_and_handed_back_at_the_end(keeps_zero: bool) -> None:
    image = images.classic_battery()
    timer = address_of(image, 124, "InOutWRte_RvrtTms")
    image[timer] = 0 if keeps_zero else 0xFFFF
    before = dict(image)

    def take(registers: Image, address: int, words: tuple[int, ...]) -> None:
        keep(registers, address, words)
        registers[timer] = before[timer]

    async with home(image) as one:
        one.server.take = take
        await one.asked(-1000)
        await one.until(lambda: "no_timer" in one.outcomes)
        assert one.slot.troubles == {"no_timer"}
        assert image != before
    assert image == before


async def test_with_a_timer_that_runs_the_device_ends_it_and_nothing_is_written_at_the_end() -> None:
    image = images.classic_battery()
    async with home(image) as one:
        await one.asked(-1000)
        writes = len(one.server.writes)
    assert len(one.server.writes) == writes

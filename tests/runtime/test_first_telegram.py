"""After a start nothing is decided until the meter has spoken: what devices were told before stands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from custom_components.home_flex.core.control.rhythm import UNKNOWN_LOST_S
from custom_components.home_flex.core.model import DeviceKind, one_circuit
from custom_components.home_flex.devices.driver import LinkDown
from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.runtime.first_telegram import FirstTelegram

from .running_house import SITE, House, running
from .service_home import event
from .slots import quiet_slot
from .test_lasting_defaults import Charger

LIMIT_W = 2000.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[HistoryStore]:
    store = await HistoryStore.open(tmp_path / "home.sqlite")
    yield store
    await store.close()


async def reborn_in_an_event(store: HistoryStore) -> House:
    """Return a home that was ended while its battery kept an event's limit, and has not begun again."""
    async with running(House(store)) as before:
        before.controller.events.receive(event(start_s=1, length_s=600))
        await before.run(10)
        assert before.grid_w <= LIMIT_W
    after = House(store)
    after.clock.seconds = before.clock.seconds
    after.battery.power_w = before.battery.power_w
    after.meter_speaks = False
    return after


async def test_a_battery_goes_on_as_a_former_life_told_it_until_the_meter_speaks(store: HistoryStore) -> None:
    async with running(await reborn_in_an_event(store)) as house:
        held_w = house.battery_w
        await house.run(5)
        assert house.battery.told == []
        house.meter_speaks = True
        for _ in range(30):
            await house.run(1)
            assert house.grid_w <= LIMIT_W
        assert house.battery.told == pytest.approx([held_w] * len(house.battery.told), abs=50)
        assert house.battery.told


async def test_a_meter_that_stays_silent_after_the_start_is_lost_in_its_time(store: HistoryStore) -> None:
    async with running(await reborn_in_an_event(store)) as house:
        await house.run(int(UNKNOWN_LOST_S))
        assert house.battery.told == []
        await house.run(2)
        assert house.battery.told != []


async def test_a_home_whose_meter_cannot_be_reached_waits_only_for_what_it_has_in_hand(
    store: HistoryStore,
) -> None:
    async with running(House(store)) as house:
        wait = FirstTelegram(house.controller.slots, house.clock.monotonic_s)
        assert wait.is_awaited(in_hand=False)
        house.meter.publish(LinkDown("cannot_connect", "nobody answers"))
        assert wait.is_awaited(in_hand=True)
        assert not wait.is_awaited(in_hand=False)
        assert not wait.is_awaited(in_hand=True), "what has begun to be decided goes on"


async def test_a_home_without_a_meter_waits_for_none(store: HistoryStore) -> None:
    async with running(House(store)) as house:
        slots = {key: slot for key, slot in house.controller.slots.items() if key != DeviceKind.GRID_METER}
        assert not FirstTelegram(slots, house.clock.monotonic_s).is_awaited(in_hand=True)


async def test_a_charger_is_told_what_fits_the_fuse_before_the_meter_has_spoken(store: HistoryStore) -> None:
    house = House(store, network=one_circuit(SITE, frozenset({DeviceKind.BATTERY, "car"}), None))
    house.meter_speaks = False
    async with running(house):
        charger = Charger(current_range_a=(6.0, 32.0))
        house.controller.slots["car"] = quiet_slot(
            DeviceKind.EV_CHARGER, charger, device_id="car", wired_phases=(1, 2, 3)
        )
        await house.run(1)
        assert charger.told == [22.0], "nine tenths of 25 A"
        assert house.battery.told == []

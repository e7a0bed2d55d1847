"""Which devices are seen at one tick, and which stay held."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.memory import DeviceMemory, Order, Rhythm
from custom_components.home_flex.core.control.pace import Pace, PaceClass
from custom_components.home_flex.core.control.seeing import held, seen_of
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.model import MeterReading, Owner, Quantity, Setpoint

from .house import SITE
from .sights import battery, charger

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TAKEN = DeviceMemory(taken=Owner.AGGREGATOR, reason="limit", source_id="event", bound_s=70.0)
FREE = DeviceMemory()


@pytest.mark.parametrize(
    ("memory", "are_passing", "stays"),
    [
        # For what passes it stays held until that has passed, however long ago it was needed.
        (TAKEN, True, True),
        (TAKEN, False, False),
        (replace(TAKEN, bound_s=-9999.0), True, True),
        # For what lasts, half a minute after it was needed last.
        (replace(TAKEN, is_standing=True, bound_s=70.1), False, True),
        (replace(TAKEN, is_standing=True, bound_s=70.1), True, True),
        (replace(TAKEN, is_standing=True), False, False),
        (replace(TAKEN, is_standing=True), True, False),
        # Of one of which nobody knows since when, nothing is decided.
        (replace(TAKEN, bound_s=None), False, True),
    ],
)
def test_a_device_once_taken_stays_taken_while_it_is_needed(
    memory: DeviceMemory, *, are_passing: bool, stays: bool
) -> None:
    found = held(battery(0.0, memory), 100.0, are_passing=are_passing).memory
    assert found == (memory if stays else FREE)


def test_a_free_one_stays_as_it_is() -> None:
    seen = battery(0.0, replace(FREE, bound_s=10.0))
    assert held(seen, 100.0, are_passing=True) is seen


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({}, True),
        ({"reach": Owner.GRID_OPERATOR}, False),
        ({"reach": None}, False),
        ({"is_spared": True}, False),
        ({"pace": Pace(pace_class=PaceClass.PLAN, interval_s=60.0, effect_s=60.0)}, False),
    ],
)
def test_one_that_its_holder_may_not_steer_any_more_is_let_go(
    changes: dict[str, object], *, stays: bool
) -> None:
    seen = battery(0.0, TAKEN)
    seen = replace(seen, device=replace(seen.device, **changes))  # type: ignore[arg-type]
    assert (held(seen, 100.0, are_passing=True).memory.taken is not None) is stays


def site(*devices: DeviceState, power_w: float | None = 500.0, heard_s: float = 100.0) -> SiteState:
    meter = None
    if power_w is not None:
        meter = MeterReading(time=NOW, power_w=power_w, phase_voltage_v=(236.0, 230.0, 233.0))
    return SiteState(site=SITE, meter=meter, meter_heard_s=heard_s, devices=devices)


BATTERY = replace(battery(700.0).device, device_id="battery")
CAR = replace(charger(6900.0).device, device_id="car")


def test_what_can_be_read_is_seen_at_the_voltage_of_the_house() -> None:
    seen, memory = seen_of(site(BATTERY, CAR), ControlMemory(), 100.0)
    assert set(seen) == set(memory.devices) == {"battery", "car"}
    assert seen["battery"].voltage_v == 233.0
    assert seen["battery"].now_s == 100.0
    assert seen["battery"].memory is memory.devices["battery"]
    assert memory.devices["battery"].own_w == 700.0
    assert memory.meter.samples[-1].power_w == 500.0


def test_without_a_meter_at_the_voltage_of_the_net() -> None:
    assert seen_of(site(BATTERY, power_w=None), ControlMemory(), 100.0)[0]["battery"].voltage_v == 230.0


@pytest.mark.parametrize(
    "device", [replace(BATTERY, reading=None), replace(BATTERY, heard_s=60.0)], ids=["no reading", "too old"]
)
def test_one_that_cannot_be_read_is_not_seen_and_yet_remembered(device: DeviceState) -> None:
    written = Setpoint(
        device_id="battery",
        quantity=Quantity.POWER_W,
        value=300.0,
        owner=Owner.AGGREGATOR,
        reason="limit",
        life_s=60.0,
    )
    seen, memory = seen_of(site(replace(device, written=written), CAR), ControlMemory(), 100.0)
    assert set(seen) == {"car"}
    assert memory.devices["battery"].taken is Owner.AGGREGATOR


def test_what_is_known_of_a_device_is_kept() -> None:
    known = DeviceMemory(taken=Owner.AGGREGATOR, own_w=-50.0, rhythm=Rhythm(heard_s=99.0))
    _, memory = seen_of(site(BATTERY), ControlMemory(devices={"battery": known}), 100.0)
    assert (memory.devices["battery"].own_w, memory.devices["battery"].taken) == (-50.0, Owner.AGGREGATOR)
    assert memory.devices["battery"].rhythm == Rhythm(gaps_s=(1.0,), heard_s=100.0)


@pytest.mark.parametrize(("power_w", "zeros"), [(0.0, 1), (500.0, 0), (None, 0)])
def test_zeros_of_the_meter_are_counted_once_a_telegram(power_w: float | None, zeros: int) -> None:
    _, memory = seen_of(site(BATTERY, power_w=power_w), ControlMemory(), 100.0)
    assert memory.meter.zeros == zeros
    _, again = seen_of(site(BATTERY, power_w=power_w), memory, 101.0)
    assert again.meter.zeros == zeros


def test_a_store_shows_its_ways_only_by_new_telegrams() -> None:
    quiet = ControlMemory()
    for heard_s, now_s, covers in [(100.0, 100.0, True), (100.0, 100.0, None)]:
        before = quiet if covers else replace(seen_of(site(), quiet, 100.0)[1], devices={})
        _, memory = seen_of(site(BATTERY, power_w=0.0, heard_s=heard_s), before, now_s)
        assert memory.devices["battery"].covers is covers


def test_others_orders_disturb_what_a_step_shows() -> None:
    """The battery's step is looked at by the meter unless another was told something since."""
    own = DeviceMemory(orders=(Order(sent_s=10.0, value=1.0, power_w=1.0),))
    other = DeviceMemory(orders=(Order(sent_s=90.0, value=1.0, power_w=1.0),))
    known = ControlMemory(devices={"battery": own, "car": other})
    seen, _ = seen_of(site(BATTERY), known, 100.0)
    assert set(seen) == {"battery"}

"""By how much what is in force misses what is asked, and which hand-back comes when."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.allocation import Allocation
from custom_components.home_flex.core.control.memory import (
    Actuator,
    DeviceMemory,
    Lapses,
    MeterMemory,
    Rhythm,
)
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.control.state import ControlMemory
from custom_components.home_flex.core.control.telling import flexibility
from custom_components.home_flex.core.control.writing import achieved_w, short_w, written
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import Owner, Quantity, Setpoint

from .parts import joint, lines
from .sights import battery, charger, inverter, order, reports


def setpoint(value: float | None, device_id: str = "device") -> Setpoint:
    return Setpoint(
        device_id=device_id,
        quantity=Quantity.POWER_W,
        value=value,
        owner=Owner.AGGREGATOR,
        reason="limit",
        life_s=60.0,
    )


def short(seen: Seen[Any], allotted_w: float, *joints: Joint, noise_w: float = 0.0) -> float:
    devices = (flexibility(seen),)
    allocation = Allocation(powers={"device": allotted_w}, causes={})
    return short_w(devices, {"device": seen}, lines(devices, *joints), allocation, noise_w)


LAPSED = DeviceMemory(lapses=Lapses(count=1), orders=(order(50.0, 2000.0), order(90.0, None)))
IN_FORCE = {
    "a free device does what it is allotted": (battery(0.0), 700.0, 700.0),
    "one that was handed back too": (battery(0.0, written=setpoint(None)), 700.0, 700.0),
    "a battery does what it was told": (battery(0.0, written=setpoint(2000.0)), 700.0, 2000.0),
    "unless that ended by itself": (battery(0.0, LAPSED, written=setpoint(2000.0)), 700.0, 700.0),
    "a car draws no more than it may": (charger(0.0, written=setpoint(10.0)), 9000.0, 6900.0),
    "nor than it is allotted": (charger(0.0, written=setpoint(10.0)), 5000.0, 5000.0),
    "a paused one nothing": (charger(0.0, written=setpoint(0.0)), 0.0, 0.0),
    "the sun gives no more than it may": (inverter(-3000.0, written=setpoint(2000.0)), -3000.0, -2000.0),
    "nor than there is": (inverter(-1000.0, written=setpoint(2000.0)), -1000.0, -1000.0),
}


@pytest.mark.parametrize(("seen", "allotted_w", "power_w"), IN_FORCE.values(), ids=IN_FORCE)
def test_what_is_in_force_is_measured_against_limits(
    seen: Seen[Any], allotted_w: float, power_w: float
) -> None:
    assert short(seen, allotted_w, joint(high_w=power_w - 100.0)) == pytest.approx(100.0)
    assert short(seen, allotted_w, joint(low_w=power_w + 100.0)) == pytest.approx(100.0)
    assert short(seen, allotted_w, joint(high_w=power_w)) == pytest.approx(0.0)


def test_the_limit_that_misses_most_counts_and_no_target() -> None:
    seen = battery(0.0, written=setpoint(2000.0))
    assert short(seen, 0.0, joint(high_w=1900.0), joint(high_w=1500.0), joint(high_w=1700.0)) == 500.0
    assert short(seen, 0.0, joint(low_w=0.0, high_w=0.0)) == 0.0
    assert short(seen, 0.0) == 0.0


def test_what_a_lasting_wish_forbids_may_flicker_with_the_noise() -> None:
    seen = battery(0.0, written=setpoint(2000.0))
    limit = joint(high_w=1900.0)
    assert short(seen, 0.0, limit, noise_w=20.0) == 100.0
    assert short(seen, 0.0, replace(limit, is_kept_at_zero=True), noise_w=20.0) == pytest.approx(40.0)


def named(device_id: str, memory: DeviceMemory | None = None, value: float | None = 1000.0) -> Seen[Any]:
    seen = battery(0.0, memory, written=setpoint(value, device_id), written_s=99.0, changed_s=50.0)
    return replace(seen, device=replace(seen.device, device_id=device_id))


def write(
    *devices: Seen[Any], value: float | None, meter: MeterMemory | None = None
) -> dict[str, float | None]:
    """Return what is written to which of the devices, when all are to be told the same."""
    setpoints, memories = written(
        {one.device.device_id: one for one in devices},
        [setpoint(value, one.device.device_id) for one in devices],
        ControlMemory(meter=meter or MeterMemory()),
        100.0,
        short_w=0.0,
        spares_w={one.device.device_id: 0.0 for one in devices},
    )
    assert set(memories) == {one.device.device_id for one in devices}
    return {one.device_id: one.value for one in setpoints}


def released(device_id: str, ago_s: float) -> Seen[Any]:
    actuator = Actuator(release_s=100.0 - ago_s, release_tries=1, tells=True)
    return named(device_id, DeviceMemory(actuator=actuator), value=None)


@pytest.mark.parametrize(
    ("devices", "handed_back"),
    [
        ((named("a"), named("b")), {"a"}),
        ((released("a", 1.0), named("b")), set()),
        ((released("a", 2.0), named("b"), named("c")), {"b"}),
        ((released("a", 60.0), released("b", 1.0), named("c")), set()),
        ((released("a", 1.0), released("b", 60.0), named("c")), set()),
    ],
)
def test_of_several_one_is_handed_back_after_the_other(
    devices: tuple[Seen[Any], ...], handed_back: set[str]
) -> None:
    assert set(write(*devices, value=None)) == handed_back


def test_orders_do_not_wait_for_each_other() -> None:
    assert write(named("a"), named("b"), value=3000.0) == {"a": 3000.0, "b": 3000.0}


def test_a_small_change_is_weighed_by_the_meters_rhythm_and_noise() -> None:
    slow = MeterMemory(rhythm=Rhythm(gaps_s=(10.0,) * 5))
    fast = MeterMemory(rhythm=Rhythm(gaps_s=(1.0,) * 5))
    noisy = replace(slow, samples=reports((98.0, 0.0), (99.0, 95.4), (100.0, 0.0)))
    assert write(named("a"), value=1100.0, meter=slow) == {"a": 1100.0}
    assert write(named("a"), value=1100.0, meter=fast) == {}
    assert write(named("a"), value=1100.0, meter=noisy) == {}


def test_what_a_spent_budget_holds_back_is_not_achieved() -> None:
    devices = (flexibility(named("a")), replace(flexibility(named("b")), power_w=-300.0))
    allocation = Allocation(powers={"a": 1000.0, "b": 2000.0}, causes={})
    memories = {"a": DeviceMemory(), "b": DeviceMemory(actuator=Actuator(is_spent=True))}
    assert achieved_w(devices, memories, allocation) == {"a": 1000.0, "b": -300.0}

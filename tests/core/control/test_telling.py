"""What each device is told, and who holds it."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.allocation import Allocation
from custom_components.home_flex.core.control.asked import Cause
from custom_components.home_flex.core.control.charging import ChargeIntent, Reason
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.memory import (
    DeviceMemory,
    Judgement,
    Lapses,
    Response,
)
from custom_components.home_flex.core.control.telling import flexibility, wanted_of
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import Owner, Quantity, Setpoint

from .parts import joint, lines
from .sights import battery, charger, inverter, order, written

LIMIT = Cause(owner=Owner.AGGREGATOR, reason="limit", source_id="event")
WISH = Cause(owner=Owner.RESIDENT, reason="wish", source_id="keep", is_standing=True)


STUCK: dict[str, tuple[DeviceMemory, dict[str, Any], bool]] = {
    "it follows": (DeviceMemory(judgement=Judgement.FOLLOWED), {}, False),
    "nobody knows": (DeviceMemory(), {}, False),
    "it does not follow": (DeviceMemory(judgement=Judgement.NOT_FOLLOWED), {}, True),
    "it refused twice": (DeviceMemory(), {"refusals": 2}, False),
    "it refused three times": (DeviceMemory(), {"refusals": 3}, True),
    "its order ended by itself": (
        DeviceMemory(lapses=Lapses(count=1), orders=(order(50.0, 1000.0), order(90.0, None))),
        {"written": written(1000.0)},
        True,
    ),
    "its meter went the other way once": (DeviceMemory(response=Response(against=1)), {}, False),
    "its meter goes the other way": (DeviceMemory(response=Response(against=2)), {}, True),
}


@pytest.mark.parametrize(("memory", "state", "is_stuck"), STUCK.values(), ids=STUCK)
def test_one_that_does_as_it_likes_can_do_only_what_it_does(
    memory: DeviceMemory, state: dict[str, Any], *, is_stuck: bool
) -> None:
    device = flexibility(battery(700.0, memory, **state))
    assert (device.low_w, device.high_w) == ((700.0, 700.0) if is_stuck else (-5000.0, 5000.0))
    assert device.stuck is is_stuck


def wanted(
    seen: Seen[Any], power_w: float, cause: Cause | None, device: Flexibility | None = None
) -> tuple[Setpoint, DeviceMemory]:
    device = device or flexibility(seen)
    allocation = Allocation(powers={"device": power_w}, causes={"device": cause} if cause else {})
    nothing = lines((device,))
    (setpoint,), memories = wanted_of((device,), {"device": seen}, nothing, nothing, allocation, 0.0)
    return setpoint, memories["device"]


def test_a_device_that_a_line_moves_is_held_by_it() -> None:
    setpoint, memory = wanted(battery(0.0), -2000.4, LIMIT)
    assert setpoint == Setpoint(
        device_id="device",
        quantity=Quantity.POWER_W,
        value=-2000.0,
        owner=Owner.AGGREGATOR,
        reason="limit",
        source_id="event",
        life_s=60.0,
    )
    assert (memory.taken, memory.reason, memory.source_id) == (Owner.AGGREGATOR, "limit", "event")
    assert (memory.bound_s, memory.is_standing) == (100.0, False)


def test_one_that_no_line_moves_is_told_nothing() -> None:
    setpoint, memory = wanted(battery(0.0), -2000.0, None)
    assert (setpoint.value, setpoint.owner, setpoint.reason) == (None, Owner.PLAN, "own_control")
    assert memory == DeviceMemory()


def test_one_that_is_still_held_keeps_its_holder_where_no_line_moves_it() -> None:
    known = DeviceMemory(taken=Owner.GRID_OPERATOR, reason="dimming", source_id="lpc", bound_s=77.0)
    setpoint, memory = wanted(battery(0.0, known), 500.0, None)
    assert (setpoint.value, setpoint.owner, setpoint.reason) == (500.0, Owner.GRID_OPERATOR, "dimming")
    assert memory == known


@pytest.mark.parametrize(
    ("before", "cause", "is_standing"),
    [
        (DeviceMemory(), LIMIT, False),
        (DeviceMemory(), WISH, True),
        (DeviceMemory(taken=Owner.RESIDENT, is_standing=True), WISH, True),
        # What was taken for something that passes stays taken until that has passed.
        (DeviceMemory(taken=Owner.AGGREGATOR), WISH, False),
        (DeviceMemory(taken=Owner.RESIDENT, is_standing=True), LIMIT, False),
    ],
)
def test_it_is_held_for_as_long_as_it_is_needed_only_by_lasting_lines(
    before: DeviceMemory, cause: Cause, *, is_standing: bool
) -> None:
    _, memory = wanted(battery(0.0, before), 500.0, cause)
    assert (memory.taken, memory.is_standing) == (cause.owner, is_standing)


def test_one_whose_meter_goes_the_other_way_is_let_go_and_its_holder_remembered() -> None:
    known = DeviceMemory(taken=Owner.AGGREGATOR, reason="limit", response=Response(against=2))
    setpoint, memory = wanted(battery(700.0, known), 500.0, WISH)
    assert (setpoint.value, setpoint.owner, setpoint.reason) == (None, Owner.PLAN, "own_control")
    assert memory is known


def test_each_kind_is_told_in_its_own_quantity_and_for_its_own_time() -> None:
    assert wanted(charger(6900.0), 4140.0, LIMIT)[0].quantity is Quantity.CURRENT_LIMIT_A
    assert wanted(charger(6900.0), 4140.0, LIMIT)[0].life_s == 120.0
    assert wanted(inverter(-2000.0), -1000.0, LIMIT)[0].quantity is Quantity.PRODUCTION_LIMIT_W
    seen = battery(0.0)
    other = replace(flexibility(seen), quantity=Quantity.CURRENT_LIMIT_A)
    assert wanted(seen, 500.0, LIMIT, other)[0].quantity is Quantity.CURRENT_LIMIT_A


@pytest.mark.parametrize(("cause", "phases"), [(LIMIT, 1), (None, None)])
def test_the_phases_of_a_charge_are_told_while_it_is_held(cause: Cause | None, phases: int | None) -> None:
    seen = charger(6900.0)
    intent = ChargeIntent(current_a=None, reason=Reason.FAST, phases=1)
    device = replace(flexibility(seen), intent=intent)
    assert wanted(seen, 4140.0, cause, device)[0].phases == phases


def test_one_that_does_not_follow_is_told_what_is_right_once_it_does() -> None:
    """The limit leaves 1.5 kW less than the house draws; the battery rests all the same."""
    seen = battery(0.0, DeviceMemory(judgement=Judgement.NOT_FOLLOWED))
    device = flexibility(seen)
    limit = lines((device,), joint(high_w=-1500.0))
    allocation = Allocation(powers={"device": 0.0}, causes={})
    (setpoint,), memories = wanted_of((device,), {"device": seen}, limit, limit, allocation, 0.0)
    assert (setpoint.value, setpoint.owner) == (-1500.0, Owner.AGGREGATOR)
    assert memories["device"].taken is Owner.AGGREGATOR


def test_beside_others_it_is_reckoned_as_if_it_followed() -> None:
    seen = {"device": battery(0.0, DeviceMemory(judgement=Judgement.NOT_FOLLOWED)), "sun": inverter(-3000.0)}
    sun = replace(seen["sun"], device=replace(seen["sun"].device, device_id="sun"))
    devices = (flexibility(seen["device"]), flexibility(sun))
    limit = lines(devices, joint(low_w=-2000.0))
    allocation = Allocation(powers={"device": 0.0, "sun": -2000.0}, causes={})
    (told, _), _ = wanted_of(devices, {**seen, "sun": sun}, limit, limit, allocation, 0.0)
    assert told.value == 1000.0

"""From a setpoint to an operation, for each kind; how long it lasts, and how fast a device is steered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.pace import PaceClass
from custom_components.home_flex.core.model import DeviceKind, Quantity
from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.entities.orders import (
    Order,
    lasts_s,
    order_of,
    quantities_of,
    rewritten_after_s,
)
from custom_components.home_flex.devices.entities.profile import Fresh, FreshBy
from custom_components.home_flex.devices.entities.recipe import Control, Ends, EndsBy, Operation
from custom_components.home_flex.devices.entities.speed import pace_of

TIMER = Ends(by=EndsBy.DEVICE_TIMER, seconds=3600.0)


def control(
    *operations: Operation,
    step: float = 0.0,
    ends: Ends = TIMER,
    writes_per_day: int = 300,
    readback_s: float | None = 5.0,
) -> Control:
    return Control(
        recipes=dict.fromkeys((*operations, Operation.RELEASE), ()),
        ends=ends,
        least_seconds=30.0,
        writes_per_day=writes_per_day,
        effect_s=20.0,
        step=step,
        readback_s=readback_s,
    )


BATTERY = control(Operation.CHARGE, Operation.DISCHARGE, Operation.HOLD, step=100.0)
CHARGER = control(Operation.LIMIT, Operation.PAUSE, step=1.0)
LOAD = control(Operation.SWITCH_ON, Operation.SWITCH_OFF)


@pytest.mark.parametrize(
    ("kind", "by", "value", "order"),
    [
        (DeviceKind.BATTERY, BATTERY, 1999.0, Order(operation=Operation.CHARGE, power_w=1900.0)),
        (DeviceKind.BATTERY, BATTERY, -250.0, Order(operation=Operation.DISCHARGE, power_w=200.0)),
        (DeviceKind.BATTERY, BATTERY, 99.0, Order(operation=Operation.HOLD)),
        (DeviceKind.PV, control(Operation.LIMIT), 1234.0, Order(operation=Operation.LIMIT, power_w=1234.0)),
        (DeviceKind.PV, control(Operation.LIMIT), -5.0, Order(operation=Operation.LIMIT)),
        (DeviceKind.EV_CHARGER, CHARGER, 10.9, Order(operation=Operation.LIMIT, current_a=10.0)),
        (DeviceKind.EV_CHARGER, CHARGER, 0.0, Order(operation=Operation.PAUSE)),
        (DeviceKind.EV_CHARGER, control(Operation.LIMIT), 0.0, Order(operation=Operation.LIMIT)),
        (DeviceKind.SWITCHED_LOAD, LOAD, 1.0, Order(operation=Operation.SWITCH_ON)),
        (DeviceKind.SWITCHED_LOAD, LOAD, 0.0, Order(operation=Operation.SWITCH_OFF)),
        (DeviceKind.WATER_HEATER, LOAD, 2000.0, Order(operation=Operation.SWITCH_ON)),
        (DeviceKind.APPLIANCE, control(Operation.START), 1.0, Order(operation=Operation.START)),
        (DeviceKind.HEAT_PUMP, control(Operation.LOCK), 1.0, Order(operation=Operation.LOCK)),
        (DeviceKind.HEAT_PUMP, control(Operation.LOCK), 2.0, Order(operation=Operation.RELEASE)),
        (DeviceKind.HEAT_PUMP, control(Operation.LOCK), 3.0, Order(operation=Operation.RELEASE)),
        (
            DeviceKind.HEAT_PUMP,
            control(Operation.LOCK, Operation.ADVISE),
            3.0,
            Order(operation=Operation.ADVISE),
        ),
    ],
)
def test_a_setpoint_is_an_operation_of_its_kind(
    kind: DeviceKind, by: Control, value: float, order: Order
) -> None:
    assert order_of(kind, value, by) == order


@given(st.floats(-20000, 20000), st.sampled_from([0.0, 1.0, 10.0, 100.0]))
def test_never_more_is_ordered_than_was_asked(value: float, step: float) -> None:
    by = control(Operation.CHARGE, Operation.DISCHARGE, Operation.HOLD, step=step)
    order = order_of(DeviceKind.BATTERY, value, by)
    assert 0.0 <= order.power_w <= abs(value) + 0.01
    assert abs(value) - order.power_w <= max(step, 0.01)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(DeviceError) as caught:
        order_of(DeviceKind.BATTERY, value, BATTERY)
    assert caught.value.reason == "invalid_setpoint"


@pytest.mark.parametrize(
    ("kind", "by", "quantities"),
    [
        (DeviceKind.BATTERY, BATTERY, {Quantity.POWER_W}),
        (DeviceKind.BATTERY, control(Operation.CHARGE), set()),
        (DeviceKind.PV, control(Operation.LIMIT), {Quantity.PRODUCTION_LIMIT_W}),
        (DeviceKind.EV_CHARGER, CHARGER, {Quantity.CURRENT_LIMIT_A}),
        (DeviceKind.EV_CHARGER, control(Operation.PAUSE), set()),
        (DeviceKind.SWITCHED_LOAD, LOAD, {Quantity.SWITCH}),
        (DeviceKind.HEAT_PUMP, control(Operation.LOCK), {Quantity.SG_READY_STATE}),
        (DeviceKind.GRID_METER, control(), set()),
    ],
)
def test_what_can_be_set_follows_from_the_recipes_that_are_there(
    kind: DeviceKind, by: Control, quantities: set[Quantity]
) -> None:
    assert quantities_of(kind, by) == quantities


def test_a_device_without_a_way_back_is_not_told_anything() -> None:
    recipes = {Operation.CHARGE: (), Operation.DISCHARGE: ()}
    by = Control(recipes=recipes, ends=TIMER, least_seconds=1, writes_per_day=1, effect_s=1)
    assert quantities_of(DeviceKind.BATTERY, by) == frozenset()


@pytest.mark.parametrize(
    ("ends", "writes_per_day", "lasts", "again"),
    [
        (Ends(by=EndsBy.NOTHING), 300, 600.0, None),
        (Ends(by=EndsBy.DEVICE_TIMER, seconds=3600.0), 300, 600.0, 1800.0),
        (Ends(by=EndsBy.DEVICE_TIMER, seconds=3600.0, rewrite_s=1200.0), 300, 600.0, 1200.0),
        (Ends(by=EndsBy.DEVICE_TIMER, seconds=1800.0, is_settable=True), 300, 600.0, 300.0),
        (Ends(by=EndsBy.DEVICE_TIMER, seconds=300.0, is_settable=True), 300, 300.0, 150.0),
        (Ends(by=EndsBy.DEVICE_TIMER, seconds=86400.0, is_settable=True), 20, 8640.0, 4320.0),
        (Ends(by=EndsBy.INTEGRATION, seconds=20.0), 300, 20.0, None),
    ],
)
def test_an_order_is_written_again_in_time_and_not_oftener_than_its_budget(
    ends: Ends, writes_per_day: int, lasts: float, again: float | None
) -> None:
    by = control(ends=ends, writes_per_day=writes_per_day)
    assert (lasts_s(by), rewritten_after_s(by)) == (lasts, again)


def test_templates_see_whole_numbers_as_people_write_them() -> None:
    order = Order(operation=Operation.CHARGE, power_w=2000.0)
    seen = order.variables(control(), phases=3)
    assert {name: str(value) for name, value in seen.items()} == {
        "power": "2000",
        "current": "0",
        "phases": "3",
        "seconds": "600",
        "minutes": "10",
    }


def fresh(interval_s: float | None) -> Fresh:
    return Fresh(by=FreshBy.REPORTED, interval_s=interval_s)


@pytest.mark.parametrize(
    ("by", "interval_s", "is_cloud", "pace_class", "least_s"),
    [
        (control(), 5.0, False, PaceClass.LOOP, 30.0),
        (control(), 5.1, False, PaceClass.STEP, 30.0),
        (control(), 30.0, False, PaceClass.STEP, 90.0),
        (control(), 31.0, False, PaceClass.PLAN, 900.0),
        (control(), 1.0, True, PaceClass.PLAN, 900.0),
        (control(), None, False, PaceClass.PLAN, 900.0),
        (control(readback_s=None), 1.0, False, PaceClass.STEP, 30.0),
        (control(readback_s=30.0), 1.0, False, PaceClass.STEP, 30.0),
        (control(writes_per_day=20), 1.0, False, PaceClass.STEP, 30.0),
        (control(ends=Ends(by=EndsBy.NOTHING)), 1.0, False, PaceClass.STEP, 30.0),
    ],
)
def test_the_class_of_a_device_follows_from_its_delays_its_wear_and_its_end(
    by: Control, interval_s: float | None, is_cloud: bool, pace_class: PaceClass, least_s: float
) -> None:
    pace = pace_of(by, fresh(interval_s), is_cloud=is_cloud)
    assert (pace.pace_class, pace.least_s) == (pace_class, least_s)

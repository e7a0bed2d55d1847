"""How often a device may be written: who changes their mind spends what there is, safety does not."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.actuation import Telegram, actuated
from custom_components.home_flex.core.control.memory import Actuator, DeviceMemory
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.events.model import Command, PayloadType
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import (
    ChargerReading,
    DeviceKind,
    Owner,
    PvReading,
    Quantity,
    Setpoint,
)

from .house import House, command
from .parts import car

_TELEGRAM = Telegram(heard_s=100.0, period_s=10.0, noise_w=0.0, short_w=0.0)


def _limit(value: float, owner: Owner) -> Setpoint:
    return Setpoint(
        device_id="pv",
        quantity=Quantity.PRODUCTION_LIMIT_W,
        value=value,
        owner=owner,
        reason="limit",
        source_id=None,
        life_s=60.0,
    )


def _inverter(tokens: float, written: Setpoint | None) -> Seen[Any]:
    reading = PvReading(time=datetime(2026, 6, 1, tzinfo=UTC), power_w=-2000.0, rated_power_w=8000.0)
    device = DeviceState(
        device_id="pv",
        kind=DeviceKind.PV,
        wired_phases=(),
        reading=reading,
        heard_s=99.0,
        written=written,
        written_s=95.0,
        changed_s=50.0,
    )
    return Seen(
        device=device,
        memory=DeviceMemory(actuator=Actuator(tokens=tokens, filled_s=100.0)),
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=15.0,
        report_window_s=30.0,
        now_s=100.0,
    )


def _left(tokens: float, wanted: Setpoint, *, of_w: float | None = 2000.0) -> tuple[bool, float]:
    """Return whether ``wanted`` is written to an inverter limited to ``of_w``, and the writes left then."""
    written = None if of_w is None else _limit(of_w, Owner.AGGREGATOR)
    seen = _inverter(tokens, written)
    write, memory = actuated(seen, control_of(DeviceKind.PV), wanted, _TELEGRAM, last_release_s=None)
    return write is not None, memory.actuator.tokens


@pytest.mark.parametrize(
    ("tokens", "value", "owner", "is_written", "left"),
    [
        (1.0, 1000.0, Owner.AGGREGATOR, True, 0.0),
        (0.5, 1000.0, Owner.AGGREGATOR, False, 0.5),
        (0.0, 1000.0, Owner.GRID_OPERATOR, True, 0.0),
        (0.0, 1000.0, Owner.FUSE, True, 0.0),
        (4.0, 3000.0, Owner.AGGREGATOR, True, 3.0),
        (3.5, 3000.0, Owner.AGGREGATOR, False, 3.5),
        (4.0, 2100.0, Owner.AGGREGATOR, False, 4.0),
        (6.0, 2100.0, Owner.AGGREGATOR, True, 5.0),
    ],
    ids=[
        "less, with the last write",
        "less, with none",
        "less, for the grid operator",
        "less, for the fuse",
        "much more",
        "much more, but some are kept for less",
        "a little more, but some are kept for much more",
        "a little more, with all",
    ],
)
def test_every_line_but_those_of_safety_spends_the_budget(
    tokens: float, value: float, owner: Owner, is_written: bool, left: float
) -> None:
    assert _left(tokens, _limit(value, owner)) == (is_written, left)


def test_to_take_a_device_is_a_write_like_others() -> None:
    assert _left(0.5, _limit(1000.0, Owner.AGGREGATOR), of_w=None) == (False, 0.5)
    assert _left(1.0, _limit(1000.0, Owner.AGGREGATOR), of_w=None) == (True, 0.0)


def test_a_hand_back_is_never_put_off_and_yet_counts() -> None:
    wanted = replace(_limit(0.0, Owner.PLAN), value=None)
    assert _left(0.5, wanted) == (True, -0.5)


def _current(value: float, owner: Owner) -> Setpoint:
    limit = replace(_limit(value, owner), device_id="car", quantity=Quantity.CURRENT_LIMIT_A)
    return replace(limit, life_s=120.0)


@pytest.mark.parametrize(
    ("tokens", "owner", "of_a", "value", "is_written", "left"),
    [
        (0.0, Owner.FUSE, 10.0, 6.0, True, 0.0),
        (0.0, Owner.FUSE, None, 6.0, True, 0.0),
        (3.5, Owner.FUSE, 6.0, 10.0, False, 3.5),
        (4.0, Owner.FUSE, 6.0, 10.0, True, 3.0),
        (0.5, Owner.GRID_OPERATOR, 6.0, 10.0, False, 0.5),
        (0.5, Owner.AGGREGATOR, None, 6.0, True, -0.5),
        (-3.0, Owner.AGGREGATOR, 7.0, 6.0, True, -4.0),
        (0.5, Owner.AGGREGATOR, 6.9, 6.0, False, 0.5),
        (0.5, Owner.RESIDENT, 10.0, 6.0, True, -0.5),
        (0.5, Owner.PLAN, 10.0, 6.0, False, 0.5),
        (0.5, Owner.PLAN, None, 6.0, False, 0.5),
    ],
    ids=[
        "less, for the fuse",
        "taken for the fuse",
        "more, as the fuse allows, but some are kept for less",
        "more, as the fuse allows",
        "more, as the grid operator allows, with none",
        "taken for the aggregator, with writes to come",
        "a step less, for the aggregator, with writes to come",
        "not a whole step less, with none",
        "less, for the resident, with writes to come",
        "less, for a plan, with none",
        "taken for a plan, with none",
    ],
)
def test_safety_breaks_a_chargers_budget_toward_less_alone(
    tokens: float, owner: Owner, of_a: float | None, value: float, *, is_written: bool, left: float
) -> None:
    written = None if of_a is None else _current(of_a, owner)
    inverter = _inverter(tokens, written)
    reading = car(power_w=6900.0).reading
    assert isinstance(reading, ChargerReading)
    device = replace(inverter.device, device_id="car", kind=DeviceKind.EV_CHARGER, reading=reading)
    seen = replace(inverter, device=device, reading=reading)
    kind = control_of(DeviceKind.EV_CHARGER)
    write, memory = actuated(seen, kind, _current(value, owner), _TELEGRAM, last_release_s=None)
    assert (write is not None, memory.actuator.tokens) == (is_written, left)
    assert memory.actuator.is_spent is not is_written


@pytest.mark.parametrize(("tokens", "is_released"), [(4.0, True), (3.5, False), (-2.0, False)])
def test_a_charger_is_handed_back_when_there_are_writes_to_lower_it_again(
    tokens: float, *, is_released: bool
) -> None:
    inverter = _inverter(tokens, _current(6.0, Owner.AGGREGATOR))
    reading = car(power_w=4140.0).reading
    assert isinstance(reading, ChargerReading)
    device = replace(inverter.device, device_id="car", kind=DeviceKind.EV_CHARGER, reading=reading)
    seen = replace(inverter, device=device, reading=reading)
    wanted = replace(_current(0.0, Owner.PLAN), value=None)
    write, memory = actuated(seen, control_of(DeviceKind.EV_CHARGER), wanted, _TELEGRAM, last_release_s=None)
    assert (write is not None, memory.actuator.is_spent) == (is_released, not is_released)


STEPS_OF_A_CHARGER = 17
ORDERS = st.lists(
    st.tuples(
        st.floats(0.25, 40.0),
        st.none() | st.tuples(st.integers(0, 160), st.sampled_from([Owner.AGGREGATOR, Owner.PLAN])),
    ),
    min_size=1,
    max_size=300,
)


@given(orders=ORDERS, tokens=st.floats(-20.0, 60.0))
def test_an_event_always_lowers_a_charger_and_no_order_of_orders_writes_it_often(
    orders: list[tuple[float, tuple[int, Owner] | None]], tokens: float
) -> None:
    kind = control_of(DeviceKind.EV_CHARGER)
    reading = car(power_w=6900.0).reading
    inverter = _inverter(tokens, None)
    device = replace(inverter.device, device_id="car", kind=DeviceKind.EV_CHARGER, reading=reading)
    memory, now_s, writes = inverter.memory, 100.0, 0
    for pause_s, order in orders:
        now_s += pause_s
        wanted = replace(_current(0.0, Owner.PLAN), value=None)
        if order is not None:
            wanted = _current(order[0] / 10.0, order[1])
        seen = replace(inverter, device=device, reading=reading, memory=memory, now_s=now_s)
        telegram = replace(_TELEGRAM, heard_s=now_s)
        write, memory = actuated(seen, kind, wanted, telegram, last_release_s=None)
        if write is not None and (device.written is None or write.value != device.written.value):
            writes += 1
            device = replace(device, written=write, written_s=now_s, changed_s=now_s)
        if wanted.owner is Owner.AGGREGATOR and wanted.value is not None:
            assert device.written is not None
            assert device.written.value is not None
            assert device.written.value < wanted.value + 1.0
    policy = kind.actuation
    assert policy.writes_per_min is not None
    earned = (now_s - 100.0) / 60.0 * policy.writes_per_min
    assert writes <= max(0.0, tokens) + earned + STEPS_OF_A_CHARGER


def test_a_limit_that_a_spent_budget_keeps_a_battery_from_is_told_as_a_shortfall() -> None:
    house = House(base_w=5000, soc=0.5)
    house.run(10)
    spent = replace(house.memory.devices["battery"].actuator, tokens=-1.0)
    battery = replace(house.memory.devices["battery"], actuator=spent)
    house.memory = replace(house.memory, devices={**house.memory.devices, "battery": battery})
    house.run(10, command(PayloadType.IMPORT_CAPACITY_LIMIT, 4000.0))
    assert house.decision is not None
    assert house.decision.shortfall_w == pytest.approx(1000.0, abs=150.0)
    assert "write_budget:battery" in house.decision.bent
    house.run(60, command(PayloadType.IMPORT_CAPACITY_LIMIT, 4000.0))
    assert house.decision.shortfall_w == 0.0
    assert "write_budget:battery" not in house.decision.bent


@pytest.mark.parametrize(
    "other",
    [(), (command(PayloadType.IMPORT_CAPACITY_LIMIT, 12000.0),)],
    ids=["no limit", "a larger limit"],
)
def test_a_limit_that_comes_and_goes_every_five_seconds_wears_out_no_charger(
    other: tuple[Command, ...],
) -> None:
    house = House(base_w=500, car_max_a=16.0)
    house.run(10)
    for _ in range(36):
        house.run(5, command(PayloadType.IMPORT_CAPACITY_LIMIT, 6000.0))
        house.run(5, *other)
    policy = control_of(DeviceKind.EV_CHARGER).actuation
    assert policy.writes_per_min is not None
    assert 2 < house.charger.writes <= policy.burst + 6 * policy.writes_per_min + 2


@pytest.mark.parametrize(
    "other",
    [(), (command(PayloadType.DISPATCH_SETPOINT, 10000.0),)],
    ids=["no event", "the opposite"],
)
def test_an_aggregator_that_changes_its_mind_every_five_seconds_wears_out_no_battery(
    other: tuple[Command, ...],
) -> None:
    house = House(base_w=500, capacity_wh=1e6, soc=0.5)
    house.run(10)
    for _ in range(120):
        house.run(5, command(PayloadType.DISPATCH_SETPOINT, -4000.0))
        house.run(5, *other)
    writes = house.battery.writes
    for _ in range(90):
        house.run(5, command(PayloadType.DISPATCH_SETPOINT, -4000.0))
        house.run(5, *other)
    assert house.battery.writes - writes <= 2 * 15 + 1

"""What each kind of load can be told, and what it keeps, at one moment."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.flexibility import Flexibility, interval_w
from custom_components.home_flex.core.control.levels import Call
from custom_components.home_flex.core.control.loads import holds
from custom_components.home_flex.core.control.memory import DeviceMemory, LoadMemory
from custom_components.home_flex.core.control.merit import Member
from custom_components.home_flex.core.control.policy import (
    Comfort,
    LeaveAlone,
    Off,
    Policy,
    StartWithin,
    Surplus,
)
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds import KINDS, control_of, is_flexible, quantities_of, table
from custom_components.home_flex.core.kinds.appliance import ApplianceStatus
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import DeviceKind, Owner, Quantity, Reading, Setpoint

from .samples import BOILER, HEAT_PUMP, PUMP, WASHER

NOW_S = 10_000.0
OLD = LoadMemory(is_on=True, since_s=0.0)
IDLE = LoadMemory(is_on=False, since_s=0.0)
PUMP_OFF = replace(PUMP, power_w=0.0, is_on=False)
COMFORT = Comfort(min_c=50.0, max_c=60.0)
KIND_OF = {spec.reading: kind for kind, spec in KINDS.items()}


def seen(
    reading: Reading,
    policy: Policy | None = None,
    load: LoadMemory = OLD,
    *,
    told: float | None = None,
    told_s: float = 0.0,
) -> Seen[Reading]:
    """Return a load at ``NOW_S``, told something ``told_s`` ago."""
    kind = KIND_OF[type(reading)]
    written = Setpoint(
        device_id="load",
        quantity=control_of(kind).quantity,
        value=told,
        owner=Owner.PLAN,
        reason="test",
        life_s=900.0,
    )
    memory = DeviceMemory(load=load, own_w=reading.power_w, taken=None if told is None else Owner.PLAN)
    device = DeviceState(
        device_id="load",
        kind=kind,
        wired_phases=(),
        reading=reading,
        heard_s=NOW_S,
        written=None if told is None else written,
        changed_s=None if told is None else NOW_S - told_s,
        policy=policy or LeaveAlone(),
    )
    return Seen(
        device=device,
        memory=memory,
        reading=reading,
        share=(1.0,),
        voltage_v=230.0,
        window_s=20.0,
        report_window_s=30.0,
        now_s=NOW_S,
    )


def flexibility(one: Seen[Reading]) -> Flexibility:
    return control_of(one.device.kind).flexibility(one, stuck=False)


def learned(one: Seen[Reading]) -> Seen[Reading]:
    return replace(one, memory=control_of(one.device.kind).learned(one))


def range_w(device: Flexibility, last: Owner) -> tuple[float, float]:
    """Return what the device's own holds leave of it to the lines down to ``last``."""
    return interval_w(device.low_w, device.high_w, holds([device]), last)


RANGES = {
    "left alone and on: it may be switched off": (PUMP, LeaveAlone(), OLD, None, (0, 990), (0, 990)),
    "left alone and off: never switched on by us": (
        PUMP_OFF,
        LeaveAlone(),
        IDLE,
        None,
        (0, 0),
        (0, 0),
    ),
    "for surplus: on or off": (PUMP, Surplus(), OLD, None, (0, 1000), (0, 1000)),
    "wanted off": (PUMP, Off(), OLD, None, (0, 0), (0, 0)),
    "on for a moment: only safety switches it off": (
        PUMP,
        Surplus(),
        replace(OLD, since_s=NOW_S - 59),
        None,
        (1000, 1000),
        (0, 1000),
    ),
    "on for its least time": (PUMP, Surplus(), replace(OLD, since_s=NOW_S - 60), None, (0, 1000), (0, 1000)),
    "its owner's least time on": (
        replace(PUMP, min_on_s=300.0),
        Surplus(),
        replace(OLD, since_s=NOW_S - 60),
        None,
        (1000, 1000),
        (0, 1000),
    ),
    "off for a moment: not even safety switches it on": (
        PUMP_OFF,
        Surplus(),
        replace(IDLE, since_s=NOW_S - 59),
        None,
        (0, 0),
        (0, 0),
    ),
    "told on a moment ago, and not yet seen": (
        PUMP_OFF,
        Surplus(),
        IDLE,
        (1.0, 30.0),
        (1000, 1000),
        (0, 1000),
    ),
    "started six times in the last hour": (
        PUMP_OFF,
        Surplus(),
        replace(IDLE, starts_s=(NOW_S - 10,) * 6),
        None,
        (0, 0),
        (0, 0),
    ),
    "started six times, but longer ago": (
        PUMP_OFF,
        Surplus(),
        replace(IDLE, starts_s=(NOW_S - 3600,) * 6),
        None,
        (0, 1000),
        (0, 1000),
    ),
    "a programme ready and nobody's wish": (WASHER, LeaveAlone(), IDLE, None, (0, 0), (0, 0)),
    "before its window": (
        WASHER,
        StartWithin(earliest_s=NOW_S + 1, latest_s=NOW_S + 9),
        IDLE,
        None,
        (0, 0),
        (0, 0),
    ),
    "in its window": (
        WASHER,
        StartWithin(earliest_s=NOW_S, latest_s=NOW_S + 9),
        IDLE,
        None,
        (0, 2100),
        (0, 2100),
    ),
    "at its latest start": (
        WASHER,
        StartWithin(earliest_s=0, latest_s=NOW_S),
        IDLE,
        None,
        (2100, 2100),
        (0, 2100),
    ),
    "told to start, and not yet running": (
        WASHER,
        StartWithin(earliest_s=0, latest_s=NOW_S + 9),
        IDLE,
        (1.0, 30.0),
        (2100, 2100),
        (2100, 2100),
    ),
    "running: nothing stops it": (
        replace(WASHER, status=ApplianceStatus.RUNNING, power_w=1800.0),
        LeaveAlone(),
        OLD,
        None,
        (1800, 1800),
        (1800, 1800),
    ),
    "warm water between its bounds": (BOILER, COMFORT, IDLE, None, (0, 2000), (0, 2000)),
    "water at its floor": (replace(BOILER, temperature_c=50.0), COMFORT, IDLE, None, (2000, 2000), (0, 2000)),
    "water at its most": (replace(BOILER, temperature_c=60.0), COMFORT, OLD, None, (0, 0), (0, 0)),
    "water that nobody knows the warmth of": (
        replace(BOILER, temperature_c=None, power_w=2000.0),
        COMFORT,
        OLD,
        None,
        (2000, 2000),
        (0, 2000),
    ),
    "water of no number": (
        replace(BOILER, temperature_c=float("nan"), power_w=2000.0),
        COMFORT,
        OLD,
        None,
        (2000, 2000),
        (0, 2000),
    ),
    "water left alone and warm": (
        replace(BOILER, power_w=2000.0),
        LeaveAlone(),
        OLD,
        None,
        (0, 2000),
        (0, 2000),
    ),
    "water left alone and cold": (
        replace(BOILER, power_w=2000.0, temperature_c=45.0),
        LeaveAlone(),
        OLD,
        None,
        (2000, 2000),
        (0, 2000),
    ),
    "a heat pump left alone: less, but never more": (
        HEAT_PUMP,
        LeaveAlone(),
        OLD,
        None,
        (0, 1200),
        (0, 1200),
    ),
    "a heat pump with the sun": (HEAT_PUMP, Surplus(), OLD, None, (0, 3000), (0, 3000)),
    "cold rooms keep their heat": (
        replace(HEAT_PUMP, temperature_c=19.0),
        Surplus(),
        OLD,
        None,
        (1200, 1200),
        (0, 1200),
    ),
    "locked for two hours": (
        replace(HEAT_PUMP, power_w=1200.0),
        Surplus(),
        OLD,
        (1.0, 7200.0),
        (1200, 1200),
        (0, 1200),
    ),
}


@pytest.mark.parametrize(
    ("reading", "policy", "load", "told", "comfort_w", "safety_w"), RANGES.values(), ids=RANGES.keys()
)
def test_how_far_lines_of_comfort_and_of_safety_may_move_a_load(  # the columns of a table
    reading: Reading,
    policy: Policy,
    load: LoadMemory,
    told: tuple[float, float] | None,
    comfort_w: tuple[float, float],
    safety_w: tuple[float, float],
) -> None:
    value, since_s = told or (None, 0.0)
    one = seen(reading, policy, load, told=value, told_s=since_s)
    known = learned(one)
    device = flexibility(replace(known, memory=replace(known.memory, load=_seen_before(load, known.memory))))
    assert range_w(device, Owner.PLAN) == comfort_w
    assert range_w(device, Owner.RESIDENT) == comfort_w
    assert range_w(device, Owner.GRID_OPERATOR) == safety_w


def _seen_before(load: LoadMemory, memory: DeviceMemory) -> LoadMemory:
    """Return what is learned of heat now, with the switching that was seen before."""
    return replace(load, warms=memory.load.warms, is_warm=memory.load.is_warm)


LEVELS = {
    "a pump": (PUMP, [(0, 0), (1, 1000)]),
    "a boiler that is switched": (BOILER, [(0, 0), (2000, 2000)]),
    "one that modulates": (
        replace(BOILER, step_w=500.0, least_power_w=900.0),
        [(0, 0), (1000, 1000), (1500, 1500), (2000, 2000)],
    ),
    "a heat pump by its contacts": (HEAT_PUMP, [(1, 0), (2, 1200), (3, 3000)]),
    "a heat pump by its set-point": (
        replace(HEAT_PUMP, least_offset_k=-2.0, most_offset_k=3.0),
        [(-2, 0), (0, 1200), (3, 3000)],
    ),
    "an appliance that is off": (replace(WASHER, status=ApplianceStatus.OFF), [(0, 0)]),
}


@pytest.mark.parametrize(("reading", "levels"), LEVELS.values(), ids=LEVELS.keys())
def test_what_a_load_can_be_told_and_what_it_draws_then(
    reading: Reading, levels: list[tuple[float, float]]
) -> None:
    load = flexibility(seen(reading)).load
    assert load is not None
    assert [(level.value, level.power_w) for level in load.levels] == levels


@pytest.mark.parametrize(
    ("allowed_w", "value"),
    [(0.0, 1.0), (1199.0, 2.0), (1198.9, 1.0), (2998.0, 2.0), (2999.0, 3.0), (9e9, 3.0)],
)
def test_the_highest_level_within_what_is_allowed_is_told(allowed_w: float, value: float) -> None:
    load = flexibility(seen(HEAT_PUMP)).load
    assert load is not None
    assert load.at_most(allowed_w).value == value


def test_a_heat_pump_takes_what_its_reading_says() -> None:
    by_contacts, by_set_point = HEAT_PUMP, replace(HEAT_PUMP, least_offset_k=-2.0, most_offset_k=3.0)
    assert flexibility(seen(by_contacts)).quantity is Quantity.SG_READY_STATE
    assert flexibility(seen(by_set_point)).quantity is Quantity.SET_POINT_OFFSET_K
    assert quantities_of(DeviceKind.HEAT_PUMP) == {Quantity.SG_READY_STATE, Quantity.SET_POINT_OFFSET_K}


@pytest.mark.parametrize(
    ("reading", "member"),
    [(PUMP, Member.LOAD), (WASHER, Member.LOAD), (BOILER, Member.HEAT), (HEAT_PUMP, Member.HEAT)],
)
def test_heat_and_other_loads_have_their_place_in_the_order_of_merit(
    reading: Reading, member: Member
) -> None:
    assert flexibility(seen(reading)).member is member


def test_comfort_calls_until_it_is_warm_again_and_what_is_warm_rests_until_it_has_cooled() -> None:
    calls = []
    load = IDLE
    for temperature_c in (51.0, 50.4, 52.0, 52.4, 52.6, 60.0, 58.5, 57.9):
        reading = replace(BOILER, temperature_c=temperature_c, losses_w=0.0)
        one = learned(seen(reading, COMFORT, load))
        load = one.memory.load
        state = flexibility(one).load
        assert state is not None
        calls.append(state.call)
    free, must, never = Call.FREE, Call.MUST, Call.NEVER
    assert calls == [free, must, must, must, free, never, never, free]


def test_water_that_would_cool_below_its_floor_while_it_may_not_heat_is_warmed_before() -> None:
    reading = replace(BOILER, temperature_c=50.9, wh_per_k=20.0, losses_w=600.0)
    assert learned(seen(reading, COMFORT, IDLE)).memory.load.warms
    assert not learned(seen(replace(reading, losses_w=60.0), COMFORT, IDLE)).memory.load.warms


def test_a_start_is_counted_for_an_hour_and_what_was_before_the_first_reading_is_not_known() -> None:
    first = learned(seen(PUMP_OFF, load=LoadMemory())).memory.load
    assert (first.is_on, first.since_s, first.starts_s) == (False, NOW_S, ())
    before = LoadMemory(is_on=False, starts_s=(NOW_S - 3600, NOW_S - 3599))
    assert learned(seen(PUMP, load=before)).memory.load.starts_s == (NOW_S - 3599, NOW_S)


def test_comfort_needs_a_floor_below_its_most() -> None:
    with pytest.raises(ValueError, match="floor"):
        Comfort(min_c=60.0, max_c=60.0)


def test_a_kind_without_its_row_and_one_with_two_fail_at_start() -> None:
    specs = list(KINDS.values())
    with pytest.raises(ValueError, match="heat_pump"):
        table(*(spec for spec in specs if spec.kind is not DeviceKind.HEAT_PUMP))
    with pytest.raises(ValueError, match="two rows"):
        table(*specs, specs[0])


def test_the_grid_meter_is_only_measured() -> None:
    assert not is_flexible(DeviceKind.GRID_METER)
    assert quantities_of(DeviceKind.GRID_METER) == frozenset()
    with pytest.raises(LookupError, match="grid_meter"):
        control_of(DeviceKind.GRID_METER)

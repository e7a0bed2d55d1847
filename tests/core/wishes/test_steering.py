"""What the wishes mean for a device's state: who may steer it, what a car gets, what a battery keeps."""

import math
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging import ChargeMode, ChargeWish
from custom_components.home_flex.core.control.reserve import ReserveWish
from custom_components.home_flex.core.control.state import DeviceState, FeedsCars
from custom_components.home_flex.core.model import ChargerReading, ChargerStatus, DeviceKind, Owner
from custom_components.home_flex.core.wishes import (
    NO_CAR,
    Car,
    CarUse,
    PhaseWish,
    Target,
    Weekday,
    WeeklyRow,
    Wishes,
    pause,
    set_charge_mode,
    set_currents,
    set_reserve,
    steered,
    with_battery,
    with_charger,
    with_device,
)
from custom_components.home_flex.core.wishes.ready_by_changes import set_once, set_weekly

NOW = datetime(2026, 11, 28, 20, tzinfo=UTC)
DEADLINE = NOW + timedelta(hours=8)


def battery(wishes: Wishes, **given: Any) -> DeviceState:
    state = DeviceState(device_id="a", kind=DeviceKind.BATTERY, wired_phases=(), reading=None, heard_s=0.0)
    return steered(state, wishes, NOW, UTC, on_reached=lambda *_: None, **given)


def charger(
    wishes: Wishes, *, charged_wh: float | None = 0.0, reached: list[Any] | None = None, car: Car = NO_CAR
) -> ChargeWish:
    """Return what is wished of a charger in whose session so much was charged."""
    reading = ChargerReading(
        time=NOW,
        power_w=0.0,
        status=ChargerStatus.CHARGING,
        phases=3,
        min_current_a=6.0,
        max_current_a=16.0,
        session_energy_wh=charged_wh,
    )
    state = DeviceState(
        device_id="a", kind=DeviceKind.EV_CHARGER, wired_phases=(), reading=reading, heard_s=0.0
    )
    noted = [] if reached is None else reached
    return steered(
        state, wishes, NOW, UTC, on_reached=lambda device_id, at: noted.append((device_id, at)), car=car
    ).charge


def due(target: Target | None = None) -> Wishes:
    return set_once(Wishes(), "a", DEADLINE, NOW, target=target)


REACHES = [
    (Wishes(), False, Owner.PLAN),
    (with_device(Wishes(), "a", managed=False), False, None),
    (with_device(Wishes(), "a", automatic=False), False, Owner.DEVICE_SAFETY),
    (with_device(Wishes(), "a", quiet=True), False, Owner.DEVICE_SAFETY),
    (Wishes(), True, Owner.DEVICE_SAFETY),
    (pause(Wishes()), False, Owner.GRID_OPERATOR),
    (pause(with_device(Wishes(), "a", automatic=False)), True, Owner.GRID_OPERATOR),
    (pause(with_device(Wishes(), "a", managed=False)), True, None),
    (with_device(Wishes(), "b", managed=False), False, Owner.PLAN),
]


@pytest.mark.parametrize(("wishes", "quiet", "last"), REACHES)
def test_the_narrowest_wish_says_who_may_steer(wishes: Wishes, quiet: bool, last: Owner | None) -> None:
    state = battery(wishes, quiet=quiet)
    assert state.reach is last
    assert [owner for owner in Owner if state.admits(owner)] == [
        owner for owner in Owner if last is not None and owner <= last
    ]


def test_a_battery_keeps_its_reserve() -> None:
    state = battery(set_reserve(Wishes(), "a", 0.3, restore=True))
    assert state.reserve == ReserveWish(reserve=0.3, restore=True)


@pytest.mark.parametrize(
    ("use", "feeds"),
    [
        (CarUse.NEVER, FeedsCars(down_to=math.inf)),
        (CarUse.BRIDGE, FeedsCars(down_to=math.inf, bridge=True)),
        (CarUse.DOWN_TO, FeedsCars(down_to=0.4)),
    ],
)
def test_a_battery_feeds_cars_as_it_may(use: CarUse, feeds: FeedsCars) -> None:
    assert battery(with_battery(Wishes(), "a", car=use, car_floor=0.4)).feeds_cars == feeds


def test_a_charger_is_wished_its_mode_currents_phases_and_priority() -> None:
    wishes = set_currents(set_charge_mode(Wishes(), "a", ChargeMode.SURPLUS), "a", min_a=8.0, max_a=12.0)
    wish = charger(with_charger(wishes, "a", phases=PhaseWish.ONE, priority=2, may_slow=False))
    assert (wish.mode, wish.min_current_a, wish.max_current_a) == (ChargeMode.SURPLUS, 8.0, 12.0)
    assert (wish.phases, wish.priority, wish.may_slow) == (1, 2, False)


@pytest.mark.parametrize(("charged_wh", "left_wh"), [(0.0, 6000.0), (4000.0, 2000.0), (7000.0, -1000.0)])
def test_a_session_limit_leaves_what_was_not_charged(charged_wh: float, left_wh: float) -> None:
    wish = charger(with_charger(Wishes(), "a", session_limit_wh=6000.0), charged_wh=charged_wh)
    assert wish.session_left_wh == left_wh


def test_without_a_deadline_no_target_counts() -> None:
    wish = charger(Wishes(), car=Car(state_of_charge=0.2, capacity_wh=50_000.0))
    assert wish.goals == ()


MISSING = {
    "an energy less what was charged": (Target(energy_wh=10_000.0), 4000.0, NO_CAR, 6000.0, 0.0),
    "until full when the charger tells no energy": (Target(energy_wh=10_000.0), None, NO_CAR, math.inf, 0.0),
    "a state of charge": (Target(soc=0.7), 4000.0, Car(state_of_charge=0.5, capacity_wh=50e3), 10_000.0, 0.0),
    "the slow end of it apart": (
        Target(soc=0.9),
        0.0,
        Car(state_of_charge=0.5, capacity_wh=50e3),
        20_000.0,
        5000.0,
    ),
    "all of it slow above 80 %": (
        Target(soc=1.0),
        0.0,
        Car(state_of_charge=0.9, capacity_wh=50e3),
        5000.0,
        5000.0,
    ),
    "all that the battery may hold when nobody tells its state of charge": (
        Target(soc=0.9),
        0.0,
        Car(capacity_wh=50e3),
        45_000.0,
        5000.0,
    ),
    "until full when nobody tells the state of charge": (Target(soc=0.7), 0.0, NO_CAR, math.inf, 0.0),
    "until full when nobody knows the battery": (
        Target(soc=0.7),
        0.0,
        Car(state_of_charge=0.5),
        math.inf,
        0.0,
    ),
    "the charger's own target, by state of charge where it is known": (
        None,
        0.0,
        Car(state_of_charge=0.5, capacity_wh=50e3),
        15_000.0,
        0.0,
    ),
    "the charger's own target, else by energy": (None, 5000.0, NO_CAR, 15_000.0, 0.0),
}


@pytest.mark.parametrize("case", MISSING.values(), ids=MISSING)
def test_what_is_missing_to_a_target(case: tuple[Target | None, float | None, Car, float, float]) -> None:
    target, charged_wh, car, left_wh, tapered_wh = case
    wish = charger(due(target), charged_wh=charged_wh, car=car)
    (goal,) = wish.goals
    assert goal.left_wh == pytest.approx(left_wh)
    assert goal.tapered_left_wh == pytest.approx(tapered_wh)
    assert goal.deadline_s == 8 * 3600.0


@pytest.mark.parametrize(
    ("target", "charged_wh", "car"),
    [
        (Target(energy_wh=10_000.0), 14_000.0, NO_CAR),
        (Target(soc=0.7), 0.0, Car(state_of_charge=0.9, capacity_wh=50e3)),
    ],
)
def test_of_a_target_that_the_car_is_beyond_nothing_is_missing(
    target: Target, charged_wh: float, car: Car
) -> None:
    assert charger(due(target), charged_wh=charged_wh, car=car).goals == ()


def test_a_target_that_is_reached_is_noted_with_its_deadline() -> None:
    reached: list[Any] = []
    charger(due(Target(energy_wh=10_000.0)), charged_wh=9999.0, reached=reached)
    assert reached == []
    charger(due(Target(energy_wh=10_000.0)), charged_wh=10_000.0, reached=reached)
    assert reached == [("a", DEADLINE)]


def by_seven_and_by_noon(seven: Target, noon: Target) -> Wishes:
    wishes = set_weekly(Wishes(), "a", WeeklyRow(days=tuple(Weekday), at=time(7), target=seven), NOW)
    return set_once(wishes, "a", NOW.replace(day=29, hour=12), NOW, target=noon)


def test_all_that_a_car_is_to_have_is_wished_at_once() -> None:
    wishes = by_seven_and_by_noon(Target(soc=0.4), Target(soc=0.9))
    wish = charger(wishes, car=Car(state_of_charge=0.2, capacity_wh=50e3))
    assert [(goal.left_wh, goal.tapered_left_wh, goal.deadline_s) for goal in wish.goals] == [
        pytest.approx((10_000.0, 0.0, 11 * 3600.0)),
        pytest.approx((35_000.0, 5000.0, 16 * 3600.0)),
    ]


@pytest.mark.parametrize(
    ("seven", "noon", "settled"),
    [
        # The first is reached, the second is not.
        (Target(soc=0.4), Target(soc=0.9), [("a", NOW.replace(day=29, hour=7))]),
        # The first keeps the second from being over before it.
        (Target(soc=0.9), Target(soc=0.4), []),
        # What is reached now may be missing again when its hour comes, which is not the next.
        (Target(soc=0.4), Target(soc=0.3), [("a", NOW.replace(day=29, hour=7))]),
    ],
)
def test_targets_are_over_in_the_order_of_their_hours(
    seven: Target, noon: Target, settled: list[tuple[str, datetime]]
) -> None:
    reached: list[Any] = []
    charger(
        by_seven_and_by_noon(seven, noon), reached=reached, car=Car(state_of_charge=0.5, capacity_wh=50e3)
    )
    assert reached == settled


@pytest.mark.parametrize(
    ("minimum", "state_of_charge", "below"),
    [(0.3, 0.29, True), (0.3, 0.3, False), (0.3, None, False), (None, 0.1, False)],
)
def test_a_car_below_its_minimum_is_known_where_its_state_of_charge_is(
    minimum: float | None, state_of_charge: float | None, below: bool
) -> None:
    wishes = with_charger(Wishes(), "a", minimum_soc=minimum)
    assert charger(wishes, car=Car(state_of_charge=state_of_charge)).below_minimum_soc is below

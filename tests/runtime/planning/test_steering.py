"""What a plan asks of control."""

import math
from datetime import timedelta

import pytest

from custom_components.home_flex.core.control.charging import ChargeMode, ChargeWish
from custom_components.home_flex.core.control.demand import SITE, Envelope
from custom_components.home_flex.core.control.policy import CoverHouse, LeaveAlone
from custom_components.home_flex.core.model import Owner
from custom_components.home_flex.core.planner.plan import Intent, IntentKind, PlanStatus
from custom_components.home_flex.runtime.planning.steering import planned_demands, steered

from .plans import GRID, NOON, charger_reading, device, plan_of

SUN_ONLY = ChargeWish(mode=ChargeMode.SURPLUS)
BATTERY = {
    "charges from the grid, and stores what the sun adds": (
        Intent(kind=IntentKind.CHARGE, power_w=3000.0),
        Envelope(low_w=3000.0),
    ),
    "gives, and more if the house needs it": (
        Intent(kind=IntentKind.GIVE, power_w=-2000.0),
        Envelope(high_w=-2000.0),
    ),
    "keeps what it has": (Intent(kind=IntentKind.HOLD), Envelope(low_w=0.0, high_w=0.0)),
    "stores the sun and keeps it": (
        Intent(kind=IntentKind.COVER_HOUSE, low_w=0.0, high_w=5000.0),
        Envelope(low_w=0.0),
    ),
    "covers the house and stores nothing": (
        Intent(kind=IntentKind.COVER_HOUSE, low_w=-5000.0, high_w=0.0),
        Envelope(high_w=0.0),
    ),
}


@pytest.mark.parametrize(("intent", "envelope"), BATTERY.values(), ids=BATTERY)
def test_a_battery_is_held_where_the_plan_keeps_buys_or_sells(intent: Intent, envelope: Envelope) -> None:
    plan = plan_of({"battery": intent})

    (demand,) = planned_demands(plan, NOON)

    assert demand.asks == envelope
    assert demand.owner is Owner.PLAN
    assert demand.standing
    assert steered(device("battery"), plan, NOON, voltage_v=230.0).policy == CoverHouse()


def test_a_battery_that_covers_the_house_both_ways_is_left_alone() -> None:
    plan = plan_of({"battery": Intent(kind=IntentKind.COVER_HOUSE, low_w=-5000.0, high_w=5000.0)})

    assert planned_demands(plan, NOON) == ()
    assert steered(device("battery"), plan, NOON, voltage_v=230.0).policy == LeaveAlone()


def test_sun_that_costs_is_limited() -> None:
    plan = plan_of({"sun": Intent(kind=IntentKind.CURTAIL, power_w=-1200.0)})

    (demand,) = planned_demands(plan, NOON)

    assert demand.asks == Envelope(low_w=-1200.0, high_w=math.inf)


def test_sun_that_costs_to_feed_in_is_kept_at_the_meter_however_much_it_is() -> None:
    plan = plan_of({"sun": Intent(kind=IntentKind.CURTAIL, power_w=-1200.0, may_export=False)})

    (demand,) = planned_demands(plan, NOON)

    assert demand.scope == SITE
    assert demand.asks == Envelope(low_w=0.0)


@pytest.mark.parametrize(
    ("power_w", "limit_a"),
    [(11_040.0, 16.0), (6900.0, 10.0), (6901.0, 11.0), (1000.0, 6.0)],
    ids=["all", "a whole ampere", "rounded up", "not below its smallest"],
)
def test_a_car_may_take_what_the_plan_gave_it(power_w: float, limit_a: float) -> None:
    plan = plan_of({"car": Intent(kind=IntentKind.TAKE, power_w=power_w)})

    wish = steered(device("car", charge=SUN_ONLY), plan, NOON, voltage_v=230.0).charge

    assert wish == ChargeWish(mode=ChargeMode.SURPLUS, planned_a=limit_a)


@pytest.mark.parametrize("kind", [IntentKind.OFF, IntentKind.SURPLUS])
def test_a_car_that_waits_goes_by_the_sun(kind: IntentKind) -> None:
    state = device("car", charge=SUN_ONLY, reading=charger_reading())

    assert steered(state, plan_of({"car": Intent(kind=kind)}), NOON, voltage_v=230.0) == state


@pytest.mark.parametrize("intent", [intent for intent, _ in BATTERY.values()])
def test_a_safe_rule_asks_nothing(intent: Intent) -> None:
    plan = plan_of({"battery": intent}, status=PlanStatus.SAFE_RULE)

    assert planned_demands(plan, NOON) == ()
    assert steered(device("battery"), plan, NOON, voltage_v=230.0) == device("battery")


def test_a_plan_that_has_ended_asks_nothing() -> None:
    plan = plan_of({"battery": Intent(kind=IntentKind.HOLD)})
    after = GRID.end + timedelta(seconds=1)

    assert planned_demands(plan, after) == ()
    assert steered(device("battery"), plan, after, voltage_v=230.0) == device("battery")

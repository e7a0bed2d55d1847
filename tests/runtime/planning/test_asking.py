"""What a plan is made from."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import median
from time import monotonic

import numpy as np
import pytest

from custom_components.home_flex.core.control.charging import ChargeGoal, ChargeMode, ChargeWish
from custom_components.home_flex.core.control.charging.ready_by import promise
from custom_components.home_flex.core.control.demand import SITE as AT_THE_METER
from custom_components.home_flex.core.control.demand import Demand, Envelope, Target
from custom_components.home_flex.core.control.reserve import ReserveWish
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.forecast import Forecast
from custom_components.home_flex.core.model import ChargerStatus, Owner, Step, one_circuit, quarter_hours
from custom_components.home_flex.core.planner.bending import BentWish, LeftOut, LeftOutCode
from custom_components.home_flex.core.planner.plan import IntentKind
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.preferences import Preferences
from custom_components.home_flex.core.planner.problem import LimitOwner, Peak, Problem
from custom_components.home_flex.core.planner.reason import ReasonCode
from custom_components.home_flex.core.signals import PeakPrice
from custom_components.home_flex.core.wishes import Wishes, with_battery, with_charger
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.outlook import Outlook

from .plans import GRID, NOON, SITE, battery_reading, charger_reading, device, signals

HOUR = timedelta(hours=1)


def forecast(power_w: float, *errors_w: float) -> Forecast:
    steps = len(GRID)
    return Forecast(
        grid=GRID,
        expected_w=np.full(steps, power_w),
        made_at=NOON,
        source="weighted_days",
        error_paths_w=tuple(np.full(steps, error_w) for error_w in errors_w),
    )


def asked(
    *devices: DeviceState,
    outlook: Outlook | None = None,
    demands: Sequence[tuple[Demand, Step]] = (),
    pays_per_kwh: float | None = None,
) -> Problem:
    home = Home(
        site=SITE,
        network=None,
        devices=devices,
        asked_in=lambda step: [demand for demand, when in demands if when.start <= step.start < when.end],
        paid_in={"event": lambda _step: pays_per_kwh},
    )
    return problem_of(home, GRID, outlook or Outlook(signals=signals(), load=forecast(500.0)), NOON)


@pytest.mark.parametrize(("reached_w", "so_far_w"), [(None, 2500.0), (1800.0, 2500.0), (4200.0, 4200.0)])
def test_a_peak_costs_above_what_the_month_has_reached_or_pays_anyway(
    reached_w: float | None, so_far_w: float
) -> None:
    home = Home(site=SITE, network=None, devices=(), asked_in=lambda _step: (), month_peak_w=reached_w)

    problem = problem_of(home, GRID, Outlook(signals=signals(), peaks=(peak_price(0, 8),)), NOON)

    assert problem.peaks == (Peak(per_kw=3.5, so_far_w=so_far_w, end_step=8),)


def peak_price(first: int, end: int) -> PeakPrice:
    return PeakPrice(
        since=NOON - timedelta(days=1),
        first_step=first,
        end_step=end,
        free_w=2500.0,
        price_per_kw=3.5,
        share=1.0,
    )


def test_what_this_month_has_reached_is_not_free_in_the_next_one() -> None:
    home = Home(site=SITE, network=None, devices=(), asked_in=lambda _step: (), month_peak_w=4200.0)

    outlook = Outlook(signals=signals(), peaks=(peak_price(0, 3), peak_price(3, 8)))
    problem = problem_of(home, GRID, outlook, NOON)

    assert [(peak.so_far_w, range(8)[peak.steps]) for peak in problem.peaks] == [
        (4200.0, range(3)),
        (2500.0, range(3, 8)),
    ]


@pytest.mark.parametrize(("ended", "so_far_w"), [(timedelta(), 2500.0), (timedelta(minutes=15), 4200.0)])
def test_a_peak_that_the_meter_still_tells_of_the_month_before_is_not_free_in_this_one(
    ended: timedelta, so_far_w: float
) -> None:
    price = peak_price(0, 8)
    home = Home(
        site=SITE,
        network=None,
        devices=(),
        asked_in=lambda _step: (),
        month_peak_w=4200.0,
        month_peak_time=price.since + ended,
    )

    problem = problem_of(home, GRID, Outlook(signals=signals(), peaks=(price,)), NOON)

    assert [peak.so_far_w for peak in problem.peaks] == [so_far_w]


@pytest.mark.parametrize(
    ("currency", "factor", "level"), [("EUR", 1.0, 1.0), ("CZK", 25.0, 70 / 3), ("INR", 100.0, None)]
)
def test_prices_that_nobody_pays_stand_at_the_level_of_the_currency(
    currency: str, factor: float, level: float | None
) -> None:
    paid = signals()
    paid = replace(paid, import_per_kwh=tuple(each * factor for each in paid.import_per_kwh))
    home = Home(
        site=replace(SITE, currency=currency),
        network=None,
        devices=(device("battery", reading=battery_reading(0.4)),),
        asked_in=lambda _step: (),
    )

    problem = problem_of(home, GRID, Outlook(signals=paid), NOON)

    level = level or median(paid.import_per_kwh) / 0.30
    assert problem.preferences == Preferences().scaled(level)
    assert problem.batteries[0].wear_per_kwh == pytest.approx(0.02 * level)
    assert problem.signals.import_per_kwh == paid.import_per_kwh


@pytest.mark.parametrize("is_narrow", [False, True])
def test_the_resident_says_whether_the_plan_charges_from_the_grid_and_in_one_go(is_narrow: bool) -> None:
    wishes = with_battery(Wishes(), "battery", grid_charging=not is_narrow)
    home = Home(
        site=SITE,
        network=None,
        devices=(
            device("battery", reading=battery_reading(0.4)),
            car(ChargeGoal(left_wh=5000.0, deadline_s=7200.0)),
        ),
        asked_in=lambda _step: (),
        wishes=with_charger(wishes, "car", in_one_go=is_narrow),
    )

    problem = problem_of(home, GRID, Outlook(signals=signals()), NOON)

    assert problem.batteries[0].may_import is not is_narrow
    assert problem.consumers[0].interruptible is not is_narrow


def test_without_a_price_of_the_peak_it_costs_nothing() -> None:
    assert asked().peaks == ()


def car(*goals: ChargeGoal, mode: ChargeMode = ChargeMode.SURPLUS, **given: object) -> DeviceState:
    return device("car", charge=ChargeWish(mode=mode, goals=goals), **given)


def test_a_battery_brings_what_it_holds_and_what_it_is_to_keep() -> None:
    (battery,) = asked(
        device("battery", reading=battery_reading(0.4), reserve=ReserveWish(reserve=0.3, restore=False))
    ).batteries

    assert (battery.stored_wh, battery.reserve_wh, battery.capacity_wh) == (4000.0, 3000.0, 10_000.0)
    assert not battery.may_export


@pytest.mark.parametrize(("restore", "charged_w"), [(True, 5000.0), (False, 0.0)])
def test_a_battery_below_its_reserve_is_charged_back_only_where_the_resident_wants_it(
    restore: bool, charged_w: float
) -> None:
    low = device("battery", reading=battery_reading(0.2), reserve=ReserveWish(reserve=0.8, restore=restore))

    plan = Planner().plan(asked(low))

    assert plan.devices["battery"].power_w[0] == pytest.approx(charged_w)
    assert bool(plan.bent) is restore


@pytest.mark.parametrize("reach", [None, Owner.GRID_OPERATOR, Owner.DEVICE_SAFETY])
def test_what_the_plan_may_not_steer_is_not_planned(reach: Owner | None) -> None:
    problem = asked(
        device("battery", reach=reach), car(ChargeGoal(left_wh=1.0, deadline_s=60.0), reach=reach)
    )

    assert problem.batteries == ()
    assert problem.consumers == ()


def test_a_car_is_to_have_its_energy_by_its_hour() -> None:
    goal = ChargeGoal(left_wh=5000.0, deadline_s=3600.0)

    (consumer,) = asked(car(goal)).consumers

    assert consumer.need_wh == 5000.0
    assert consumer.ready_step == 4
    assert consumer.available == (True,) * 4 + (False,) * 4
    assert (consumer.min_w, consumer.max_w) == (6 * 690.0, 16 * 690.0)


def test_of_two_hours_the_first_is_met_and_the_later_one_is_room_for_more() -> None:
    goals = ChargeGoal(left_wh=2000.0, deadline_s=3600.0), ChargeGoal(left_wh=6000.0, deadline_s=7200.0)

    (consumer,) = asked(car(*goals)).consumers

    assert (consumer.need_wh, consumer.room_wh) == (2000.0, 6000.0)
    assert all(consumer.available)


def test_what_a_car_lacks_is_asked_for_also_where_it_does_not_fit_into_its_time() -> None:
    (consumer,) = asked(car(ChargeGoal(left_wh=20_000.0, deadline_s=3600.0))).consumers

    assert consumer.need_wh == 20_000.0
    assert consumer.need_wh > consumer.max_w


def test_a_car_that_is_not_ready_by_its_hour_is_not_told_as_ready_just_in_time() -> None:
    plan = Planner().plan(asked(car(ChargeGoal(left_wh=20_000.0, deadline_s=3600.0))))

    assert [(bend.wish, bend.subject_id) for bend in plan.bent] == [(BentWish.READY_BY, "car")]


def test_a_car_of_which_nobody_knows_how_much_it_lacks_may_take_all_that_fits_into_its_time() -> None:
    (consumer,) = asked(car(ChargeGoal(left_wh=math.inf, deadline_s=3600.0))).consumers

    assert consumer.need_wh == consumer.max_w


def test_a_car_of_which_nobody_knows_how_much_it_lacks_is_taken_for_a_large_empty_one_and_that_is_told() -> (
    None
):
    problem = asked(car(ChargeGoal(left_wh=math.inf, deadline_s=16 * 3600.0)))
    (consumer,) = problem.consumers
    plan = Planner().plan(problem)

    assert (consumer.need_wh, consumer.room_wh) == (60_000.0, 60_000.0)
    assert LeftOut(code=LeftOutCode.NEED_UNKNOWN, subject_id="car") in plan.left_out


def test_a_car_of_which_nobody_knows_how_much_it_lacks_is_planned_at_once_as_it_is_charged() -> None:
    dear_first = replace(signals(), import_per_kwh=(0.5,) * 2 + (0.1,) * 6)
    outlook = Outlook(signals=dear_first, load=forecast(500.0))

    problem = asked(car(ChargeGoal(left_wh=math.inf, deadline_s=16 * 3600.0)), outlook=outlook)

    assert Planner().plan(problem).devices["car"].power_w == pytest.approx((11_040.0,) * 8)


@pytest.mark.parametrize("mode", [ChargeMode.SURPLUS, ChargeMode.MINIMUM_SURPLUS])
def test_a_car_that_charges_by_the_sun_and_has_no_hour_gets_no_hour_of_the_grid(mode: ChargeMode) -> None:
    charging = charger_reading(power_w=7000.0, status=ChargerStatus.CHARGING)

    problem = asked(car(mode=mode, reading=charging))
    plan = Planner().plan(problem)

    assert problem.consumers == ()
    assert problem.load_w == (500.0,) * 8
    # Nobody forecasts the sun here: what the car takes now goes on for two hours.
    assert plan.devices["car"].power_w == pytest.approx((7000.0,) * 8)
    assert {intent.kind for intent in plan.devices["car"].intents} == {IntentKind.SURPLUS}
    assert {reason.code for reason in plan.devices["car"].reasons} == {ReasonCode.RESIDENT}


def test_a_car_that_says_it_has_all_has_what_it_needs() -> None:
    plan = Planner().plan(asked(car(reading=charger_reading(status=ChargerStatus.SUSPENDED_EV))))

    assert {reason.code for reason in plan.devices["car"].reasons} == {ReasonCode.DONE}


@pytest.mark.parametrize(
    "wish",
    [
        ChargeWish(mode=ChargeMode.SURPLUS, goals=(ChargeGoal(left_wh=5000.0, deadline_s=-1800.0),)),
        ChargeWish(mode=ChargeMode.SURPLUS, below_minimum_soc=True, minimum_left_wh=5000.0),
    ],
    ids=["its hour is past", "below its least charge"],
)
def test_a_car_that_is_charged_at_once_by_its_wish_is_planned_so(wish: ChargeWish) -> None:
    problem = asked(device("car", charge=wish))
    plan = Planner().plan(problem)

    assert plan.bent == ()
    assert plan.devices["car"].power_w[:2] == pytest.approx((11_040.0, 8960.0))
    assert plan.devices["car"].reasons[0].code is ReasonCode.DEADLINE


def test_a_car_that_charges_though_it_is_off_is_part_of_the_load_for_two_hours() -> None:
    charging = charger_reading(power_w=7000.0, status=ChargerStatus.CHARGING)

    problem = asked(car(mode=ChargeMode.OFF, reading=charging))

    assert problem.consumers == ()
    assert problem.load_w == (7500.0,) * 8


def test_what_nobody_plans_goes_on_for_two_hours_and_no_longer() -> None:
    day = quarter_hours(NOON, 4 * 24)
    usual = replace(forecast(500.0), grid=day, expected_w=np.full(len(day), 500.0))
    charging = charger_reading(power_w=7000.0, status=ChargerStatus.CHARGING)
    home = Home(
        site=SITE,
        network=None,
        devices=(car(mode=ChargeMode.OFF, reading=charging),),
        asked_in=lambda _step: (),
    )

    problem = problem_of(home, day, Outlook(signals=signals(day), load=usual), NOON)

    assert problem.load_w == (7500.0,) * 8 + (500.0,) * (len(day) - 8)


def test_a_charger_without_a_car_asks_nothing() -> None:
    empty = charger_reading(status=ChargerStatus.AVAILABLE)

    assert asked(car(reading=empty)).consumers == ()
    assert asked(car(ChargeGoal(left_wh=math.inf, deadline_s=60.0), reading=empty)).consumers == ()


def test_a_car_that_is_away_is_expected_back_before_it_must_be_ready() -> None:
    empty = charger_reading(status=ChargerStatus.AVAILABLE)
    day = quarter_hours(NOON, 4 * 24)
    home = Home(
        site=SITE,
        network=None,
        devices=(car(ChargeGoal(left_wh=8000.0, deadline_s=19 * 3600.0), reading=empty),),
        asked_in=lambda _step: (),
    )

    (expected,) = problem_of(home, day, Outlook(signals=signals(day)), NOON).consumers

    assert expected.need_wh == 8000.0
    assert [step for step, may in enumerate(expected.available) if may] == list(range(4 * 7, 4 * 19))


@pytest.mark.parametrize(
    ("back_h", "first"),
    [
        (6.0, 4 * 6),
        # It is later than usual already.
        (-1.0, 0),
        # With its margin it charges for an hour: who wants it ready brings it by then.
        (18.5, 4 * 18),
        (22.0, 4 * 18),
    ],
)
def test_a_car_is_expected_when_it_usually_is_back_and_in_time_at_the_latest(
    back_h: float, first: int
) -> None:
    empty = charger_reading(status=ChargerStatus.AVAILABLE)
    day = quarter_hours(NOON, 4 * 24)
    home = Home(
        site=SITE,
        network=None,
        devices=(car(ChargeGoal(left_wh=8000.0, deadline_s=19 * 3600.0), reading=empty),),
        asked_in=lambda _step: (),
    )
    outlook = Outlook(signals=signals(day), back_at={"car": NOON + timedelta(hours=back_h)})

    (expected,) = problem_of(home, day, outlook, NOON).consumers

    assert [step for step, may in enumerate(expected.available) if may] == list(range(first, 4 * 19))


def test_without_a_forecast_the_load_is_not_known() -> None:
    problem = asked(outlook=Outlook(signals=signals()))

    assert all(math.isnan(load_w) for load_w in problem.load_w)


def test_the_fuse_limits_the_meter_and_each_phase() -> None:
    problem = asked(device("battery", wired_phases=(2,)))

    (fuse,) = problem.meter_limits
    assert fuse.owner is LimitOwner.FUSE
    assert fuse.import_w[0] == 3 * 25.0 * 230.0
    (phase,) = problem.circuit_limits
    assert phase.limit_id == "main.l2"
    assert phase.shares == {"battery": 1.0}
    assert phase.upper_w[0] == 25.0 * 230.0
    assert phase.load_w[0] == pytest.approx(500.0 / 3)


def test_limits_that_lie_ahead_are_kept_in_their_steps_only() -> None:
    def limit(owner: Owner, high_w: float) -> Demand:
        return Demand(owner=owner, scope=AT_THE_METER, asks=Envelope(high_w=high_w), reason="limit")

    second_hour = Step(NOON + HOUR, NOON + 2 * HOUR)
    problem = asked(
        demands=[
            (limit(Owner.AGGREGATOR, 4000.0), second_hour),
            (limit(Owner.AGGREGATOR, 3000.0), second_hour),
            (limit(Owner.GRID_OPERATOR, 5000.0), Step(NOON, NOON + HOUR)),
        ]
    )

    by_owner = {each.owner: each for each in problem.meter_limits}
    assert by_owner[LimitOwner.EVENT].import_w == (math.inf,) * 4 + (3000.0,) * 4
    assert by_owner[LimitOwner.GRID_OPERATOR].import_w == (5000.0,) * 4 + (math.inf,) * 4


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_several_limits_of_one_owner_the_tightest_counts_whichever_is_told_last(
    order: tuple[int, ...],
) -> None:
    asks = (
        Envelope(low_w=-4000.0, high_w=2000.0),
        Envelope(low_w=-1000.0, high_w=6000.0),
        Envelope(low_w=-9000.0, high_w=9000.0),
    )
    hour = Step(NOON, NOON + HOUR)
    problem = asked(
        demands=[
            (
                Demand(owner=Owner.GRID_OPERATOR, scope=AT_THE_METER, asks=asks[index], reason="limit"),
                hour,
            )
            for index in order
        ]
    )

    (limit,) = (each for each in problem.meter_limits if each.owner is LimitOwner.GRID_OPERATOR)
    assert (limit.import_w[0], limit.export_w[0]) == (2000.0, 1000.0)


def test_a_setpoint_ahead_is_a_promise() -> None:
    target = Demand(owner=Owner.AGGREGATOR, scope=AT_THE_METER, asks=Target(power_w=1000.0), reason="target")

    (promise,) = asked(demands=[(target, Step(NOON, NOON + HOUR))]).commitments

    assert promise.lower_w == (1000.0,) * 4 + (-math.inf,) * 4
    assert promise.upper_w == (1000.0,) * 4 + (math.inf,) * 4


@pytest.mark.parametrize(("pays", "more"), [(None, 0.0), (0.0, 0.0), (-1.0, 0.0), (0.25, 0.25), (9.0, 9.0)])
def test_missing_a_promise_costs_what_it_would_have_been_paid_besides(
    pays: float | None, more: float
) -> None:
    target = Demand(owner=Owner.AGGREGATOR, scope=AT_THE_METER, asks=Target(power_w=1000.0), reason="target")
    demands = [(target, Step(NOON, NOON + HOUR))]
    (unpaid,) = asked(demands=demands).commitments

    (promise,) = asked(demands=demands, pays_per_kwh=pays).commitments

    assert promise.price_per_kwh == pytest.approx(unpaid.price_per_kwh + more)


def test_past_errors_of_load_and_roofs_go_together() -> None:
    outlook = Outlook(
        signals=signals(),
        load=forecast(500.0, 100.0, -50.0),
        production={"sun": forecast(1000.0, -300.0)},
    )

    (path,) = asked(device("sun"), outlook=outlook).error_paths

    assert path.load_w == (100.0,) * 8
    assert path.available_w == (-300.0,) * 8


@pytest.mark.parametrize("tapered_wh", [0.0, 6000.0])
def test_a_car_is_planned_to_be_ready_as_early_as_its_latest_start_would_have_it(tapered_wh: float) -> None:
    goal = ChargeGoal(left_wh=30_000.0, tapered_left_wh=tapered_wh, deadline_s=6 * 3600.0)

    (consumer,) = asked(car(goal)).consumers

    latest_s = promise([goal], consumer.max_w).latest_start_s
    assert latest_s is not None
    charging_s = 3600.0 * consumer.need_wh / consumer.max_w
    assert consumer.margin_s == pytest.approx(goal.deadline_s - latest_s - charging_s)
    assert consumer.margin_s >= 900.0


@pytest.mark.parametrize(("currency", "most"), [("EUR", 3.0), ("CZK", 70.0), ("XXX", math.inf)])
def test_how_much_a_kwh_may_cost_goes_by_the_currency(currency: str, most: float) -> None:
    home = Home(site=replace(SITE, currency=currency), network=None, devices=(), asked_in=lambda _step: ())

    assert problem_of(home, GRID, Outlook(signals=signals()), NOON).signals.most_per_kwh == most


def asked_without(spared: frozenset[str]) -> Problem:
    """Return what is planned while an event limits the first hour, without some devices."""
    limit = Demand(
        owner=Owner.AGGREGATOR, scope=AT_THE_METER, asks=Envelope(high_w=2000.0), reason="", source_id="e"
    )
    until = NOON + HOUR
    home = Home(
        site=SITE,
        network=None,
        devices=(
            device("battery", reading=battery_reading(0.0)),
            device("car", reading=charger_reading(), charge=ChargeWish(mode=ChargeMode.SURPLUS)),
        ),
        asked_in=lambda step: [limit] if step.start < until else [],
        spared_in=lambda step: spared if step.start < until else frozenset(),
    )
    return problem_of(home, GRID, Outlook(signals=signals(), load=forecast(500.0)), NOON)


def test_an_event_that_a_device_is_kept_out_of_is_no_limit_of_the_whole_home() -> None:
    whole = asked_without(frozenset())
    assert [each for each in whole.meter_limits if each.owner is LimitOwner.EVENT]
    assert not [each for each in whole.circuit_limits if each.owner is LimitOwner.EVENT]

    problem = asked_without(frozenset({"car"}))
    assert not [each for each in problem.meter_limits if each.owner is LimitOwner.EVENT]
    (limit,) = [each for each in problem.circuit_limits if each.owner is LimitOwner.EVENT]
    assert limit.shares == {"battery": 1.0}
    assert limit.load_w == problem.load_w
    is_limited = [step.start < NOON + HOUR for step in GRID]
    assert limit.upper_w == tuple(2000.0 if each else math.inf for each in is_limited)
    assert set(limit.lower_w) == {-math.inf}


def test_a_car_that_is_kept_out_of_an_event_is_planned_as_if_there_were_none() -> None:
    def car_wh(spared: frozenset[str]) -> float:
        """Return what a car takes in the hour of the event, which is also the cheap one."""
        problem, end = asked_without(spared), sum(step.start < NOON + HOUR for step in GRID)
        prices = tuple(0.1 if index < end else 0.4 for index in range(len(GRID)))
        wants = tuple(
            replace(each.waiting, need_wh=7000.0, room_wh=7000.0, ready_step=len(GRID))
            for each in problem.fast_charges
            if each.waiting is not None
        )
        cheap = replace(
            problem,
            consumers=wants,
            fast_charges=(),
            signals=replace(problem.signals, import_per_kwh=prices),
            batteries=(),
        )
        plan = Planner(clock=monotonic, limit_s=20.0).plan(cheap)
        return sum(plan.devices["car"].power_w[:end]) / 4

    assert car_wh(frozenset({"car"})) == pytest.approx(7000.0)
    assert car_wh(frozenset()) <= 1500.0


@pytest.mark.parametrize(
    ("fuse_a", "told"),
    [(25.0, []), (16.0, ["main.l1"])],
    ids=["that of the site", "a smaller one that was stated"],
)
def test_the_main_fuse_of_a_home_on_one_phase_is_told_once(fuse_a: float, told: list[str]) -> None:
    site = replace(SITE, phases=1)
    network = one_circuit(replace(site, main_fuse_a=fuse_a), frozenset({"car"}), meter_id=None)
    goal = ChargeGoal(left_wh=5000.0, deadline_s=7200.0)
    home = Home(site=site, network=network, devices=(car(goal),), asked_in=lambda _step: ())

    problem = problem_of(home, GRID, Outlook(signals=signals(), load=forecast(9000.0)), NOON)

    assert [limit.limit_id for limit in problem.circuit_limits] == told
    assert [limit.limit_id for limit in problem.meter_limits] == ["main"]
    assert problem.meter_limits[0].import_w == (25.0 * 230.0,) * 8
    bent = [bend.subject_id for bend in Planner().plan(problem).bent if bend.subject_id.startswith("main")]
    assert bent == ["main", *told]

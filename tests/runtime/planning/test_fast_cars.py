"""A car that the resident has charged at once stands in the plan, and all else is planned around it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

import numpy as np
import pytest

from custom_components.home_flex.core.control.charging import ChargeGoal, ChargeMode, ChargeWish
from custom_components.home_flex.core.control.demand import SITE as AT_THE_METER
from custom_components.home_flex.core.control.demand import Demand, Envelope
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.forecast import Forecast
from custom_components.home_flex.core.model import ChargerReading, ChargerStatus, Owner, quarter_hours
from custom_components.home_flex.core.planner.bending import LeftOutCode
from custom_components.home_flex.core.planner.plan import IntentKind, Plan
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.problem import Peak, Problem, Signals
from custom_components.home_flex.core.planner.reason import ReasonCode
from custom_components.home_flex.core.wishes import ChargerWishes, Wishes
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.outlook import Outlook
from custom_components.home_flex.runtime.planning.planned_steps import planned_steps
from custom_components.home_flex.runtime.planning.simulating import WhatIf, changed

from .plans import NOON, SITE, battery_reading, charger_reading, device

DAY = quarter_hours(NOON, 24)
STEPS = len(DAY)
FULL_W = 16 * 690.0
# Dear for six hours, and then cheap.
DEAR_FIRST = tuple(0.6 if index < 24 else 0.1 for index in range(STEPS))


def fast(reading: ChargerReading | None = None, *goals: ChargeGoal, **wish: object) -> DeviceState:
    charge = replace(ChargeWish(mode=ChargeMode.FAST, goals=goals), **wish)  # type: ignore[arg-type] # the test says which
    return device("car", reading=reading or charger_reading(status=ChargerStatus.PREPARING), charge=charge)


def asked(
    *devices: DeviceState,
    load_w: float | None = 500.0,
    demand: Demand | None = None,
    wishes: Wishes | None = None,
    back_at: Mapping[str, datetime] | None = None,
) -> Problem:
    load = None
    if load_w is not None:
        load = Forecast(grid=DAY, expected_w=np.full(STEPS, load_w), made_at=NOON, source="weighted_days")
    home = Home(
        site=SITE,
        network=None,
        devices=devices,
        asked_in=lambda step: [demand] if demand and step.start < NOON + timedelta(hours=1) else [],
        wishes=wishes or Wishes(),
    )
    paid = Signals(import_per_kwh=DEAR_FIRST, export_per_kwh=(0.05,) * STEPS)
    return problem_of(home, DAY, Outlook(signals=paid, load=load, back_at=back_at or {}), NOON)


def planned(problem: Problem) -> Plan:
    return Planner(clock=monotonic, limit_s=20.0).plan(problem)


def hours_on(plan: Plan) -> float:
    return sum(power_w > 20.0 for power_w in plan.devices["car"].power_w) / 4


def test_a_car_that_is_charged_at_once_has_its_row_though_it_draws_nothing_yet() -> None:
    plan = planned(asked(fast(None, ChargeGoal(left_wh=FULL_W, deadline_s=20 * 3600.0))))

    row = plan.devices["car"]
    assert row.power_w[:4] == pytest.approx((FULL_W,) * 4)
    assert sum(row.power_w[4:]) == 0.0
    assert row.intents[0].kind is IntentKind.TAKE
    assert [reason.code for reason in row.reasons] == [ReasonCode.RESIDENT] * 4 + [ReasonCode.DONE] * (
        STEPS - 4
    )


def test_no_dear_hour_and_no_price_of_the_peak_holds_it_back() -> None:
    problem = asked(fast(None, ChargeGoal(left_wh=FULL_W, deadline_s=20 * 3600.0)))
    priced = replace(problem, peaks=(Peak(per_kw=12.0, so_far_w=0.0),))

    assert planned(priced).devices["car"].power_w[:4] == pytest.approx((FULL_W,) * 4)


def test_what_it_takes_until_it_is_full_is_told_as_unknown_and_guessed_wide() -> None:
    plan = planned(asked(fast()))

    assert LeftOutCode.NEED_UNKNOWN in [one.code for one in plan.left_out if one.subject_id == "car"]
    assert sum(plan.devices["car"].power_w) / 4 == pytest.approx(60_000.0)


def test_what_its_session_has_given_it_is_taken_off_the_guess_and_it_goes_on_for_an_hour() -> None:
    for given_wh, left_wh in ((40_000.0, 20_000.0), (80_000.0, FULL_W)):
        reading = replace(
            charger_reading(power_w=FULL_W, status=ChargerStatus.CHARGING), session_energy_wh=given_wh
        )

        assert sum(planned(asked(fast(reading))).devices["car"].power_w) / 4 == pytest.approx(left_wh)


def test_what_the_session_before_gave_is_none_of_this_one() -> None:
    prepares = replace(charger_reading(status=ChargerStatus.PREPARING), session_energy_wh=55_000.0)

    assert sum(planned(asked(fast(prepares))).devices["car"].power_w) / 4 == pytest.approx(60_000.0)


@pytest.mark.parametrize("given_wh", [float("nan"), float("inf"), -1e9])
def test_a_counter_that_cannot_be_leaves_a_plan_with_a_row(given_wh: float) -> None:
    reading = replace(
        charger_reading(power_w=FULL_W, status=ChargerStatus.CHARGING), session_energy_wh=given_wh
    )

    taken_wh = sum(planned(asked(fast(reading))).devices["car"].power_w) / 4

    assert taken_wh == pytest.approx(60_000.0)


def test_the_limit_of_its_session_ends_it() -> None:
    plan = planned(asked(fast(session_left_wh=5000.0)))

    assert sum(plan.devices["car"].power_w) / 4 == pytest.approx(5000.0)
    assert plan.left_out == ()


@pytest.mark.parametrize("status", [ChargerStatus.SUSPENDED_EV, ChargerStatus.FINISHING])
def test_a_car_that_takes_nothing_by_itself_has_what_it_needs(status: ChargerStatus) -> None:
    row = planned(asked(fast(charger_reading(status=status)))).devices["car"]

    assert set(row.power_w) == {0.0}
    assert {reason.code for reason in row.reasons} == {ReasonCode.DONE}


def test_one_that_charges_freely_takes_what_it_takes_now() -> None:
    one_phase = charger_reading(power_w=3600.0, status=ChargerStatus.CHARGING)

    assert planned(asked(fast(one_phase))).devices["car"].power_w[0] == pytest.approx(3600.0)
    held = replace(one_phase, current_limit_a=6.0)
    assert planned(asked(fast(held))).devices["car"].power_w[0] == pytest.approx(FULL_W)


def test_the_fuse_leaves_it_what_the_house_does_not_take() -> None:
    plan = planned(asked(fast(), load_w=9000.0))

    assert plan.devices["car"].power_w[0] == pytest.approx(3 * 25.0 * 230.0 - 9000.0)
    assert plan.bent == ()


def test_one_that_draws_on_one_phase_is_slowed_as_far_as_its_least_current_goes() -> None:
    one_phase = charger_reading(power_w=3680.0, status=ChargerStatus.CHARGING)

    plan = planned(asked(fast(one_phase), load_w=3 * 25.0 * 230.0 - 2000.0))

    assert plan.devices["car"].power_w[0] == pytest.approx(2000.0)


def test_where_not_even_its_least_fits_it_waits_for_the_limit() -> None:
    plan = planned(asked(fast(), load_w=3 * 25.0 * 230.0 - 2000.0))

    assert plan.devices["car"].power_w[0] == 0.0
    assert {reason.code for reason in plan.devices["car"].reasons} == {ReasonCode.LIMIT}


def test_what_if_it_waited_for_its_hour_is_planned_again() -> None:
    problem = asked(fast(None, ChargeGoal(left_wh=FULL_W, deadline_s=20 * 3600.0)))
    by_evening = changed(problem, WhatIf(car_ready_by=NOON + timedelta(hours=10)))

    at_once, waits = planned(problem), planned(by_evening)

    assert by_evening.fast_charges == ()
    assert waits.bent == ()
    assert at_once.money.total - waits.money.total == pytest.approx(FULL_W / 1000 * 0.5, abs=0.1)


def test_what_if_something_else_were_other_leaves_it_charged_at_once() -> None:
    problem = asked(fast())

    assert changed(problem, WhatIf(import_price_per_kwh=0.2)).fast_charges == problem.fast_charges


EMPTY = charger_reading(status=ChargerStatus.AVAILABLE)
BY_MORNING = ChargeGoal(left_wh=FULL_W, deadline_s=20 * 3600.0)


def test_one_that_is_away_charges_at_once_when_it_usually_is_back() -> None:
    plan = planned(asked(fast(EMPTY, BY_MORNING), back_at={"car": NOON + timedelta(hours=2)}))

    row = plan.devices["car"]
    assert row.power_w[:8] == (0.0,) * 8
    assert row.power_w[8:12] == pytest.approx((FULL_W,) * 4)
    assert [row.reasons[step].code for step in (0, 8, 12)] == [
        ReasonCode.AWAY,
        ReasonCode.RESIDENT,
        ReasonCode.DONE,
    ]


@pytest.mark.parametrize(
    ("goals", "back_at"),
    [
        ((BY_MORNING,), {}),
        ((), {"car": NOON}),
        ((ChargeGoal(left_wh=float("inf"), deadline_s=3600.0),), {"car": NOON}),
    ],
    ids=["nobody knows when", "nobody said what for", "nobody knows how much"],
)
def test_one_that_is_away_and_of_which_too_little_is_known_is_not_planned(
    goals: tuple[ChargeGoal, ...], back_at: Mapping[str, datetime]
) -> None:
    assert asked(fast(EMPTY, *goals), back_at=back_at).fast_charges == ()


def test_two_share_the_fuse_who_is_first_first() -> None:
    other = replace(fast(priority=1), device_id="other")

    plan = planned(asked(fast(priority=7), other))

    assert plan.devices["other"].power_w[0] == pytest.approx(FULL_W)
    assert plan.devices["car"].power_w[0] == pytest.approx(3 * 25.0 * 230.0 - 500.0 - FULL_W)


def test_a_battery_is_charged_beside_it_only_as_far_as_the_fuse_goes() -> None:
    problem = asked(fast(), device("battery", reading=battery_reading(0.0)), load_w=3000.0)
    cheap = replace(problem, signals=replace(problem.signals, import_per_kwh=DEAR_FIRST[::-1]))

    plan = planned(cheap)

    assert max(plan.net_w) <= 3 * 25.0 * 230.0 + 1.0
    assert plan.devices["car"].power_w[0] == pytest.approx(FULL_W)


LIMIT = Demand(
    owner=Owner.AGGREGATOR, scope=AT_THE_METER, asks=Envelope(high_w=6000.0), reason="limit", source_id="e"
)


def test_an_event_slows_it_and_it_charges_for_longer() -> None:
    goal = ChargeGoal(left_wh=FULL_W, deadline_s=20 * 3600.0)

    plan = planned(asked(fast(None, goal), demand=LIMIT))

    assert plan.devices["car"].power_w[:4] == pytest.approx((5500.0,) * 4)
    assert sum(plan.devices["car"].power_w) / 4 == pytest.approx(FULL_W)
    assert plan.bent == ()


@pytest.mark.parametrize("insists", ["may_not_be_slowed", "charge_now"])
def test_an_event_does_not_slow_one_of_which_the_resident_says_so(insists: str) -> None:
    wishes = Wishes(chargers={"car": ChargerWishes(charge_now=insists == "charge_now")})
    mode = ChargeMode.SURPLUS if insists == "charge_now" else ChargeMode.FAST

    plan = planned(asked(fast(mode=mode, may_slow=insists == "charge_now"), demand=LIMIT, wishes=wishes))

    assert plan.devices["car"].power_w[0] == pytest.approx(FULL_W)


def test_without_a_forecast_of_the_load_there_is_a_row_all_the_same() -> None:
    assert planned(asked(fast(), load_w=None)).devices["car"].power_w[0] > 0.0


def test_a_car_that_nobody_steers_by_the_plan_is_no_step_of_a_baseline() -> None:
    assert [step for step in planned_steps(planned(asked(fast()))) if step.device_id == "car"] == []

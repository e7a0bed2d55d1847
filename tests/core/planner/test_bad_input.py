"""Bad input gets a plan all the same, and the plan says what was left out."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.planner import (
    Battery,
    CircuitLimit,
    LeftOut,
    LeftOutCode,
    LimitOwner,
    Plan,
    PlanStatus,
    Problem,
    Signals,
)
from custom_components.home_flex.core.planner import planner as planner_module
from custom_components.home_flex.core.planner.cleaning import cleaned
from custom_components.home_flex.core.planner.planner import Planner

from .homes import battery, car, home, planned, sun

NAN = float("nan")
STEPS = 6
PRICE = (0.3,) * STEPS
GOOD = home(PRICE, pv=(sun((1000.0,) * STEPS),), batteries=(battery(),), consumers=(car(STEPS, 4),))


def _prices(bought: tuple[float, ...]) -> Signals:
    return replace(GOOD.signals, import_per_kwh=bought)


def _battery(**changes: float) -> tuple[Battery]:
    return (replace(battery(), **changes),)  # type: ignore[arg-type] # fields of a battery


BAD: dict[str, tuple[Problem, LeftOutCode, str]] = {
    "no price at all": (replace(GOOD, signals=_prices((NAN,) * STEPS)), LeftOutCode.PRICES_MISSING, ""),
    "one price missing": (replace(GOOD, signals=_prices((NAN, *PRICE[1:]))), LeftOutCode.PRICES_MISSING, ""),
    "ct for EUR": (replace(GOOD, signals=_prices((28.5,) * STEPS)), LeftOutCode.PRICES_ABSURD, ""),
    "a few ct for EUR": (replace(GOOD, signals=_prices((15.0,) * STEPS)), LeftOutCode.PRICES_ABSURD, ""),
    "a load that is not there": (replace(GOOD, load_w=(NAN,) * STEPS), LeftOutCode.LOAD_MISSING, ""),
    "a load of 10 MW": (replace(GOOD, load_w=(1e7,) * STEPS), LeftOutCode.LOAD_ABSURD, ""),
    "a sun of 10 MW": (replace(GOOD, pv=(sun((1e7,) * STEPS),)), LeftOutCode.PRODUCTION_ABSURD, "pv"),
    "a spike that no exchange has": (
        replace(GOOD, signals=_prices((25.0, *PRICE[1:]))),
        LeftOutCode.PRICES_ABSURD,
        "",
    ),
    "a load that no fuse passes": (replace(GOOD, load_w=(200_000.0,) * STEPS), LeftOutCode.LOAD_ABSURD, ""),
    "a battery of Wh for kWh": (
        replace(GOOD, batteries=_battery(capacity_wh=10.0, stored_wh=5.0)),
        LeftOutCode.DEVICE_ABSURD,
        "battery",
    ),
    "a battery at 110 %": (
        replace(GOOD, batteries=_battery(stored_wh=11_000.0)),
        LeftOutCode.STORED_ABSURD,
        "battery",
    ),
    "a battery at 900 %": (
        replace(GOOD, batteries=_battery(stored_wh=90_000.0)),
        LeftOutCode.STORED_ABSURD,
        "battery",
    ),
    "a battery that nobody knows the state of": (
        replace(GOOD, batteries=_battery(stored_wh=NAN)),
        LeftOutCode.STORED_ABSURD,
        "battery",
    ),
    "a battery without a size": (
        replace(GOOD, batteries=_battery(capacity_wh=0.0)),
        LeftOutCode.DEVICE_ABSURD,
        "battery",
    ),
    "a car that says it is full and charges": (
        replace(GOOD, consumers=(replace(car(STEPS, 4, 0.0), room_wh=0.0, power_w=7000.0),)),
        LeftOutCode.FULL_BUT_CHARGES,
        "car",
    ),
    "a car that needs a negative energy": (
        replace(GOOD, consumers=(car(STEPS, 4, -5.0),)),
        LeftOutCode.DEVICE_ABSURD,
        "car",
    ),
    "a limit that is not known": (
        replace(GOOD, meter_limits=(replace(GOOD.meter_limits[0], import_w=(NAN,) * STEPS),)),
        LeftOutCode.LIMIT_ABSURD,
        "fuse",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_a_plan_that_says_what_was_left_out(case: str) -> None:
    problem, code, subject_id = BAD[case]
    plan = planned(problem)
    assert plan.status is PlanStatus.SOLVED
    assert (code, subject_id) in [(left.code, left.subject_id) for left in plan.left_out]


def test_good_input_is_used_as_it_is() -> None:
    assert cleaned(GOOD) == (GOOD, ())


def test_a_missing_price_counts_as_the_dearest_known() -> None:
    usable, _ = cleaned(replace(GOOD, signals=_prices((0.1, NAN, 0.5, 0.2, 0.2, 0.2))))
    assert usable.signals.import_per_kwh[1] == 0.5


def _phase(load_w: tuple[float, ...]) -> CircuitLimit:
    return CircuitLimit(
        limit_id="main.l1",
        owner=LimitOwner.FUSE,
        shares={"car": 1 / 3},
        load_w=load_w,
        upper_w=(5750.0,) * STEPS,
        lower_w=(-5750.0,) * STEPS,
    )


@pytest.mark.parametrize(
    ("house_w", "load_w", "used_w"),
    [
        ((NAN,) * STEPS, (NAN,) * STEPS, (500.0,) * STEPS),
        (
            (900.0, NAN, 600.0, 600.0, 600.0, 600.0),
            (300.0, NAN) + (200.0,) * 4,
            (300.0, 300.0) + (200.0,) * 4,
        ),
        (
            (900.0, 1e7, 600.0, 600.0, 600.0, 600.0),
            (300.0, 3e6) + (200.0,) * 4,
            (300.0, 300.0) + (200.0,) * 4,
        ),
        ((NAN,) * STEPS, (100.0,) * STEPS, (100.0,) * STEPS),
    ],
    ids=["no forecast at all", "a part is missing", "10 MW", "what hangs on it is known"],
)
def test_a_fuse_is_no_limit_that_cannot_be_where_only_the_load_is_not_known(
    house_w: tuple[float, ...], load_w: tuple[float, ...], used_w: tuple[float, ...]
) -> None:
    usable, left_out = cleaned(replace(GOOD, load_w=house_w, circuit_limits=(_phase(load_w),)))

    assert usable.circuit_limits == (_phase(used_w),)
    assert {left.subject_id for left in left_out} == {""}


def test_a_missing_feed_in_brings_nothing_or_costs_the_most_known() -> None:
    for sold, least in (((0.08, NAN, *PRICE[2:]), 0.0), ((0.08, NAN, -0.05, *PRICE[3:]), -0.05)):
        usable, _ = cleaned(replace(GOOD, signals=replace(GOOD.signals, export_per_kwh=sold)))
        assert usable.signals.export_per_kwh[1] == least


def test_a_missing_load_counts_as_the_highest_known() -> None:
    usable, _ = cleaned(replace(GOOD, load_w=(400.0, NAN, 900.0, 200.0, 200.0, 200.0)))
    assert usable.load_w[1] == 900.0


@pytest.mark.parametrize(("stored_wh", "is_planned"), [(10_200.0, True), (-200.0, True), (10_300.0, False)])
def test_a_state_of_charge_may_be_told_a_little_beyond_its_ends(stored_wh: float, is_planned: bool) -> None:
    usable, _ = cleaned(replace(GOOD, batteries=_battery(stored_wh=stored_wh)))
    assert bool(usable.batteries) is is_planned


CENTS = {
    "a dear night": (9.0, 9.0, 15.0, 15.0, 25.0, 25.0),
    "some are not known": (15.0, NAN, 15.0, NAN, NAN, 15.0),
    "one of them is nonsense": (4000.0, 15.0, 15.0, 15.0, 15.0, 15.0),
}


@pytest.mark.parametrize("bought", CENTS.values(), ids=CENTS)
def test_prices_that_are_mostly_in_cents_are_left_out_bought_and_sold(bought: tuple[float, ...]) -> None:
    told = replace(_prices(bought), export_per_kwh=(2.0,) * STEPS)

    usable, left_out = cleaned(replace(GOOD, signals=told))

    assert usable.signals.import_per_kwh == (0.3,) * STEPS
    assert usable.signals.export_per_kwh == (0.0,) * STEPS
    assert LeftOut(code=LeftOutCode.PRICES_ABSURD, steps=STEPS) in left_out


def test_a_car_is_not_left_short_because_cents_outbid_its_wish() -> None:
    assert _car_wh(planned(replace(GOOD, signals=_prices((15.0,) * STEPS)))) >= 9000.0 - 25.0


def test_an_hour_that_is_dear_is_no_mistake() -> None:
    spike = _prices((0.3, 15.0, 0.3, 0.3, 0.3, 0.3))

    assert cleaned(replace(GOOD, signals=spike)) == (replace(GOOD, signals=spike), ())


def test_how_much_is_too_much_goes_by_the_currency() -> None:
    koruna = replace(_prices((6.0,) * STEPS), most_per_kwh=70.0)

    assert cleaned(replace(GOOD, signals=koruna)) == (replace(GOOD, signals=koruna), ())


def test_what_has_not_one_number_a_step_is_no_problem() -> None:
    with pytest.raises(ValueError, match="load has 5 numbers for 6 steps"):
        replace(GOOD, load_w=(500.0,) * 5)


def test_without_a_solver_there_is_the_safe_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner_module, "_solver", lambda: None)
    plan = Planner().plan(GOOD)
    assert plan.status is PlanStatus.SAFE_RULE
    assert [left.code for left in plan.left_out] == [LeftOutCode.NO_SOLVER]
    assert _car_wh(plan) == pytest.approx(9000.0)
    assert {reason.code for device in plan.devices.values() for reason in device.reasons} == {"safe_rule"}


def test_without_time_the_plan_before_goes_on() -> None:
    before = planned(GOOD)
    assert before.status is PlanStatus.SOLVED
    kept = Planner(limit_s=0.0).plan(GOOD, before)
    assert kept.status is PlanStatus.KEPT
    assert kept.devices["car"].power_w == before.devices["car"].power_w


def test_without_time_and_a_plan_before_there_is_the_safe_rule() -> None:
    assert Planner(limit_s=0.0).plan(GOOD).status is PlanStatus.SAFE_RULE


def _car_wh(plan: Plan) -> float:
    return sum(plan.devices["car"].power_w) * 0.9

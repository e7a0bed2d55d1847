"""What holds of every plan, whatever the home."""

import pytest
from hypothesis import given, settings

from custom_components.home_flex.core.planner import DevicePlan, IntentKind, Plan, Problem

from .homes import car, home, homes, planned

NOTHING_W = 1.0


@given(problem=homes())
@settings(max_examples=60, deadline=None)
def test_what_is_drawn_is_what_is_used(problem: Problem) -> None:
    plan = planned(problem)
    for step, net_w in enumerate(plan.net_w):
        used_w = sum(device.power_w[step] for device in plan.devices.values())
        assert net_w == pytest.approx(problem.load_w[step] + used_w, abs=NOTHING_W)


@given(problem=homes())
@settings(max_examples=60, deadline=None)
def test_a_battery_stays_within_itself_and_adds_up(problem: Problem) -> None:
    plan = planned(problem)
    for one in problem.batteries:
        device = plan.devices[one.device_id]
        before_wh = one.stored_wh
        for power_w, stored_wh in zip(device.power_w, device.stored_wh or (), strict=True):
            assert -one.discharge_w - NOTHING_W <= power_w <= one.charge_w + NOTHING_W
            assert -NOTHING_W <= stored_wh <= one.capacity_wh + NOTHING_W
            # Never in and out at once: then more would be lost than one way loses.
            way = one.efficiency if power_w > 0 else 1 / one.efficiency
            assert stored_wh == pytest.approx(before_wh + way * power_w, abs=5.0)
            before_wh = stored_wh


@given(problem=homes())
@settings(max_examples=60, deadline=None)
def test_a_car_takes_nothing_or_its_minimum_and_only_while_it_is_there(problem: Problem) -> None:
    plan = planned(problem)
    for one in problem.consumers:
        power = plan.devices[one.device_id].power_w
        low = [step for step, each in enumerate(power) if NOTHING_W < each < one.min_w - NOTHING_W]
        on = [step for step, each in enumerate(power) if each > NOTHING_W]
        assert low in ([], on[-1:])
        assert all(one.available[step] for step in on)
        assert max(power) <= one.max_w + NOTHING_W


def test_a_car_is_not_planned_where_being_paid_for_it_comes_after_it_has_left() -> None:
    price = (0.0, 0.0, -0.125, *(0.0,) * 9)
    plan = planned(home(price, price, consumers=(car(12, ready=2, need_wh=0.0),)))
    assert plan.devices["car"].power_w == (0.0,) * 12


@given(problem=homes())
@settings(max_examples=60, deadline=None)
def test_a_car_that_is_charged_at_once_takes_all_it_can_or_the_plan_says_what_is_held_back(
    problem: Problem,
) -> None:
    plan = planned(problem)
    for one in problem.fast_charges:
        taken, held = (
            plan.devices[one.device_id].power_w,
            sum(bend.amount for bend in plan.bent if bend.wish == "slowed"),
        )
        assert all(
            -NOTHING_W <= power <= most + NOTHING_W for power, most in zip(taken, one.expected_w, strict=True)
        )
        assert sum(taken) + held == pytest.approx(sum(one.expected_w), abs=5.0)


@given(problem=homes())
@settings(max_examples=60, deadline=None)
def test_a_car_is_ready_or_the_plan_says_by_how_much_it_is_not(problem: Problem) -> None:
    plan = planned(problem)
    for one in problem.consumers:
        power = plan.devices[one.device_id].power_w
        stored = sum(one.efficiency * each for each in power[: one.ready_step])
        short = sum(bend.amount for bend in plan.bent if bend.wish == "ready_by")
        assert stored + short >= one.need_wh - 5.0


@given(problem=homes())
@settings(max_examples=60, deadline=None)
def test_no_phase_is_overloaded_unless_the_plan_says_so(problem: Problem) -> None:
    plan = planned(problem)
    bent = {bend.subject_id for bend in plan.bent}
    for limit in problem.circuit_limits:
        for step in range(len(plan.net_w)):
            drawn = limit.load_w[step] + sum(
                share * plan.devices[name].power_w[step]
                for name, share in limit.shares.items()
                if name in plan.devices
            )
            within = limit.lower_w[step] - NOTHING_W <= drawn <= limit.upper_w[step] + NOTHING_W
            assert within or limit.limit_id in bent


@given(problem=homes())
@settings(max_examples=60, deadline=None)
def test_every_device_has_one_intent_and_one_reason_a_step(problem: Problem) -> None:
    plan = planned(problem)
    for device in plan.devices.values():
        assert len(device.intents) == len(device.reasons) == len(plan.grid)


@given(problem=homes())
@settings(max_examples=60, deadline=None)
def test_a_programme_runs_once_and_whole(problem: Problem) -> None:
    plan = planned(problem)
    for one in problem.appliances:
        device = plan.devices[one.device_id]
        skipped = any(bend.subject_id == one.device_id for bend in plan.bent)
        assert [intent.kind for intent in device.intents].count(IntentKind.START) == int(not skipped)
        assert sum(device.power_w) == pytest.approx(0.0 if skipped else sum(one.profile_w))


# What each reason claims, said again apart from the code that gave it: of device, plan, problem and step.
def _rises(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return device.power_w[step] > 0


def _falls(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return device.power_w[step] < 0


def _idles(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return abs(device.power_w[step]) <= 20.0


def _on_sun(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return device.power_w[step] > 0 and plan.net_w[step] <= 20.0


def _sells(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return device.power_w[step] < 0 and plan.net_w[step] < 0


def _gives_later(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    now = plan.marginal_per_kwh[step]
    return _idles(device, plan, problem, step) and any(
        power < 0 and price > now
        for power, price in zip(device.power_w[step + 1 :], plan.marginal_per_kwh[step + 1 :], strict=True)
    )


def _takes_later(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return _idles(device, plan, problem, step) and max(device.power_w[step + 1 :], default=0.0) > 0


def _is_away(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return not problem.consumers[0].available[step]


def _misses(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return any(bend.subject_id == device.device_id for bend in plan.bent)


def _is_curtailed(device: DevicePlan, plan: Plan, problem: Problem, step: int) -> bool:
    return -device.power_w[step] < problem.pv[0].available_w[step]


CLAIMS = {
    "store_sun": _on_sun,
    "charge_cheap": _rises,
    "cover_house": _falls,
    "sell": _sells,
    "keep": _gives_later,
    "make_room": _idles,
    "spread_too_small": _idles,
    "nothing_to_do": _idles,
    "empty": _idles,
    "full": _idles,
    "sun": _on_sun,
    "cheap": _rises,
    "deadline": _rises,
    "needed": _rises,
    "keep_running": _rises,
    "wait_cheaper": _takes_later,
    "wait_sun": _takes_later,
    "in_one_go": _takes_later,
    "away": _is_away,
    "cannot_reach": _misses,
    "resident": _rises,
    "curtail_price": _is_curtailed,
    "curtail_limit": _is_curtailed,
}


@given(problem=homes())
@settings(max_examples=80, deadline=None)
def test_a_reason_is_true(problem: Problem) -> None:
    plan = planned(problem)
    for device in plan.devices.values():
        for step, reason in enumerate(device.reasons):
            claim = CLAIMS.get(reason.code)
            assert claim is None or claim(device, plan, problem, step), (device.device_id, step, reason)

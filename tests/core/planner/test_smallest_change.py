"""When a wish is bent, what is proposed is small, was planned again, and makes the wish possible."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.planner import (
    Bend,
    BentWish,
    Commitment,
    LimitOwner,
    Problem,
    ThermalStore,
)
from custom_components.home_flex.core.planner.proposals import ChangeKind, proposals
from custom_components.home_flex.core.planner.smallest_change import Change, SmallestChanges

from .homes import battery, car, fast_charge, fuse, home, homes, phases, planned, programme

STEPS = 12


def changes(problem: Problem) -> dict[str, Change]:
    plan = planned(problem)
    bend = plan.bent[0]
    return {change.kind: change for change in SmallestChanges(limit_s=20.0).of(problem, plan, bend)}


def _hurried(fuse_w: float = 17_000.0, need_wh: float = 25_000.0) -> Problem:
    problem = home((0.3,) * STEPS, consumers=(car(STEPS, 3, need_wh=need_wh),))
    return replace(problem, meter_limits=(fuse(STEPS, fuse_w),))


def test_a_car_that_cannot_be_ready_may_leave_later_or_with_less() -> None:
    found = changes(_hurried())
    missing_wh = 25_000.0 - 3 * 7360 * 0.9
    assert found[ChangeKind.LESS_ENERGY].amount == pytest.approx(math.ceil(missing_wh / 100) * 100)
    assert found[ChangeKind.LATER].amount == 3600.0


def test_more_fuse_is_proposed_where_the_fuse_is_what_lacks() -> None:
    found = changes(_hurried(fuse_w=5000.0, need_wh=3 * 6000 * 0.9))
    assert found[ChangeKind.HIGHER_LIMIT].amount == pytest.approx(1500.0)


def test_leaving_the_event_is_proposed_where_it_slows_a_car_that_is_charged_at_once() -> None:
    problem = home((0.3,) * STEPS, fast_charges=(fast_charge(STEPS, 2),))
    event = replace(fuse(STEPS, 1500.0), limit_id="event", owner=LimitOwner.EVENT)

    held = replace(problem, meter_limits=(*problem.meter_limits, event))

    assert [bend.wish for bend in planned(held).bent] == [BentWish.SLOWED]
    assert ChangeKind.LEAVE_EVENT in changes(held)


def _three_phases(fuse_a: float) -> Problem:
    """Return a home whose car draws on all phases of a main fuse that is too small for it."""
    problem = _hurried(need_wh=3 * 6000 * 0.9)
    main = replace(fuse(STEPS, 3 * 230 * fuse_a), limit_id="main")
    each = tuple(
        replace(one, limit_id=f"main.l{phase}", shares={"car": 1 / 3})
        for phase, one in enumerate(phases(problem, fuse_a), 1)
    )
    return replace(problem, meter_limits=(main,), circuit_limits=each)


def test_a_bigger_main_fuse_is_one_change_of_all_of_its_phases() -> None:
    problem = _three_phases(6.0)
    plan = planned(problem)
    raised = [
        change
        for change in SmallestChanges(limit_s=20.0).of(problem, plan, plan.bent[0])
        if change.kind is ChangeKind.HIGHER_LIMIT
    ]

    assert [change.subject_id for change in raised] == ["main"]
    assert raised[0].amount == pytest.approx(math.ceil((6500 - 3 * 230 * 6) / 100) * 100)
    assert not raised[0].plan.bent


@pytest.mark.parametrize("subject_id", ["main", "main.l2"])
def test_a_main_fuse_and_its_phases_are_raised_by_the_same_amperes(subject_id: str) -> None:
    problem = _three_phases(6.0)
    bend = Bend(wish=BentWish.CIRCUIT_LIMIT, subject_id=subject_id, amount=1.0, first_step=0, last_step=0)
    (proposal,) = (each for each in proposals(problem, bend) if each.kind is ChangeKind.HIGHER_LIMIT)

    bigger = proposal.made(3 * 230.0)

    assert bigger.meter_limits[0].import_w[0] == pytest.approx(3 * 230 * 7)
    assert [one.upper_w[0] for one in bigger.circuit_limits] == pytest.approx([230 * 7.0] * 3)
    assert [one.lower_w[0] for one in bigger.circuit_limits] == pytest.approx([-230 * 7.0] * 3)


def test_one_phase_of_another_circuit_is_raised_alone() -> None:
    problem = _three_phases(6.0)
    shed = replace(problem.circuit_limits[0], limit_id="shed.l1")
    problem = replace(problem, circuit_limits=(*problem.circuit_limits, shed))
    bend = Bend(wish=BentWish.CIRCUIT_LIMIT, subject_id="shed.l1", amount=1.0, first_step=0, last_step=0)
    (proposal,) = (each for each in proposals(problem, bend) if each.kind is ChangeKind.HIGHER_LIMIT)

    higher = proposal.made(230.0)

    assert higher.circuit_limits[:3] == problem.circuit_limits[:3]
    assert higher.circuit_limits[3].upper_w[0] == pytest.approx(230 * 7)


def test_more_fuse_is_not_proposed_where_the_charger_is_what_lacks() -> None:
    assert ChangeKind.HIGHER_LIMIT not in changes(_hurried())


def test_a_grid_operators_limit_is_not_for_the_resident_to_change() -> None:
    problem = _hurried(fuse_w=5000.0, need_wh=3 * 6000 * 0.9)
    theirs = replace(problem.meter_limits[0], owner=LimitOwner.GRID_OPERATOR)
    assert ChangeKind.HIGHER_LIMIT not in changes(replace(problem, meter_limits=(theirs,)))


def test_leaving_an_event_is_proposed_where_it_is_what_binds() -> None:
    event = Commitment(
        commitment_id="event",
        lower_w=(-math.inf,) * STEPS,
        upper_w=(1000.0, *(math.inf,) * (STEPS - 1)),
        price_per_kwh=50.0,
    )
    problem = replace(_hurried(need_wh=3 * 7000 * 0.9), commitments=(event,))
    found = changes(problem)
    assert found[ChangeKind.LEAVE_EVENT].subject_id == "event"
    assert not found[ChangeKind.LEAVE_EVENT].plan.bent


def test_a_battery_that_may_charge_from_the_grid_can_help() -> None:
    store = replace(battery(0.0), may_import=False)
    waiting = replace(car(STEPS, 6, 2 * 7000 * 0.9), available=tuple(3 < step < 6 for step in range(STEPS)))
    problem = replace(
        home((0.3,) * STEPS, batteries=(store,), consumers=(waiting,)), meter_limits=(fuse(STEPS, 4000.0),)
    )
    assert changes(problem)[ChangeKind.CHARGE_FROM_GRID].subject_id == "battery"


def test_a_programme_may_end_later() -> None:
    problem = home((0.3,) * STEPS, appliances=(replace(programme(STEPS), latest_end_step=1),))
    assert changes(problem)[ChangeKind.LATER].amount == 3600.0


def test_comfort_may_be_wider() -> None:
    tank = ThermalStore(
        device_id="tank",
        kind=DeviceKind.HEAT_PUMP,
        stored_wh=1000.0,
        low_wh=(3000.0,) * STEPS,
        high_wh=(9000.0,) * STEPS,
        max_w=500.0,
        heat_per_power=(3.0,) * STEPS,
        drawn_w=(0.0,) * STEPS,
    )
    found = changes(home((0.3,) * STEPS, thermal_stores=(tank,)))
    assert found[ChangeKind.WIDER_COMFORT].amount == pytest.approx(500.0)


@given(problem=homes())
@settings(max_examples=30, deadline=None)
def test_a_proposal_meets_the_wish_and_bends_no_other(problem: Problem) -> None:
    plan = planned(problem)
    before = {(one.wish, one.subject_id): one.amount for one in plan.bent}
    for bend in plan.bent:
        found = SmallestChanges(limit_s=20.0).of(problem, plan, bend)
        assert len(found) <= 3
        for change in found:
            still = {(one.wish, one.subject_id): one.amount for one in change.plan.bent}
            assert still.pop((bend.wish, bend.subject_id), 0.0) <= 1.0
            assert all(amount <= before.get(key, 0.0) + 1.0 for key, amount in still.items())


def test_amounts_are_the_least_that_are_enough() -> None:
    problem = _hurried(fuse_w=5000.0, need_wh=3 * 6000 * 0.9)
    change = changes(problem)[ChangeKind.HIGHER_LIMIT]
    less = replace(problem, meter_limits=(fuse(STEPS, 5000.0 + change.amount - 100.0),))
    assert any(bend.wish == "ready_by" for bend in planned(less).bent)

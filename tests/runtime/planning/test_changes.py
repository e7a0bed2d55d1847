"""What would make possible what a plan bent, held with the plan that it belongs to."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.charging import ChargeGoal, ChargeMode, ChargeWish
from custom_components.home_flex.core.planner.bending import Bend, BentWish
from custom_components.home_flex.core.planner.plan import Plan, PlanStatus
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.problem import Problem
from custom_components.home_flex.core.planner.proposals import ChangeKind
from custom_components.home_flex.core.planner.smallest_change import Change, SmallestChanges
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.changes import ChangeService
from custom_components.home_flex.runtime.planning.made import MadePlan
from custom_components.home_flex.runtime.planning.outlook import Outlook

from .plans import GRID, NOON, SITE, device, signals


class Finder:
    """Finds changes as a home does, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[Bend] = []
        self.fails = False

    async def changes(self, problem: Problem, plan: Plan, bend: Bend) -> tuple[Change, ...]:
        self.asked.append(bend)
        if self.fails:
            raise RuntimeError("no solver")
        return SmallestChanges(limit_s=20.0).of(problem, plan, bend)


@pytest.fixture
def finder() -> Finder:
    return Finder()


@pytest.fixture
def changes(finder: Finder) -> ChangeService:
    return ChangeService(finds=finder, monotonic_s=lambda: 0.0)


def made(left_wh: float) -> MadePlan:
    """Return a plan for a car of 11 kW that is to have its energy within half an hour."""
    goal = ChargeGoal(left_wh=left_wh, deadline_s=1800.0)
    car = device("car", charge=ChargeWish(mode=ChargeMode.SURPLUS, goals=(goal,)))
    home = Home(site=SITE, network=None, devices=(car,), asked_in=lambda _step: ())
    outlook = Outlook(signals=signals())
    problem = problem_of(home, GRID, outlook, NOON)
    plan = Planner(limit_s=20.0).plan(problem)
    return MadePlan(plan=plan, problem=problem, home=home, outlook=outlook, made_at=NOON, stretches={})


async def test_a_car_that_cannot_be_full_in_time_may_accept_less_or_leave_later(
    changes: ChangeService,
) -> None:
    plan = made(left_wh=7000.0)
    await changes.make(plan)

    bend, found = changes.of(plan)[0]
    assert bend.wish is BentWish.READY_BY
    assert found is not None
    amounts = {change.kind: change.amount for change in found}
    # The least of whole 100 Wh, and of quarter-hours, that is enough.
    assert bend.amount <= amounts[ChangeKind.LESS_ENERGY] < bend.amount + 100.0
    assert amounts[ChangeKind.LATER] == 900.0
    assert {change.subject_id for change in found} == {"car"}


async def test_nobody_looks_for_a_way_out_of_a_plan_that_keeps_everything(
    changes: ChangeService, finder: Finder
) -> None:
    plan = made(left_wh=2000.0)
    await changes.make(plan)

    assert (changes.of(plan), finder.asked) == ((), [])


async def test_ways_out_are_looked_for_once_and_belong_to_their_plan_alone(
    changes: ChangeService, finder: Finder
) -> None:
    plan, next_plan = made(left_wh=7000.0), made(left_wh=7000.0)
    before = changes.of(plan)
    await changes.make(plan)
    await changes.make(plan)

    assert {ways.changes for ways in before} == {None}
    assert finder.asked == list(plan.plan.bent)
    assert {ways.changes for ways in changes.of(next_plan)} == {None}


async def test_a_plan_that_was_not_solved_has_no_way_out_to_compare_with(
    changes: ChangeService, finder: Finder
) -> None:
    plan = made(left_wh=7000.0)
    kept = replace(plan, plan=replace(plan.plan, status=PlanStatus.KEPT))
    await changes.make(kept)

    assert {ways.changes for ways in changes.of(kept)} == {None}
    assert finder.asked == []


async def test_what_cannot_be_reckoned_is_said_and_what_was_bent_stays_told(
    changes: ChangeService, finder: Finder, caplog: pytest.LogCaptureFixture
) -> None:
    finder.fails = True
    plan = made(left_wh=7000.0)
    await changes.make(plan)

    assert {ways.changes for ways in changes.of(plan)} == {None}
    assert [record.message for record in caplog.records] == [
        "What would make bent wishes possible could not be reckoned"
    ]

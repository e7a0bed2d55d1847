"""What the devices of a plan could do instead, held with the plan that it belongs to."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.charging import ChargeGoal, ChargeMode, ChargeWish
from custom_components.home_flex.core.planner.alternative import Instead
from custom_components.home_flex.core.planner.plan import Plan, PlanStatus
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.problem import Problem
from custom_components.home_flex.runtime.planning.alternatives import AlternativeService
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.document import plan_document
from custom_components.home_flex.runtime.planning.made import MadePlan, stretches_of
from custom_components.home_flex.runtime.planning.outlook import Outlook

from .plans import GRID, NOON, SITE, device, signals


class Again:
    """Plans as a home does, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    async def plan(self, problem: Problem) -> Plan:
        self.asked += 1
        if self.fails:
            raise RuntimeError("no solver")
        return Planner(limit_s=20.0).plan(problem)


@pytest.fixture
def again() -> Again:
    return Again()


@pytest.fixture
def alternatives(again: Again) -> AlternativeService:
    return AlternativeService(plans=again, monotonic_s=lambda: 0.0)


def made() -> MadePlan:
    """Return a plan of a car that waits for its cheap second hour."""
    goal = ChargeGoal(left_wh=5000.0, deadline_s=7200.0)
    car = device("car", charge=ChargeWish(mode=ChargeMode.SURPLUS, goals=(goal,)))
    home = Home(site=SITE, network=None, devices=(car,), asked_in=lambda _step: ())
    paid = replace(signals(), import_per_kwh=(0.5,) * 4 + (0.1,) * 4)
    outlook = Outlook(signals=paid)
    problem = problem_of(home, GRID, outlook, NOON)
    plan = Planner(limit_s=20.0).plan(problem)
    return MadePlan(
        plan=plan,
        problem=problem,
        home=home,
        outlook=outlook,
        made_at=NOON,
        stretches=stretches_of(plan),
    )


async def test_charging_at_once_is_told_with_what_it_costs(alternatives: AlternativeService) -> None:
    plan = made()
    found = await alternatives.of(plan)

    assert found["car"].instead is Instead.AT_ONCE
    document = plan_document(plan, "EUR", {}, found)
    (told,) = [each["alternative"] for each in document["devices"]]
    assert told == {"instead": "at_once", "costs": pytest.approx(2.0, abs=0.05), "carbon_g": None, "bent": []}


async def test_it_is_reckoned_once_for_each_plan_however_many_ask_at_once(
    alternatives: AlternativeService, again: Again
) -> None:
    plan = made()
    first, second = await asyncio.gather(alternatives.of(plan), alternatives.of(plan))

    assert again.asked == 2
    assert first is second
    await alternatives.of(made())
    assert again.asked == 4


async def test_of_a_plan_that_was_not_solved_nothing_is_reckoned(
    alternatives: AlternativeService, again: Again
) -> None:
    plan = made()
    kept = replace(plan, plan=replace(plan.plan, status=PlanStatus.KEPT))

    assert await alternatives.of(kept) == {}
    assert again.asked == 0


async def test_what_cannot_be_reckoned_is_said_and_no_device_has_an_alternative(
    alternatives: AlternativeService, again: Again, caplog: pytest.LogCaptureFixture
) -> None:
    again.fails = True

    assert await alternatives.of(made()) == {}
    assert [record.message for record in caplog.records] == [
        "What devices could do instead could not be reckoned"
    ]

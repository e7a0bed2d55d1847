"""Sessions: what begins one, what one costs, and how a consumer may end."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from custom_components.home_flex.core.planner import Plan
from custom_components.home_flex.core.planner.planner import Planner, last_kw
from custom_components.home_flex.core.planner.search import on_move, sessions

from .homes import battery, car, grid, home, planned

STEPS = 6


@pytest.mark.parametrize(
    ("on", "power_w", "begun"),
    [
        ("......", 0.0, 0),
        ("##....", 0.0, 1),
        (".##.#.", 0.0, 2),
        ("##..#.", 5000.0, 1),
        ("..####", 5000.0, 1),
        ("######", 5000.0, 0),
    ],
)
def test_each_stretch_begins_a_session_but_for_the_one_that_runs(on: str, power_w: float, begun: int) -> None:
    taken = np.array([each == "#" for each in on])
    assert sessions(taken, replace(car(STEPS, STEPS), power_w=power_w)) == begun


def test_a_consumer_may_be_below_its_minimum_in_its_last_step_alone() -> None:
    solved = Planner().solve(home((0.3,) * STEPS, consumers=(car(STEPS, STEPS),)))
    assert not isinstance(solved, Plan)
    move = on_move(solved.search, car(STEPS, STEPS), np.array([False, True, True, True, False, False]))
    assert move.lower.tolist() == [0.0, 1.38, 1.38, 0.0, 0.0, 0.0]
    assert move.upper.tolist() == [0.0, 7.36, 7.36, 7.36, 0.0, 0.0]


def test_nothing_costs_less_than_is_said_of_the_best() -> None:
    solved = Planner().solve(home((0.3, 0.1, 0.2, 0.3, 0.3, 0.3), consumers=(car(STEPS, STEPS, 4000.0),)))
    assert not isinstance(solved, Plan)
    assert solved.dived.bound <= solved.dived.objective + 1e-9


def test_a_plan_knows_what_the_one_before_had_in_each_of_its_steps() -> None:
    before = planned(home((0.1, 0.4) * 3, batteries=(battery(5000.0),)))
    later = home((0.4, 0.1, 0.4))
    later = replace(later, grid=replace(grid(3), start=before.grid.start + timedelta(hours=1)))

    told = last_kw(later, before)["battery"]

    assert (1000 * told).tolist() == pytest.approx(list(before.devices["battery"].power_w[1:4]))
    assert len(set(before.devices["battery"].power_w[:4])) > 1

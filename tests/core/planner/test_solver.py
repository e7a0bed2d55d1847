"""The solver: a search asks it only for what is cheaper than what it has."""

import math
from threading import Thread

import highspy
import pytest

from custom_components.home_flex.core.planner import Plan, PlanStatus
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.search import Search

from .homes import battery, car, home


@pytest.fixture
def search() -> Search:
    """Return a search that stands at its plan."""
    solved = Planner().solve(home((0.1, 0.3) * 6, batteries=(battery(),), consumers=(car(12, 9),)))
    assert not isinstance(solved, Plan)
    return solved.search


def test_an_optimum_is_found_only_below_what_is_asked(search: Search) -> None:
    least = search.value()

    assert search.value(below=least + 0.01) == pytest.approx(least)
    assert search.value(below=least - 0.01) == math.inf


def test_what_was_asked_once_does_not_bound_what_is_solved_next(search: Search) -> None:
    least = search.value()
    search.value(below=least - 1.0)

    assert search.value() == pytest.approx(least)


def test_another_user_of_the_solver_on_this_thread_takes_no_plan_away() -> None:
    plans: list[Plan] = []

    def use() -> None:
        other = highspy.Highs()  # type: ignore[no-untyped-call] # it has no types
        other.setOptionValue("output_flag", False)
        other.setOptionValue("threads", 3)
        other.addVar(0.0, 1.0)
        other.run()
        plans.append(Planner().plan(home((0.1, 0.3) * 6, batteries=(battery(),))))

    thread = Thread(target=use)
    thread.start()
    thread.join()
    assert [plan.status for plan in plans] == [PlanStatus.SOLVED]

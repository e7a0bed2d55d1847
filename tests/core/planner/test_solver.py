"""The solver: a search asks it only for what is cheaper than what it has."""

import math

import pytest

from custom_components.home_flex.core.planner import Plan
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

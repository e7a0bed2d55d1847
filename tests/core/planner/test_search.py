"""What is not solved is proven not to be worth it: the cheapest of what may be tried is found anyway."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from custom_components.home_flex.core.planner import Problem
from custom_components.home_flex.core.planner.integers import Effort, cheapest
from custom_components.home_flex.core.planner.on_sets import fits
from custom_components.home_flex.core.planner.outcome import Outcome
from custom_components.home_flex.core.planner.planner import Planner, Solved
from custom_components.home_flex.core.planner.search import Move, Search, least_cost, on_move
from custom_components.home_flex.core.planner.signs import pumping_steps

from .homes import car, home, homes

EXAMPLES = settings(max_examples=25, deadline=None)


def _solved(problem: Problem) -> Solved:
    solved = Planner(limit_s=20.0).solve(problem)
    assert isinstance(solved, Solved)
    return solved


def _windows(search: Search) -> list[Move]:
    """Return what lets each car run in one of three stretches of hours."""
    hours = np.arange(len(search.context.lengths_h))
    return [
        on_move(search, one, np.array(one.available) & (hours >= first) & (hours < first + 4))
        for one in search.context.problem.consumers
        for first in (0, 3, 6)
    ]


def _costs(search: Search, moves: list[Move]) -> list[float]:
    costs = []
    for move in moves:
        back = search.make(move)
        costs.append(search.value())
        search.make(back)
    return costs


def _relaxed(search: Search) -> Outcome:
    found = search.outcome()
    assert found is not None
    return found


@given(problem=homes())
@EXAMPLES
def test_no_move_costs_less_than_the_duals_of_where_it_stands_say(problem: Problem) -> None:
    search = _solved(problem).search
    stands, moves = _relaxed(search), _windows(search)
    for move, cost in zip(moves, _costs(search, moves), strict=True):
        assert cost >= least_cost(move, stands) + search.session_cost(move.on) - 1e-6


@given(problem=homes())
@EXAMPLES
def test_the_best_of_some_moves_is_as_cheap_as_if_all_were_tried(problem: Problem) -> None:
    search = _solved(problem).search
    moves = _windows(search)
    if not moves:
        return
    cheapest = min(_costs(search, moves))
    found = search.best(moves, _relaxed(search))

    assert found == cheapest or math.isclose(found, cheapest, abs_tol=1e-6)


def test_a_car_that_would_take_more_than_it_has_room_for_does_not_run_so_long() -> None:
    solved = _solved(home((0.3,) * 6, consumers=(replace(car(6, 6, need_wh=2000.0), room_wh=3000.0),)))
    (one,), context = solved.problem.consumers, solved.search.context

    # 1,380 W at 90 % are 1,242 Wh an hour; the last hour may be short.
    assert fits(one, np.array([True] * 3 + [False] * 3), context)
    assert not fits(one, np.array([True] * 4 + [False] * 2), context)


@given(problem=homes())
@settings(max_examples=8, deadline=None)
def test_no_search_finds_less_than_the_bound_where_selling_brings_more_than_buying(problem: Problem) -> None:
    dear = tuple(each + 0.05 for each in problem.signals.import_per_kwh)
    solved = _solved(replace(problem, signals=replace(problem.signals, export_per_kwh=dear)))
    found = cheapest(solved.search, solved.dived.outcome, Effort(limit_s=1.0, gap=0.001))

    assert len(pumping_steps(solved.search)) == len(problem.grid)
    assert found is not None
    assert min(found.objective, solved.dived.objective) >= solved.dived.bound - 1e-6

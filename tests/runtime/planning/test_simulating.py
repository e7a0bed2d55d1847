"""What might be: a problem with something changed, in the same currency."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.home_flex.core.model import Goal
from custom_components.home_flex.core.planner.preferences import preferences_for
from custom_components.home_flex.core.planner.price_level import at_price_level
from custom_components.home_flex.core.planner.problem import Problem
from custom_components.home_flex.runtime.planning.simulating import WhatIf, changed, refused
from tests.core.planner.homes import battery, car, home


def test_another_goal_keeps_the_level_of_the_currency() -> None:
    problem = at_price_level(home((7.0,) * 4, feed_in=1.0), 20.0)

    might_be = changed(problem, WhatIf(goal=Goal.GREENEST))

    assert might_be == replace(problem, preferences=preferences_for(Goal.GREENEST).scaled(20.0))


def test_another_price_does_not_move_the_level() -> None:
    problem = at_price_level(home((7.0,) * 4, feed_in=1.0), 20.0)

    assert changed(problem, WhatIf(import_price_per_kwh=14.0)).preferences == problem.preferences


PRICES = (0.3,) * 4
EMPTY = home(PRICES)
FULL = home(PRICES, batteries=(battery(),), consumers=(car(4, 3),))
PAST = FULL.grid.start - timedelta(hours=1)


@pytest.mark.parametrize(
    ("problem", "what", "why"),
    [
        (FULL, WhatIf(car_need_wh=5000.0, car_ready_by=PAST), "ready_by_past"),
        (FULL, WhatIf(car_need_wh=5000.0, car_ready_by=FULL.grid.end), None),
        (EMPTY, WhatIf(car_need_wh=5000.0), "no_car_planned"),
        (FULL, WhatIf(car_need_wh=5000.0, without=frozenset({"car"})), "no_car_planned"),
        (EMPTY, WhatIf(reserve=0.5), "no_battery_planned"),
        (FULL, WhatIf(without=frozenset({"meter"})), "device_not_planned"),
        (FULL, WhatIf(reserve=1.0, without=frozenset({"car"})), None),
        (EMPTY, WhatIf(), None),
    ],
)
def test_what_would_change_nothing_or_cannot_be_is_refused_and_named(
    problem: Problem, what: WhatIf, why: str | None
) -> None:
    assert refused(problem, what) == why

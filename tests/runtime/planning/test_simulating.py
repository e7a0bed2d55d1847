"""What might be: a problem with something changed, in the same currency."""

from dataclasses import replace

from custom_components.home_flex.core.model import Goal
from custom_components.home_flex.core.planner.preferences import preferences_for
from custom_components.home_flex.core.planner.price_level import at_price_level
from custom_components.home_flex.runtime.planning.simulating import WhatIf, changed
from tests.core.planner.homes import home


def test_another_goal_keeps_the_level_of_the_currency() -> None:
    problem = at_price_level(home((7.0,) * 4, feed_in=1.0), 20.0)

    might_be = changed(problem, WhatIf(goal=Goal.GREENEST))

    assert might_be == replace(problem, preferences=preferences_for(Goal.GREENEST).scaled(20.0))


def test_another_price_does_not_move_the_level() -> None:
    problem = at_price_level(home((7.0,) * 4, feed_in=1.0), 20.0)

    assert changed(problem, WhatIf(import_price_per_kwh=14.0)).preferences == problem.preferences

"""A plan that was made, with what it was made from."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.model import TimeGrid
from custom_components.home_flex.core.planner.plan import Intent, IntentKind
from custom_components.home_flex.runtime.planning.asking import Home, problem_of
from custom_components.home_flex.runtime.planning.made import MadePlan
from custom_components.home_flex.runtime.planning.outlook import Outlook

from .plans import SITE, plan_of, signals

# Five hours before midnight in Berlin, and half an hour before it in Kolkata.
LATE = datetime(2026, 11, 29, 18, tzinfo=UTC)
HOURS = TimeGrid(start=LATE, lengths_s=(3600,) * 8)


def made(zone: str, *prices: float) -> MadePlan:
    """Return a plan that buys 2 kW for four hours, and then sells 1 kW."""
    paid = replace(signals(HOURS), import_per_kwh=prices or (0.3,) * 8)
    home = Home(site=SITE, network=None, devices=(), asked_in=lambda _step: (), zone=ZoneInfo(zone))
    outlook = Outlook(signals=paid)
    plan = plan_of({"battery": Intent(kind=IntentKind.HOLD)}, grid=HOURS)
    return MadePlan(
        plan=replace(plan, net_w=(2000.0,) * 4 + (-1000.0,) * 4),
        problem=problem_of(home, HOURS, outlook, LATE),
        home=home,
        outlook=outlook,
        made_at=LATE + timedelta(minutes=5),
        stretches={},
    )


@pytest.mark.parametrize(
    ("zone", "cost"),
    [
        # Midnight is after 5 h: four that buy, and one that sells.
        ("Europe/Berlin", 4 * 2 * 0.3 - 0.05),
        # It cuts the first hour.
        ("Asia/Kolkata", 0.5 * 2 * 0.3),
    ],
)
def test_what_the_rest_of_today_costs_ends_at_the_homes_midnight(zone: str, cost: float) -> None:
    assert made(zone).cost_today == pytest.approx(cost)


def test_what_is_not_known_is_reckoned_as_it_was_planned() -> None:
    assert made("Europe/Berlin", 0.3, math.nan, 0.5, *(0.3,) * 5).cost_today == pytest.approx(
        2 * (0.3 + 0.5 + 0.5 + 0.3) - 0.05
    )

"""A charger's contactor: when it closed, how long it stays, and how often it may close."""

from math import inf
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging.contactor import Contactor, observed

from .chargers import charger

NOW_S = 10_000.0


def test_a_closing_is_counted_when_it_is_ordered_and_an_opening_is_none() -> None:
    closed = Contactor(closings=(1.0,)).moved(NOW_S, on=True)
    assert closed == Contactor(on=True, since_s=NOW_S, closings=(1.0, NOW_S))
    assert closed.moved(NOW_S + 5, on=True) is closed
    opened = closed.moved(NOW_S + 9, on=False)
    assert opened == Contactor(on=False, since_s=NOW_S + 9, closings=(1.0, NOW_S))
    assert opened.moved(NOW_S + 20, on=False) is opened


@pytest.mark.parametrize(
    ("ages_s", "reserve", "may"),
    [
        ((), 0, True),
        ((1, 2, 3), 0, True),
        ((1, 2, 3, 4), 0, False),
        # A little more than an hour ago does not count any more.
        ((1, 2, 3, 3659), 0, False),
        ((1, 2, 3, 3660), 0, True),
        ((1, 2), 1, True),
        ((1, 2, 3), 1, False),
        ((), 4, False),
    ],
)
def test_it_closes_four_times_an_hour_at_most(ages_s: tuple[float, ...], reserve: int, may: bool) -> None:
    contactor = Contactor(closings=tuple(NOW_S - age_s for age_s in ages_s))
    assert contactor.may_close(NOW_S, reserve=reserve) is may


@pytest.mark.parametrize(
    ("on", "for_s", "rested", "settled"),
    [
        (False, 59.0, False, False),
        (False, 60.0, True, False),
        (False, inf, True, False),
        (True, 60.0, False, False),
        (True, 299.0, False, False),
        (True, 300.0, False, True),
    ],
)
def test_it_stays_open_a_minute_and_closed_five(on: bool, for_s: float, rested: bool, settled: bool) -> None:
    contactor = Contactor(on=on, since_s=NOW_S - for_s)
    assert (contactor.rested(NOW_S), contactor.settled(NOW_S)) == (rested, settled)


@pytest.mark.parametrize(
    ("told", "for_s", "is_on", "since_s"),
    [
        ({"current_limit_a": 16.0}, 9000.0, True, NOW_S - 9000.0),
        ({"current_limit_a": None}, 9000.0, True, NOW_S - 9000.0),
        # Somebody above paused it, for longer than a charger takes to answer.
        ({"current_limit_a": 0.0}, 119.0, True, NOW_S - 119.0),
        ({"current_limit_a": 0.0}, 120.0, False, NOW_S),
        ({"current_limit_a": 5.4}, 120.0, False, NOW_S),
        ({"current_limit_a": 5.5}, 120.0, True, NOW_S - 120.0),
        ({"current_limit_a": 6.0}, 120.0, True, NOW_S - 120.0),
        # The car is gone.
        ({"current_limit_a": 16.0, "connected": False}, 10.0, False, NOW_S - 10.0),
    ],
)
def test_it_is_open_as_soon_as_the_charger_tells_so(
    told: dict[str, Any], for_s: float, is_on: bool, since_s: float
) -> None:
    found = observed(Contactor(on=True, since_s=NOW_S - for_s), charger(**told), NOW_S)
    assert (found.on, found.since_s) == (is_on, since_s)


def test_one_that_is_open_stays_open_and_the_last_hour_is_remembered() -> None:
    ages_s = (4000.0, 3660.0, 3659.0, 5.0)
    before = Contactor(since_s=1.0, closings=tuple(NOW_S - age_s for age_s in ages_s))
    found = observed(before, charger(current_limit_a=0.0), NOW_S)
    assert found == Contactor(since_s=1.0, closings=(NOW_S - 3659.0, NOW_S - 5.0))

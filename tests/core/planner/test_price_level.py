"""Plans in any currency: what is scaled with the prices changes the money and no decision."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.planner import Goal, Preferences, Problem, preferences_for
from custom_components.home_flex.core.planner.price_level import at_price_level

from .homes import car, fuse, home, homes, planned

STEPS = 12
# What a plan may be dearer than the best is where the search ends.
TOLERATED = 0.03


def in_currency(problem: Problem, level: float) -> Problem:
    """Return a home whose money is worth so much less, all of it."""
    signals, peak = problem.signals, problem.peak
    return replace(
        at_price_level(problem, level),
        signals=replace(
            signals,
            import_per_kwh=tuple(each * level for each in signals.import_per_kwh),
            export_per_kwh=tuple(each * level for each in signals.export_per_kwh),
        ),
        peak=replace(peak, per_kw=peak.per_kw * level),
    )


@given(problem=homes(), level=st.sampled_from((1 / 16, 1 / 3, 4, 70 / 3, 1000 / 3)))
@settings(max_examples=60, deadline=None)
def test_a_currency_changes_the_money_and_no_decision(problem: Problem, level: float) -> None:
    here, there = planned(problem), planned(in_currency(problem, level))

    # Where two plans cost the same, either is right: what is decided is told by what it costs and bends.
    assert there.money.total / level == pytest.approx(here.money.total, abs=TOLERATED)
    assert [(each.wish, each.subject_id) for each in there.bent] == [
        (each.wish, each.subject_id) for each in here.bent
    ]
    assert there.left_out == here.left_out


@pytest.mark.parametrize("goal", Goal)
def test_every_price_beside_money_is_scaled(goal: Goal) -> None:
    prices = preferences_for(goal)

    scaled = prices.scaled(4.0)

    assert scaled.scaled(0.25) == prices
    assert (scaled.level, scaled.bend.wish, scaled.stickiness) == (4.0, 20.0, 0.008)
    assert scaled.carbon_per_kg == 4.0 * prices.carbon_per_kg


@pytest.mark.parametrize("level", [0.0, -1.0, float("nan")])
def test_no_prices_stand_at_a_level_that_is_none(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        Preferences().scaled(level)


def test_a_car_is_not_left_short_where_a_kwh_costs_more_than_the_price_of_its_wish_in_eur() -> None:
    dear = home((6.5,) * STEPS, feed_in=1.0, consumers=(car(STEPS, 6),))

    assert [each.wish for each in planned(dear).bent] == ["ready_by"]
    assert planned(at_price_level(dear, 70 / 3)).bent == ()


def test_what_is_absurd_in_eur_is_a_price_elsewhere() -> None:
    dear = home((60.0,) * STEPS, feed_in=5.0, meter_limits=(fuse(STEPS),))

    assert planned(dear).left_out
    assert planned(at_price_level(dear, 1000 / 3)).left_out == ()

"""Plans in any currency: what is scaled with the prices changes the money and no decision."""

from dataclasses import replace
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.model import Goal
from custom_components.home_flex.core.planner import Plan, Preferences, Problem, preferences_for
from custom_components.home_flex.core.planner.cleaning import cleaned
from custom_components.home_flex.core.planner.price_level import at_price_level
from custom_components.home_flex.core.signals import price_level

from .homes import car, home, homes, planned

STEPS = 12


def in_currency(problem: Problem, level: float) -> Problem:
    """Return a home whose money is worth so much less, all of it."""
    signals = problem.signals
    return replace(
        at_price_level(problem, level),
        signals=replace(
            signals,
            most_per_kwh=signals.most_per_kwh * level,
            import_per_kwh=tuple(each * level for each in signals.import_per_kwh),
            export_per_kwh=tuple(each * level for each in signals.export_per_kwh),
        ),
        peaks=tuple(replace(peak, per_kw=peak.per_kw * level) for peak in problem.peaks),
    )


def decided(plan: Plan) -> object:
    """Return what each device is to do and why, and what had to bend."""
    does = {
        device_id: [
            (intent.kind, reason.code) for intent, reason in zip(device.intents, device.reasons, strict=True)
        ]
        for device_id, device in plan.devices.items()
    }
    return does, [(each.wish, each.subject_id) for each in plan.bent], plan.left_out


@given(problem=homes(), level=st.sampled_from((1 / 16, 1 / 4, 4, 32, 256)))
@settings(max_examples=60, deadline=None)
def test_a_currency_changes_the_money_and_no_decision(problem: Problem, level: float) -> None:
    # Powers of two: where two decisions cost the same, no rounding chooses between them.
    here, there = planned(problem), planned(in_currency(problem, level))

    assert there.money.total == pytest.approx(here.money.total * level, abs=1e-3 * level)
    assert there.net_w == pytest.approx(here.net_w, abs=1.0)
    assert decided(there) == decided(here)


@given(problem=homes(), level=st.sampled_from((1 / 10, 70 / 3, 1000 / 3)))
@settings(max_examples=40, deadline=None)
def test_in_any_currency_a_plan_costs_and_bends_as_much(problem: Problem, level: float) -> None:
    here, there = planned(problem), planned(in_currency(problem, level))

    assert there.money.total == pytest.approx(here.money.total * level, abs=0.03 * level)
    assert {(each.wish, each.subject_id) for each in there.bent} == {
        (each.wish, each.subject_id) for each in here.bent
    }


@pytest.mark.parametrize(
    ("currency", "per_kwh", "level"),
    [
        ("EUR", (6.0, 7.0), 1.0),
        ("CZK", (6.0, 7.0), 70 / 3),
        ("HUF", (), 1000 / 3),
        ("INR", (6.0, 9.0, 12.0), 30.0),
        ("INR", (nan, -9.0, nan), 30.0),
        ("BTC", (0.000002,), 0.001),
        ("INR", (0.0,), 0.001),
        ("INR", (nan,), 1.0),
        ("INR", (), 1.0),
    ],
)
def test_the_level_is_that_of_the_currency_or_of_the_prices_seen(
    currency: str, per_kwh: tuple[float, ...], level: float
) -> None:
    assert price_level(currency, per_kwh) == pytest.approx(level)


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
    dear = replace(dear, signals=replace(dear.signals, most_per_kwh=70.0))

    assert [each.wish for each in planned(dear).bent] == ["ready_by"]
    assert planned(at_price_level(dear, 70 / 3)).bent == ()


def test_where_no_price_is_known_the_usual_one_is_that_of_the_currency() -> None:
    unknown = home((nan,) * STEPS, feed_in=1.0)

    usable, _ = cleaned(at_price_level(unknown, 70 / 3))

    assert usable.signals.import_per_kwh == pytest.approx((7.0,) * STEPS)

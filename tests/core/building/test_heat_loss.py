"""What a building loses per kelvin: figures of buildings whose loss is known, and when there is none."""

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.building.days import BuildingDay, HeatSource, Period
from custom_components.home_flex.core.building.heat_loss import (
    HeatLoss,
    Lacking,
    Method,
    NoHeatLoss,
    heat_loss,
)
from custom_components.home_flex.core.building.retrofit import Comparison, NoComparison, compare

_START = date(2025, 11, 1)
_LOSS_W_PER_K, _APERTURE_M2, _STORE_WH_PER_K = 200.0, 3.0, 6000.0


def day(number: int, random: np.random.Generator, *, loss_w_per_k: float = _LOSS_W_PER_K) -> BuildingDay:
    """Return a day of a building that obeys ``heat = H x kelvin-hours - A x sun + C x change``."""
    outdoor_c, change_k = float(random.normal(4, 4)), float(random.normal(0, 0.5))
    sun_wh_per_m2 = float(random.uniform(200, 3000))
    heat_wh = (
        loss_w_per_k * (20.0 - outdoor_c) * 24 - _APERTURE_M2 * sun_wh_per_m2 + _STORE_WH_PER_K * change_k
    )
    return BuildingDay(
        day=_START + timedelta(days=number),
        indoor_c=20.0,
        outdoor_c=outdoor_c,
        indoor_change_k=change_k,
        heating_wh=heat_wh - 8000.0 - 3000.0,
        electricity_wh=8000.0,
        people_wh=3000.0,
        hot_water_wh=5000.0,
        sun_wh_per_m2=sun_wh_per_m2,
    )


def period(
    days: int = 60,
    *,
    seed: int = 1,
    source: HeatSource = HeatSource.HEAT_METER,
    loss_w_per_k: float = _LOSS_W_PER_K,
) -> Period:
    """Return a whole period of such days."""
    random = np.random.default_rng(seed)
    return Period(
        start=_START,
        end=_START + timedelta(days=days),
        days=tuple(day(number, random, loss_w_per_k=loss_w_per_k) for number in range(days)),
        source=source,
    )


def changed(of: Period, **values: Any) -> Period:
    """Return the period with each of its days changed."""
    return replace(of, days=tuple(replace(each, **values) for each in of.days))


@pytest.mark.parametrize(
    ("days", "method"),
    [(21, Method.AVERAGE), (41, Method.AVERAGE), (42, Method.REGRESSION), (150, Method.REGRESSION)],
)
def test_finds_the_loss_of_a_building_that_obeys_physics(days: int, method: Method) -> None:
    found = heat_loss(period(days))
    assert isinstance(found, HeatLoss)
    assert found.method is method
    assert found.loss_w_per_k == pytest.approx(
        _LOSS_W_PER_K, rel=1e-6 if method is Method.REGRESSION else 0.02
    )
    assert abs(found.loss_w_per_k - _LOSS_W_PER_K) < found.half_width_w_per_k


@pytest.mark.parametrize(
    ("source", "at_least"),
    [(HeatSource.HEAT_METER, 0.11), (HeatSource.BOILER, 0.12), (HeatSource.HEAT_PUMP, 0.19)],
)
def test_the_interval_is_as_wide_as_the_heat_is_ill_known_even_when_the_fit_is_perfect(
    source: HeatSource, at_least: float
) -> None:
    found = heat_loss(period(source=source))
    assert isinstance(found, HeatLoss)
    assert found.half_width_w_per_k / found.loss_w_per_k == pytest.approx(at_least, abs=0.02)


@pytest.mark.parametrize(
    ("told", "lacking"),
    [
        (period(20), Lacking.TOO_FEW_DAYS),
        (replace(period(60), days=period(60).days[:41]), Lacking.TOO_FEW_DAYS),
        (changed(period(), indoor_c=10.0), Lacking.TOO_MILD),
        (changed(period(), hot_water_wh=None), Lacking.HOT_WATER_UNKNOWN),
        (changed(period(), electricity_wh=90000.0), Lacking.TOO_LITTLE_HEATING),
        (changed(period(source=HeatSource.HEAT_PUMP), people_wh=60000.0), Lacking.TOO_UNCERTAIN),
        (changed(period(), indoor_c=math.nan), Lacking.TOO_FEW_DAYS),
        (changed(period(), heating_wh=-1.0), Lacking.TOO_FEW_DAYS),
        (changed(period(), outdoor_c=20.0, indoor_c=20.0), Lacking.TOO_MILD),
        (replace(period(), days=()), Lacking.TOO_FEW_DAYS),
    ],
)
def test_says_what_is_lacking_instead_of_a_figure(told: Period, lacking: Lacking) -> None:
    found = heat_loss(told)
    assert isinstance(found, NoHeatLoss)
    assert found.lacking is lacking


def test_an_unlikely_interval_is_told_with_its_width() -> None:
    found = heat_loss(changed(period(source=HeatSource.HEAT_PUMP), people_wh=60000.0))
    assert isinstance(found, NoHeatLoss)
    assert found.half_width_share is not None
    assert found.half_width_share > 0.25


def test_little_heating_among_the_heat_is_told_as_unsure() -> None:
    found = heat_loss(changed(period(), electricity_wh=45000.0))
    assert isinstance(found, HeatLoss)
    assert found.is_unsure


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_days_come_does_not_matter(random: object) -> None:
    told = period(45)
    shuffled = list(told.days)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert heat_loss(replace(told, days=tuple(shuffled))) == heat_loss(told)


def test_days_outside_the_period_do_not_count() -> None:
    told = period(60)
    assert heat_loss(replace(told, end=_START + timedelta(days=45))) == heat_loss(
        replace(told, end=_START + timedelta(days=45), days=told.days[:45])
    )


def test_a_day_of_a_clock_change_has_its_hours() -> None:
    told = period(45)
    longer = replace(told.days[3], hours=25)
    warmer = replace(longer, heating_wh=longer.heating_wh + _LOSS_W_PER_K * (20.0 - longer.outdoor_c))
    found = heat_loss(replace(told, days=(*told.days[:3], warmer, *told.days[4:])))
    assert isinstance(found, HeatLoss)
    assert found.loss_w_per_k == pytest.approx(_LOSS_W_PER_K, rel=1e-6)


def test_rooms_that_never_change_their_temperature_are_fitted_without_what_the_walls_store() -> None:
    steady = tuple(
        replace(
            each, indoor_change_k=0.0, heating_wh=each.heating_wh - _STORE_WH_PER_K * each.indoor_change_k
        )
        for each in period().days
    )
    found = heat_loss(replace(period(), days=steady))
    assert isinstance(found, HeatLoss)
    assert found.method is Method.REGRESSION
    assert found.loss_w_per_k == pytest.approx(_LOSS_W_PER_K, rel=1e-6)


@pytest.mark.parametrize(
    ("after_w_per_k", "is_less", "is_more"),
    [(180.0, True, False), (196.0, False, False), (225.0, False, True)],
)
def test_a_tenth_less_is_seen_and_a_fiftieth_is_not_claimed(
    after_w_per_k: float, is_less: bool, is_more: bool
) -> None:
    found = compare(period(), period(seed=2, loss_w_per_k=after_w_per_k))
    assert isinstance(found, Comparison)
    assert found.ratio == pytest.approx(after_w_per_k / _LOSS_W_PER_K, rel=1e-6)
    assert (found.is_less, found.is_more) == (is_less, is_more)


def test_what_a_meter_shows_wrongly_in_both_winters_cancels() -> None:
    def wrong(of: Period) -> Period:
        return replace(
            of,
            days=tuple(
                replace(each, heating_wh=each.heating_wh * 1.1, electricity_wh=0.0, people_wh=0.0)
                for each in of.days
            ),
        )

    found = compare(wrong(period()), wrong(period(seed=2)))
    assert isinstance(found, Comparison)
    assert abs(found.ratio - 1.0) < 0.02


def test_a_heating_that_was_replaced_leaves_its_error_in_the_comparison() -> None:
    same = compare(period(source=HeatSource.BOILER), period(seed=2, source=HeatSource.BOILER))
    replaced = compare(period(source=HeatSource.BOILER), period(seed=2, source=HeatSource.HEAT_PUMP))
    assert isinstance(same, Comparison)
    assert isinstance(replaced, Comparison)
    assert replaced.half_width > same.half_width + 0.08


def test_a_bill_that_fell_with_the_weather_is_no_retrofit() -> None:
    after = period(seed=2)
    milder = replace(
        after,
        days=tuple(
            replace(
                each, outdoor_c=each.outdoor_c + 3.0, heating_wh=each.heating_wh - _LOSS_W_PER_K * 3.0 * 24
            )
            for each in after.days
        ),
    )
    found = compare(period(), milder)
    assert isinstance(found, Comparison)
    assert found.use_ratio < 0.9
    assert not found.is_less


def test_new_windows_let_in_another_sun() -> None:
    after = period(seed=2)
    darker = replace(
        after,
        days=tuple(
            replace(each, heating_wh=each.heating_wh + 2.0 * each.sun_wh_per_m2) for each in after.days
        ),
    )
    apart = compare(period(), darker, same_windows=False)
    assert isinstance(apart, Comparison)
    assert apart.ratio == pytest.approx(1.0, rel=1e-6)


def test_a_comparison_without_enough_days_says_on_which_side() -> None:
    found = compare(period(), period(20))
    assert isinstance(found, NoComparison)
    assert found.before is None
    assert found.after is not None
    assert found.after.lacking is Lacking.TOO_FEW_DAYS

"""What a home's sensors and meters make of a winter, and what the product is given of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from custom_components.home_flex.core.building.days import BuildingDay, HeatSource

from .houses import Flags, Houses, Lived
from .weather import Floats, Weather

_FIRST = date(2025, 10, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Errors:
    """What is wrong with a house's sensors in every winter alike, one value a house."""

    indoor_k: Floats
    outdoor_k: Floats
    sun_factor: Floats
    efficiency_factor: Floats
    hot_water_factor: Floats
    people_factor: Floats
    tells_absences: Flags


def errors(random: np.random.Generator, houses: Houses) -> Errors:
    """Return errors: a room's sensor 0.5 K, a service 0.3 K, sun 5 %, boiler 3.5 points, coefficient 11 %."""
    count = len(houses.people)
    boiler = (houses.efficiency + random.normal(0.0, 0.035, count)) / houses.efficiency
    return Errors(
        indoor_k=random.normal(0.0, 0.5, count),
        outdoor_k=random.normal(0.0, 0.3, count),
        sun_factor=1.0 + random.normal(0.0, 0.05, count),
        efficiency_factor=np.where(houses.has_heat_pump, 1.0 + random.normal(0.0, 0.11, count), boiler),
        hot_water_factor=1.0 + random.normal(0.0, 0.15, count),
        people_factor=np.clip(1.0 + random.normal(0.0, 0.3, count), 0.3, None),
        tells_absences=random.random(count) < 0.8,
    )


def source(houses: Houses, house: int) -> HeatSource:
    """Return what warms a house."""
    return HeatSource.HEAT_PUMP if houses.has_heat_pump[house] else HeatSource.BOILER


def days_of(
    random: np.random.Generator, houses: Houses, errs: Errors, weather: Weather, winter: Lived
) -> list[list[BuildingDay]]:
    """Return each house's days: 3 % are missing and a gap of up to nine days."""
    count, hours = winter.indoor_c.shape
    days = hours // 24
    true_water_wh = houses.hot_water_wh_a_day[:, None] * random.uniform(0.6, 1.4, (count, days))
    # What the meter of gas or electricity showed, times what efficiency is thought to be, less the water.
    shown_wh = (_sums(winter.heating_w) + true_water_wh) * errs.efficiency_factor[:, None]
    water_wh = np.repeat((houses.hot_water_wh_a_day * errs.hot_water_factor)[:, None], days, axis=1)
    indoor_c = winter.indoor_c + errs.indoor_k[:, None]
    ends = indoor_c.reshape(count, days, 24)
    columns = {
        "indoor_c": ends.mean(axis=2),
        "outdoor_c": (weather.outdoor_c + errs.outdoor_k[:, None]).reshape(count, days, 24).mean(axis=2),
        "indoor_change_k": ends[:, :, -1] - ends[:, :, 0],
        "heating_wh": np.clip(shown_wh - water_wh, 0.0, None),
        "electricity_wh": _sums(winter.electricity_w),
        # Who goes away for days says so, in four homes of five.
        "people_wh": (houses.people * 75.0 * 0.65 * 24 * errs.people_factor)[:, None]
        * np.where(errs.tells_absences[:, None], winter.at_home.reshape(count, days, 24).mean(axis=2), 1.0),
        "hot_water_wh": water_wh,
        "sun_wh_per_m2": _sums(weather.sun_w_per_m2) * errs.sun_factor[:, None],
    }
    there = random.random((count, days)) > 0.03
    for house in range(count):
        gap = int(random.integers(0, days))
        there[house, gap : gap + int(random.integers(0, 10))] = False
    return [
        [_day(columns, house, day) for day in np.flatnonzero(there[house]).tolist()] for house in range(count)
    ]


def _day(columns: Mapping[str, Floats], house: int, day: int) -> BuildingDay:
    values: dict[str, Any] = {name: float(column[house, day]) for name, column in columns.items()}
    return BuildingDay(day=_FIRST + timedelta(days=day), **values)


def truth_w_per_k(winter: Lived, house: int, first: int, days: int) -> float:
    """Return the mean coefficient in use of some days of a winter."""
    return float(winter.loss_w_per_k[house, first * 24 : (first + days) * 24].mean())


def first_day() -> date:
    """Return the day a winter begins."""
    return _FIRST


def _sums(values_w: Floats) -> Floats:
    sums: Floats = values_w.reshape(len(values_w), -1, 24).sum(axis=2)
    return sums

"""A winter's weather, hour by hour: temperature, sun on a south wall, wind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

# The winter begins on 1 October.
_FIRST_DAY_OF_YEAR = 274


@dataclass(frozen=True, kw_only=True, slots=True)
class Weather:
    """Arrays of one value an hour and home: ``outdoor_c``, ``sun_w_per_m2``, ``wind`` (mean 1)."""

    outdoor_c: Floats
    sun_w_per_m2: Floats
    wind: Floats


def winter(random: np.random.Generator, homes: int, days: int) -> Weather:
    """Return weather of Western Europe, another one for each home."""
    hours = np.arange(days * 24)
    day = hours // 24
    season_c = 8.0 + 8.0 * np.cos(2 * np.pi * (day + _FIRST_DAY_OF_YEAR - 205) / 365)
    fronts_c = _drift(random, homes, days, keeps=0.8, spread=3.3)[:, day]
    clouds = np.clip(0.45 + _drift(random, homes, days, keeps=0.5, spread=0.3), 0.05, 1.0)[:, day]
    height = np.clip(_sine_of_height(hours), 0.0, None)
    # A south wall sees the low winter sun almost squarely.
    sun = 850.0 * np.sqrt(height) * np.clip(np.cos(2 * np.pi * (hours % 24 - 12.5) / 24), 0.0, None)
    by_day_c = (1.0 + 4.0 * clouds) * np.cos(2 * np.pi * (hours % 24 - 15) / 24)
    return Weather(
        outdoor_c=season_c + fronts_c + by_day_c,
        sun_w_per_m2=sun * clouds,
        wind=np.clip(1.0 + _drift(random, homes, days, keeps=0.6, spread=0.5), 0.2, 3.0)[:, day],
    )


def _sine_of_height(hours: NDArray[np.int64]) -> Floats:
    """Return the sine of the sun's height at 52 degrees north."""
    tilt = np.radians(-23.44 * np.cos(2 * np.pi * (hours // 24 + _FIRST_DAY_OF_YEAR + 10) / 365))
    turn = np.radians(15.0 * (hours % 24 - 12))
    place = np.radians(52.0)
    sine: Floats = np.sin(place) * np.sin(tilt) + np.cos(place) * np.cos(tilt) * np.cos(turn)
    return sine


def _drift(random: np.random.Generator, homes: int, days: int, *, keeps: float, spread: float) -> Floats:
    """Return a value a day that keeps a share of the day before (an AR(1) with this standard deviation)."""
    steps = random.normal(0.0, spread * np.sqrt(1 - keeps**2), (homes, days))
    values = np.empty_like(steps)
    values[:, 0] = random.normal(0.0, spread, homes)
    for index in range(1, days):
        values[:, index] = keeps * values[:, index - 1] + steps[:, index]
    return values

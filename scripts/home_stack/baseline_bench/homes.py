"""The homes of a fleet: what each has, drawn at random, and its load from days of a real home."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]

QUARTERS: Final = 96
_FILE: Final = Path(__file__).parents[3] / "tests/data/series/home_30min.csv"
# The first whole day of the file.
_FILE_START: Final = date(2024, 2, 29)
# So many days around the day of the year give a home its load.
_SEASON_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Homes:
    """What each home of a fleet has: arrays of one number per home, 0 where it has no such device.

    Powers in W, energies in Wh, ``heat_w_per_k`` electric power of the heat pump per kelvin below 16 °C.
    ``needs_wh``, ``arrivals`` (quarters from midnight) per home and day; ``timers``: the car waits for the
    night.
    """

    load_w: Floats  # homes x days x quarters
    is_away: Flags  # homes x days
    sun_w: Floats
    battery_w: Floats
    battery_wh: Floats
    car_w: Floats
    needs_wh: Floats
    arrivals: Floats
    timers: Flags
    heat_w_per_k: Floats


def drawn(random: np.random.Generator, count: int, start: date, days: int) -> Homes:
    """Return homes as a fleet has them."""
    is_away = np.zeros((count, days), dtype=np.bool_)
    for home in np.flatnonzero(random.random(count) < 0.25):
        first = random.integers(0, days)
        is_away[home, first : first + random.integers(2, 9)] = True
    has_sun = random.random(count) < 0.5
    has_battery = has_sun & (random.random(count) < 0.6)
    has_car = random.random(count) < 0.4
    battery_wh = np.where(has_battery, random.uniform(5000, 13000, count), 0.0)
    car_w = np.where(has_car, random.choice([3700.0, 7400.0, 11000.0], count), 0.0)
    drives = has_car[:, None] & (random.random((count, days)) < 0.75) & ~is_away
    return Homes(
        load_w=_load_w(random, count, start, days, is_away),
        is_away=is_away,
        sun_w=np.where(has_sun, random.uniform(2500, 9000, count), 0.0),
        battery_w=battery_wh * 0.4,
        battery_wh=battery_wh,
        car_w=car_w,
        needs_wh=np.where(drives, random.gamma(3.0, 3500.0, (count, days)), 0.0),
        arrivals=np.clip(random.normal(72, 5, (count, days)), 30, 94),
        timers=has_car & (random.random(count) < 0.4),
        heat_w_per_k=np.where(
            random.random(count) < 0.5, random.uniform(120, 260, count) / random.uniform(2.8, 4.2, count), 0.0
        ),
    )


def _load_w(random: np.random.Generator, count: int, start: date, days: int, is_away: Flags) -> Floats:
    real = _real_days_w()
    kinds = np.array([(_FILE_START + timedelta(days=index)).weekday() < 5 for index in range(len(real))])
    middle = _FILE_START.toordinal()
    scale = random.lognormal(0.0, 0.45, count)
    load_w = np.empty((count, days, QUARTERS))
    level = np.ones(count)
    for day in range(days):
        when = start + timedelta(days=day)
        apart = np.abs((np.arange(len(real)) + middle - when.toordinal() + 182) % 365 - 182)
        like = np.flatnonzero((apart <= _SEASON_DAYS) & (kinds == (when.weekday() < 5)))
        level = np.clip(level * random.normal(1.0, 0.03, count), 0.7, 1.4)
        for home, chosen in enumerate(random.choice(like, count)):
            shifted = np.roll(real[chosen], random.integers(-3, 4))
            load_w[home, day] = shifted * scale[home] * level[home]
    load_w *= random.gamma(8.0, 1 / 8, load_w.shape)
    load_w[is_away] *= 0.3
    return load_w


def _real_days_w() -> Floats:
    with _FILE.open(newline="") as file:
        rows = [float(row["load_w"] or "nan") for row in csv.DictReader(file)]
    half_hours = np.array(rows[6:])
    whole = half_hours[: len(half_hours) // 48 * 48].reshape(-1, 48)
    return np.asarray(np.repeat(np.nan_to_num(whole, nan=float(np.nanmean(whole))), 2, axis=1))

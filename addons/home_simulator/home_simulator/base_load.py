"""What the household uses besides PV, battery and car: a pure function of time, so that it repeats."""

import bisect
import csv
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

type BaseLoad = Callable[[datetime], float]
"""Power in W (>= 0) at an aware time."""

_FLICKER_SHARE = 0.03
_FLICKER_PERIOD_S = 7


@dataclass(frozen=True, slots=True)
class _Appliance:
    """What runs how often a day, for how long, between which hours of the day."""

    power_w: float
    minutes: int
    runs_per_day: int
    first_hour: float
    last_hour: float


_APPLIANCES = (
    _Appliance(2000, 4, 5, 6.5, 22.5),  # kettle
    _Appliance(1800, 45, 1, 17.0, 18.5),  # hob and oven
    _Appliance(1900, 20, 1, 9.0, 20.0),  # washing machine heating
    _Appliance(1200, 8, 2, 7.0, 20.0),  # vacuum cleaner, iron
    _Appliance(120, 18, 24, 0.0, 23.6),  # refrigerator
    _Appliance(350, 240, 1, 18.0, 19.5),  # lights, television
)
_STANDBY_W = 180.0


def generated_base_load(seed: int, timezone: ZoneInfo) -> BaseLoad:
    """Return a household of our own making: standby, and appliances that start as ``seed`` has it."""

    @lru_cache(maxsize=4)
    def runs_of(day: date) -> tuple[tuple[float, float, float], ...]:
        draw = random.Random(f"{seed}:{day.isoformat()}")  # noqa: S311 - a repeatable household, no secret
        return tuple(
            (start, start + appliance.minutes / 60, appliance.power_w * draw.uniform(0.9, 1.1))
            for appliance in _APPLIANCES
            for start in (
                draw.uniform(appliance.first_hour, appliance.last_hour) for _ in range(appliance.runs_per_day)
            )
        )

    def power(time: datetime) -> float:
        local = time.astimezone(timezone)
        hour = local.hour + local.minute / 60 + local.second / 3600
        running = sum(
            power_w
            for start, end, power_w in (*runs_of(local.date()), *_past_midnight(runs_of, local))
            if start <= hour < end
        )
        return (_STANDBY_W + running) * _flicker(seed, time)

    return power


def _past_midnight(
    runs_of: Callable[[date], tuple[tuple[float, float, float], ...]], local: datetime
) -> list[tuple[float, float, float]]:
    """Yesterday's runs, told in today's hours."""
    yesterday = local.date() - timedelta(days=1)
    return [(start - 24, end - 24, power_w) for start, end, power_w in runs_of(yesterday) if end > 24]


def recorded_base_load(path: Path, seed: int) -> BaseLoad:
    """Return a real home's load from a CSV with ``timestamp_utc`` and ``load_w``, at the same time of year.

    A time outside the record is moved by whole years of 52 weeks, which keeps the day of the week.
    Between rows the power is interpolated; rows without a load are left out. Raises ValueError if
    fewer than two rows remain.
    """
    times: list[float] = []
    powers: list[float] = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if (load := float(row["load_w"] or "nan")) > 0 and math.isfinite(load):
                times.append(datetime.fromisoformat(row["timestamp_utc"]).timestamp())
                powers.append(load)
    if len(times) < 2:
        raise ValueError(f"{path.name} holds no series of load_w")
    year_s = timedelta(weeks=52).total_seconds()

    def power(time: datetime) -> float:
        moment = time.timestamp()
        moment -= math.floor((moment - times[0]) / year_s) * year_s
        after = min(max(bisect.bisect(times, moment), 1), len(times) - 1)
        span = times[after] - times[after - 1]
        part = min(1.0, (moment - times[after - 1]) / span)
        between = powers[after - 1] + (powers[after] - powers[after - 1]) * part
        return between * _flicker(seed, time)

    return power


def fixed_base_load(power_w: float) -> BaseLoad:
    """Return a load that never changes."""
    return lambda _time: power_w


def _flicker(seed: int, time: datetime) -> float:
    """Small things switching: a factor around 1 that moves smoothly every few seconds."""
    step, part = divmod(time.timestamp() / _FLICKER_PERIOD_S, 1)
    here, there = (_draw(f"{seed}:{int(step) + ahead}") for ahead in (0, 1))
    return 1 + _FLICKER_SHARE * (here + (there - here) * part)


@lru_cache(maxsize=16)
def _draw(key: str) -> float:
    return random.Random(key).uniform(-1, 1)  # noqa: S311 - a repeatable household, no secret

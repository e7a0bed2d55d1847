"""The home's days: what it drew, what its roof gave, what a kWh cost, and when that was known."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from custom_components.home_flex.core.forecast import FloatArray, History

from ..home_series import ZONE, home_series

STEP_S: Final = 1800
_PRICES: Final = Path(__file__).parents[3] / "tests/data/series/day_ahead_60min.csv"
_ADDED: Final = 0.14
_TAKEN: Final = 0.01
_HISTORY_DAYS: Final = 45
_PUBLISHED_HOUR: Final = 13


@dataclass(frozen=True, kw_only=True, eq=False)
class Season:
    """Some half-hours of a home's year, the first of which is ``first`` of its load and sun in W."""

    start: datetime
    steps: int
    load: History
    sun: History
    first: int

    def load_w(self, step: int) -> float:
        """Return the true load of a step."""
        return float(self.load.values_w[self.first + step])

    def sun_w(self, step: int) -> float:
        """Return what the roof can give in a step."""
        return float(self.sun.values_w[self.first + step])

    def time(self, step: int) -> datetime:
        """Return when a step begins."""
        return self.start + timedelta(seconds=STEP_S * step)

    def seen(self, step: int) -> tuple[History, History]:
        """Return what was measured of load and sun before a step."""
        low, high = self.first + step - _HISTORY_DAYS * 48, self.first + step
        return _part(self.load, low, high), _part(self.sun, low, high)


def season(start: datetime, days: int) -> Season:
    """Return some days of the home's year; what it does not tell is filled from the day before."""
    series = home_series()
    load, sun = _filled(series["load_w"], by_day=True), _filled(series["pv_w"], by_day=False)
    return Season(start=start, steps=48 * days, load=load, sun=sun, first=load.index_of(start))


def import_price(time: datetime) -> float:
    """Return what a kWh costs: the day-ahead price of a day of three weeks, with what is added to it."""
    return _day_ahead(time) + _ADDED


def export_price(time: datetime) -> float:
    """Return what a kWh brings: less around noon in the lighter half of the year, so that it may cost."""
    local = time.astimezone(ZONE)
    dip = 0.06 if 11 <= local.hour < 15 and 4 <= local.month <= 9 else 0.0
    return _day_ahead(time) - _TAKEN - dip


def known_until(now: datetime) -> datetime:
    """Return until when prices are published: the next day's from 13:00 on."""
    local = now.astimezone(ZONE)
    days = 2 if local.hour >= _PUBLISHED_HOUR else 1
    midnight = (local + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(UTC)


def _read() -> tuple[float, ...]:
    with _PRICES.open(newline="") as file:
        return tuple(float(row["event_value"]) for row in csv.DictReader(file))


_DAY_AHEAD: Final = _read()


def _day_ahead(time: datetime) -> float:
    """Return the price of an hour; the three weeks are lived through again and again, by local hours."""
    local = time.astimezone(ZONE)
    hours = local.toordinal() * 24 + local.hour
    return _DAY_AHEAD[hours % len(_DAY_AHEAD)]


def _part(history: History, low: int, high: int) -> History:
    return History(
        start=history.start + timedelta(seconds=STEP_S * low),
        step_s=history.step_s,
        values_w=history.values_w[low:high],
    )


def _filled(history: History, *, by_day: bool) -> History:
    values: FloatArray = history.values_w.copy()
    for index in np.flatnonzero(np.isnan(values)):
        values[index] = values[index - 48] if by_day and index >= 48 else 0.0
    return History(start=history.start, step_s=history.step_s, values_w=np.maximum(values, 0.0))

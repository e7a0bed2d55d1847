"""Made-up homes: histories whose truth is known."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from custom_components.home_flex.core.forecast import FloatArray, History, Place, clear_sky

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
HALF_HOUR_S = 1800
PLACE = Place(latitude_deg=52, longitude_deg=5)
_PEAK_W_EACH_W_M2 = 4.0


def history(power_w: Callable[[datetime], float], days: int, start: datetime = MONDAY) -> History:
    """Return half-hours of a power that is a function of their start (UTC)."""
    times = [start + timedelta(seconds=HALF_HOUR_S * index) for index in range(48 * days)]
    return History(
        start=start,
        step_s=HALF_HOUR_S,
        values_w=np.array([power_w(time) for time in times], dtype=np.float64),
    )


def sunny(days: int, share: Callable[[int], float] = lambda _day: 1.0, start: datetime = MONDAY) -> History:
    """Return a flat roof that makes 4 W of each W/m2 of a clear sky, of which each day has a share."""
    empty = history(lambda _time: 0.0, days, start)
    clear = clear_sky(empty.middle_s(0, len(empty)), PLACE)
    shares: FloatArray = np.repeat([share(day) for day in range(days)], 48).astype(np.float64)
    return History(start=start, step_s=HALF_HOUR_S, values_w=_PEAK_W_EACH_W_M2 * clear * shares)

"""A real home's year in half-hours, from the data of others that the tests keep."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from custom_components.home_flex.core.forecast import History, Place

_FILE: Final = Path(__file__).parents[2] / "tests/data/series/home_30min.csv"
_STEP_S: Final = 1800
ZONE: Final = ZoneInfo("Europe/Paris")
# Where the home stands is not told; the sun's times in its data fit this.
PLACE: Final = Place(latitude_deg=44, longitude_deg=5)


def home_series() -> dict[str, History]:
    """Return ``load_w``, ``pv_w`` and ``pv_forecast_w``, NaN where a value is missing."""
    with _FILE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    start = datetime.fromisoformat(rows[0]["timestamp_utc"]).astimezone(UTC)
    return {
        name: History(
            start=start, step_s=_STEP_S, values_w=np.array([float(row[name] or "nan") for row in rows])
        )
        for name in ("load_w", "pv_w", "pv_forecast_w")
    }


def real_house() -> Callable[[datetime], tuple[float, float]]:
    """Return what that home uses and its sun gives at any time, W; what is missing is as it was before."""
    known = home_series()
    load_w, pv_w = (_filled(known[name].values_w) for name in ("load_w", "pv_w"))
    first = known["load_w"].start

    def powers_w(time: datetime) -> tuple[float, float]:
        # By whole weeks, so that the day of the week stays what it is.
        step = int((time - first).total_seconds() // _STEP_S) % (52 * 7 * 86_400 // _STEP_S)
        return float(load_w[step]), max(0.0, float(pv_w[step]))

    return powers_w


def _filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    places = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), 0))
    return np.asarray(np.nan_to_num(values[places]))

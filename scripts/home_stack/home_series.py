"""A real home's year in half-hours, from the data of others that the tests keep."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

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

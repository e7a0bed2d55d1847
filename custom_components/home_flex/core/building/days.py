"""What is known of one day of a building."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

_HOURS: Final = range(23, 26)


class HeatSource(StrEnum):
    """What warms the rooms, and so how well their heat is known."""

    BOILER = "boiler"
    HEAT_PUMP = "heat_pump"
    HEAT_METER = "heat_meter"
    ELECTRIC = "electric"


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildingDay:
    """One day of a building, from midnight to midnight: ``hours`` long.

    ``indoor_c``, ``outdoor_c``: mean temperatures. ``indoor_change_k``: how much warmer the rooms were at
    its end than at its start. ``heating_wh``: heat into the rooms, without hot water. ``electricity_wh``:
    used within the walls, all of which becomes heat. ``people_wh``: given off by those who live there.
    ``hot_water_wh``: what was taken off as hot water; None when it is in ``heating_wh`` and not known.
    ``sun_wh_per_m2``: onto a square metre, level or upright, as long as it is always the same.
    """

    day: date
    indoor_c: float
    outdoor_c: float
    indoor_change_k: float
    heating_wh: float
    electricity_wh: float
    people_wh: float
    hot_water_wh: float | None
    sun_wh_per_m2: float
    hours: int = 24

    @property
    def is_credible(self) -> bool:
        """Whether a day like this can be: finite, no negative energy, temperatures of the Earth's homes."""
        values = [
            getattr(self, each.name)
            for each in fields(self)
            if each.name not in {"day", "hours", "hot_water_wh"}
        ]
        energies = (self.heating_wh, self.electricity_wh, self.people_wh, self.hot_water_wh or 0.0)
        return (
            all(math.isfinite(value) for value in (*values, *energies))
            and min(*energies, self.sun_wh_per_m2) >= 0.0
            and 0.0 < self.indoor_c < 40.0
            and -50.0 < self.outdoor_c < 50.0
            and abs(self.indoor_change_k) < 15.0
            and self.hours in _HOURS
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """What is known of the days from ``start`` to the day before ``end``, and what warmed the rooms."""

    start: date
    end: date
    days: tuple[BuildingDay, ...]
    source: HeatSource

    @property
    def asked_days(self) -> int:
        """How many days there are, known or not."""
        return (self.end - self.start).days

    @property
    def taken(self) -> tuple[BuildingDay, ...]:
        """Its days that can be, by date; of two of one date the later told."""
        within = {
            each.day: each for each in self.days if self.start <= each.day < self.end and each.is_credible
        }
        return tuple(within[day] for day in sorted(within))


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    """The days of a period as columns, one value a day.

    ``day``: its number; ``kelvin_hours``: indoor over outdoor; ``heat_wh``: all heat but the sun's.
    """

    day: Floats
    kelvin_hours: Floats
    heat_wh: Floats
    sun_wh_per_m2: Floats
    indoor_change_k: Floats
    hours: float

    @property
    def mean_difference_k(self) -> float:
        """How much warmer it was indoors than outdoors."""
        return float(self.kelvin_hours.sum()) / self.hours


def balance(days: Sequence[BuildingDay]) -> Balance:
    """Return days, sorted by date, as columns. Raises ValueError for none."""
    if not days:
        raise ValueError("There is no day to balance")
    return Balance(
        day=np.array([each.day.toordinal() for each in days], dtype=np.float64),
        kelvin_hours=np.array([(each.indoor_c - each.outdoor_c) * each.hours for each in days]),
        heat_wh=np.array([each.heating_wh + each.electricity_wh + each.people_wh for each in days]),
        sun_wh_per_m2=np.array([each.sun_wh_per_m2 for each in days]),
        indoor_change_k=np.array([each.indoor_change_k for each in days]),
        hours=float(sum(each.hours for each in days)),
    )

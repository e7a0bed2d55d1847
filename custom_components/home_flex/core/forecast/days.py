"""Which days are alike: by weekday, by working day and weekend, and by what the resident says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .forecast import FloatArray
from .history import IntArray

_SAME_WEEKDAY: Final = 1.0
_SAME_KIND: Final = 0.5
_OTHER: Final = 0.15
# A day on which nobody is at home says next to nothing of one on which somebody is, and the other way round.
_OTHER_PRESENCE: Final = 0.02
_HALF_LIFE_DAYS: Final = 14.0
_SATURDAY, _SUNDAY = 5, 6


class DayMark(StrEnum):
    """What is special about a day: lived like a Sunday, or nobody at home."""

    HOLIDAY = "holiday"
    AWAY = "away"


type BoolArray = NDArray[np.bool_]
type DayMarks = Mapping[date, frozenset[DayMark]]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Days:
    """Days in order by their proleptic ordinals, with the weekday they are lived like and who is away."""

    ordinals: IntArray
    weekdays: IntArray
    away: BoolArray

    @classmethod
    def of(cls, first: int, days: int, marks: DayMarks) -> Days:
        """Return some days from one on, with what is marked of them."""
        ordinals = np.arange(first, first + days)
        return cls(
            ordinals=ordinals,
            weekdays=np.array([_weekday(int(day), marks) for day in ordinals], dtype=np.int64),
            away=np.array([is_away(int(day), marks) for day in ordinals], dtype=np.bool_),
        )

    def weights(self, rows: slice, day: int, marks: DayMarks) -> FloatArray:
        """Return how much each of some of the days tells of ``day``; 0 for it and later ones.

        1 for the same weekday, 0.5 for a day of the same kind, 0.15 for others, halved for each fortnight.
        """
        weekday, weekdays = _weekday(day, marks), self.weekdays[rows]
        likeness = np.where((weekdays >= _SATURDAY) == (weekday >= _SATURDAY), _SAME_KIND, _OTHER)
        likeness = np.where(weekdays == weekday, _SAME_WEEKDAY, likeness)
        likeness = np.where(self.away[rows] == is_away(day, marks), likeness, likeness * _OTHER_PRESENCE)
        age_days = day - self.ordinals[rows]
        found: FloatArray = np.where(age_days > 0, likeness * 0.5 ** (age_days / _HALF_LIFE_DAYS), 0.0)
        return found


def _weekday(day: int, marks: DayMarks) -> int:
    """Return a day's weekday, Sunday's for a holiday."""
    if DayMark.HOLIDAY in marks.get(date.fromordinal(day), ()):
        return _SUNDAY
    return date.fromordinal(day).weekday()


def is_away(day: int, marks: DayMarks) -> bool:
    """Return whether a day (proleptic ordinal) is marked as one on which nobody is at home."""
    return DayMark.AWAY in marks.get(date.fromordinal(day), ())

"""The five days of most use out of ten like days, scaled to the level of the day itself.

Source: CAISO, Baseline Accuracy Work Group (2017), residential "5 of 10": on a working day the five of the
last ten with the most energy in the window, on others the three of the last five. Day-of adjustment as a
ratio of the two hours that end two hours before the window and the two that begin two hours after it, as
far as they are known, within 0.6 and 1.4. Days with an event are left out. Ours, where it says nothing:
days away and days with missing intervals are left out; with fewer than half of the days there is no
baseline; what of the adjustment's hours is not known or lies in another event is left out of both sides,
and with less than half of the hours before there is none. By its choice of days it is above the truth: it
is here because programmes name it.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ..days import Asked, UseDay
from .rule import Answer, Missing, from_days, has_usual_hours, mean_of

# (days looked at, days taken) of a working day and of another.
WORKING: Final = (10, 5)
OTHER: Final = (5, 3)
ADJUSTMENT_H: Final = 2
BUFFER_H: Final = 2
LEAST_RATIO: Final = Fraction(6, 10)
MOST_RATIO: Final = Fraction(14, 10)


def high_5_of_10(asked: Asked) -> Answer:
    """Return the mean of the days of most use, on the level of the day itself."""
    if not has_usual_hours(asked):
        return Missing.CLOCK_CHANGE
    looked_at, taken = WORKING if asked.today.is_working else OTHER
    eligible = asked.eligible()[:looked_at]
    if len(eligible) < taken:
        return Missing.TOO_FEW_DAYS
    highest = sorted(eligible, key=lambda day: (sum(day.use_wh_known(asked.window)), day.date), reverse=True)[
        :taken
    ]
    days = sorted(highest, key=lambda day: day.date, reverse=True)
    ratio = _ratio(asked, days)
    return from_days(
        asked, days, None if ratio is None else lambda means: [mean_wh * ratio for mean_wh in means]
    )


def _ratio(asked: Asked, days: Sequence[UseDay]) -> Fraction | None:
    length, buffer = asked.intervals(ADJUSTMENT_H), asked.intervals(BUFFER_H)
    before = asked.undisturbed(range(asked.first - buffer - length, asked.first - buffer))
    if 2 * len(before) < length:
        return None
    known = before + asked.undisturbed(range(asked.last + buffer, asked.last + buffer + length))
    usual_wh = sum(mean_of(days, known), Fraction(0))
    if usual_wh <= 0:
        return None
    ratio = Fraction(sum(asked.today.use_wh_known(known))) / usual_wh
    return min(max(ratio, LEAST_RATIO), MOST_RATIO)

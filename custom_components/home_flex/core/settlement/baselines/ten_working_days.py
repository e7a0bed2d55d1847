"""Ten working days, or the middle two of four others, with the level of the day itself added.

Source: Elexon, Baselining Methodology Document, methodology BL01 (P376, in force since 2023-02-23), as used
by the Demand Flexibility Service. Eligible are the sixty days before: of the same kind (public holidays are
no working days), complete, without an event, without a change of the clock. Working days: the ten most
recent, at least five. Others: the four most recent, of which the middle two by the energy of the day count.
In-day adjustment: the mean difference between what was used and the baseline over the three hours that end
one hour before the window is added to each interval. It says nothing of an adjustment of which parts are
not measured or lie in another event. Ours: what is left of it counts when that is at least half, else there
is none. It knows no days away: they count here as in the document.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ..days import Asked, UseDay
from .rule import Answer, Missing, from_days, has_usual_hours, mean_of

DAYS_BACK: Final = 60
WORKING_DAYS: Final = 10
FEWEST_WORKING_DAYS: Final = 5
OTHER_DAYS: Final = 4
ADJUSTMENT_H: Final = 3
PAUSE_H: Final = 1


def ten_working_days(asked: Asked) -> Answer:
    """Return the mean of like days, on the level of the day itself."""
    if not has_usual_hours(asked):
        return Missing.CLOCK_CHANGE
    days = _days(asked)
    if days is None:
        return Missing.TOO_FEW_DAYS
    more_wh = _adjustment_wh(asked, days)
    if more_wh is None:
        return from_days(asked, days)
    return from_days(asked, days, lambda means: [mean_wh + more_wh for mean_wh in means])


def _days(asked: Asked) -> list[UseDay] | None:
    eligible = asked.eligible(days_back=DAYS_BACK, days_away=True)
    if asked.today.is_working:
        days = eligible[:WORKING_DAYS]
        return days if len(days) >= FEWEST_WORKING_DAYS else None
    if len(eligible) < OTHER_DAYS:
        return None
    by_energy = sorted(eligible[:OTHER_DAYS], key=lambda day: (sum(day.use_wh_known()), day.date))
    return sorted(by_energy[1:3], key=lambda day: day.date, reverse=True)


def _adjustment_wh(asked: Asked, days: Sequence[UseDay]) -> Fraction | None:
    last = asked.first - asked.intervals(PAUSE_H)
    wanted = range(last - asked.intervals(ADJUSTMENT_H), last)
    known = asked.undisturbed(wanted)
    if 2 * len(known) < len(wanted):
        return None
    used_wh = sum(asked.today.use_wh_known(known))
    return Fraction(used_wh - sum(mean_of(days, known)), len(known))

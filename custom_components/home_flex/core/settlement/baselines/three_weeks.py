"""The mean of the same time of day over the three weeks before, working days apart from others.

Source: PowerShaper Flex of Carbon Co-op, "Flexibility Assessment": the same half-hour over the previous
three weeks by weekday and weekend. It says nothing of holidays, earlier events and gaps. Ours: a public
holiday is like a Sunday; days with an event, days away, days with missing intervals and days on which the
clock changes are left out; from fewer than five days there is no baseline.
"""

from typing import Final

from ..days import Asked
from .rule import Answer, Missing, from_days, has_usual_hours

DAYS_BACK: Final = 21
FEWEST_DAYS: Final = 5


def three_weeks(asked: Asked) -> Answer:
    """Return the mean of like days of the three weeks before."""
    if not has_usual_hours(asked):
        return Missing.CLOCK_CHANGE
    days = asked.eligible(days_back=DAYS_BACK)
    return from_days(asked, days) if len(days) >= FEWEST_DAYS else Missing.TOO_FEW_DAYS

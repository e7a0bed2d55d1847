"""The power before the event, held through it.

Source: the form of baseline that aggregators call "last in" or "meter before": one reading directly before
the dispatch. Ours, where it says nothing: the reading is the whole interval before the window, and there is
no baseline when it was not measured, or when another event ran or devices came back from one in it.
"""

from fractions import Fraction

from ..days import Asked
from ..exact import rounded
from .rule import Answer, Baseline, Missing


def last_in(asked: Asked) -> Answer:
    """Return the energy of the interval before, in each interval of the window."""
    before = asked.undisturbed((asked.first - 1,))
    if not before:
        return Missing.NOT_MEASURED_BEFORE
    level_wh = Fraction(asked.today.use_wh_known(before)[0])
    return Baseline(
        use_wh=rounded([level_wh] * len(asked.window)), days=(asked.today.date,), is_adjusted=True
    )

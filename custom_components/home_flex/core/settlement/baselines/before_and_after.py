"""A straight line from the interval before the event to the interval after it.

Source: "meter before, meter after" (MBMA), as compared by Lind et al. (2023), doi
10.1016/j.jup.2023.101688. What comes back after an event lifts its end, and who charges just before lifts
its beginning: it is here because programmes name it. Ours, where it says nothing: readings are whole
intervals; without one of them there is no baseline; another event in one of them, or what comes back from
another, leaves none either.
"""

from fractions import Fraction

from ..days import Asked
from ..exact import rounded
from .rule import Answer, Baseline, Missing


def before_and_after(asked: Asked) -> Answer:
    """Return the line between the energies of the intervals around the window."""
    before = asked.undisturbed((asked.first - 1,))
    if not before:
        return Missing.NOT_MEASURED_BEFORE
    after = asked.undisturbed((asked.last,))
    if not after:
        return Missing.NOT_MEASURED_AFTER
    from_wh, to_wh = asked.today.use_wh_known((*before, *after))
    steps = len(asked.window) + 1
    line = [from_wh + Fraction((to_wh - from_wh) * step, steps) for step in range(1, steps)]
    return Baseline(use_wh=rounded(line), days=(asked.today.date,), is_adjusted=True)

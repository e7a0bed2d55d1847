"""How far a rule is off: it is tried on windows of earlier days on which nothing was asked.

Source: split conformal prediction (Vovk et al., 2005): of n absolute residuals the one of rank 0.9 (n + 1)
holds nine of ten windows to come, whatever their distribution; it needs at least nine of them. Between two
ranks it is interpolated (Beran and Hall, Interpolated nonparametric prediction intervals, 1993): the rank
above alone holds up to 95 of 100. The spread of the days that a baseline was taken from is no such measure:
it is the error of a mean and not of a day.
"""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Final

from ..days import Asked, UseDay
from ..exact import half_up
from .rule import Answer, Baseline, Rule

MOST_DAYS: Final = 20
FEWEST_DAYS: Final = 9


def half_width_wh(residuals_wh: Iterable[int]) -> int | None:
    """Return how near the truth lies in nine of ten windows, None with fewer than nine residuals."""
    sizes = sorted(abs(residual_wh) for residual_wh in residuals_wh)
    if len(sizes) < FEWEST_DAYS:
        return None
    rank = Fraction(9 * (len(sizes) + 1), 10)
    below_wh, above_wh = sizes[floor(rank) - 1], sizes[ceil(rank) - 1]
    return half_up(below_wh + (rank - floor(rank)) * (above_wh - below_wh))


def with_half_width(rule: Rule, asked: Asked) -> Answer:
    """Return what the rule answers, with how near the truth lies."""
    answer = rule(asked)
    if not isinstance(answer, Baseline):
        return answer
    return replace(answer, half_width_wh=half_width_wh(_residuals_wh(rule, asked)))


def _residuals_wh(rule: Rule, asked: Asked) -> Iterable[int]:
    places = {day.date: index for index, day in enumerate(asked.past)}
    for day in asked.eligible()[:MOST_DAYS]:
        placebo = _on(asked, day, asked.past[: places[day.date]])
        answer = rule(placebo)
        if isinstance(answer, Baseline):
            yield sum(day.use_wh_known(asked.window)) - answer.sum_wh


def _on(asked: Asked, day: UseDay, past: tuple[UseDay, ...]) -> Asked:
    return replace(asked, today=day, past=past, disturbed=frozenset())

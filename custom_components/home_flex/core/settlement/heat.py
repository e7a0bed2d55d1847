"""What a heat pump would have used: like days, the weather, and how hard it worked before."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from .baselines.rule import Missing
from .exact import rounded

MOST_DAYS: Final = 20
FEWEST_DAYS: Final = 5
LEAST_RATIO: Final = Fraction(1, 2)
MOST_RATIO: Final = Fraction(2)
# The slope is drawn towards none as if so many square kelvins of days without a slope had been seen.
RIDGE_K2: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class HeatDay:
    """A day like today without an event: what a heat pump used in the window and in the two hours before.

    ``outdoor_dk``: the mean outdoor temperature of the window, in tenths of a degree.
    """

    window_wh: tuple[int, ...]
    before_wh: int
    outdoor_dk: int


def heat_use_wh(
    days: Sequence[HeatDay], *, outdoor_dk: int, before_wh: int | None
) -> tuple[int, ...] | Missing:
    """Return the energy of each interval of the window in whole Wh.

    ``days``: the most recent first, of which twenty count. Mean of the days, plus slope of the window's
    energy on its outdoor temperature (ridge regression), times what the last two hours before took of what
    such hours take (within a half and twice; not at all when that is not known).
    """
    taken = days[:MOST_DAYS]
    if len(taken) < FEWEST_DAYS:
        return Missing.TOO_FEW_DAYS
    count = len(taken)
    means = [Fraction(sum(row), count) for row in zip(*(day.window_wh for day in taken), strict=True)]
    window_wh = sum(means, Fraction(0))
    if window_wh <= 0:
        return (0,) * len(means)
    expected_wh = window_wh + _slope_wh_per_dk(taken, "window") * (outdoor_dk - _mean_dk(taken))
    factor = max(expected_wh, Fraction(0)) / window_wh
    return rounded([mean_wh * factor * _ratio(taken, outdoor_dk, before_wh) for mean_wh in means])


def _mean_dk(days: Sequence[HeatDay]) -> Fraction:
    return Fraction(sum(day.outdoor_dk for day in days), len(days))


def _slope_wh_per_dk(days: Sequence[HeatDay], part: str) -> Fraction:
    energies = [sum(day.window_wh) if part == "window" else day.before_wh for day in days]
    mean_dk = _mean_dk(days)
    mean_wh = Fraction(sum(energies), len(energies))
    across: Fraction = sum(
        (day.outdoor_dk - mean_dk) * (energy_wh - mean_wh)
        for day, energy_wh in zip(days, energies, strict=True)
    ) + Fraction(0)
    return across / (sum((day.outdoor_dk - mean_dk) ** 2 for day in days) + RIDGE_K2 * 100)


def _ratio(days: Sequence[HeatDay], outdoor_dk: int, before_wh: int | None) -> Fraction:
    usual_wh = Fraction(sum(day.before_wh for day in days), len(days))
    usual_wh += _slope_wh_per_dk(days, "before") * (outdoor_dk - _mean_dk(days))
    if before_wh is None or usual_wh <= 0:
        return Fraction(1)
    return min(max(before_wh / usual_wh, LEAST_RATIO), MOST_RATIO)

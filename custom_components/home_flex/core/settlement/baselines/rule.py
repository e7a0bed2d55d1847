"""What a baseline rule answers, and what the rules share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from ..days import Asked, UseDay
from ..exact import rounded


class Missing(StrEnum):
    """Why a rule gives no baseline."""

    TOO_FEW_DAYS = "too_few_days"
    NOT_MEASURED_BEFORE = "not_measured_before"
    NOT_MEASURED_AFTER = "not_measured_after"
    CLOCK_CHANGE = "clock_change"
    NO_HISTORY = "no_history"


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """What would have been used in each interval of a window, in whole Wh (positive = consumption).

    ``days``: the days it was taken from, most recent first. ``is_adjusted``: the level of the day itself
    was taken into account. ``half_width_wh``: in nine of ten such windows the truth of the sum lies so
    near; None when that cannot be told.
    """

    use_wh: tuple[int, ...]
    days: tuple[date, ...] = ()
    is_adjusted: bool = False
    half_width_wh: int | None = None

    @property
    def sum_wh(self) -> int:
        """The energy of the whole window."""
        return sum(self.use_wh)


type Answer = Baseline | Missing
type Rule = Callable[[Asked], Answer]


def mean_of(days: Sequence[UseDay], intervals: Sequence[int]) -> list[Fraction]:
    """Return the mean energy of each interval over complete days, in Wh."""
    return [Fraction(sum(day.use_wh[index] or 0 for day in days), len(days)) for index in intervals]


def from_days(
    asked: Asked, days: Sequence[UseDay], adjusted: Callable[[list[Fraction]], list[Fraction]] | None = None
) -> Baseline:
    """Return the mean of these days in the window, after an adjustment when there is one."""
    means = mean_of(days, asked.window)
    return Baseline(
        use_wh=rounded(adjusted(means) if adjusted else means),
        days=tuple(day.date for day in days),
        is_adjusted=adjusted is not None,
    )


def has_usual_hours(asked: Asked) -> bool:
    """Return whether the clock is not changed today, so that its intervals are those of other days."""
    return len(asked.today.use_wh) == asked.day_intervals

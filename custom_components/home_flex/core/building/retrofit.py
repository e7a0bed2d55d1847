"""Whether a building loses less than before: a retrofit, or another way to heat, corrected for weather."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .budget import HEAT_SHARE
from .days import BuildingDay, Period, balance
from .fits import joint_regression
from .heat_loss import NINE_OF_TEN, HeatLoss, Lacking, NoHeatLoss, heat_loss

# What changes between two winters of one home beside its walls: airing, people, wind (standard deviation).
_BETWEEN_WINTERS_SHARE: Final = 0.04


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """After over before: 0.9 is a tenth less loss. In nine of ten the truth is within ``half_width``.

    ``use_ratio``: heating a day over before, not corrected for weather: shown beside it, as that is what
    the bill says.
    """

    ratio: float
    half_width: float
    use_ratio: float

    @property
    def is_less(self) -> bool:
        """Whether the building now loses less, beyond doubt."""
        return self.ratio + self.half_width < 1.0

    @property
    def is_more(self) -> bool:
        """Whether the building now loses more, beyond doubt."""
        return self.ratio - self.half_width > 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class NoComparison:
    """No answer: what either period says alone, and None for one that has a figure."""

    before: NoHeatLoss | None
    after: NoHeatLoss | None


def compare(before: Period, after: Period, *, same_windows: bool = True) -> Comparison | NoComparison:
    """Return how much of its former loss a building has left.

    Sensors and hot water err alike in both periods and cancel, and so does what is thought of the heating's
    efficiency, unless it was replaced between them. Left are the error of one fit over both, and what
    differs between two winters of one home. Each period must have a figure of its own.
    """
    figures = (heat_loss(before), heat_loss(after))
    lacking = [each if isinstance(each, NoHeatLoss) else None for each in figures]
    if any(lacking):
        return NoComparison(before=lacking[0], after=lacking[1])
    fitted = joint_regression(balance(before.taken), balance(after.taken), same_windows=same_windows)
    if fitted is None:
        return NoComparison(before=_unsure(figures[0]), after=_unsure(figures[1]))
    ratio, scatter = fitted
    share = math.hypot(scatter / ratio, _BETWEEN_WINTERS_SHARE, _replaced_share(before, after))
    return Comparison(
        ratio=ratio,
        half_width=NINE_OF_TEN * ratio * share,
        use_ratio=_heating_a_day_wh(after.taken) / _heating_a_day_wh(before.taken),
    )


def _replaced_share(before: Period, after: Period) -> float:
    if before.source is after.source:
        return 0.0
    return math.hypot(HEAT_SHARE[before.source], HEAT_SHARE[after.source])


def _unsure(figure: HeatLoss | NoHeatLoss) -> NoHeatLoss:
    return NoHeatLoss(lacking=Lacking.TOO_UNCERTAIN, support=figure.support)


def _heating_a_day_wh(days: Sequence[BuildingDay]) -> float:
    return sum(each.heating_wh for each in days) / len(days)

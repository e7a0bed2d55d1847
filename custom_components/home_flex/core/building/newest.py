"""The newest period of which a building's loss can be told."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from .days import BuildingDay, HeatSource, Period
from .heat_loss import HeatLoss, NoHeatLoss, heat_loss

BACK_DAYS: Final = 400
_LENGTHS: Final = (90, 42, 28)
_STEP_DAYS: Final = 14


def newest_heat_loss(
    days: Sequence[BuildingDay], *, today: date, source: HeatSource
) -> tuple[Period, HeatLoss] | NoHeatLoss:
    """Return the newest period with a figure, within 400 days; of those that end alike, the longest.

    Where there is none, what the last 90 days lack.
    """
    tried = [
        Period(start=end - timedelta(days=length), end=end, days=tuple(days), source=source)
        for end in (today - timedelta(days=back) for back in range(0, BACK_DAYS - _LENGTHS[-1], _STEP_DAYS))
        for length in _LENGTHS
    ]
    newest = heat_loss(tried[0])
    if isinstance(newest, HeatLoss):
        return tried[0], newest
    for period in tried[1:]:
        found = heat_loss(period)
        if isinstance(found, HeatLoss):
            return period, found
    return newest

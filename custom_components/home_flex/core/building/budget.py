"""What a fit cannot see: the errors that are the same on every day of a period."""

import math
from collections.abc import Sequence
from typing import Final

from .days import Balance, BuildingDay, HeatSource

# Standard deviations as shares of the heat: an efficiency from a data sheet, a yearly
# coefficient of performance.
HEAT_SHARE: Final = {
    HeatSource.BOILER: 0.04,
    HeatSource.HEAT_PUMP: 0.11,
    HeatSource.HEAT_METER: 0.02,
    HeatSource.ELECTRIC: 0.01,
}
# One room's sensor off by 0.5 K, a weather service by 0.3 K.
_TEMPERATURE_K: Final = 0.58
_HOT_WATER_SHARE: Final = 0.15
_PEOPLE_SHARE: Final = 0.30
_WIND_SHARE: Final = 0.03
_WINDOWS_SHARE: Final = 0.03
# Party walls, unheated rooms and one sensor for a whole house; 0 in a simulation that has none of them.
UNSEEN_SHARE: Final = 0.05


def budget_share(
    days: Sequence[BuildingDay], period: Balance, source: HeatSource, *, unseen_share: float = UNSEEN_SHARE
) -> float:
    """Return the standard deviation of the systematic errors together, as a share of the coefficient."""
    heat_wh = float(period.heat_wh.sum())
    return math.hypot(
        HEAT_SHARE[source] * sum(each.heating_wh for each in days) / heat_wh,
        _TEMPERATURE_K / period.mean_difference_k,
        _HOT_WATER_SHARE * sum(each.hot_water_wh or 0.0 for each in days) / heat_wh,
        _PEOPLE_SHARE * sum(each.people_wh for each in days) / heat_wh,
        _WIND_SHARE,
        _WINDOWS_SHARE,
        unseen_share,
    )

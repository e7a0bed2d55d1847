"""The action that tells what a building loses per kelvin, and whether it lost less before."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .building import Building, async_building_days, building_of
from .coordinator import HomeFlexCoordinator
from .core.building.days import Period
from .core.building.heat_loss import HeatLoss, NoHeatLoss, heat_loss
from .core.building.retrofit import Comparison, compare
from .runtime.view import RequestError

ATTR_START: Final = "start"
ATTR_END: Final = "end"
ATTR_BEFORE_START: Final = "before_start"
ATTR_BEFORE_END: Final = "before_end"
ATTR_NEW_WINDOWS: Final = "new_windows"
_MOST_DAYS: Final = 800

_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Required(ATTR_START): cv.date,
        probatio.Required(ATTR_END): cv.date,
        probatio.Inclusive(ATTR_BEFORE_START, "before"): cv.date,
        probatio.Inclusive(ATTR_BEFORE_END, "before"): cv.date,
        probatio.Optional(ATTR_NEW_WINDOWS, default=False): cv.boolean,
    }
)


async def _get_heat_loss(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    building = building_of(coordinator.config_entry)
    if building is None:
        raise RequestError("no_building", "No building was told of")
    period = await _period(coordinator, building, call.data[ATTR_START], call.data[ATTR_END])
    answer = heat_loss_as_dict(heat_loss(period))
    if ATTR_BEFORE_START not in call.data:
        return answer
    before = await _period(coordinator, building, call.data[ATTR_BEFORE_START], call.data[ATTR_BEFORE_END])
    compared = compare(before, period, same_windows=not call.data[ATTR_NEW_WINDOWS])
    answer["before"] = heat_loss_as_dict(heat_loss(before))
    if isinstance(compared, Comparison):
        answer["comparison"] = {
            "ratio": round(compared.ratio, 3),
            "half_width": round(compared.half_width, 3),
            "use_ratio": round(compared.use_ratio, 3),
            "is_less": compared.is_less,
            "is_more": compared.is_more,
        }
    return answer


async def _period(coordinator: HomeFlexCoordinator, building: Building, start: date, end: date) -> Period:
    """Return a period's days. Raises RequestError ``invalid_range``."""
    end = min(end, dt_util.now().date())
    if not 0 < (end - start).days <= _MOST_DAYS:
        raise RequestError("invalid_range", f"From {start} to {end} is no such period")
    days = await async_building_days(coordinator.hass, building, start, end)
    return Period(start=start, end=end, days=tuple(days), source=building.source)


def heat_loss_as_dict(found: HeatLoss | NoHeatLoss) -> dict[str, Any]:
    """Return a figure, or what is lacking for one, as JSON values."""
    support = {key: round(value, 2) for key, value in asdict(found.support).items()}
    if isinstance(found, NoHeatLoss):
        share = found.half_width_share
        return {
            "lacking": found.lacking.value,
            "half_width_share": None if share is None else round(share, 2),
            **support,
        }
    return {
        "heat_loss_w_per_k": round(found.loss_w_per_k, 1),
        "half_width_w_per_k": round(found.half_width_w_per_k, 1),
        "method": found.method.value,
        "is_unsure": found.is_unsure,
        **support,
    }


BUILDING_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema, SupportsResponse]]
] = {"get_heat_loss": (_get_heat_loss, _SCHEMA, SupportsResponse.ONLY)}

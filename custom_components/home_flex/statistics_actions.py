"""The action that answers with figures of the home's own series."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import ServiceCall, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .coordinator import HomeFlexCoordinator
from .core.model import BatteryReading
from .core.statistics import Grouping, periods
from .entity import identified
from .runtime.statistics import Figures, StatisticsKind
from .runtime.view import RequestError

ATTR_KIND: Final = "kind"
ATTR_GROUP_BY: Final = "group_by"
ATTR_START: Final = "start"
ATTR_END: Final = "end"
# What a careless question may cost: nobody looks at more than a month of quarter-hours.
_MOST_PERIODS: Final = 3_000

_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Required(ATTR_KIND): probatio.Coerce(StatisticsKind),
        probatio.Optional(ATTR_GROUP_BY, default=Grouping.DAY): probatio.Coerce(Grouping),
        probatio.Required(ATTR_START): cv.datetime,
        probatio.Optional(ATTR_END): cv.datetime,
        probatio.Optional(ATTR_DEVICE_ID): cv.string,
    }
)


async def _get_statistics(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    keeper = coordinator.series.opened().keeper
    zone = dt_util.get_default_time_zone()
    start = dt_util.as_utc(call.data[ATTR_START])
    end = dt_util.as_utc(call.data.get(ATTR_END) or dt_util.utcnow())
    try:
        asked = periods(start, end, call.data[ATTR_GROUP_BY], zone, most=_MOST_PERIODS)
    except ValueError as error:
        raise RequestError("invalid_range", str(error)) from error
    figures = Figures(
        store=keeper.store,
        zone=zone,
        currency=coordinator.site.currency,
        charges=coordinator.charges,
        device_id=_device(coordinator, call),
        capacities_wh={
            key: round(device.reading.capacity_wh)
            for key, device in coordinator.data.devices.items()
            if isinstance(device.reading, BatteryReading)
        },
    )
    return {
        "time_zone": str(zone),
        "currency": coordinator.site.currency,
        "backlog": keeper.backlog,
        "periods": await figures.answer(call.data[ATTR_KIND], asked),
    }


def _device(coordinator: HomeFlexCoordinator, call: ServiceCall) -> str | None:
    if (registry_id := call.data.get(ATTR_DEVICE_ID)) is None:
        return None
    named = identified(coordinator, registry_id, list(coordinator.data.devices))
    if named is None:
        raise RequestError("unknown_device", f"{registry_id} is no device of this site")
    return named


STATISTICS_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema, SupportsResponse]]
] = {"get_statistics": (_get_statistics, _SCHEMA, SupportsResponse.ONLY)}

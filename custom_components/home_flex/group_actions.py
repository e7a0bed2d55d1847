"""The action of a grid operator's signal: dim a group to its floor or to a value told, or end that."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv

from .action_ends import END, end_of_call, told
from .coordinator import HomeFlexCoordinator
from .core.control.dimming import Dimming
from .entity import identified
from .runtime.view import RequestError

ATTR_DIMMED: Final = "dimmed"
ATTR_LIMIT: Final = "limit"
_LARGEST_W: Final = 1_000_000


async def _dim_group(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    group_id = _group(coordinator, call)
    dimming = None
    if call.data[ATTR_DIMMED]:
        dimming = Dimming(limit_w=call.data.get(ATTR_LIMIT), until=end_of_call(coordinator, call))
    await coordinator.controller.requests.dim_group(group_id, dimming)
    view = next(each for each in coordinator.controller.groups.views() if each.group_id == group_id)
    return {
        "dimmed": view.limit_w is not None,
        "limit": view.limit_w,
        "until": told(coordinator, view.until),
        "below_floor": view.below_floor,
    }


def _group(coordinator: HomeFlexCoordinator, call: ServiceCall) -> str:
    """Return the group that is meant; it need not be named when there is one."""
    known = [each.group_id for each in coordinator.controller.groups.views()]
    if (registry_id := call.data.get(ATTR_DEVICE_ID)) is None:
        if len(known) != 1:
            raise RequestError("which_group", f"There is not one group, but {len(known)}")
        return known[0]
    if (named := identified(coordinator, registry_id, known)) is not None:
        return named
    raise RequestError("which_group", f"{registry_id} is no group that can be dimmed")


GROUP_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema]]
] = {
    "dim_group": (
        _dim_group,
        probatio.Schema(
            {
                probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
                probatio.Optional(ATTR_DEVICE_ID): cv.string,
                probatio.Optional(ATTR_DIMMED, default=True): cv.boolean,
                probatio.Optional(ATTR_LIMIT): probatio.All(
                    probatio.Coerce(float), probatio.Range(min=0, max=_LARGEST_W)
                ),
                **END,
            }
        ),
    ),
}

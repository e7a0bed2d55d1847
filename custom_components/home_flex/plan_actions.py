"""The actions of the plan: look at it, and have a new one made."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from .coordinator import HomeFlexCoordinator
from .runtime.planning.document import plan_document
from .runtime.planning.service import PlanService
from .runtime.view import RequestError

_SCHEMA: Final = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})


def _planning(coordinator: HomeFlexCoordinator) -> PlanService:
    planning = coordinator.controller.planning
    if planning is None:
        raise RequestError("no_plan", "There is no plan yet")
    return planning


async def _get_plan(coordinator: HomeFlexCoordinator, _call: ServiceCall) -> ServiceResponse:
    made = _planning(coordinator).made
    if made is None:
        raise RequestError("no_plan", "There is no plan yet")
    names = {key: device.name for key, device in coordinator.data.devices.items()}
    return plan_document(made, coordinator.site.currency, names)


async def _replan(coordinator: HomeFlexCoordinator, _call: ServiceCall) -> ServiceResponse:
    planning = _planning(coordinator)
    await planning.make()
    view = planning.view(coordinator.data.wishes)
    return {} if view is None else {"status": view.status.value, "cost": round(view.cost, 4)}


PLAN_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema, SupportsResponse]]
] = {
    "get_plan": (_get_plan, _SCHEMA, SupportsResponse.ONLY),
    "replan": (_replan, _SCHEMA, SupportsResponse.OPTIONAL),
}

"""The actions of the plan: look at it, have a new one made, ask what is offered, and what if."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .coordinator import HomeFlexCoordinator
from .core.model import Goal
from .core.planner.offer import Asked, Direction
from .core.wishes import WishError
from .entity import identified
from .plan_sentences import bent_document, left_out_document, plan_sentences
from .runtime.planning.document import plan_document
from .runtime.planning.offer_document import choice_document, difference_document, offers_document
from .runtime.planning.service import PlanService
from .runtime.planning.simulating import WhatIf, refused
from .runtime.view import RequestError

_SITE: Final = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_SCHEMA: Final = probatio.Schema(_SITE)
_PRICE: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=-1000, max=1000))
_FLEXIBILITY_SCHEMA: Final = probatio.Schema(
    {
        **_SITE,
        probatio.Optional("direction"): probatio.Coerce(Direction),
        probatio.Optional("duration"): cv.positive_time_period,
    }
)
_WHAT_IF_SCHEMA: Final = probatio.Schema(
    {
        **_SITE,
        probatio.Optional(ATTR_DEVICE_ID): probatio.All(cv.ensure_list, [cv.string]),
        probatio.Optional("import_price"): _PRICE,
        probatio.Optional("export_price"): _PRICE,
        probatio.Optional("reserve"): probatio.All(
            probatio.Coerce(float), probatio.Range(min=0, max=100), lambda percent: percent / 100
        ),
        probatio.Optional("car_energy"): probatio.All(
            probatio.Coerce(float), probatio.Range(min=0, max=200), lambda kwh: kwh * 1000
        ),
        probatio.Optional("car_ready_by"): cv.datetime,
        probatio.Optional("goal"): probatio.Coerce(Goal),
    }
)


def _planning(coordinator: HomeFlexCoordinator) -> PlanService:
    planning = coordinator.controller.planning
    if planning is None:
        raise RequestError("no_plan", "There is no plan yet")
    return planning


def _names(coordinator: HomeFlexCoordinator) -> dict[str, str]:
    return {key: device.name for key, device in coordinator.data.devices.items()}


async def _get_plan(coordinator: HomeFlexCoordinator, _call: ServiceCall) -> ServiceResponse:
    planning = _planning(coordinator)
    if (made := planning.made) is None:
        raise RequestError("no_plan", "There is no plan yet")
    names, offers = _names(coordinator), planning.offers.made
    sentences = plan_sentences(coordinator)
    choices = () if offers is None else offers.choices.values()
    return {
        **plan_document(made, coordinator.site.currency, names, planning.alternatives.of(made)),
        "bent": bent_document(planning.changes.of(made), sentences),
        "left_out": left_out_document(made.plan.left_out, sentences),
        "events": [choice_document(each, names) for each in choices],
    }


async def _replan(coordinator: HomeFlexCoordinator, _call: ServiceCall) -> ServiceResponse:
    planning = _planning(coordinator)
    await planning.make()
    view = planning.view(coordinator.data.wishes)
    return {} if view is None else {"status": view.status.value, "cost": round(view.cost, 4)}


async def _get_flexibility(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    offers = _planning(coordinator).offers
    if offers.made is None:
        await offers.make()
    if offers.made is None:
        raise RequestError("no_offers", "It is not known yet what the home can offer")
    duration: timedelta | None = call.data.get("duration")
    duration_s = None if duration is None else int(duration.total_seconds())
    if duration_s is not None and duration_s not in Asked().durations_s:
        raise RequestError("no_such_duration", f"Nothing is offered for {duration_s} s")
    return offers_document(offers.made, coordinator.site.currency, call.data.get("direction"), duration_s)


async def _simulate(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    planning = _planning(coordinator)
    ready_by = call.data.get("car_ready_by")
    what = WhatIf(
        without=frozenset(
            _device_of(coordinator, registry_id) for registry_id in call.data.get(ATTR_DEVICE_ID, ())
        ),
        import_price_per_kwh=call.data.get("import_price"),
        export_price_per_kwh=call.data.get("export_price"),
        reserve=call.data.get("reserve"),
        car_need_wh=call.data.get("car_energy"),
        car_ready_by=None if ready_by is None else dt_util.as_utc(ready_by),
        goal=call.data.get("goal"),
    )
    if planning.made is not None and (idle := refused(planning.made.problem, what)) is not None:
        raise RequestError(idle, f"What is asked changes nothing of the plan: {idle}")
    try:
        difference = await planning.simulate(what)
    except TimeoutError as error:
        raise RequestError("busy", "Other plans were not ready in time") from error
    if difference is None:
        raise RequestError("no_plan", "There is no plan yet")
    return difference_document(difference, coordinator.site.currency)


def _device_of(coordinator: HomeFlexCoordinator, registry_id: str) -> str:
    """Return the device that stands for one in Home Assistant. Raises WishError for any other."""
    if (named := identified(coordinator, registry_id, coordinator.data.devices)) is None:
        raise WishError("other_device", f"{registry_id} is no device of this home")
    return named


PLAN_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema, SupportsResponse]]
] = {
    "get_plan": (_get_plan, _SCHEMA, SupportsResponse.ONLY),
    "replan": (_replan, _SCHEMA, SupportsResponse.OPTIONAL),
    "get_flexibility": (_get_flexibility, _FLEXIBILITY_SCHEMA, SupportsResponse.ONLY),
    "simulate": (_simulate, _WHAT_IF_SCHEMA, SupportsResponse.ONLY),
}

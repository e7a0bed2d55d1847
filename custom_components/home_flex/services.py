"""The actions: dispatch and cancel, opt out and in, a look at the site, wishes, groups, and OCPP."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

import probatio
from homeassistant.auth.permissions.const import CAT_ENTITIES, POLICY_READ
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID, ATTR_NAME
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service
from homeassistant.util import dt as dt_util

from .building_actions import BUILDING_ACTIONS
from .const import DOMAIN
from .coordinator import HomeFlexConfigEntry, HomeFlexCoordinator
from .core.wishes import WishError
from .energy_dashboard import async_fill
from .entity import identified
from .examples import async_add_examples
from .export_actions import EXPORT_ACTIONS
from .group_actions import GROUP_ACTIONS
from .history.database import HistoryError
from .history_actions import HISTORY_ACTIONS
from .invitations import INVITATION_ACTIONS
from .ocpp_actions import OCPP_CALL_SCHEMA, ocpp_call
from .panel.answering import may_look
from .plan_actions import PLAN_ACTIONS
from .programme_entities import PROGRAMME_ACTIONS
from .receipt_actions import RECEIPT_ACTIONS
from .runtime.view import RequestError, view_as_dict
from .statistics_actions import STATISTICS_ACTIONS
from .wish_actions import WISH_ACTIONS

ATTR_DURATION: Final = "duration"
ATTR_EVENT_ID: Final = "event_id"
ATTR_EXPORT_LIMIT: Final = "export_limit"
ATTR_IMPORT_LIMIT: Final = "import_limit"
ATTR_PARTLY: Final = "partly"
ATTR_PRIORITY: Final = "priority"
ATTR_SETPOINT: Final = "setpoint"
ATTR_SPARED: Final = "spared"
ATTR_START: Final = "start"

# No home's connection carries more; a typing error of three zeros is refused.
_LARGEST_POWER_W: Final = 1_000_000
_LIMIT = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=_LARGEST_POWER_W))
_SETPOINT = probatio.All(probatio.Coerce(float), probatio.Range(min=-_LARGEST_POWER_W, max=_LARGEST_POWER_W))
_EVENT_ID = probatio.All(cv.string, probatio.Length(min=1, max=128))
_SITE = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}

_DISPATCH_SCHEMA = probatio.Schema(
    {
        **_SITE,
        probatio.Optional(ATTR_IMPORT_LIMIT): _LIMIT,
        probatio.Optional(ATTR_EXPORT_LIMIT): _LIMIT,
        probatio.Optional(ATTR_SETPOINT): _SETPOINT,
        probatio.Optional(ATTR_START): cv.datetime,
        probatio.Required(ATTR_DURATION): cv.positive_time_period,
        probatio.Optional(ATTR_NAME): probatio.All(cv.string, probatio.Length(max=128)),
        probatio.Optional(ATTR_PRIORITY): probatio.All(probatio.Coerce(int), probatio.Range(min=0, max=1000)),
    }
)
_CANCEL_SCHEMA = probatio.Schema({**_SITE, probatio.Required(ATTR_EVENT_ID): _EVENT_ID})
_OPT_SCHEMA = probatio.Schema({**_SITE, probatio.Optional(ATTR_EVENT_ID): _EVENT_ID})
_OPT_IN_SCHEMA = _OPT_SCHEMA.extend({probatio.Optional(ATTR_PARTLY, default=False): cv.boolean})
_SPARE_SCHEMA = probatio.Schema(
    {
        **_SITE,
        probatio.Required(ATTR_EVENT_ID): _EVENT_ID,
        probatio.Required(ATTR_DEVICE_ID): cv.string,
        probatio.Optional(ATTR_SPARED, default=True): cv.boolean,
    }
)
_STATUS_SCHEMA = probatio.Schema(_SITE)

type Answer = Coroutine[Any, Any, ServiceResponse]
type Action = Callable[[HomeFlexCoordinator, ServiceCall], Answer]


async def _dispatch(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    duration: timedelta = call.data[ATTR_DURATION]
    start = call.data.get(ATTR_START)
    event_id = await coordinator.controller.requests.dispatch(
        import_limit_w=call.data.get(ATTR_IMPORT_LIMIT),
        export_limit_w=call.data.get(ATTR_EXPORT_LIMIT),
        setpoint_w=call.data.get(ATTR_SETPOINT),
        start=dt_util.as_utc(start) if start else None,
        duration=duration,
        name=call.data.get(ATTR_NAME),
        priority=call.data.get(ATTR_PRIORITY),
    )
    return {ATTR_EVENT_ID: event_id}


async def _cancel_dispatch(coordinator: HomeFlexCoordinator, call: ServiceCall) -> None:
    await coordinator.controller.requests.cancel(call.data[ATTR_EVENT_ID])


async def _opt_out(coordinator: HomeFlexCoordinator, call: ServiceCall) -> None:
    await coordinator.controller.requests.opt_out(call.data.get(ATTR_EVENT_ID))


async def _opt_in(coordinator: HomeFlexCoordinator, call: ServiceCall) -> None:
    requests, event_id = coordinator.controller.requests, call.data.get(ATTR_EVENT_ID)
    if not call.data[ATTR_PARTLY]:
        await requests.opt_in(event_id)
    elif event_id is None:
        raise RequestError("which_event", "What is joined partly is one event")
    else:
        await requests.join_partly(event_id)


async def _spare_device(coordinator: HomeFlexCoordinator, call: ServiceCall) -> None:
    ids = list(coordinator.config_entry.subentries)
    device_id = identified(coordinator, call.data[ATTR_DEVICE_ID], ids)
    if device_id is None:
        raise RequestError("unknown_device", f"There is no device {call.data[ATTR_DEVICE_ID]} of this home")
    await coordinator.controller.requests.spare(
        call.data[ATTR_EVENT_ID], device_id, spared=call.data[ATTR_SPARED]
    )


async def _get_status(coordinator: HomeFlexCoordinator, _call: ServiceCall) -> ServiceResponse:
    return view_as_dict(coordinator.controller.view())


_ACTIONS: tuple[tuple[str, Action, probatio.Schema, SupportsResponse], ...] = (
    ("dispatch", _dispatch, _DISPATCH_SCHEMA, SupportsResponse.OPTIONAL),
    ("cancel_dispatch", _cancel_dispatch, _CANCEL_SCHEMA, SupportsResponse.NONE),
    ("opt_out", _opt_out, _OPT_SCHEMA, SupportsResponse.NONE),
    ("opt_in", _opt_in, _OPT_IN_SCHEMA, SupportsResponse.NONE),
    ("spare_device", _spare_device, _SPARE_SCHEMA, SupportsResponse.NONE),
    *(
        (name, *row, SupportsResponse.NONE)
        for name, row in {**PROGRAMME_ACTIONS, **INVITATION_ACTIONS}.items()
    ),
    ("get_status", _get_status, _STATUS_SCHEMA, SupportsResponse.ONLY),
    *(
        (name, action, schema, SupportsResponse.OPTIONAL)
        for name, (action, schema) in {**WISH_ACTIONS, **GROUP_ACTIONS}.items()
    ),
    *(
        (name, *row)
        for rows in (
            PLAN_ACTIONS,
            STATISTICS_ACTIONS,
            BUILDING_ACTIONS,
            HISTORY_ACTIONS,
            EXPORT_ACTIONS,
            RECEIPT_ACTIONS,
        )
        for name, row in rows.items()
    ),
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they say so when no site is loaded.

    Who may not control the entities may not do by an action what the entities refuse; what only answers is
    answered to whoever may see any of them.
    """
    may_control = service.verify_domain_control(DOMAIN)
    for name, action, schema, supports_response in _ACTIONS:
        handler = _handler(hass, action)
        only_answers = supports_response is SupportsResponse.ONLY
        handler = _for_lookers(hass, handler) if only_answers else may_control(handler)
        hass.services.async_register(
            DOMAIN, name, handler, schema=schema, supports_response=supports_response
        )
    for name, handler, admin_schema in (
        # It reaches past all that guards a home.
        ("ocpp_call", _handler(hass, ocpp_call), OCPP_CALL_SCHEMA),
        ("fill_energy_dashboard", _handler(hass, async_fill), probatio.Schema(_SITE)),
        ("add_examples", _examples_handler(hass), probatio.Schema({})),
    ):
        service.async_register_admin_service(
            hass, DOMAIN, name, handler, schema=admin_schema, supports_response=SupportsResponse.OPTIONAL
        )


def _for_lookers(
    hass: HomeAssistant, handler: Callable[[ServiceCall], Answer]
) -> Callable[[ServiceCall], Answer]:
    async def handle(call: ServiceCall) -> ServiceResponse:
        if (user_id := call.context.user_id) is not None:
            user = await hass.auth.async_get_user(user_id)
            if user is None or not may_look(hass, user):
                raise Unauthorized(
                    context=call.context,
                    user_id=user_id,
                    permission=POLICY_READ,
                    perm_category=CAT_ENTITIES,
                )
        return await handler(call)

    return handle


def _examples_handler(hass: HomeAssistant) -> Callable[[ServiceCall], Answer]:
    async def handle(_call: ServiceCall) -> ServiceResponse:
        return {"added": list(await async_add_examples(hass))}

    return handle


def _handler(hass: HomeAssistant, action: Action) -> Callable[[ServiceCall], Answer]:
    """Find the site an action is for, and put what it refuses into the user's words."""

    async def handle(call: ServiceCall) -> ServiceResponse:
        entry: HomeFlexConfigEntry = service.async_get_config_entry(
            hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
        )
        try:
            return await action(entry.runtime_data, call)
        except (RequestError, WishError) as error:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key=error.reason) from error
        except HistoryError as error:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_series") from error

    return handle

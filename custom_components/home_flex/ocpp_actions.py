"""The action of who knows OCPP: call a charger by any message of the protocol."""

from typing import Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from ocpp.exceptions import OCPPError  # type: ignore[import-untyped]  # the library has no types

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .devices.driver import DeviceError
from .devices.ocpp import ACTIONS, CallRefusedError, OcppCharger
from .entity import identified
from .runtime.view import RequestError

ATTR_ACTION: Final = "action"
ATTR_PAYLOAD: Final = "payload"

OCPP_CALL_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Optional(ATTR_DEVICE_ID): cv.string,
        probatio.Required(ATTR_ACTION): probatio.In(ACTIONS),
        probatio.Optional(ATTR_PAYLOAD, default=dict): dict,
    }
)


async def ocpp_call(coordinator: HomeFlexCoordinator, call: ServiceCall) -> ServiceResponse:
    """Call a charger and return its answer as it came."""
    identity, action = _identity(coordinator, call), call.data[ATTR_ACTION]
    try:
        answer = await coordinator.central_system.call(identity, action, call.data[ATTR_PAYLOAD])
    except CallRefusedError as error:
        raise _failed("ocpp_refused", action=action, code=error.code) from error
    except DeviceError as error:
        raise _failed(f"ocpp_{error.reason}", action=action) from error
    except OCPPError as error:
        cause = str(error.details.get("cause", error.description))
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="ocpp_payload",
            translation_placeholders={"action": action, "cause": cause},
        ) from error
    return {"answer": answer}


def _failed(translation_key: str, **placeholders: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders=placeholders,
    )


def _identity(coordinator: HomeFlexCoordinator, call: ServiceCall) -> str:
    """Return the charger that is meant; it need not be named when there is one."""
    known = {
        device_id: slot.driver.settings.identity
        for device_id, slot in coordinator.controller.slots.items()
        if isinstance(slot.driver, OcppCharger)
    }
    if (registry_id := call.data.get(ATTR_DEVICE_ID)) is not None:
        if (named := identified(coordinator, registry_id, known)) is not None:
            return known[named]
    elif len(set(known.values())) == 1:
        return next(iter(known.values()))
    raise RequestError("which_charger", f"{registry_id} names none of {len(known)} chargers")

"""What a second back end may ask of a charger: to read, and by choice to start and stop. Never a power."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ocpp.exceptions import (  # type: ignore[import-untyped]  # the library has no types
    GenericError,
    NotSupportedError,
)

from ...driver import DeviceError
from .. import fields
from ..session import Payload
from .books import Books
from .settings import ForwardSettings

type Ask = Callable[[str, Payload], Awaitable[Payload]]
"""Calls the charger. Raises DeviceError, and OCPPError for a payload that breaks the schema."""

_REJECTED: Final = {"status": "Rejected"}
# Answered by us in the words of its version: nothing of it reaches the charger.
_REFUSED: Final[Mapping[str, Payload]] = {
    **dict.fromkeys(
        (
            "CancelReservation",
            "CertificateSigned",
            "ChangeAvailability",
            "ChangeConfiguration",
            "ClearCache",
            "CustomerInformation",
            "GetLog",
            "InstallCertificate",
            "RemoteStartTransaction",
            "RemoteStopTransaction",
            "RequestStartTransaction",
            "RequestStopTransaction",
            "ReserveNow",
            "Reset",
            "SetChargingProfile",
            "SetNetworkProfile",
            "SignedUpdateFirmware",
            "UpdateFirmware",
        ),
        _REJECTED,
    ),
    "ClearChargingProfile": {"status": "Unknown"},
    "DataTransfer": {"status": "UnknownVendorId"},
    "GetBaseReport": {"status": "NotSupported"},
    "GetReport": {"status": "NotSupported"},
    "SendLocalList": {"status": "Failed"},
}
_UNLOCK: Final = {"1.6": {"status": "NotSupported"}, "2.0.1": {"status": "UnlockFailed"}}
# In 1.6 it has no answer that says no.
_NO_ANSWER_SAYS_NO: Final = {"1.6": frozenset({"UpdateFirmware"}), "2.0.1": frozenset[str]()}
_READS: Final = frozenset({"GetCompositeSchedule", "GetConfiguration", "GetLocalListVersion", "GetVariables"})
_STARTS: Final = {
    "RemoteStartTransaction": ("idTag", "connectorId"),
    "RequestStartTransaction": ("idToken", "remoteStartId", "evseId"),
}
_SECRET: Final = ("password", "authorizationkey")


class Permits:
    """Answers what a second back end calls, with what the resident allows."""

    def __init__(
        self,
        settings: ForwardSettings,
        *,
        version: str,
        books: Books,
        ask: Ask,
        repeat: Callable[[str], bool],
    ) -> None:
        """Let it speak ``version``; ``repeat`` has something told again, and says whether it can be."""
        self._settings = settings
        self._version = version
        self._books = books
        self._ask = ask
        self._repeat = repeat

    async def answer(self, action: str, payload: Payload) -> Payload:
        """Return the answer to a call. Raises OCPPError for what is answered with CALLERROR."""
        if action in _READS:
            return _without_secrets(await self._asked(action, payload))
        if self._settings.may_start and action in _STARTS:
            # A charging profile that comes along is left out: it would be a power.
            allowed = {name: payload[name] for name in _STARTS[action] if name in payload}
            return await self._asked(action, allowed)
        if self._settings.may_start and action in {"RemoteStopTransaction", "RequestStopTransaction"}:
            return await self._stop(action, payload)
        if action == "TriggerMessage":
            return {"status": self._repeated(payload)}
        if action == "SetVariables":
            return {"setVariableResult": [_refused_variable(each) for each in _objects(payload)]}
        if action == "UnlockConnector":
            return _UNLOCK[self._version]
        if action in _REFUSED and action not in _NO_ANSWER_SAYS_NO[self._version]:
            return _REFUSED[action]
        raise NotSupportedError(description="the home does not let this through")

    async def _stop(self, action: str, payload: Payload) -> Payload:
        if action == "RequestStopTransaction":
            return await self._asked(action, {"transactionId": payload.get("transactionId")})
        ours = self._books.ours(fields.required_integer(payload, "transactionId"))
        return _REJECTED if ours is None else await self._asked(action, {"transactionId": ours})

    async def _asked(self, action: str, payload: Payload) -> Payload:
        try:
            return await self._ask(action, payload)
        except DeviceError as error:
            raise GenericError(description=f"the charger did not answer: {error.reason}") from error

    def _repeated(self, payload: Payload) -> str:
        return "Accepted" if self._repeat(fields.required_text(payload, "requestedMessage")) else "Rejected"


def _objects(payload: Payload) -> list[Payload]:
    told = payload.get("setVariableData")
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []


def _refused_variable(data: Payload) -> dict[str, Any]:
    return {
        "attributeStatus": "Rejected",
        "component": data.get("component", {}),
        "variable": data.get("variable", {}),
    }


def _without_secrets(answer: Payload) -> Payload:
    """Return what was read without the keys that open doors, which some chargers show."""
    shown = dict(answer)
    for name in ("configurationKey", "getVariableResult"):
        if isinstance(told := answer.get(name), list):
            shown[name] = [each for each in told if isinstance(each, dict) and not _is_secret(each)]
    return shown


def _is_secret(entry: Payload) -> bool:
    variable = entry.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else entry.get("key")
    return any(word in str(name).lower() for word in _SECRET)

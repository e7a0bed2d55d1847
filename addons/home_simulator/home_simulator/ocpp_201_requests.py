"""How the charge point answers calls of OCPP 2.0.1: each is asked of it in the words of 1.6."""

from collections.abc import Callable, Mapping
from typing import Any

from .ocpp_link import CallRefusedError, Payload
from .ocpp_requests import Requests

type Name = tuple[str, str]

# Variables by component and name, and the configuration key of 1.6 that is the same.
_KEYS: Mapping[Name, str] = {
    ("OCPPCommCtrlr", "HeartbeatInterval"): "HeartbeatInterval",
    ("SampledDataCtrlr", "TxUpdatedInterval"): "MeterValueSampleInterval",
    ("SampledDataCtrlr", "TxUpdatedMeasurands"): "MeterValuesSampledData",
    ("SmartChargingCtrlr", "ProfileStackLevel"): "ChargeProfileMaxStackLevel",
    ("SmartChargingCtrlr", "RateUnit"): "ChargingScheduleAllowedChargingRateUnit",
}
_RATE_UNITS = {"Current,Power": "A,W"}
_PURPOSES = {"ChargingStationMaxProfile": "ChargePointMaxProfile"}
_NAMESAKES = frozenset({"ClearCache", "DataTransfer"})


class Requests201:
    """Says calls of 2.0.1 to ``Requests`` in 1.6, and its answers in 2.0.1."""

    def __init__(self, requests: Requests, number_of: Callable[[str], int | None]) -> None:
        """Ask ``requests``; ``number_of`` tells the number of a transaction by its name."""
        self._requests = requests
        self._number_of = number_of
        self._operations: Mapping[str, Callable[[Payload], Payload | None]] = {
            "ChangeAvailability": self._change_availability,
            "ClearChargingProfile": self._clear_charging_profile,
            "GetCompositeSchedule": self._get_composite_schedule,
            "GetVariables": self._get_variables,
            "RequestStartTransaction": self._start,
            "RequestStopTransaction": self._stop,
            "Reset": lambda payload: self._ask("Reset", {"type": payload["type"]}),
            "SetChargingProfile": self._set_charging_profile,
            "SetVariables": self._set_variables,
            "TriggerMessage": self._trigger_message,
            "UnlockConnector": lambda _payload: {"status": "UnlockFailed"},
        }

    def answer(self, action: str, payload: Payload) -> Payload | None:
        """Answer a call, or None when the charger keeps silent. Raises CallRefusedError."""
        if self._requests.is_silent:
            return None
        if action in _NAMESAKES:
            return self._ask(action, payload)
        if action not in self._operations:
            raise CallRefusedError("NotImplemented", f"{action} is not known here")
        try:
            return self._operations[action](payload)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise CallRefusedError("FormatViolation", f"{action} has a field that is not valid") from error

    def _ask(self, action: str, payload: Payload) -> Payload:
        return self._requests.answer(action, payload) or {}

    def _set_charging_profile(self, payload: Payload) -> Payload:
        asked = {
            "connectorId": payload["evseId"],
            "csChargingProfiles": self._profile(payload["chargingProfile"]),
        }
        return self._ask("SetChargingProfile", asked)

    def _profile(self, profile: Mapping[str, Any]) -> Payload:
        told = {name: value for name, value in profile.items() if name not in {"id", "chargingSchedule"}}
        told["chargingProfileId"] = profile["id"]
        told["chargingProfilePurpose"] = _purpose(profile["chargingProfilePurpose"])
        told["chargingSchedule"] = profile["chargingSchedule"][0]
        if "transactionId" in profile:
            # A number that is no transaction's: what is not running is not limited.
            told["transactionId"] = self._number_of(profile["transactionId"]) or -1
        return told

    def _clear_charging_profile(self, payload: Payload) -> Payload:
        criteria = payload.get("chargingProfileCriteria", {})
        asked = {name: criteria[name] for name in ("stackLevel",) if name in criteria}
        if "evseId" in criteria:
            asked["connectorId"] = criteria["evseId"]
        if "chargingProfilePurpose" in criteria:
            asked["chargingProfilePurpose"] = _purpose(criteria["chargingProfilePurpose"])
        if "chargingProfileId" in payload:
            asked["id"] = payload["chargingProfileId"]
        return self._ask("ClearChargingProfile", asked)

    def _get_composite_schedule(self, payload: Payload) -> Payload:
        asked = {"connectorId": payload["evseId"], "duration": payload["duration"]}
        if "chargingRateUnit" in payload:
            asked["chargingRateUnit"] = payload["chargingRateUnit"]
        answer = self._ask("GetCompositeSchedule", asked)
        if "chargingSchedule" not in answer:
            return answer
        schedule = dict(answer["chargingSchedule"])
        schedule["scheduleStart"] = schedule.pop("startSchedule")
        return {"status": answer["status"], "schedule": {"evseId": payload["evseId"], **schedule}}

    def _get_variables(self, payload: Payload) -> Payload:
        results = []
        for wanted in payload["getVariableData"]:
            key = _KEYS.get(_name(wanted))
            entries = self._ask("GetConfiguration", {"key": [key]})["configurationKey"] if key else []
            value = {"attributeValue": _RATE_UNITS.get(each := entries[0]["value"], each)} if entries else {}
            status = "Accepted" if entries else "UnknownVariable"
            results.append({**_named(wanted), "attributeStatus": status, **value})
        return {"getVariableResult": results}

    def _set_variables(self, payload: Payload) -> Payload:
        results = []
        for wanted in payload["setVariableData"]:
            key, status = _KEYS.get(_name(wanted)), "UnknownVariable"
            if key is not None:
                asked = {"key": key, "value": wanted["attributeValue"]}
                status = self._ask("ChangeConfiguration", asked)["status"]
            results.append({**_named(wanted), "attributeStatus": status})
        return {"setVariableResult": results}

    def _trigger_message(self, payload: Payload) -> Payload:
        word = payload["requestedMessage"]
        return self._ask(
            "TriggerMessage", {"requestedMessage": "MeterValues" if word == "TransactionEvent" else word}
        )

    def _start(self, payload: Payload) -> Payload:
        asked = {"idTag": payload["idToken"]["idToken"]}
        if "chargingProfile" in payload:
            asked["chargingProfile"] = self._profile(payload["chargingProfile"])
        return self._ask("RemoteStartTransaction", asked)

    def _stop(self, payload: Payload) -> Payload:
        return self._ask(
            "RemoteStopTransaction", {"transactionId": self._number_of(payload["transactionId"])}
        )

    def _change_availability(self, payload: Payload) -> Payload:
        connector_id = payload.get("evse", {}).get("id", 0)
        asked = {"connectorId": connector_id, "type": payload["operationalStatus"]}
        return self._ask("ChangeAvailability", asked)


def _purpose(word: str) -> str:
    return _PURPOSES.get(word, word)


def _name(data: Mapping[str, Any]) -> Name:
    return data["component"]["name"], data["variable"]["name"]


def _named(data: Mapping[str, Any]) -> Payload:
    return {"component": data["component"], "variable": data["variable"]}

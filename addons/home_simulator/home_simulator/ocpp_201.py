"""The charge point in the words of OCPP 2.0.1 (blocks B, C, E, G, J): what it says in 1.6 is said anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from .ocpp_201_requests import Requests201
from .ocpp_link import OcppLink, Payload
from .ocpp_requests import Requests

SUBPROTOCOL = "ocpp2.0.1"
_EVSE = {"id": 1, "connectorId": 1}
# ConnectorStatusEnumType; what an occupied connector does its transaction tells (ChargingStateEnumType).
_FREE = frozenset({"Available", "Reserved", "Unavailable", "Faulted"})
_CHARGING_STATES = {
    "Charging": "Charging",
    "Preparing": "EVConnected",
    "SuspendedEV": "SuspendedEV",
    "SuspendedEVSE": "SuspendedEVSE",
}
_REASONS = {
    "DeAuthorized": ("DeAuthorized", "Deauthorized"),
    "EVDisconnected": ("EVDisconnected", "EVCommunicationLost"),
    "Remote": ("Remote", "RemoteStop"),
    "SoftReset": ("ImmediateReset", "ResetCommand"),
}


@dataclass
class Told:
    """A transaction as the central system knows it: by its name, and how many of its events."""

    name: str = field(default_factory=lambda: str(uuid4()))
    events: int = 0


class Speech201:
    """Says calls of 1.6 in 2.0.1 over ``link``, and answers calls of 2.0.1."""

    def __init__(self, requests: Requests) -> None:
        """Say what is asked of ``requests``, which know 1.6 only."""
        self.link: OcppLink
        self._transactions: dict[int, Told] = {}
        self._number = 0
        self._told_status = self._told_word = ""
        self._answers = Requests201(requests, self.number_of)

    def number_of(self, name: str) -> int | None:
        """Return our number of a transaction by its name."""
        return next((number for number, told in self._transactions.items() if told.name == name), None)

    def answer(self, action: str, payload: Payload) -> Payload | None:
        """Answer a call of 2.0.1, or None when the charger keeps silent. Raises CallRefusedError."""
        return self._answers.answer(action, payload)

    async def call(self, action: str, payload: Payload) -> Payload:
        """Say a call of 1.6 in 2.0.1; return its answer in 1.6. Raises as ``OcppLink.call``."""
        match action:
            case "BootNotification":
                self._told_word = ""
                return await self.link.call(action, _boot(payload))
            case "Authorize":
                answer = await self.link.call(action, {"idToken": _token(payload["idTag"])})
                return {"idTagInfo": answer["idTokenInfo"]}
            case "StatusNotification":
                return await self._status(payload)
            case "StartTransaction":
                return await self._start(payload)
            case "StopTransaction":
                return await self._stop(payload)
            case "MeterValues":
                return await self._values(payload)
        return await self.link.call(action, payload)

    async def _status(self, payload: Payload) -> Payload:
        """Tell a state that is that of a transaction by its event, and any other as the connector's."""
        status, time = payload["status"], payload["timestamp"]
        word = status if status in _FREE else "Occupied"
        is_asked = status == self._told_status
        if word != self._told_word or is_asked:
            self._told_word = word
            connector = {"evseId": 1, "connectorId": 1}
            await self.link.call(
                "StatusNotification", {"timestamp": time, "connectorStatus": word, **connector}
            )
        self._told_status = status
        if self._transactions and status in _CHARGING_STATES:
            number = max(self._transactions)
            state = {"chargingState": _CHARGING_STATES[status]}
            await self._event(number, "Updated", time, "ChargingStateChanged", info=state)
        return {}

    async def _start(self, payload: Payload) -> Payload:
        self._number += 1
        self._transactions[self._number] = Told()
        answer = await self._event(
            self._number,
            "Started",
            payload["timestamp"],
            "Authorized",
            info={"chargingState": "EVConnected"},
            idToken=_token(payload["idTag"]),
            evse=_EVSE,
            meterValue=[_register(payload["timestamp"], payload["meterStart"], "Transaction.Begin")],
        )
        return {"transactionId": self._number, "idTagInfo": answer.get("idTokenInfo", {})}

    async def _stop(self, payload: Payload) -> Payload:
        number, time = payload["transactionId"], payload["timestamp"]
        reason, trigger = _REASONS[payload["reason"]]
        await self._event(
            number,
            "Ended",
            time,
            trigger,
            info={"stoppedReason": reason},
            meterValue=[_register(time, payload["meterStop"], "Transaction.End")],
        )
        self._transactions.pop(number, None)
        return {}

    async def _values(self, payload: Payload) -> Payload:
        samples = [_sample(each) for each in payload["meterValue"]]
        number = payload.get("transactionId")
        if number not in self._transactions:
            return await self.link.call("MeterValues", {"evseId": 1, "meterValue": samples})
        is_asked = samples[0]["sampledValue"][0]["context"] == "Trigger"
        trigger = "Trigger" if is_asked else "MeterValuePeriodic"
        await self._event(number, "Updated", samples[0]["timestamp"], trigger, meterValue=samples)
        return {}

    async def _event(
        self,
        number: int,
        kind: str,
        time: str,
        trigger: str,
        *,
        info: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Payload:
        told = self._transactions.setdefault(number, Told())
        answer = await self.link.call(
            "TransactionEvent",
            {
                "eventType": kind,
                "timestamp": time,
                "triggerReason": trigger,
                "seqNo": told.events,
                "transactionInfo": {"transactionId": told.name, **(info or {})},
                **more,
            },
        )
        told.events += 1
        return answer


def _boot(payload: Payload) -> Payload:
    station = {
        "vendorName": payload["chargePointVendor"],
        "model": payload["chargePointModel"],
        "serialNumber": payload["chargePointSerialNumber"],
        "firmwareVersion": payload["firmwareVersion"],
    }
    return {"reason": "PowerUp", "chargingStation": station}


def _token(tag: str) -> Payload:
    return {"idToken": tag, "type": "ISO14443"}


def _sample(sample: Mapping[str, Any]) -> Payload:
    return {**sample, "sampledValue": [_value(each) for each in sample["sampledValue"]]}


def _value(value: Mapping[str, Any]) -> Payload:
    told = {name: each for name, each in value.items() if name not in {"value", "unit"}}
    return {**told, "value": float(value["value"]), "unitOfMeasure": {"unit": value["unit"]}}


def _register(time: str, energy_wh: int, context: str) -> Payload:
    value = {"measurand": "Energy.Active.Import.Register", "value": str(energy_wh), "unit": "Wh"}
    return _sample({"timestamp": time, "sampledValue": [{**value, "context": context}]})

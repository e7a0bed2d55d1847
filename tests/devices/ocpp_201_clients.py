"""A charger of OCPP 2.0.1 on raw JSON, and a home that it has dialled in to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from custom_components.home_flex.devices.ocpp import ChargerSettings
from tests.devices.ocpp_clients import NOON, SETTINGS, Driven, RawCharger, Reply, dial, driving

STATION = {"vendorName": "Raw", "model": "Two", "serialNumber": "S2", "firmwareVersion": "2.0"}


def variables(**told: str) -> Reply:
    """Answer GetVariables with these values."""

    def reply(payload: dict[str, Any]) -> dict[str, Any]:
        return {
            "getVariableResult": [
                {
                    **wanted,
                    "attributeStatus": "Accepted"
                    if wanted["variable"]["name"] in told
                    else "UnknownVariable",
                    "attributeValue": told.get(wanted["variable"]["name"], ""),
                }
                for wanted in payload["getVariableData"]
            ]
        }

    return reply


def takes(*values: str) -> Reply:
    """Take variables of these values only; none named takes all."""

    def reply(payload: dict[str, Any]) -> dict[str, Any]:
        (data,) = payload["setVariableData"]
        is_good = not values or data["attributeValue"] in values
        status = "Accepted" if is_good else "Rejected"
        return {"setVariableResult": [{**data, "attributeStatus": status}]}

    return reply


def is_set_up(charger: RawCharger) -> bool:
    names = [each["setVariableData"][0]["variable"]["name"] for each in charger.called("SetVariables")]
    return "TxEndedMeasurands" in names


@asynccontextmanager
async def home_of_201(
    settings: ChargerSettings = SETTINGS, **replies: Reply
) -> AsyncIterator[tuple[Driven, RawCharger]]:
    """Run a driver and a charger that has booted and was set up."""
    usual: dict[str, Reply] = {"SetVariables": takes(), "GetVariables": variables(ProfileStackLevel="5")}
    async with (
        driving(settings) as home,
        dial(home.port, protocols=("ocpp2.0.1",), replies=usual | replies) as charger,
    ):
        boot = {"reason": "PowerUp", "chargingStation": STATION}
        assert (await charger.call("BootNotification", boot))[2]["status"] == "Accepted"
        await charger.until(lambda: is_set_up(charger))
        yield home, charger


async def status(charger: RawCharger, word: str) -> None:
    told = {"timestamp": NOON, "connectorStatus": word, "evseId": 1, "connectorId": 1}
    assert (await charger.call("StatusNotification", told))[0] == 3


def energy(value: float, context: str = "Sample.Periodic") -> dict[str, Any]:
    return {"value": value, "measurand": "Energy.Active.Import.Register", "context": context}


def power(value: float, multiplier: int = 0) -> dict[str, Any]:
    unit = {"unit": "W", "multiplier": multiplier}
    return {"value": value, "measurand": "Power.Active.Import", "unitOfMeasure": unit}


async def event(
    charger: RawCharger,
    kind: str,
    state: str | None,
    *values: dict[str, Any],
    name: str = "tx-1",
    **more: Any,
) -> dict[str, Any]:
    """Tell an event of a transaction; return the answer."""
    info = {"transactionId": name} | ({} if state is None else {"chargingState": state})
    sampled = [{"timestamp": NOON, "sampledValue": list(values)}]
    payload = {
        "eventType": kind,
        "timestamp": NOON,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": 0,
        "transactionInfo": info,
        **({"meterValue": sampled} if values else {}),
        **more,
    }
    answer = await charger.call("TransactionEvent", payload)
    assert answer[0] == 3, answer
    told: dict[str, Any] = answer[2]
    return told

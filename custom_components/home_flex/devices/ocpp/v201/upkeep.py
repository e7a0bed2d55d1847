"""What we ask of a charger of OCPP 2.0.1 at each boot: variables (block B) and news (block F)."""

from typing import Any, Final

from ocpp.v201 import call  # type: ignore[import-untyped]  # the library has no types
from ocpp.v201.datatypes import (  # type: ignore[import-untyped]  # the library has no types
    ComponentType,
    EVSEType,
    GetVariableDataType,
    IdTokenType,
    SetVariableDataType,
    VariableType,
)
from ocpp.v201.enums import (  # type: ignore[import-untyped]  # the library has no types
    IdTokenEnumType,
    MessageTriggerEnumType,
    OperationalStatusEnumType,
)

from .. import fields
from ..asking import ask
from ..configuration import Configuration, read_units
from ..session import Payload, Session
from ..settings import Patience

type Name = tuple[str, str]
"""A variable by its component and its name."""

_LEVEL: Final = ("SmartChargingCtrlr", "ProfileStackLevel")
_UNIT: Final = ("SmartChargingCtrlr", "RateUnit")
_SWITCHES: Final = ("SmartChargingCtrlr", "Phases3to1")
_HEARTBEAT: Final = ("OCPPCommCtrlr", "HeartbeatInterval")
_INTERVAL: Final = ("SampledDataCtrlr", "TxUpdatedInterval")
_MEASURANDS: Final = ("SampledDataCtrlr", "TxUpdatedMeasurands")
_AT_THE_END: Final = ("SampledDataCtrlr", "TxEndedMeasurands")
_SAMPLED: Final = ("Power.Active.Import", "Energy.Active.Import.Register", "Current.Import", "Voltage")
_INTERVALS_S: Final = (2, 5, 10, 30, 60)
_HIGHEST_STACK_LEVEL: Final = 100
_TAKEN: Final = frozenset({"Accepted", "RebootRequired"})


async def configure(session: Session, patience: Patience) -> None:
    """Ask for frequent values and heartbeats. A charger that refuses is used as it is."""
    await set_variable(session, patience, _HEARTBEAT, str(patience.heartbeat_s))
    for interval_s in _INTERVALS_S:
        if await set_variable(session, patience, _INTERVAL, str(interval_s)) != "Rejected":
            break
    if await set_variable(session, patience, _MEASURANDS, ",".join(_SAMPLED)) == "Rejected":
        # A later list takes the place of an earlier one: the first of the best that is taken stays.
        for count in range(len(_SAMPLED) - 1, 0, -1):
            if await set_variable(session, patience, _MEASURANDS, ",".join(_SAMPLED[:count])) in _TAKEN:
                break
    # Else each sample of the session is sent once more at its end, all in one message.
    await set_variable(session, patience, _AT_THE_END, "Energy.Active.Import.Register")


async def read_configuration(session: Session, patience: Patience) -> Configuration:
    """Ask for the variables that matter."""
    told = await read_variables(session, patience, (_LEVEL, _UNIT, _SWITCHES))
    level = fields.integer(told, _LEVEL[1])
    return Configuration(
        highest_level=min(level, _HIGHEST_STACK_LEVEL) if level is not None and level >= 0 else 0,
        units=read_units(told.get(_UNIT[1])),
        switches_phases=str(told.get(_SWITCHES[1])).lower() == "true",
    )


async def read_variables(
    session: Session, patience: Patience, names: tuple[Name, ...], *, attribute: str | None = None
) -> dict[str, Any]:
    """Return the values of variables, or of another attribute of them, by their names: of those it tells."""
    wanted = [
        GetVariableDataType(
            component=ComponentType(name=component),
            variable=VariableType(name=name),
            attribute_type=attribute,
        )
        for component, name in names
    ]
    return _values(await ask(session, call.GetVariables(get_variable_data=wanted), patience))


async def ask_who_it_is(session: Session, patience: Patience) -> bool:
    """Trigger the BootNotification that a charger sends only when it starts; whether it will send one."""
    return await _trigger(session, patience, MessageTriggerEnumType.boot_notification, None)


async def ask_for_news(session: Session, patience: Patience, evse_id: int) -> None:
    """Trigger what the charger would else tell only at the next change."""
    evse = EVSEType(id=evse_id, connector_id=1)
    await _trigger(session, patience, MessageTriggerEnumType.status_notification, evse)
    await _trigger(session, patience, MessageTriggerEnumType.transaction_event, EVSEType(id=evse_id))


async def ask_for_values(session: Session, patience: Patience, evse_id: int) -> bool:
    """Trigger a TransactionEvent with values; whether the charger does such a thing at all."""
    trigger = call.TriggerMessage(
        requested_message=MessageTriggerEnumType.transaction_event, evse=EVSEType(id=evse_id)
    )
    return (await ask(session, trigger, patience)).get("status") in {"Accepted", "Rejected"}


async def make_operative(session: Session, patience: Patience, evse_id: int) -> None:
    """Take back an Inoperative that somebody left behind."""
    message = call.ChangeAvailability(
        operational_status=OperationalStatusEnumType.operative, evse=EVSEType(id=evse_id)
    )
    await ask(session, message, patience)


async def start_session(session: Session, patience: Patience, evse_id: int, id_tag: str) -> bool:
    """Start a session for whoever is plugged in; whether the charger took it."""
    message = call.RequestStartTransaction(
        id_token=IdTokenType(id_token=id_tag, type=IdTokenEnumType.central),
        remote_start_id=evse_id,
        evse_id=evse_id,
    )
    return (await ask(session, message, patience)).get("status") == "Accepted"


async def prove_alive(session: Session, patience: Patience) -> None:
    """Provoke an answer from a charger that was silent for long: even a refusal is a sign of life."""
    await _trigger(session, patience, MessageTriggerEnumType.heartbeat, None)


async def _trigger(
    session: Session, patience: Patience, requested: MessageTriggerEnumType, evse: EVSEType | None
) -> bool:
    message = call.TriggerMessage(requested_message=requested, evse=evse)
    return (await ask(session, message, patience)).get("status") == "Accepted"


async def set_variable(session: Session, patience: Patience, name: Name, value: str) -> str:
    """Set a variable; return what the charger says to it, "" when it says nothing."""
    component, variable = name
    data = SetVariableDataType(
        attribute_value=value,
        component=ComponentType(name=component),
        variable=VariableType(name=variable),
    )
    answer = await ask(session, call.SetVariables(set_variable_data=[data]), patience)
    results = answer.get("setVariableResult")
    first = results[0] if isinstance(results, list) and results else None
    return str(first.get("attributeStatus", "")) if isinstance(first, dict) else ""


def _values(answer: Payload) -> dict[str, Any]:
    """Return the values of a GetVariables answer by the names of their variables."""
    results = answer.get("getVariableResult")
    told: dict[str, Any] = {}
    for result in results if isinstance(results, list) else ():
        variable = result.get("variable") if isinstance(result, dict) else None
        name = variable.get("name") if isinstance(variable, dict) else None
        if isinstance(name, str) and result.get("attributeStatus") == "Accepted":
            told[name] = result.get("attributeValue")
    return told

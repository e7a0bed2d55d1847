"""What a charger of OCPP 2.0.1 calls, and what it is answered (blocks C, E, G, J)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from ocpp.v201 import call_result  # type: ignore[import-untyped]  # the library has no types
from ocpp.v201.datatypes import IdTokenInfoType  # type: ignore[import-untyped]  # the library has no types
from ocpp.v201.enums import (  # type: ignore[import-untyped]  # the library has no types
    AuthorizationStatusEnumType,
    DataTransferStatusEnumType,
    RegistrationStatusEnumType,
)

from ....core.model import VEHICLE_CONNECTED, ChargerStatus, DeviceIdentity
from .. import fields
from ..connector import Connector
from ..meter_values import MeterSample, newest, read_meter_values
from ..session import Handler, Payload
from ..station import Socket, Station, note_heartbeat, passed_on
from ..tags import is_welcome
from ..transactions import TransactionIds, TransactionStart

# ConnectorStatusEnumType; what an occupied one does is told by its transaction.
_STATUSES: Final = {
    "Available": ChargerStatus.AVAILABLE,
    "Reserved": ChargerStatus.RESERVED,
    "Unavailable": ChargerStatus.UNAVAILABLE,
    "Faulted": ChargerStatus.FAULTED,
}
_OCCUPIED: Final = "Occupied"
# ChargingStateEnumType; Idle says that no vehicle is there, which its connector says better.
_CHARGING_STATES: Final = {
    "Charging": ChargerStatus.CHARGING,
    "EVConnected": ChargerStatus.PREPARING,
    "SuspendedEV": ChargerStatus.SUSPENDED_EV,
    "SuspendedEVSE": ChargerStatus.SUSPENDED_EVSE,
}
_PASSED_ON: Final = (
    "ClearedChargingLimit",
    "FirmwareStatusNotification",
    "LogStatusNotification",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDisplayMessages",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyReport",
    "PublishFirmwareStatusNotification",
    "ReportChargingProfiles",
    "ReservationStatusUpdate",
    "SecurityEventNotification",
)


class Requests201:
    """Answers the charger's calls and notes what they say."""

    def __init__(
        self,
        station: Station,
        *,
        identity: str,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
        heartbeat_s: int,
        ids: TransactionIds,
    ) -> None:
        """Keep the parts."""
        self._station = station
        self._identity = identity
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._heartbeat_s = heartbeat_s
        self._ids = ids

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        unknown = call_result.DataTransfer(status=DataTransferStatusEnumType.unknown_vendor_id)
        return {
            "Authorize": self._authorize,
            "BootNotification": self._boot,
            "DataTransfer": passed_on(self._station, "DataTransfer", unknown),
            **{
                action: passed_on(self._station, action, getattr(call_result, action)())
                for action in _PASSED_ON
            },
            "Heartbeat": self._heartbeat,
            "MeterValues": self._meter_values,
            "StatusNotification": self._status,
            "TransactionEvent": self._transaction_event,
        }

    def _authorize(self, payload: Payload) -> object:
        return call_result.Authorize(id_token_info=self._token_info(payload))

    def _boot(self, payload: Payload) -> object:
        told = _object(payload, "chargingStation")
        self._station.booted(
            DeviceIdentity(
                manufacturer=fields.required_text(told, "vendorName"),
                model=fields.required_text(told, "model"),
                serial_number=fields.text(told, "serialNumber") or self._identity,
                firmware=fields.text(told, "firmwareVersion"),
            )
        )
        return call_result.BootNotification(
            current_time=fields.wire_time(self._clock()),
            interval=self._heartbeat_s,
            status=RegistrationStatusEnumType.accepted,
        )

    def _heartbeat(self, payload: Payload) -> object:  # noqa: ARG002  # Heartbeat has no fields
        note_heartbeat(self._station)
        return call_result.Heartbeat(current_time=fields.wire_time(self._clock()))

    def _status(self, payload: Payload) -> object:
        socket = self._station.socket(fields.required_integer(payload, "evseId"))
        word = fields.required_text(payload, "connectorStatus")
        if socket is not None:
            status = _STATUSES.get(word)
            if word == _OCCUPIED and socket.connector.status not in VEHICLE_CONNECTED:
                status = ChargerStatus.PREPARING
            if status is not None:
                socket.connector.take_status(status, self._monotonic_s())
            socket.news()
        return call_result.StatusNotification()

    def _meter_values(self, payload: Payload) -> object:
        socket = self._station.socket(fields.required_integer(payload, "evseId"))
        if socket is not None and self._take(socket.connector, _samples(payload), None):
            socket.sampled()
            socket.news()
        return call_result.MeterValues()

    def _transaction_event(self, payload: Payload) -> object:
        """Take an event of a transaction, unless a later one was heard.

        Of one that was queued (``offline``) nothing is drawn now.
        """
        info = _object(payload, "transactionInfo")
        name = fields.required_text(info, "transactionId")
        kind = fields.required_text(payload, "eventType")
        socket = self._station.socket(fields.integer(_object(payload, "evse"), "id") or 0) or self._of(name)
        number = fields.integer(payload, "seqNo") or 0
        if socket is not None and socket.connector.is_newest_event(name, number):
            self._note_event(socket, name, kind, info, payload)
        answer = {"id_token_info": self._token_info(payload)} if "idToken" in payload else {}
        return call_result.TransactionEvent(**answer)

    def _note_event(self, socket: Socket, name: str, kind: str, info: Payload, payload: Payload) -> None:
        connector, samples = socket.connector, _samples(payload)
        transaction_id = self._begin(socket, name, kind, samples, payload)
        is_live = payload.get("offline") is not True
        status = _CHARGING_STATES.get(fields.text(info, "chargingState") or "")
        if status is not None and is_live:
            connector.take_status(status, self._monotonic_s())
        if kind == "Ended":
            if transaction_id == connector.transactions.running:
                connector.take_last_samples(samples, self._monotonic_s())
        elif is_live and self._take(connector, samples, transaction_id):
            socket.sampled()
        if kind == "Ended":
            connector.stop_transaction(transaction_id, None, self._monotonic_s())
            socket.ended()
        socket.news()

    def _begin(
        self, socket: Socket, name: str, kind: str, samples: list[MeterSample], payload: Payload
    ) -> int:
        """Return our number of a transaction, which is begun when its name is new."""
        connector = socket.connector
        is_live = payload.get("offline") is not True
        if (known := connector.transaction_numbers.get(name)) is not None:
            if kind == "Updated" and is_live:
                connector.transactions.carry_on(known, self._monotonic_s())
            return known
        if kind == "Started" and is_live:
            connector.transactions.end(self._monotonic_s())
        energies_wh = [each.energy_wh for each in samples if each.energy_wh is not None]
        if kind == "Started" and energies_wh:
            token = fields.text(_object(payload, "idToken"), "idToken") or name
            start = TransactionStart(connector.wire_id, token, energies_wh[0], None)
            number = connector.transactions.start(start, self._ids, self._clock())
            connector.begin_transaction(self._monotonic_s())
        else:
            number = self._ids.next(self._clock())
            connector.transactions.carry_on(number, self._monotonic_s())
        connector.name_transaction(name, number)
        if kind != "Ended":
            socket.began()
        return number

    def _of(self, name: str) -> Socket | None:
        """Return whose transaction it is; events after the first need not name their EVSE."""
        sockets = self._station.sockets.values()
        return next((each for each in sockets if name in each.connector.transaction_numbers), None)

    def _take(self, connector: Connector, samples: list[MeterSample], transaction_id: int | None) -> bool:
        told = [connector.take_sample(each, transaction_id, self._monotonic_s()) for each in samples]
        return any(told)

    def _token_info(self, payload: Payload) -> IdTokenInfoType:
        token = fields.text(_object(payload, "idToken"), "idToken") or ""
        is_known = any(is_welcome(token, each.settings) for each in self._station.sockets.values())
        status = AuthorizationStatusEnumType.accepted if is_known else AuthorizationStatusEnumType.invalid
        return IdTokenInfoType(status=status)


def _object(payload: Payload, name: str) -> Payload:
    """Return a part that is an object; an empty one for what is none."""
    value = payload.get(name)
    return value if isinstance(value, dict) else {}


def _samples(payload: Payload) -> list[MeterSample]:
    """Read ``meterValue``: as in 1.6, but for the unit, which is an object with a power of ten."""
    told = payload.get("meterValue")
    if not isinstance(told, list):
        return []
    return read_meter_values([_as_in_1_6(entry) for entry in newest(told)])


def _as_in_1_6(entry: Payload) -> Payload:
    sampled = entry.get("sampledValue")
    values = [_value(each) for each in sampled if isinstance(each, dict)] if isinstance(sampled, list) else []
    return {**entry, "sampledValue": values}


def _value(value: Payload) -> dict[str, Any]:
    unit = _object(value, "unitOfMeasure")
    number, exponent = fields.number(value.get("value")), fields.integer(unit, "multiplier") or 0
    scaled = None if number is None or abs(exponent) > 12 else number * 10.0**exponent
    return {**value, "value": scaled, "unit": unit.get("unit")}

"""What a charger calls, and what it is answered (OCPP 1.6 section 4)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from ocpp.v16 import call_result  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.enums import (  # type: ignore[import-untyped]  # the library has no types
    DataTransferStatus,
    GenericStatus,
    RegistrationStatus,
)

from ...core.model import ChargerStatus, DeviceIdentity
from . import fields
from .meter_values import read_meter_values
from .session import Handler, Payload
from .station import Socket, Station, note_heartbeat, passed_on
from .tags import is_welcome, tag_info
from .transactions import TransactionIds, TransactionStart

_STATUSES: Final = {status.value: status for status in ChargerStatus}
_NO_FAULT: Final = "NoError"


class Requests:
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
        return {
            "Authorize": self._authorize,
            "BootNotification": self._boot,
            "DataTransfer": passed_on(
                self._station,
                "DataTransfer",
                call_result.DataTransfer(status=DataTransferStatus.unknown_vendor_id),
            ),
            **{
                action: passed_on(self._station, action, getattr(call_result, action)())
                for action in (
                    "DiagnosticsStatusNotification",
                    "FirmwareStatusNotification",
                    "LogStatusNotification",
                    "SecurityEventNotification",
                    "SignedFirmwareStatusNotification",
                )
            },
            "Heartbeat": self._heartbeat,
            "MeterValues": self._meter_values,
            # The home signs no certificates.
            "SignCertificate": lambda _: call_result.SignCertificate(status=GenericStatus.rejected),
            "StartTransaction": self._start_transaction,
            "StatusNotification": self._status,
            "StopTransaction": self._stop_transaction,
        }

    def _authorize(self, payload: Payload) -> object:
        return call_result.Authorize(id_tag_info=tag_info(welcome=self._is_welcome(payload, None)))

    def _boot(self, payload: Payload) -> object:
        serial_number = fields.text(payload, "chargePointSerialNumber")
        identity = DeviceIdentity(
            manufacturer=fields.required_text(payload, "chargePointVendor"),
            model=fields.required_text(payload, "chargePointModel"),
            serial_number=serial_number or fields.text(payload, "chargeBoxSerialNumber") or self._identity,
            firmware=fields.text(payload, "firmwareVersion"),
        )
        self._station.booted(identity)
        return call_result.BootNotification(
            current_time=fields.wire_time(self._clock()),
            interval=self._heartbeat_s,
            status=RegistrationStatus.accepted,
        )

    def _heartbeat(self, payload: Payload) -> object:  # noqa: ARG002  # Heartbeat has no fields
        note_heartbeat(self._station)
        return call_result.Heartbeat(current_time=fields.wire_time(self._clock()))

    def _status(self, payload: Payload) -> object:
        connector_id = fields.required_integer(payload, "connectorId")
        status = _STATUSES.get(fields.required_text(payload, "status"))
        socket = self._station.socket(connector_id)
        if connector_id == 0:
            self._station.fault = _fault(payload)
        if socket is not None and status is not None:
            socket.connector.fault = _fault(payload)
            socket.connector.take_status(status, self._monotonic_s())
            socket.news()
        return call_result.StatusNotification()

    def _meter_values(self, payload: Payload) -> object:
        connector_id = fields.required_integer(payload, "connectorId")
        transaction_id = fields.integer(payload, "transactionId")
        samples = read_meter_values(payload.get("meterValue"))
        socket = self._station.socket(connector_id)
        if socket is not None and samples:
            connector = socket.connector
            if transaction_id is not None:
                connector.transactions.carry_on(transaction_id, self._monotonic_s())
            told = [connector.take_sample(each, transaction_id, self._monotonic_s()) for each in samples]
            if any(told):
                socket.sampled()
                socket.news()
        return call_result.MeterValues()

    def _start_transaction(self, payload: Payload) -> object:
        connector_id = fields.required_integer(payload, "connectorId")
        start = TransactionStart(
            connector_id=connector_id,
            id_tag=fields.text(payload, "idTag") or "",
            meter_start_wh=fields.required_number(payload, "meterStart"),
            timestamp=fields.instant(payload.get("timestamp")),
        )
        socket = self._station.socket(connector_id)
        if socket is None:
            transaction_id = self._ids.next(self._clock())
        else:
            before = socket.connector.transactions.running
            transaction_id = socket.connector.transactions.start(start, self._ids, self._clock())
            if (
                transaction_id not in {before, None}
                and transaction_id == socket.connector.transactions.running
            ):
                socket.connector.begin_transaction(self._monotonic_s())
                socket.began()
        info = tag_info(welcome=self._is_welcome(payload, socket))
        return call_result.StartTransaction(transaction_id=transaction_id, id_tag_info=info)

    def _stop_transaction(self, payload: Payload) -> object:
        transaction_id = fields.required_integer(payload, "transactionId")
        socket = self._stopped(transaction_id)
        if socket is not None:
            if transaction_id == socket.connector.transactions.running:
                samples = read_meter_values(payload.get("transactionData"))
                socket.connector.take_last_samples(samples, self._monotonic_s())
            meter_stop_wh = fields.number(payload.get("meterStop"))
            socket.connector.stop_transaction(transaction_id, meter_stop_wh, self._monotonic_s())
            socket.ended()
            socket.news()
        return call_result.StopTransaction(id_tag_info=tag_info(welcome=True))

    def _stopped(self, transaction_id: int) -> Socket | None:
        """Return whose transaction ends; an id that was never given ends the only one that runs."""
        running = [
            each for each in self._station.sockets.values() if each.connector.transactions.running is not None
        ]
        ours = [each for each in running if each.connector.transactions.running == transaction_id]
        if ours or len(running) != 1:
            return next(iter(ours), None)
        return running[0]

    def _is_welcome(self, payload: Payload, socket: Socket | None) -> bool:
        id_tag = fields.text(payload, "idTag") or ""
        asked = [socket] if socket is not None else list(self._station.sockets.values())
        return any(is_welcome(id_tag, each.settings) for each in asked)


def _fault(payload: Payload) -> str | None:
    """Return what a StatusNotification says is wrong, in the charger's own words."""
    code = fields.text(payload, "errorCode") or _NO_FAULT
    more = (fields.text(payload, "vendorErrorCode"), fields.text(payload, "info"))
    return None if code == _NO_FAULT else " ".join([code, *(each for each in more if each)])

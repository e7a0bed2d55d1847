"""What a charger calls, and what it is answered (OCPP 1.6 section 4)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from ocpp.v16 import call_result  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.datatypes import IdTagInfo  # type: ignore[import-untyped]  # the library has no types
from ocpp.v16.enums import (  # type: ignore[import-untyped]  # the library has no types
    AuthorizationStatus,
    DataTransferStatus,
    RegistrationStatus,
)

from ...core.model import ChargerStatus, DeviceIdentity
from . import fields
from .connector import Connector, TransactionStart
from .meter_values import read_meter_values
from .session import Handler, Payload

CONNECTOR_ID: Final = 1
_STATUSES: Final = {status.value: status for status in ChargerStatus}
# A resident's charger is free to whoever stands in the garage: every id tag is accepted.
_ACCEPTED: Final = IdTagInfo(status=AuthorizationStatus.accepted)


class Requests:
    """Answers the charger's calls and notes what they say in ``connector``.

    ``on_boot`` gets who the charger is, ``on_transaction`` is called when one began, ``on_news`` when there
    is something to publish.
    """

    def __init__(
        self,
        *,
        connector: Connector,
        clock: Callable[[], datetime],
        heartbeat_s: int,
        on_boot: Callable[[DeviceIdentity], None],
        on_transaction: Callable[[], None],
        on_news: Callable[[], None],
    ) -> None:
        """Keep the parts."""
        self._connector = connector
        self._clock = clock
        self._heartbeat_s = heartbeat_s
        self._on_boot = on_boot
        self._on_transaction = on_transaction
        self._on_news = on_news

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        return {
            "Authorize": lambda _: call_result.Authorize(id_tag_info=_ACCEPTED),
            "BootNotification": self._boot,
            "DataTransfer": lambda _: call_result.DataTransfer(status=DataTransferStatus.unknown_vendor_id),
            "DiagnosticsStatusNotification": lambda _: call_result.DiagnosticsStatusNotification(),
            "FirmwareStatusNotification": lambda _: call_result.FirmwareStatusNotification(),
            "Heartbeat": self._heartbeat,
            "LogStatusNotification": lambda _: call_result.LogStatusNotification(),
            "MeterValues": self._meter_values,
            "SecurityEventNotification": lambda _: call_result.SecurityEventNotification(),
            "StartTransaction": self._start_transaction,
            "StatusNotification": self._status,
            "StopTransaction": self._stop_transaction,
        }

    def _boot(self, payload: Payload) -> object:
        identity = self._connector.settings.identity
        serial_number = fields.text(payload, "chargePointSerialNumber")
        self._connector.boot()
        self._on_boot(
            DeviceIdentity(
                manufacturer=fields.required_text(payload, "chargePointVendor"),
                model=fields.required_text(payload, "chargePointModel"),
                serial_number=serial_number or fields.text(payload, "chargeBoxSerialNumber") or identity,
                firmware=fields.text(payload, "firmwareVersion"),
            )
        )
        return call_result.BootNotification(
            current_time=fields.wire_time(self._clock()),
            interval=self._heartbeat_s,
            status=RegistrationStatus.accepted,
        )

    def _heartbeat(self, payload: Payload) -> object:  # noqa: ARG002  # Heartbeat has no fields
        # An idle charger may say nothing else for hours: its reading is as new as its heartbeat.
        if self._connector.status not in {None, ChargerStatus.CHARGING}:
            self._on_news()
        return call_result.Heartbeat(current_time=fields.wire_time(self._clock()))

    def _status(self, payload: Payload) -> object:
        connector_id = fields.required_integer(payload, "connectorId")
        status = _STATUSES.get(fields.required_text(payload, "status"))
        if connector_id == CONNECTOR_ID and status is not None:
            self._connector.take_status(status, fields.instant(payload.get("timestamp")))
            self._on_news()
        return call_result.StatusNotification()

    def _meter_values(self, payload: Payload) -> object:
        connector_id = fields.required_integer(payload, "connectorId")
        samples = read_meter_values(payload.get("meterValue"), self._connector.settings)
        transaction_id = fields.integer(payload, "transactionId")
        if connector_id == CONNECTOR_ID and samples:
            if transaction_id is not None:
                self._connector.continue_transaction(transaction_id)
            for sample in samples:
                self._connector.take_sample(sample, self._clock())
            self._on_news()
        return call_result.MeterValues()

    def _start_transaction(self, payload: Payload) -> object:
        start = TransactionStart(
            connector_id=fields.required_integer(payload, "connectorId"),
            id_tag=fields.required_text(payload, "idTag"),
            meter_start_wh=fields.required_integer(payload, "meterStart"),
            timestamp=fields.instant(payload.get("timestamp")),
        )
        transaction_id = self._connector.start_transaction(start, self._clock())
        if transaction_id == self._connector.transaction_id:
            self._on_transaction()
        return call_result.StartTransaction(transaction_id=transaction_id, id_tag_info=_ACCEPTED)

    def _stop_transaction(self, payload: Payload) -> object:
        transaction_id = fields.required_integer(payload, "transactionId")
        ours = transaction_id == self._connector.transaction_id
        if ours:
            for sample in read_meter_values(payload.get("transactionData"), self._connector.settings):
                self._connector.take_sample(sample, self._clock())
        self._connector.stop_transaction(transaction_id, fields.integer(payload, "meterStop"))
        if ours and self._connector.status is not None:
            self._on_news()
        return call_result.StopTransaction(id_tag_info=_ACCEPTED)

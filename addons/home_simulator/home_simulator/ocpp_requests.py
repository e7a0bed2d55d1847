"""How the charge point answers the central system: OCPP 1.6 section 5, one function per operation."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .charger_habits import refuses_setting, takes
from .charging_profiles import (
    CHARGE_POINT_MAX,
    MAX_PERIODS,
    MAX_STACK_LEVEL,
    NOMINAL_VOLTAGE_V,
    TX,
    Limit,
    parse_profile,
)
from .connector import CONNECTOR_ID, Connector
from .faults import FaultSwitch
from .meter_values import now_text
from .ocpp_link import CallRefusedError, Payload

ACCEPTED: Payload = {"status": "Accepted"}
REJECTED: Payload = {"status": "Rejected"}
TRIGGERS = frozenset({"BootNotification", "Heartbeat", "MeterValues", "StatusNotification"})

_READ_ONLY = {
    "NumberOfConnectors": "1",
    "SupportedFeatureProfiles": "Core,SmartCharging,RemoteTrigger",
    "ChargeProfileMaxStackLevel": str(MAX_STACK_LEVEL),
    "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
    "ChargingScheduleMaxPeriods": str(MAX_PERIODS),
    "MaxChargingProfilesInstalled": "20",
    "ConnectorPhaseRotation": "1.RST",
}
_MEASURANDS = "Power.Active.Import,Energy.Active.Import.Register,Current.Import,Current.Offered,Voltage,SoC"


class Requests:
    """Answers calls by changing the connector, the configuration and what ``triggered`` asks to be sent."""

    def __init__(self, connector: Connector, faults: FaultSwitch) -> None:
        """Start with the factory's configuration."""
        self.triggered: set[str] = set()
        self.remote_start_tag: str | None = None
        self.remote_stop = False
        self.reset = False
        self._connector = connector
        self._faults = faults
        self._settings = {
            "MeterValueSampleInterval": "2",
            "HeartbeatInterval": "60",
            "MeterValuesSampledData": _MEASURANDS,
            "WebSocketPingInterval": "20",
            "AuthorizeRemoteTxRequests": "false",
        }
        self._operations: dict[str, Callable[[Payload], Payload]] = {
            "SetChargingProfile": self._set_charging_profile,
            "ClearChargingProfile": self._clear_charging_profile,
            "GetCompositeSchedule": self._get_composite_schedule,
            "ChangeConfiguration": self._change_configuration,
            "GetConfiguration": self._get_configuration,
            "TriggerMessage": self._trigger_message,
            "RemoteStartTransaction": self._remote_start,
            "RemoteStopTransaction": self._remote_stop,
            "Reset": self._reset,
            "ChangeAvailability": self._change_availability,
            "UnlockConnector": lambda _payload: {"status": "NotSupported"},
            "ClearCache": lambda _payload: ACCEPTED,
            "DataTransfer": lambda _payload: {"status": "UnknownVendorId"},
        }

    @property
    def is_silent(self) -> bool:
        """Whether calls are never answered."""
        return self._faults.now.charger_silent

    def answer(self, action: str, payload: Payload) -> Payload | None:
        """Answer a call, or None when the charger keeps silent. Raises CallRefusedError."""
        if self.is_silent:
            return None
        if action not in self._operations:
            raise CallRefusedError("NotImplemented", f"{action} is not known here")
        try:
            return self._operations[action](payload)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CallRefusedError("FormationViolation", f"{action} has a field that is not valid") from error

    def seconds(self, key: str) -> float:
        """Return a setting that holds a number of seconds; 0 means never."""
        return float(self._settings[key])

    def set_heartbeat(self, seconds: int) -> None:
        """Take over the interval of a BootNotification's answer."""
        if seconds > 0:
            self._settings["HeartbeatInterval"] = str(seconds)

    def _set_charging_profile(self, payload: Payload) -> Payload:
        now = self._faults.charger_time()
        connector_id = int(payload["connectorId"])
        profile = parse_profile(connector_id, payload["csChargingProfiles"], now)
        transaction = self._connector.transaction
        misplaced = connector_id not in {0, CONNECTOR_ID} or (
            profile.purpose == CHARGE_POINT_MAX and connector_id != 0
        )
        of_no_transaction = profile.purpose == TX and (
            transaction is None or profile.transaction_id not in {None, transaction.transaction_id}
        )
        takes_it = takes(payload, self._faults.now.charger_takes_only)
        if misplaced or of_no_transaction or not takes_it or self._faults.now.charger_rejects_profiles:
            return REJECTED
        self._connector.profiles.install(profile)
        self._connector.control(now)
        return ACCEPTED

    def _clear_charging_profile(self, payload: Payload) -> Payload:
        changed = self._connector.profiles.clear(payload)
        self._connector.control(self._faults.charger_time())
        return ACCEPTED if changed else {"status": "Unknown"}

    def _get_composite_schedule(self, payload: Payload) -> Payload:
        now = self._faults.charger_time()
        duration = int(payload["duration"])
        unit = payload.get("chargingRateUnit", "A")
        if (
            payload["connectorId"] not in {0, CONNECTOR_ID}
            or not 0 < duration <= 86_400
            or unit not in {"A", "W"}
        ):
            return REJECTED
        periods: list[dict[str, Any]] = []
        last: Limit | None = None
        for second in [0, *self._connector.changes(now, duration)]:
            limit = self._connector.limit(now + timedelta(seconds=second))
            if limit != last:
                value = limit.current_a if unit == "A" else limit.current_a * NOMINAL_VOLTAGE_V * limit.phases
                periods.append(
                    {"startPeriod": second, "limit": round(value, 1), "numberPhases": limit.phases}
                )
                last = limit
        schedule = {
            "duration": duration,
            "startSchedule": now_text(now),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": periods,
        }
        return {
            **ACCEPTED,
            "connectorId": payload["connectorId"],
            "scheduleStart": now_text(now),
            "chargingSchedule": schedule,
        }

    def _change_configuration(self, payload: Payload) -> Payload:
        key, value = payload["key"], str(payload["value"])
        if key in _READ_ONLY or (self._faults.now.charger_samples_slowly and refuses_setting(key, value)):
            return REJECTED
        if key not in self._settings:
            return {"status": "NotSupported"}
        if key.endswith("Interval") and not (value.isdigit() and int(value) <= 86_400):
            return REJECTED
        self._settings[key] = value
        return ACCEPTED

    def _get_configuration(self, payload: Payload) -> Payload:
        everything = {**_READ_ONLY, **self._settings}
        wanted = payload.get("key") or list(everything)
        return {
            "configurationKey": [
                {"key": key, "readonly": key in _READ_ONLY, "value": everything[key]}
                for key in wanted
                if key in everything
            ],
            "unknownKey": [key for key in wanted if key not in everything],
        }

    def _trigger_message(self, payload: Payload) -> Payload:
        if payload["requestedMessage"] not in TRIGGERS:
            return {"status": "NotImplemented"}
        self.triggered.add(payload["requestedMessage"])
        return ACCEPTED

    def _remote_start(self, payload: Payload) -> Payload:
        if self._connector.transaction is not None or not self._connector.operative:
            return REJECTED
        if "chargingProfile" in payload:
            now = self._faults.charger_time()
            self._connector.profiles.install(parse_profile(CONNECTOR_ID, payload["chargingProfile"], now))
        self.remote_start_tag = str(payload["idTag"])
        return ACCEPTED

    def _remote_stop(self, payload: Payload) -> Payload:
        transaction = self._connector.transaction
        if transaction is None or transaction.transaction_id != payload["transactionId"]:
            return REJECTED
        self.remote_stop = True
        return ACCEPTED

    def _reset(self, _payload: Payload) -> Payload:
        self.reset = True
        return ACCEPTED

    def _change_availability(self, payload: Payload) -> Payload:
        if payload["connectorId"] not in {0, CONNECTOR_ID} or payload["type"] not in {
            "Operative",
            "Inoperative",
        }:
            return REJECTED
        self._connector.operative_wanted = payload["type"] == "Operative"
        self._connector.control(self._faults.charger_time())
        done = self._connector.operative == self._connector.operative_wanted
        return ACCEPTED if done else {"status": "Scheduled"}

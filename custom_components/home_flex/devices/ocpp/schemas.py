"""The ocpp library's JSON schemas, read before anything is sent."""

from decimal import Decimal
from typing import Final

from ocpp.messages import MessageType, get_validator  # type: ignore[import-untyped]  # the library has no types

# What a central system may call: OCPP 1.6 section 5, and the security white paper, edition 3.
_ACTIONS_16: Final = (
    "CancelReservation",
    "CertificateSigned",
    "ChangeAvailability",
    "ChangeConfiguration",
    "ClearCache",
    "ClearChargingProfile",
    "DataTransfer",
    "DeleteCertificate",
    "ExtendedTriggerMessage",
    "GetCompositeSchedule",
    "GetConfiguration",
    "GetDiagnostics",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "InstallCertificate",
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "ReserveNow",
    "Reset",
    "SendLocalList",
    "SetChargingProfile",
    "SignedUpdateFirmware",
    "TriggerMessage",
    "UnlockConnector",
    "UpdateFirmware",
)
# What a CSMS may call in OCPP 2.0.1.
_ACTIONS_201: Final = (
    "CancelReservation",
    "CertificateSigned",
    "ChangeAvailability",
    "ClearCache",
    "ClearChargingProfile",
    "ClearDisplayMessage",
    "ClearVariableMonitoring",
    "CostUpdated",
    "CustomerInformation",
    "DataTransfer",
    "DeleteCertificate",
    "GetBaseReport",
    "GetChargingProfiles",
    "GetCompositeSchedule",
    "GetDisplayMessages",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "GetMonitoringReport",
    "GetReport",
    "GetTransactionStatus",
    "GetVariables",
    "InstallCertificate",
    "PublishFirmware",
    "RequestStartTransaction",
    "RequestStopTransaction",
    "ReserveNow",
    "Reset",
    "SendLocalList",
    "SetChargingProfile",
    "SetDisplayMessage",
    "SetMonitoringBase",
    "SetMonitoringLevel",
    "SetNetworkProfile",
    "SetVariableMonitoring",
    "SetVariables",
    "TriggerMessage",
    "UnlockConnector",
    "UnpublishFirmware",
    "UpdateFirmware",
)
ACTIONS: Final = tuple(sorted({*_ACTIONS_16, *_ACTIONS_201}))
# Limits with one decimal, which the library compares as Decimal.
_WITH_PROFILES: Final = frozenset({"SetChargingProfile", "RemoteStartTransaction"})


def preload_schemas(version: str) -> None:
    """Read the schemas of all messages we send in a version: 1.6 or 2.0.1.

    Reads files: run it in an executor before the first charger of that version. The library reads a schema
    on first use and keeps it.
    """
    if version == "2.0.1":
        for action in _ACTIONS_201:
            get_validator(MessageType.Call, action, version)
        return
    for action in _ACTIONS_16:
        parse_float = Decimal if action in _WITH_PROFILES else float
        get_validator(MessageType.Call, action, version, parse_float=parse_float)

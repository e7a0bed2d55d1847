"""The ocpp library's JSON schemas, read before anything is sent."""

from decimal import Decimal

from ocpp.messages import MessageType, get_validator  # type: ignore[import-untyped]  # the library has no types

# Every CALL we send; the library checks their payloads before they leave.
SENT_ACTIONS = (
    "ChangeConfiguration",
    "ClearChargingProfile",
    "GetConfiguration",
    "SetChargingProfile",
    "TriggerMessage",
)


def preload_schemas() -> None:
    """Read the schemas of all messages we send. Reads files: run it in an executor before the first charger.

    The library reads a schema on first use and keeps it; SetChargingProfile has limits with one decimal,
    which it compares as ``Decimal``.
    """
    for action in SENT_ACTIONS:
        parse_float = Decimal if action == "SetChargingProfile" else float
        get_validator(MessageType.Call, action, "1.6", parse_float=parse_float)

"""Fields of a charger's message, read with tolerance: real chargers break the schema in harmless ways."""

import math
from datetime import UTC, datetime
from typing import Final

from ocpp.exceptions import (  # type: ignore[import-untyped]  # the library has no types
    ProtocolError,
    TypeConstraintViolationError,
)

from .session import Payload

_LONGEST_TEXT: Final = 255
# Some chargers count transactions in 64 bits, up to the last.
_LARGEST_INTEGER: Final = 2**63


def number(value: object) -> float | None:
    """Return a finite number from a JSON number or a decimal string, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except ValueError, OverflowError:
        return None
    return result if math.isfinite(result) else None


def text(payload: Payload, name: str) -> str | None:
    """Return a text without surrounding blanks, cut to a sane length; None when missing, empty or no text."""
    value = payload.get(name)
    if not isinstance(value, str):
        return None
    return value.strip()[:_LONGEST_TEXT] or None


def integer(payload: Payload, name: str) -> int | None:
    """Return a whole number, also from ``12.0`` or ``"12"``; None when missing or anything else."""
    value = payload.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= _LARGEST_INTEGER else None
    told = number(value)
    if told is None or abs(told) > _LARGEST_INTEGER or told != int(told):
        return None
    return int(told)


def required_integer(payload: Payload, name: str) -> int:
    """Return a whole number; raises the OCPP error to answer with."""
    value = integer(payload, name)
    if value is None:
        raise _missing(payload, name)
    return value


def required_number(payload: Payload, name: str) -> float:
    """Return a number; raises the OCPP error to answer with."""
    value = number(payload.get(name))
    if value is None:
        raise _missing(payload, name)
    return value


def required_text(payload: Payload, name: str) -> str:
    """Return a text; raises the OCPP error to answer with."""
    value = text(payload, name)
    if value is None:
        raise _missing(payload, name)
    return value


def instant(value: object) -> datetime | None:
    """Return an ISO 8601 time as UTC (without an offset it is UTC already), else None."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except ValueError, OverflowError:
        return None


def wire_time(time: datetime) -> str:
    """Write a time as every charger can read it: UTC, whole seconds, ``Z``."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _missing(payload: Payload, name: str) -> Exception:
    """Return the CALLERROR for a required field: absent, or of the wrong type."""
    error: Exception = (
        TypeConstraintViolationError(description=f"{name} has the wrong type")
        if name in payload
        else ProtocolError(description=f"{name} is missing")
    )
    return error

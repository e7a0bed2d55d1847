"""What people type on the command line: powers, durations and times."""

import math
import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

_POWER = re.compile(r"^([+-]?\d+(?:\.\d+)?)\s*(k?W)$", re.IGNORECASE)
_DURATION = re.compile(r"^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$")


def power_kw(text: str) -> float:
    """Read ``2kW`` or ``500 W`` as kW. Raises ArgumentTypeError."""
    if not (match := _POWER.match(text.strip())):
        raise ArgumentTypeError(f"{text!r} is not a power; write 2kW or 500W")
    value = float(match[1]) / (1 if match[2].lower() == "kw" else 1000)
    if not math.isfinite(value):
        raise ArgumentTypeError(f"{text!r} is too large")
    return value


def energy_kwh(text: str) -> float:
    """Read ``10kWh`` or ``500 Wh`` as kWh. Raises ArgumentTypeError."""
    stripped = text.strip()
    if not stripped.lower().endswith("wh"):
        raise ArgumentTypeError(f"{text!r} is not an energy; write 10kWh or 500Wh")
    return power_kw(stripped[:-1])


def duration(text: str) -> timedelta:
    """Read ``1h30m``, ``15m`` or ``90s``. Raises ArgumentTypeError."""
    match = _DURATION.match(text.strip())
    parts = [int(part or 0) for part in match.groups()] if match else []
    if not any(parts):
        raise ArgumentTypeError(f"{text!r} is not a duration; write 15m, 90s or 1h30m")
    return timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])


def start_time(text: str, now: datetime) -> datetime:
    """Read ``now``, ``+1m`` or an ISO 8601 time with its offset. Raises ArgumentTypeError."""
    if text == "now":
        return now
    if text.startswith("+"):
        return now + duration(text[1:])
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a time; write now, +1m or 2026-11-21T18:00+01:00") from None
    if when.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} has no offset; write it as 2026-11-21T18:00+01:00 or …Z")
    return when.astimezone(UTC)


def iso_duration(value: timedelta) -> str:
    """Write a duration as ISO 8601, in whole seconds."""
    return f"PT{round(value.total_seconds())}S"


def iso_time(value: datetime) -> str:
    """Write a time as RFC 3339 in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")

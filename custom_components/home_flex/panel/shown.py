"""Numbers and times as all documents of the panel tell them."""

from datetime import datetime


def watts(power_w: float | None) -> int | None:
    """Return a power to ten watts, as it is read: what moves by less is no news."""
    return None if power_w is None else round(power_w / 10) * 10


def told(time: datetime | None) -> str | None:
    """Return a moment as ISO 8601, None for none."""
    return None if time is None else time.isoformat()


def share(value: float | None) -> float | None:
    """Return a share of 1 to a thousandth."""
    return None if value is None else round(value, 3)

"""What a roof gives as far as that shows the sun: forecasts learn nothing from one that is held back."""

from ...core.control.hidden_sun import is_near_limit
from ...core.control.state import DeviceState
from ...core.model import PvReading, Quantity


def sun_seen_w(one: DeviceState) -> float | None:
    """Return what a roof gives in W (0 or more); None while a limit holds it, and for what is no roof."""
    if not isinstance(reading := one.reading, PvReading):
        return None
    limit_w = _limit_w(one, reading)
    is_limited = limit_w is not None and limit_w < reading.rated_power_w
    if is_limited and limit_w is not None and is_near_limit(reading.power_w, limit_w):
        return None
    return max(0.0, -reading.power_w)


def _limit_w(one: DeviceState, reading: PvReading) -> float | None:
    """Return the limit that the inverter says it keeps, else the one it was told; None: none."""
    if reading.production_limit_w is not None:
        return reading.production_limit_w
    told = one.written
    return told.value if told is not None and told.quantity is Quantity.PRODUCTION_LIMIT_W else None

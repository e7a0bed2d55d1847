"""What a roof gives as far as that shows the sun: forecasts learn nothing from one that is held back."""

from typing import Final

from ...core.control.state import DeviceState
from ...core.model import PvReading, Quantity

# An inverter stays so far below its limit, as a share of what it is rated at, when the limit holds it.
_AT_LIMIT: Final = 0.03


def sun_seen_w(one: DeviceState) -> float | None:
    """Return what a roof gives in W (0 or more); None while a limit holds it, and for what is no roof."""
    if not isinstance(reading := one.reading, PvReading):
        return None
    gives_w, limit_w = max(0.0, -reading.power_w), _limit_w(one, reading)
    is_held = limit_w is not None and limit_w < reading.rated_power_w
    if is_held and limit_w is not None and gives_w >= limit_w - _AT_LIMIT * reading.rated_power_w:
        return None
    return gives_w


def _limit_w(one: DeviceState, reading: PvReading) -> float | None:
    """Return the limit that the inverter says it keeps, else the one it was told; None: none."""
    if reading.production_limit_w is not None:
        return reading.production_limit_w
    told = one.written
    return told.value if told is not None and told.quantity is Quantity.PRODUCTION_LIMIT_W else None

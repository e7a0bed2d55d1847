"""Whether a device did what it was told: only measured power proves it."""

from datetime import datetime, timedelta

from ..model import BatteryReading, ChargerReading, DeviceKind, PvReading, Quantity, Reading, Setpoint

# How long a device takes from an accepted write until its power shows it.
RESPONSE = {
    DeviceKind.BATTERY: timedelta(seconds=1.0),
    DeviceKind.PV: timedelta(seconds=1.5),
    DeviceKind.EV_CHARGER: timedelta(seconds=2.5),
}
KIND_OF_QUANTITY = {
    Quantity.POWER_W: DeviceKind.BATTERY,
    Quantity.PRODUCTION_LIMIT_W: DeviceKind.PV,
    Quantity.CURRENT_LIMIT_A: DeviceKind.EV_CHARGER,
}
# A device that differs for longer than this does not follow.
PATIENCE = timedelta(seconds=5)


def tolerance_w(power_w: float) -> float:
    """Return how far measured power may lie from ``power_w``: 200 W or 10 %, whichever is more."""
    return max(200.0, 0.1 * abs(power_w))


def followed(
    setpoint: Setpoint, reading: Reading, now: datetime, nominal_voltage_v: float = 230.0
) -> bool | None:
    """Return whether ``reading`` shows ``setpoint``; None while that cannot be told yet.

    A battery must meet its power. A charger and an inverter are limited, not driven: they must stay below.
    True as soon as a reading taken after the write agrees; False only when one still disagrees after the
    device's response time and ``PATIENCE``. Handed back (value None) there is nothing to follow.
    """
    if setpoint.value is None or reading.time <= setpoint.issued:
        return None
    excess_w = _excess_w(setpoint.value, reading, nominal_voltage_v)
    if excess_w is None:
        return None
    if excess_w <= 0:
        return True
    grace = RESPONSE[KIND_OF_QUANTITY[setpoint.quantity]] + PATIENCE
    return False if min(reading.time, now) >= setpoint.issued + grace else None


def _excess_w(value: float, reading: Reading, nominal_voltage_v: float) -> float | None:
    """Return by how much the power is out of tolerance (<= 0: it is not)."""
    match reading:
        case BatteryReading():
            return abs(reading.power_w - value) - tolerance_w(value)
        case PvReading():
            return -reading.power_w - value - tolerance_w(value)
        case ChargerReading():
            limit_w = value * nominal_voltage_v * reading.phases
            return reading.power_w - limit_w - tolerance_w(limit_w)
    return None

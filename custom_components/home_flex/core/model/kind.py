"""What a device can be to the site, and what can be set of it."""

from enum import StrEnum


class DeviceKind(StrEnum):
    """What a device is to the site; also the type of its config subentry."""

    GRID_METER = "grid_meter"
    PV = "pv"
    BATTERY = "battery"
    EV_CHARGER = "ev_charger"


class Quantity(StrEnum):
    """What a setpoint sets."""

    POWER_W = "power_w"
    PRODUCTION_LIMIT_W = "production_limit_w"
    CURRENT_LIMIT_A = "current_limit_a"

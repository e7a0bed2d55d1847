"""What a device can be to the site, and what can be set of it."""

from enum import StrEnum


class DeviceKind(StrEnum):
    """What a device is to the site; also the type of its config subentry."""

    GRID_METER = "grid_meter"
    SUB_METER = "sub_meter"
    PV = "pv"
    BATTERY = "battery"
    EV_CHARGER = "ev_charger"
    SWITCHED_LOAD = "switched_load"
    APPLIANCE = "appliance"
    HEAT_PUMP = "heat_pump"
    WATER_HEATER = "water_heater"


class Quantity(StrEnum):
    """What a setpoint sets."""

    POWER_W = "power_w"
    PRODUCTION_LIMIT_W = "production_limit_w"
    CURRENT_LIMIT_A = "current_limit_a"
    SWITCH = "switch"  # 0 off, 1 on
    PROGRAMME_START = "programme_start"  # 1 starts it
    SG_READY_STATE = "sg_ready_state"  # 1 locked to 4 forced
    SET_POINT_OFFSET_K = "set_point_offset_k"

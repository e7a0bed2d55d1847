"""Inverters and batteries that speak SunSpec over Modbus, on a unit of a shared link."""

from .battery import SunSpecBattery, probe_battery
from .discovery import SunSpecDevice, discover
from .inverter import SunSpecInverter, probe_inverter

__all__ = [
    "SunSpecBattery",
    "SunSpecDevice",
    "SunSpecInverter",
    "discover",
    "probe_battery",
    "probe_inverter",
]

"""Inverters, batteries and meters that speak SunSpec over Modbus, on a unit of a shared link."""

from .battery import SunSpecBattery, probe_battery
from .discovery import SunSpecDevice, discover
from .inverter import SunSpecInverter, probe_inverter
from .meter import PositivePower, SunSpecMeter, probe_meter
from .nameplate import Nameplate
from .polling import Access

__all__ = [
    "Access",
    "Nameplate",
    "PositivePower",
    "SunSpecBattery",
    "SunSpecDevice",
    "SunSpecInverter",
    "SunSpecMeter",
    "discover",
    "probe_battery",
    "probe_inverter",
    "probe_meter",
]

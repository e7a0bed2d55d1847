"""Inverters, batteries and meters that speak SunSpec over Modbus, on a unit of a shared link."""

from .battery import SunSpecBattery, probe_battery
from .inverter import SunSpecInverter, probe_inverter
from .meter import PositivePower, SunSpecMeter, probe_meter
from .nameplate import Nameplate
from .polling import Access

__all__ = [
    "Access",
    "Nameplate",
    "PositivePower",
    "SunSpecBattery",
    "SunSpecInverter",
    "SunSpecMeter",
    "probe_battery",
    "probe_inverter",
    "probe_meter",
]

"""What a plan consists of: the meter, its limits, and one part for each device."""

from .appliance import AppliancePart
from .battery import BatteryPart
from .circuits import CircuitsPart
from .consumer import ConsumerPart
from .fast_charge import FastChargePart
from .meter import MeterPart
from .part import Expecting, Part
from .sun import SunPart
from .thermal import ThermalPart

__all__ = [
    "AppliancePart",
    "BatteryPart",
    "CircuitsPart",
    "ConsumerPart",
    "Expecting",
    "FastChargePart",
    "MeterPart",
    "Part",
    "SunPart",
    "ThermalPart",
]

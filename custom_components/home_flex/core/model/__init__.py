"""The site, its devices' readings, and the setpoints written to them.

Sign: positive = consumption, power flowing into the home or the device (import > 0, PV production < 0,
battery charging > 0), as OpenADR 3.1, S2 and UFTP word it. Drivers convert at the edge.
Units: W, Wh, A, V, seconds, aware UTC ``datetime``; state of charge is a fraction 0 to 1.
"""

from .credible import why_incredible
from .goal import Goal
from .kind import DeviceKind, Quantity
from .meter_registers import MeterRegisters, MonthPeak
from .network import MAIN_CIRCUIT, Circuit, GridKind, Group, GroupKind, Network, NetworkError, one_circuit
from .reading import (
    SMALLEST_CURRENT_A,
    VEHICLE_CONNECTED,
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceIdentity,
    MeterReading,
    PvReading,
    Reading,
)
from .scope import SITE, Scope, ScopeKind
from .setpoint import Owner, Setpoint
from .site import Site
from .time_grid import QUARTER_HOUR_S, Step, TimeGrid, even, floor, quarter_hours, tiers

__all__ = [
    "MAIN_CIRCUIT",
    "QUARTER_HOUR_S",
    "SITE",
    "SMALLEST_CURRENT_A",
    "VEHICLE_CONNECTED",
    "BatteryReading",
    "ChargerReading",
    "ChargerStatus",
    "Circuit",
    "DeviceIdentity",
    "DeviceKind",
    "Goal",
    "GridKind",
    "Group",
    "GroupKind",
    "MeterReading",
    "MeterRegisters",
    "MonthPeak",
    "Network",
    "NetworkError",
    "Owner",
    "PvReading",
    "Quantity",
    "Reading",
    "Scope",
    "ScopeKind",
    "Setpoint",
    "Site",
    "Step",
    "TimeGrid",
    "even",
    "floor",
    "one_circuit",
    "quarter_hours",
    "tiers",
    "why_incredible",
]

"""The words of profiles for what is measured: roles of each kind, words of a status, sides of a power."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ...core.model import DeviceKind


class Measure(StrEnum):
    """What a measured role is converted to, from the unit that its entity's state names."""

    POWER_W = "power_w"
    ENERGY_WH = "energy_wh"
    CURRENT_A = "current_a"
    VOLTAGE_V = "voltage_v"
    TEMPERATURE_C = "temperature_c"
    SHARE = "share"  # 0 to 1, from percent
    COUNT = "count"
    FLAG = "flag"  # on or off
    STATUS = "status"  # one of the words of STATUS_WORDS, by the profile's map


def _phases(name: str, measure: Measure) -> dict[str, Measure]:
    return {f"{name}_l{phase}": measure for phase in (1, 2, 3)}


_LOAD: Final = {"power": Measure.POWER_W, "energy": Measure.ENERGY_WH, "rated_power": Measure.POWER_W}
_HEAT: Final = _LOAD | {
    "temperature": Measure.TEMPERATURE_C,
    "min_temperature": Measure.TEMPERATURE_C,
    "max_temperature": Measure.TEMPERATURE_C,
    "heating_energy": Measure.ENERGY_WH,
}

# The measured roles of each kind. Every other role of a profile must be one its control uses.
MEASURED_ROLES: Final[Mapping[DeviceKind, Mapping[str, Measure]]] = {
    DeviceKind.GRID_METER: {
        "power": Measure.POWER_W,
        **_phases("power", Measure.POWER_W),
        **_phases("current", Measure.CURRENT_A),
        **_phases("voltage", Measure.VOLTAGE_V),
        "energy_import": Measure.ENERGY_WH,
        "energy_export": Measure.ENERGY_WH,
    },
    DeviceKind.SUB_METER: {
        "power": Measure.POWER_W,
        **_phases("power", Measure.POWER_W),
        **_phases("current", Measure.CURRENT_A),
        **_phases("voltage", Measure.VOLTAGE_V),
        "energy": Measure.ENERGY_WH,
    },
    DeviceKind.PV: {
        "power": Measure.POWER_W,
        "rated_power": Measure.POWER_W,
        "energy_produced": Measure.ENERGY_WH,
    },
    DeviceKind.BATTERY: {
        "power": Measure.POWER_W,
        "state_of_charge": Measure.SHARE,
        "capacity": Measure.ENERGY_WH,
        "max_charge_power": Measure.POWER_W,
        "max_discharge_power": Measure.POWER_W,
        "rated_power": Measure.POWER_W,
        "energy_charged": Measure.ENERGY_WH,
        "energy_discharged": Measure.ENERGY_WH,
    },
    DeviceKind.EV_CHARGER: {
        "power": Measure.POWER_W,
        **_phases("power", Measure.POWER_W),
        **_phases("current", Measure.CURRENT_A),
        "status": Measure.STATUS,
        "connected": Measure.FLAG,
        "phases": Measure.COUNT,
        "min_current": Measure.CURRENT_A,
        "max_current": Measure.CURRENT_A,
        "energy": Measure.ENERGY_WH,
        "session_energy": Measure.ENERGY_WH,
        "state_of_charge": Measure.SHARE,
    },
    DeviceKind.SWITCHED_LOAD: _LOAD,
    DeviceKind.APPLIANCE: _LOAD | {"status": Measure.STATUS},
    DeviceKind.HEAT_PUMP: _HEAT,
    DeviceKind.WATER_HEATER: _HEAT,
}

# What a status is called, whatever an integration calls it.
STATUS_WORDS: Final[Mapping[DeviceKind, frozenset[str]]] = {
    DeviceKind.EV_CHARGER: frozenset({"away", "connected", "charging", "error"}),
    DeviceKind.APPLIANCE: frozenset({"off", "ready", "running", "error"}),
}


class Side(StrEnum):
    """Where a power is measured.

    Of a battery: AC or DC. Of PV: one STRING, all strings (DC_TOTAL), the PV alone behind its inverter (AC),
    or the inverter's AC_BUS, which on a hybrid also carries the battery, so that it and a battery of the same
    inverter exclude each other.
    """

    AC = "ac"
    DC = "dc"
    STRING = "string"
    DC_TOTAL = "dc_total"
    AC_BUS = "ac_bus"


SIDES: Final[Mapping[DeviceKind, frozenset[Side]]] = {
    DeviceKind.BATTERY: frozenset({Side.AC, Side.DC}),
    DeviceKind.PV: frozenset({Side.STRING, Side.DC_TOTAL, Side.AC, Side.AC_BUS}),
}

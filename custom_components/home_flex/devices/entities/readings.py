"""From the values of roles to the reading of a kind: one small function a kind.

What a reading cannot be without is a role that must have a value; anything else that is missing is None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...core.control.phase_currents import NOMINAL_V
from ...core.kinds.appliance import ApplianceReading, ApplianceStatus
from ...core.kinds.heat_pump import HeatPumpReading
from ...core.kinds.load import ON_W
from ...core.kinds.sub_meter import SubMeterReading
from ...core.kinds.switched_load import SwitchedLoadReading
from ...core.kinds.water_heater import WaterHeaterReading
from ...core.model import (
    SMALLEST_CURRENT_A,
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    MeterReading,
    PvReading,
    Reading,
)
from ...core.wishes.model import COLDEST_C, HOTTEST_C
from .values import Lack, NoValue, Value

# A vehicle that draws less than this rests.
_CHARGES_FROM_W = 100.0
# Of a heater nobody gave limits for: it is left to its own thermostat between them.
# An entity that shows whether a load is on, where the profile or the form names one.
SWITCH: Final = "switch"

_STATUS: Final[Mapping[str, ChargerStatus]] = {
    "away": ChargerStatus.AVAILABLE,
    "connected": ChargerStatus.SUSPENDED_EV,
    "charging": ChargerStatus.CHARGING,
    "error": ChargerStatus.FAULTED,
}
_PROGRAMME: Final[Mapping[str, ApplianceStatus]] = {
    "off": ApplianceStatus.OFF,
    "ready": ApplianceStatus.READY,
    "running": ApplianceStatus.RUNNING,
    "error": ApplianceStatus.OFF,
}


class _LacksError(Exception):
    """A role that must have a value has none."""

    def __init__(self, lack: NoValue) -> None:
        super().__init__(lack.found)
        self.lack = lack


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is known beside the roles' values.

    ``in_force`` is the setpoint that the device was told and shows, in its quantity's unit; None while it
    runs by itself, or where it does not show what it was told. ``wired_phases`` is how many there are.
    """

    time: datetime
    wired_phases: int = 1
    in_force: float | None = None


@dataclass(frozen=True, slots=True)
class _Roles:
    """Values of roles, as a reading wants them."""

    values: Mapping[str, Value | NoValue]

    def needed(self, role: str) -> float:
        """Return a number that cannot be done without."""
        value = self.values.get(role, NoValue(lack=Lack.NOT_CHOSEN, found=f"nothing was chosen for {role}"))
        if isinstance(value, NoValue):
            raise _LacksError(value)
        return float(value)

    def number(self, *roles: str) -> float | None:
        """Return the first number there is."""
        for role in roles:
            value = self.values.get(role)
            if isinstance(value, float):
                return value
        return None

    def phases(self, name: str) -> tuple[float, ...]:
        """Return the values of all phases that are told from the first on."""
        found: list[float] = []
        for phase in (1, 2, 3):
            if (value := self.number(f"{name}_l{phase}")) is None:
                break
            found.append(value)
        return tuple(found)

    def word(self, role: str) -> str | None:
        """Return a word, None when the role is not chosen, and for a word that is new with a firmware.

        One that is not there is a lack.
        """
        value = self.values.get(role)
        if isinstance(value, NoValue):
            if value.lack is Lack.UNKNOWN_WORD:
                return None
            raise _LacksError(value)
        return str(value) if value is not None else None

    def flag(self, role: str) -> bool | None:
        """Return whether it is on, None when the role is not chosen."""
        value = self.values.get(role)
        if isinstance(value, NoValue):
            raise _LacksError(value)
        return value if isinstance(value, bool | None) else str(value) == "on"


def reading_of(kind: DeviceKind, values: Mapping[str, Value | NoValue], told: Told) -> Reading | NoValue:
    """Return the reading of a device, or why there is none: the first lack of a role that it needs."""
    try:
        return _READINGS[kind](_Roles(values), told)
    except _LacksError as error:
        return error.lack


def _meter(roles: _Roles, told: Told) -> Reading:
    return MeterReading(
        time=told.time,
        power_w=roles.needed("power"),
        phase_power_w=roles.phases("power"),
        phase_voltage_v=roles.phases("voltage"),
        phase_current_a=roles.phases("current"),
        energy_import_wh=roles.number("energy_import"),
        energy_export_wh=roles.number("energy_export"),
    )


def _sub_meter(roles: _Roles, told: Told) -> Reading:
    return SubMeterReading(
        time=told.time,
        power_w=roles.needed("power"),
        phase_power_w=roles.phases("power"),
        phase_voltage_v=roles.phases("voltage"),
        phase_current_a=roles.phases("current"),
        energy_wh=roles.number("energy"),
    )


def _pv(roles: _Roles, told: Told) -> Reading:
    return PvReading(
        time=told.time,
        power_w=roles.needed("power"),
        rated_power_w=abs(roles.number("rated_power") or 0.0),
        production_limit_w=told.in_force,
        energy_produced_wh=roles.number("energy_produced"),
    )


def _battery(roles: _Roles, told: Told) -> Reading:
    most_w = roles.number("rated_power")
    return BatteryReading(
        time=told.time,
        power_w=roles.needed("power"),
        state_of_charge=roles.needed("state_of_charge"),
        capacity_wh=roles.needed("capacity"),
        max_charge_w=abs(_first(roles.number("max_charge_power"), most_w) or 0.0),
        max_discharge_w=abs(_first(roles.number("max_discharge_power"), most_w) or 0.0),
        power_setpoint_w=told.in_force,
        energy_charged_wh=roles.number("energy_charged"),
        energy_discharged_wh=roles.number("energy_discharged"),
    )


def _charger(roles: _Roles, told: Told) -> Reading:
    power_w = roles.needed("power")
    phases = roles.number("phases")
    return ChargerReading(
        time=told.time,
        power_w=power_w,
        status=_charger_status(roles, power_w, told),
        phases=int(phases) if phases in {1.0, 2.0, 3.0} else told.wired_phases,
        min_current_a=_first(roles.number("min_current"), SMALLEST_CURRENT_A) or SMALLEST_CURRENT_A,
        max_current_a=roles.needed("max_current"),
        current_limit_a=told.in_force,
        phase_current_a=_charger_currents_a(roles),
        energy_wh=roles.number("energy"),
        session_energy_wh=roles.number("session_energy"),
    )


def _charger_currents_a(roles: _Roles) -> tuple[float, ...]:
    """Return the currents; where only powers are told, those of the nominal voltage."""
    return roles.phases("current") or tuple(power_w / NOMINAL_V for power_w in roles.phases("power"))


def _charger_status(roles: _Roles, power_w: float, told: Told) -> ChargerStatus:
    """Return the status; without any word of a vehicle one may hang there, and may begin to draw."""
    word, is_connected = roles.word("status"), roles.flag("connected")
    if word == "error":
        return ChargerStatus.FAULTED
    if power_w >= _CHARGES_FROM_W:
        return ChargerStatus.CHARGING
    if is_connected is False or (word == "away" and is_connected is None):
        return ChargerStatus.AVAILABLE
    if told.in_force == 0.0:
        return ChargerStatus.SUSPENDED_EVSE
    found = _STATUS.get(word or "connected", ChargerStatus.SUSPENDED_EV)
    return ChargerStatus.SUSPENDED_EV if found is ChargerStatus.AVAILABLE else found


def _switched_load(roles: _Roles, told: Told) -> Reading:
    is_on, rated_w = roles.flag(SWITCH), roles.needed("rated_power")
    # Where nobody measures it, what is on draws what its owner said.
    is_measured = is_on is None or "power" in roles.values
    power_w = roles.needed("power") if is_measured else rated_w if is_on else 0.0
    return SwitchedLoadReading(
        time=told.time,
        power_w=power_w,
        is_on=power_w > ON_W if is_on is None else is_on,
        rated_power_w=rated_w,
        switched=None if told.in_force is None else told.in_force > 0,
        energy_wh=roles.number("energy"),
    )


def _appliance(roles: _Roles, told: Told) -> Reading:
    power_w, word = roles.needed("power"), roles.word("status")
    by_power = ApplianceStatus.RUNNING if power_w > ON_W else ApplianceStatus.OFF
    return ApplianceReading(
        time=told.time,
        power_w=power_w,
        status=by_power if word is None else _PROGRAMME.get(word, by_power),
        programme_power_w=roles.needed("rated_power"),
        energy_wh=roles.number("energy"),
    )


def _heat_pump(roles: _Roles, told: Told) -> Reading:
    return HeatPumpReading(
        time=told.time,
        power_w=roles.needed("power"),
        rated_power_w=roles.needed("rated_power"),
        min_c=_first(roles.number("min_temperature"), COLDEST_C) or 0.0,
        max_c=_first(roles.number("max_temperature"), HOTTEST_C) or 0.0,
        temperature_c=roles.number("temperature"),
        told=told.in_force,
        heating_energy_wh=roles.number("heating_energy", "energy"),
    )


def _water_heater(roles: _Roles, told: Told) -> Reading:
    return WaterHeaterReading(
        time=told.time,
        power_w=roles.needed("power"),
        rated_power_w=roles.needed("rated_power"),
        min_c=_first(roles.number("min_temperature"), COLDEST_C) or 0.0,
        max_c=_first(roles.number("max_temperature"), HOTTEST_C) or 0.0,
        temperature_c=roles.number("temperature"),
        power_setpoint_w=told.in_force,
        heating_energy_wh=roles.number("heating_energy", "energy"),
    )


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


_READINGS: Final[Mapping[DeviceKind, Callable[[_Roles, Told], Reading]]] = {
    DeviceKind.GRID_METER: _meter,
    DeviceKind.SUB_METER: _sub_meter,
    DeviceKind.PV: _pv,
    DeviceKind.BATTERY: _battery,
    DeviceKind.EV_CHARGER: _charger,
    DeviceKind.SWITCHED_LOAD: _switched_load,
    DeviceKind.APPLIANCE: _appliance,
    DeviceKind.HEAT_PUMP: _heat_pump,
    DeviceKind.WATER_HEATER: _water_heater,
}

# The roles that a person must choose or enter, where no profile finds them.
REQUIRED: Final[Mapping[DeviceKind, tuple[str, ...]]] = {
    DeviceKind.GRID_METER: ("power",),
    DeviceKind.SUB_METER: ("power",),
    DeviceKind.PV: ("power", "rated_power"),
    DeviceKind.BATTERY: ("power", "state_of_charge", "capacity", "max_charge_power", "max_discharge_power"),
    DeviceKind.EV_CHARGER: ("power", "min_current", "max_current"),
    DeviceKind.SWITCHED_LOAD: ("rated_power",),
    DeviceKind.APPLIANCE: ("power", "rated_power"),
    DeviceKind.HEAT_PUMP: ("power", "rated_power", "min_temperature", "max_temperature"),
    DeviceKind.WATER_HEATER: ("power", "rated_power", "min_temperature", "max_temperature"),
}

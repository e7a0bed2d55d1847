"""The fields with which a person makes a device of entities by hand, for each kind as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import probatio
from homeassistant.const import UnitOfTemperature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    ChooseSelector,
    ChooseSelectorChoiceConfig,
    ChooseSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from .core.model import DeviceKind
from .devices.entities.by_hand import SETPOINT, WRITTEN
from .devices.entities.readings import REQUIRED
from .devices.entities.roles import MEASURED_ROLES
from .devices.entities.values import units_of_measure
from .form_fields import choice, entity, number

# What a second entity counts, where one cannot be negative: export of a meter, discharge of a battery.
POWER_LESS: Final = "power_less"
SIGN, SETPOINT_SIGN = "power_sign", "setpoint_sign"
REPORTED_S, ONLY_CHANGES = "reported_s", "only_changes"
# A number that was converted is told to so many decimals.
_DIGITS: Final = 6
_MEASURED_DOMAINS: Final = ["sensor", "input_number", "number"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """A role of which a number can be entered in ``unit``.

    ``scale`` of ours are one of that unit, and ``zero`` of that unit is nothing of ours.
    """

    unit: str
    scale: float
    low: float
    high: float
    zero: float = 0.0

    def kept(self, entered: float) -> float:
        """Return a number that was entered in our unit."""
        return (entered - self.zero) * self.scale

    def shown(self, kept: float) -> float:
        """Return a number of ours as it is entered, without the dust of converting it there and back."""
        return round(kept / self.scale + self.zero, _DIGITS)


_POWER: Final = Entered(unit="kW", scale=1000.0, low=0.0, high=200.0)
_CURRENT: Final = Entered(unit="A", scale=1.0, low=1.0, high=125.0)
_DEGREES: Final = Entered(unit=UnitOfTemperature.CELSIUS, scale=1.0, low=0.0, high=95.0)
_DEGREES_OF: Final = {
    UnitOfTemperature.FAHRENHEIT: Entered(
        unit=UnitOfTemperature.FAHRENHEIT, scale=5.0 / 9.0, low=32.0, high=203.0, zero=32.0
    )
}
# Roles that an entity tells, or a person; where the home's thermometers show °C.
ENTERED: Final[Mapping[str, Entered]] = {
    "capacity": Entered(unit="kWh", scale=1000.0, low=0.1, high=1000.0),
    "rated_power": _POWER,
    "max_charge_power": _POWER,
    "max_discharge_power": _POWER,
    "min_current": _CURRENT,
    "max_current": _CURRENT,
    "min_temperature": _DEGREES,
    "max_temperature": _DEGREES,
}
_PHASES: Final = (
    *(f"power_l{phase}" for phase in (1, 2, 3)),
    *(f"current_l{phase}" for phase in (1, 2, 3)),
)

# The measured roles that the form of a kind offers, beside those that are written.
MEASURED: Final[Mapping[DeviceKind, tuple[str, ...]]] = {
    DeviceKind.GRID_METER: ("power", POWER_LESS, *_PHASES, "energy_import", "energy_export"),
    DeviceKind.SUB_METER: ("power", *_PHASES, "energy"),
    DeviceKind.PV: ("power", "rated_power", "energy_produced"),
    DeviceKind.BATTERY: (
        "power",
        POWER_LESS,
        "state_of_charge",
        "capacity",
        "max_charge_power",
        "max_discharge_power",
        "energy_charged",
        "energy_discharged",
    ),
    DeviceKind.EV_CHARGER: ("power", "connected", "min_current", "max_current", "energy"),
    DeviceKind.SWITCHED_LOAD: ("power", "rated_power", "energy"),
    DeviceKind.APPLIANCE: ("power", "rated_power", "energy"),
    DeviceKind.HEAT_PUMP: (
        "power",
        "rated_power",
        "temperature",
        "min_temperature",
        "max_temperature",
        "energy",
    ),
    DeviceKind.WATER_HEATER: (
        "power",
        "rated_power",
        "temperature",
        "min_temperature",
        "max_temperature",
        "energy",
    ),
}
# Which way is positive, as the form asks: the first is ours, the one after it is what most integrations give.
SIGNS: Final[Mapping[DeviceKind, tuple[str, str]]] = {
    DeviceKind.GRID_METER: ("import", "export"),
    DeviceKind.PV: ("consumption", "production"),
    DeviceKind.BATTERY: ("charging", "discharging"),
}
_SIGN_SUGGESTED: Final[Mapping[DeviceKind, str]] = {
    DeviceKind.GRID_METER: "import",
    DeviceKind.PV: "production",
    DeviceKind.BATTERY: "discharging",
}
_SUGGESTED: Final[Mapping[str, float]] = {
    "min_current": 6.0,
    "max_current": 16.0,
    "min_temperature": 45.0,
    "max_temperature": 60.0,
}
_ROOM: Final[Mapping[str, float]] = {"min_temperature": 19.0, "max_temperature": 23.0}


def entered_in(hass: HomeAssistant) -> Mapping[str, Entered]:
    """Return the roles of which a number can be entered, in the units of the home."""
    degrees = _DEGREES_OF.get(hass.config.units.temperature_unit, _DEGREES)
    return {role: degrees if each is _DEGREES else each for role, each in ENTERED.items()}


def role_field(hass: HomeAssistant, role: str, kind: DeviceKind) -> Any:
    """Return the field of a role: an entity, or an entity or a number."""
    if role in WRITTEN[kind]:
        return entity(list(WRITTEN[kind][role]))
    if role == "connected":
        return entity(["binary_sensor", "input_boolean"])
    entered = entered_in(hass).get(role)
    return _measured(role, kind) if entered is None else _entity_or_number(entered, role, kind)


def by_hand_fields(hass: HomeAssistant, kind: DeviceKind) -> dict[Any, Any]:
    """Return the fields of a kind that are about roles, and about how they are read."""
    fields: dict[Any, Any] = {}
    for role in (*MEASURED[kind], *WRITTEN[kind]):
        is_needed = role in REQUIRED[kind]
        fields[(probatio.Required if is_needed else probatio.Optional)(role)] = role_field(hass, role, kind)
        if role == "power" and kind in SIGNS:
            fields[probatio.Required(SIGN)] = choice(list(SIGNS[kind]), "power_sign")
        if role == SETPOINT:
            fields[probatio.Required(SETPOINT_SIGN)] = choice(list(SIGNS[kind]), "power_sign")
    fields[probatio.Required(REPORTED_S)] = number(1, 3600, unit="s")
    fields[probatio.Required(ONLY_CHANGES)] = BooleanSelector()
    return fields


def by_hand_suggested(hass: HomeAssistant, kind: DeviceKind) -> dict[str, Any]:
    """Return what stands in the form beforehand."""
    suggested: dict[str, Any] = {REPORTED_S: 10.0, ONLY_CHANGES: False}
    numbers = {**_SUGGESTED, **(_ROOM if kind is DeviceKind.HEAT_PUMP else {})}
    entered = entered_in(hass)
    suggested |= {role: entered[role].shown(number) for role, number in numbers.items()}
    if kind in SIGNS:
        suggested |= {SIGN: _SIGN_SUGGESTED[kind], SETPOINT_SIGN: _SIGN_SUGGESTED[kind]}
    return suggested


def _measured(role: str, kind: DeviceKind) -> EntitySelector:
    """Return the choice among entities whose unit can be converted to what the role needs."""
    units = units_of_measure(MEASURED_ROLES[kind]["power" if role == POWER_LESS else role])
    shown = EntityWithDeviceFilterSelectorConfig(domain=_MEASURED_DOMAINS, unit_of_measurement=units)
    return EntitySelector(EntitySelectorConfig(filter=shown))


def entered_field(hass: HomeAssistant, role: str) -> Any:
    """Return the field of a role of which only a number is asked; 0 is let through: nothing was typed."""
    entered = entered_in(hass)[role]
    return number(0.0, entered.high, unit=entered.unit)


def _entity_or_number(entered: Entered, role: str, kind: DeviceKind) -> ChooseSelector:
    typed = NumberSelector(
        NumberSelectorConfig(
            min=entered.low,
            max=entered.high,
            step="any",
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=entered.unit,
        )
    )
    # It checks a value by configurations, and not by selectors.
    choices: dict[str, NumberSelector | EntitySelector] = {"number": typed, "entity": _measured(role, kind)}
    return ChooseSelector(
        ChooseSelectorConfig(
            choices={
                name: ChooseSelectorChoiceConfig(selector=each.serialize()["selector"])
                for name, each in choices.items()
            },
            translation_key="entity_or_number",
        )
    )

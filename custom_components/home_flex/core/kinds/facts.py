"""What a kind of device tells the world: what it shows, what it can do, and what is kept of it for later."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from ..model import Quantity, Site

type Fields = Mapping[str, float | None]
type Measurements = Mapping[str, Fields]
type Shown = float | str | bool | datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Abilities:
    """What a device can do, in W and Wh, zero or positive; None where it has not said."""

    consumption_w: float | None = None
    export_w: float | None = None
    capacity_wh: float | None = None

    def coarse(self) -> Abilities:
        """Return all rounded to hundreds: a battery that warms up by a degree is not news."""
        return Abilities(
            consumption_w=_hundreds(self.consumption_w),
            export_w=_hundreds(self.export_w),
            capacity_wh=_hundreds(self.capacity_wh),
        )


class Measure(Enum):
    """What a value is a measure of, and in which unit the kind tells it."""

    POWER_W = auto()
    POWER_OUT_W = auto()  # told as consumption, read by people as production: positive out of the device
    ENERGY_WH = auto()  # a counter
    CAPACITY_WH = auto()
    CURRENT_A = auto()
    VOLTAGE_V = auto()
    STATE_OF_CHARGE = auto()  # 0 to 1
    TEMPERATURE_C = auto()
    GAS_M3 = auto()  # a counter
    WATER_M3 = auto()  # a counter
    COUNT = auto()  # of what happened
    NUMBER = auto()  # a name that is a number
    TEXT = auto()
    TIME = auto()
    STATE = auto()  # one of ``options``
    PLUGGED_IN = auto()  # whether something hangs on the cable


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensor[R]:
    """One value that a device shows. ``key`` is its name for good: entities and texts hang on it.

    ``optional``: not every device tells it. ``diagnostic`` and ``hidden`` (off until somebody wants it) say
    for whom it is. ``sets``: it is there only where this quantity can be set.
    """

    key: str
    measure: Measure
    value: Callable[[R], Shown]
    optional: bool = False
    diagnostic: bool = False
    hidden: bool = False
    options: tuple[str, ...] = ()
    sets: Quantity | None = None


def cannot_tell(_reading: object, _site: Site) -> Abilities:
    """Return the abilities of a device that nobody can ask anything of."""
    return Abilities()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reporting[R]:
    """How a kind of device is reported; positive = consumption, as in its readings.

    ``name`` is what a device of this kind is called when nobody names it.
    ``measurements`` returns the fields of each measurement of docs/telemetry.md, ``abilities`` what the
    aggregator is told of the device as a resource.
    """

    name: str
    sensors: tuple[Sensor[R], ...]
    measurements: Callable[[R], Measurements]
    abilities: Callable[[R, Site], Abilities] = cannot_tell


class MeasuresPhases(Protocol):
    """A reading that may tell each phase. Tuples hold one value per phase, or are empty when not told."""

    @property
    def phase_power_w(self) -> tuple[float, ...]:
        """Return what each phase takes."""

    @property
    def phase_current_a(self) -> tuple[float, ...]:
        """Return the current of each phase."""


def phase_sensors[R: MeasuresPhases](phase: int, *between: Sensor[R]) -> tuple[Sensor[R], ...]:
    """Return the power of a phase (1 to 3), what else is shown of it, and its current."""
    return (
        Sensor(
            key=f"power_l{phase}",
            measure=Measure.POWER_W,
            value=lambda reading: of_phase(reading.phase_power_w, phase),
            optional=True,
        ),
        *between,
        Sensor(
            key=f"current_l{phase}",
            measure=Measure.CURRENT_A,
            value=lambda reading: of_phase(reading.phase_current_a, phase),
            optional=True,
            hidden=True,
        ),
    )


def of_phase(values: tuple[float, ...], phase: int) -> float | None:
    """Return the value of a phase (1 to 3), None when the device tells fewer."""
    return values[phase - 1] if phase <= len(values) else None


def per_phase(values: tuple[float, ...], unit: str) -> dict[str, float]:
    """Return one field for each phase that is told: ``l1_w``, ``l2_w`` and so on."""
    return {f"l{phase}_{unit}": value for phase, value in enumerate(values, start=1)}


def _hundreds(value: float | None) -> float | None:
    return None if value is None else round(value, -2)

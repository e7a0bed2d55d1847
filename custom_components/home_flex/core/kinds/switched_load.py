"""A load that is switched on and off: a pump, a heater rod, a socket."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..control.actuation_policy import ActuationPolicy
from ..control.levels import Level
from ..model import DeviceKind, Quantity, Site
from .facts import Abilities, Measure, Measurements, Reporting, Sensor
from .kind import KindSpec, Seen
from .load import POWER, Load, energy

# The relay's and the motor's times, unless its owner states others.
_ACTUATION = ActuationPolicy(dead_band=0.5, min_on_s=60.0, min_off_s=60.0, starts_per_h=6)


@dataclass(frozen=True, kw_only=True, slots=True)
class SwitchedLoadReading:
    """A switched load at one moment.

    ``rated_power_w``: what it draws when on. ``switched`` is what it was told, None while it runs by itself.
    ``min_on_s`` and ``min_off_s`` are its owner's, None: the kind's.
    """

    time: datetime
    power_w: float
    is_on: bool
    rated_power_w: float
    switched: bool | None = None
    energy_wh: float | None = None
    min_on_s: float | None = None
    min_off_s: float | None = None


class SwitchedLoad(Load[SwitchedLoadReading]):
    """The kind of a switched load: 0 is off, 1 is on."""

    kind = DeviceKind.SWITCHED_LOAD
    quantity = Quantity.SWITCH
    actuation = _ACTUATION

    def levels(self, seen: Seen[SwitchedLoadReading]) -> tuple[Level, ...]:
        """Return off and on."""
        return Level(value=0.0, power_w=0.0), Level(value=1.0, power_w=max(0.0, seen.reading.rated_power_w))

    def is_on(self, reading: SwitchedLoadReading) -> bool:
        """Return whether it is switched on, whatever it draws."""
        return reading.is_on

    def is_set(self, reading: SwitchedLoadReading) -> bool:
        """Return whether it tells what it was told."""
        return reading.switched is not None

    def times_s(self, reading: SwitchedLoadReading) -> tuple[float, float]:
        """Return its owner's times, else the kind's."""
        least_on_s, least_off_s = super().times_s(reading)
        return (
            least_on_s if reading.min_on_s is None else max(0.0, reading.min_on_s),
            least_off_s if reading.min_off_s is None else max(0.0, reading.min_off_s),
        )


def _measurements(reading: SwitchedLoadReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "energy": {"consumed_wh": reading.energy_wh},
        "control": {"is_on": float(reading.is_on)},
    }


def _abilities(reading: SwitchedLoadReading, _site: Site) -> Abilities:
    return Abilities(consumption_w=reading.rated_power_w)


_REPORTING = Reporting(
    name="Switched load",
    sensors=(
        POWER,
        energy(lambda reading: reading.energy_wh),
        Sensor(
            key="load_state",
            measure=Measure.STATE,
            value=lambda reading: "on" if reading.is_on else "off",
            options=("on", "off"),
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

SWITCHED_LOAD: Final = KindSpec(
    kind=DeviceKind.SWITCHED_LOAD,
    reading=SwitchedLoadReading,
    reporting=_REPORTING,
    control=SwitchedLoad(),
    has_mode=True,
)

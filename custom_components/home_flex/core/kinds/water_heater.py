"""A water heater or thermal buffer: energy in water, switched or modulating (S2: FRBC)."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..control.actuation_policy import ActuationPolicy
from ..control.levels import Level
from ..model import DeviceKind, Quantity, Site
from .facts import Abilities, Measure, Measurements, Reporting, Sensor
from .heat import Heat, temperature
from .kind import KindSpec, Seen
from .load import POWER, energy

# A relay that lasts 10^5 operations lasts ten years at 27 a day.
_ACTUATION = ActuationPolicy(dead_band=20.0, min_on_s=300.0, min_off_s=60.0, starts_per_h=6)
_MOST_LEVELS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class WaterHeaterReading:
    """A water heater at one moment.

    It draws ``rated_power_w`` or nothing, or with ``step_w`` (> 0) any multiple of it from ``least_power_w``
    on. ``wh_per_k``: the energy that warms it by a kelvin; ``losses_w``: what it loses; None: not known.
    ``power_setpoint_w`` is what it was told, None while it runs by itself.
    """

    time: datetime
    power_w: float
    rated_power_w: float
    min_c: float
    max_c: float
    temperature_c: float | None = None
    wh_per_k: float | None = None
    losses_w: float | None = None
    least_power_w: float = 0.0
    step_w: float = 0.0
    power_setpoint_w: float | None = None
    heating_energy_wh: float | None = None

    @property
    def content_wh(self) -> float | None:
        """The energy above the least temperature, negative below it; None when it is not known."""
        if self.temperature_c is None or self.wh_per_k is None or not math.isfinite(self.temperature_c):
            return None
        return (self.temperature_c - self.min_c) * self.wh_per_k


class WaterHeater(Heat[WaterHeaterReading]):
    """The kind of a water heater: it is told the most it may draw, in W."""

    kind = DeviceKind.WATER_HEATER
    quantity = Quantity.POWER_W
    actuation = _ACTUATION

    def levels(self, seen: Seen[WaterHeaterReading]) -> tuple[Level, ...]:
        """Return nothing and its rating, and the steps between where it modulates."""
        reading = seen.reading
        rated_w = max(0.0, reading.rated_power_w)
        powers_w = {0.0, rated_w}
        if reading.step_w > 0:
            step_w = max(reading.step_w, rated_w / _MOST_LEVELS)
            steps = (index * step_w for index in range(1, _MOST_LEVELS))
            powers_w |= {power_w for power_w in steps if reading.least_power_w <= power_w < rated_w}
        return tuple(Level(value=power_w, power_w=power_w) for power_w in sorted(powers_w))

    def is_set(self, reading: WaterHeaterReading) -> bool:
        """Return whether it tells a setpoint."""
        return reading.power_setpoint_w is not None

    def watts_per_unit(self, seen: Seen[WaterHeaterReading]) -> float:  # noqa: ARG002 # the kinds' protocol
        """Return 1: the setpoint is in watts."""
        return 1.0

    def cooling_k_per_s(self, reading: WaterHeaterReading) -> float:
        """Return its losses over what warms it by a kelvin."""
        if not reading.wh_per_k or reading.losses_w is None or reading.wh_per_k < 0:
            return 0.0
        return max(0.0, reading.losses_w) / reading.wh_per_k / 3600.0


def _measurements(reading: WaterHeaterReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "energy": {"consumed_wh": reading.heating_energy_wh},
        "heat": {"temperature_c": reading.temperature_c, "content_wh": reading.content_wh},
        "control": {"power_setpoint_w": reading.power_setpoint_w},
    }


def _abilities(reading: WaterHeaterReading, _site: Site) -> Abilities:
    return Abilities(consumption_w=reading.rated_power_w)


_REPORTING = Reporting(
    name="Water heater",
    sensors=(
        POWER,
        energy(lambda reading: reading.heating_energy_wh),
        temperature("water_temperature"),
        Sensor(
            key="heat_content",
            measure=Measure.CAPACITY_WH,
            value=lambda reading: reading.content_wh,
            optional=True,
            diagnostic=True,
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

WATER_HEATER: Final = KindSpec(
    kind=DeviceKind.WATER_HEATER,
    reading=WaterHeaterReading,
    reporting=_REPORTING,
    control=WaterHeater(),
    has_mode=True,
)

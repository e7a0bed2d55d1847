"""A sub-meter: what a part of the home draws. It is only measured, and may be a circuit's own meter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..model import DeviceKind, MeterReading
from .facts import Measurements, Reporting, Sensor, per_phase, phase_sensors
from .kind import KindSpec
from .load import POWER, energy


@dataclass(frozen=True, kw_only=True, slots=True)
class SubMeterReading:
    """A part of the home at one moment. Phase tuples hold one value per phase, or are empty when not told."""

    time: datetime
    power_w: float
    phase_power_w: tuple[float, ...] = ()
    phase_voltage_v: tuple[float, ...] = ()
    phase_current_a: tuple[float, ...] = ()
    energy_wh: float | None = None

    def as_meter(self) -> MeterReading:
        """Return what the meter of a circuit would tell."""
        return MeterReading(
            time=self.time,
            power_w=self.power_w,
            phase_power_w=self.phase_power_w,
            phase_voltage_v=self.phase_voltage_v,
            phase_current_a=self.phase_current_a,
        )


def _phase(phase: int) -> tuple[Sensor[SubMeterReading], ...]:
    return phase_sensors(phase)


def _measurements(reading: SubMeterReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w, **per_phase(reading.phase_power_w, "w")},
        "voltage": per_phase(reading.phase_voltage_v, "v"),
        "current": per_phase(reading.phase_current_a, "a"),
        "energy": {"consumed_wh": reading.energy_wh},
    }


_REPORTING: Final = Reporting(
    name="Sub-meter",
    sensors=(POWER, energy(lambda reading: reading.energy_wh), *_phase(1), *_phase(2), *_phase(3)),
    measurements=_measurements,
)

SUB_METER: Final = KindSpec(kind=DeviceKind.SUB_METER, reading=SubMeterReading, reporting=_REPORTING)

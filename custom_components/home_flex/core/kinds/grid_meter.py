"""The grid meter: it is only measured, and all control is measured by it."""

from ..model import DeviceKind, MeterReading
from .facts import Measure, Measurements, Reporting, Sensor, of_phase, per_phase
from .kind import KindSpec


def _phase(phase: int) -> tuple[Sensor[MeterReading], ...]:
    return (
        Sensor(
            key=f"power_l{phase}",
            measure=Measure.POWER_W,
            value=lambda reading: of_phase(reading.phase_power_w, phase),
            optional=True,
        ),
        Sensor(
            key=f"voltage_l{phase}",
            measure=Measure.VOLTAGE_V,
            value=lambda reading: of_phase(reading.phase_voltage_v, phase),
            optional=True,
            diagnostic=True,
            hidden=True,
        ),
        Sensor(
            key=f"current_l{phase}",
            measure=Measure.CURRENT_A,
            value=lambda reading: of_phase(reading.phase_current_a, phase),
            optional=True,
            hidden=True,
        ),
    )


def _measurements(reading: MeterReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w, **per_phase(reading.phase_power_w, "w")},
        "voltage": per_phase(reading.phase_voltage_v, "v"),
        "current": per_phase(reading.phase_current_a, "a"),
        "energy": {"import_wh": reading.energy_import_wh, "export_wh": reading.energy_export_wh},
    }


_REPORTING = Reporting(
    name="Grid meter",
    sensors=(
        Sensor(key="power", measure=Measure.POWER_W, value=lambda reading: reading.power_w),
        Sensor(
            key="energy_import",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_import_wh,
            optional=True,
        ),
        Sensor(
            key="energy_export",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_export_wh,
            optional=True,
        ),
        *_phase(1),
        *_phase(2),
        *_phase(3),
    ),
    measurements=_measurements,
)

GRID_METER = KindSpec(kind=DeviceKind.GRID_METER, reading=MeterReading, reporting=_REPORTING)

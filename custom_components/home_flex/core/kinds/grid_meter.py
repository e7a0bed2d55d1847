"""The grid meter: it is only measured, and all control is measured by it."""

from collections.abc import Callable

from ..model import DeviceKind, MeterReading, MeterRegisters
from .facts import Fields, Measure, Measurements, Reporting, Sensor, Shown, of_phase, per_phase, phase_sensors
from .kind import KindSpec


def _phase(phase: int) -> tuple[Sensor[MeterReading], ...]:
    voltage = Sensor[MeterReading](
        key=f"voltage_l{phase}",
        measure=Measure.VOLTAGE_V,
        value=lambda reading: of_phase(reading.phase_voltage_v, phase),
        optional=True,
        diagnostic=True,
        hidden=True,
    )
    return phase_sensors(phase, voltage)


def _register(
    key: str,
    measure: Measure,
    value: Callable[[MeterRegisters], Shown],
    *,
    diagnostic: bool = False,
    hidden: bool = False,
) -> Sensor[MeterReading]:
    return Sensor(
        key=key,
        measure=measure,
        value=lambda reading: value(reading.registers),
        optional=True,
        diagnostic=diagnostic,
        hidden=hidden,
    )


def _tariff(tariff: int) -> tuple[Sensor[MeterReading], ...]:
    """Return the counters of a tariff; few meters have more than two, and those that do rarely use them."""
    hidden = tariff > _USUAL_TARIFFS
    return (
        _register(
            f"energy_import_t{tariff}",
            Measure.ENERGY_WH,
            lambda registers: of_phase(registers.import_by_tariff_wh, tariff),
            hidden=hidden,
        ),
        _register(
            f"energy_export_t{tariff}",
            Measure.ENERGY_WH,
            lambda registers: of_phase(registers.export_by_tariff_wh, tariff),
            hidden=hidden,
        ),
    )


_USUAL_TARIFFS = 2
_REGISTERS = (
    *_tariff(1),
    *_tariff(2),
    *_tariff(3),
    *_tariff(4),
    _register("tariff", Measure.NUMBER, lambda registers: registers.tariff),
    _register("quarter_hour_power", Measure.POWER_W, lambda registers: registers.quarter_hour_w),
    _register("month_peak", Measure.POWER_W, lambda registers: registers.month_peak_w),
    _register(
        "month_peak_time",
        Measure.TIME,
        lambda registers: registers.month_peak_time,
        hidden=True,
    ),
    _register("mean_peak", Measure.POWER_W, lambda registers: registers.mean_peak_w),
    _register("gas", Measure.GAS_M3, lambda registers: registers.gas_m3),
    _register("gas_time", Measure.TIME, lambda registers: registers.gas_time, diagnostic=True, hidden=True),
    _register("water", Measure.WATER_M3, lambda registers: registers.water_m3),
    _register(
        "water_time", Measure.TIME, lambda registers: registers.water_time, diagnostic=True, hidden=True
    ),
    _register("heat", Measure.ENERGY_WH, lambda registers: registers.heat_wh),
    _register("heat_time", Measure.TIME, lambda registers: registers.heat_time, diagnostic=True, hidden=True),
    _register("power_failures", Measure.COUNT, lambda registers: registers.power_failures, diagnostic=True),
    _register(
        "long_power_failures", Measure.COUNT, lambda registers: registers.long_power_failures, diagnostic=True
    ),
    _register("meter_message", Measure.TEXT, lambda registers: registers.message, diagnostic=True),
)


def _measurements(reading: MeterReading) -> Measurements:
    registers = reading.registers
    return {
        "power": {"power_w": reading.power_w, **per_phase(reading.phase_power_w, "w")},
        "voltage": per_phase(reading.phase_voltage_v, "v"),
        "current": per_phase(reading.phase_current_a, "a"),
        "energy": {
            "import_wh": reading.energy_import_wh,
            "export_wh": reading.energy_export_wh,
            **_by_tariff("import", registers.import_by_tariff_wh),
            **_by_tariff("export", registers.export_by_tariff_wh),
        },
        "peak": {
            "quarter_hour_w": registers.quarter_hour_w,
            "month_w": registers.month_peak_w,
        },
        "utility": {
            "gas_m3": registers.gas_m3,
            "water_m3": registers.water_m3,
            "heat_wh": registers.heat_wh,
        },
    }


def _by_tariff(direction: str, counters_wh: tuple[float, ...]) -> Fields:
    return {f"{direction}_t{tariff}_wh": counter for tariff, counter in enumerate(counters_wh, start=1)}


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
        *_REGISTERS,
    ),
    measurements=_measurements,
)

GRID_METER = KindSpec(kind=DeviceKind.GRID_METER, reading=MeterReading, reporting=_REPORTING)

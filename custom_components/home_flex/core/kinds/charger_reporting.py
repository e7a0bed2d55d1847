"""How an EV charger is reported."""

from ..model import ChargerReading, ChargerStatus, Quantity, Site
from .facts import Abilities, Measure, Measurements, Reporting, Sensor, of_phase, per_phase


def _phase(phase: int) -> Sensor[ChargerReading]:
    return Sensor(
        key=f"current_l{phase}",
        measure=Measure.CURRENT_A,
        value=lambda reading: of_phase(reading.phase_current_a, phase),
        optional=True,
        hidden=True,
    )


def _measurements(reading: ChargerReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "current": per_phase(reading.phase_current_a, "a"),
        "energy": {"charged_wh": reading.energy_wh, "session_wh": reading.session_energy_wh},
        "vehicle": {"connected": float(reading.vehicle_connected)},
        "control": {"current_limit_a": reading.current_limit_a},
    }


def _abilities(reading: ChargerReading, site: Site) -> Abilities:
    return Abilities(consumption_w=reading.max_current_a * reading.phases * site.nominal_voltage_v)


REPORTING = Reporting(
    name="EV charger",
    sensors=(
        Sensor(key="charging_power", measure=Measure.POWER_W, value=lambda reading: reading.power_w),
        Sensor(
            key="energy_register",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_wh,
            optional=True,
        ),
        Sensor(
            key="session_energy",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.session_energy_wh,
            optional=True,
        ),
        Sensor(
            key="charger_status",
            measure=Measure.STATE,
            value=lambda reading: reading.status.name.lower(),
            options=tuple(status.name.lower() for status in ChargerStatus),
        ),
        Sensor(
            key="current_limit",
            measure=Measure.CURRENT_A,
            value=lambda reading: reading.current_limit_a,
            optional=True,
            sets=Quantity.CURRENT_LIMIT_A,
        ),
        _phase(1),
        _phase(2),
        _phase(3),
        Sensor(
            key="vehicle_connected",
            measure=Measure.PLUGGED_IN,
            value=lambda reading: reading.vehicle_connected,
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

"""How a PV inverter is reported."""

from ...model import PvReading, Quantity, Site
from .facts import Abilities, Measure, Measurements, Reporting, Sensor


def _measurements(reading: PvReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "energy": {"produced_wh": reading.energy_produced_wh},
        "control": {"production_limit_w": reading.production_limit_w},
    }


def _abilities(reading: PvReading, _site: Site) -> Abilities:
    return Abilities(export_w=reading.rated_power_w)


PV = Reporting(
    name="PV",
    sensors=(
        Sensor(key="production_power", measure=Measure.POWER_OUT_W, value=lambda reading: reading.power_w),
        Sensor(
            key="energy_produced",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_produced_wh,
            optional=True,
        ),
        Sensor(
            key="production_limit",
            measure=Measure.POWER_W,
            value=lambda reading: reading.production_limit_w,
            diagnostic=True,
            sets=Quantity.PRODUCTION_LIMIT_W,
        ),
        Sensor(
            key="rated_power",
            measure=Measure.POWER_W,
            value=lambda reading: reading.rated_power_w,
            diagnostic=True,
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

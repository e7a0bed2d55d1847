"""How a battery is reported."""

from ...model import BatteryReading, Quantity, Site
from .facts import Abilities, Measure, Measurements, Reporting, Sensor


def _measurements(reading: BatteryReading) -> Measurements:
    return {
        "power": {"power_w": reading.power_w},
        "energy": {
            "charged_wh": reading.energy_charged_wh,
            "discharged_wh": reading.energy_discharged_wh,
        },
        "state_of_charge": {"fraction": reading.state_of_charge},
        "control": {"power_setpoint_w": reading.power_setpoint_w},
    }


def _abilities(reading: BatteryReading, _site: Site) -> Abilities:
    return Abilities(
        consumption_w=reading.max_charge_w,
        export_w=reading.max_discharge_w,
        capacity_wh=reading.capacity_wh,
    )


BATTERY = Reporting(
    name="Battery",
    sensors=(
        Sensor(key="battery_power", measure=Measure.POWER_OUT_W, value=lambda reading: reading.power_w),
        Sensor(
            key="state_of_charge",
            measure=Measure.STATE_OF_CHARGE,
            value=lambda reading: reading.state_of_charge,
        ),
        Sensor(
            key="energy_charged",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_charged_wh,
            optional=True,
        ),
        Sensor(
            key="energy_discharged",
            measure=Measure.ENERGY_WH,
            value=lambda reading: reading.energy_discharged_wh,
            optional=True,
        ),
        Sensor(
            key="capacity",
            measure=Measure.CAPACITY_WH,
            value=lambda reading: reading.capacity_wh,
            diagnostic=True,
        ),
        Sensor(
            key="battery_setpoint",
            measure=Measure.POWER_OUT_W,
            value=lambda reading: reading.power_setpoint_w,
            diagnostic=True,
            sets=Quantity.POWER_W,
        ),
    ),
    measurements=_measurements,
    abilities=_abilities,
)

"""One reading of each kind of load."""

from datetime import UTC, datetime

from custom_components.home_flex.core.kinds.appliance import ApplianceReading, ApplianceStatus
from custom_components.home_flex.core.kinds.heat_pump import HeatPumpReading
from custom_components.home_flex.core.kinds.switched_load import SwitchedLoadReading
from custom_components.home_flex.core.kinds.water_heater import WaterHeaterReading

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PUMP = SwitchedLoadReading(time=NOON, power_w=990.0, is_on=True, rated_power_w=1000.0, energy_wh=5.0)
WASHER = ApplianceReading(
    time=NOON,
    power_w=3.0,
    status=ApplianceStatus.READY,
    programme_power_w=2100.0,
    programme_energy_wh=900.0,
    programme_s=7200.0,
    energy_wh=6.0,
)
HEAT_PUMP = HeatPumpReading(
    time=NOON,
    power_w=1200.0,
    rated_power_w=3000.0,
    min_c=19.0,
    max_c=23.0,
    temperature_c=20.5,
    heating_energy_wh=7.0,
)
BOILER = WaterHeaterReading(
    time=NOON,
    power_w=0.0,
    rated_power_w=2000.0,
    min_c=45.0,
    max_c=65.0,
    temperature_c=55.0,
    wh_per_k=230.0,
    losses_w=60.0,
    heating_energy_wh=8.0,
)

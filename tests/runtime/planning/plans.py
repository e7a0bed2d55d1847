"""Small homes and plans."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds.appliance import ApplianceReading, ApplianceStatus
from custom_components.home_flex.core.kinds.heat_pump import HeatPumpReading
from custom_components.home_flex.core.kinds.switched_load import SwitchedLoadReading
from custom_components.home_flex.core.kinds.water_heater import WaterHeaterReading
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    PvReading,
    Reading,
    Site,
    TimeGrid,
    quarter_hours,
)
from custom_components.home_flex.core.planner.plan import DevicePlan, Intent, Money, Plan, PlanStatus
from custom_components.home_flex.core.planner.problem import Signals

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
GRID = quarter_hours(NOON, 2)
SITE = Site(
    name="home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.3"),
    export_price_per_kwh=Decimal("0.05"),
)
KINDS = {
    "battery": DeviceKind.BATTERY,
    "car": DeviceKind.EV_CHARGER,
    "sun": DeviceKind.PV,
    "boiler": DeviceKind.WATER_HEATER,
    "heat pump": DeviceKind.HEAT_PUMP,
    "pump": DeviceKind.SWITCHED_LOAD,
    "washer": DeviceKind.APPLIANCE,
}


def battery_reading(soc: float = 0.5) -> BatteryReading:
    return BatteryReading(
        time=NOON,
        power_w=0.0,
        state_of_charge=soc,
        capacity_wh=10_000.0,
        max_charge_w=5000.0,
        max_discharge_w=5000.0,
    )


def charger_reading(
    power_w: float = 0.0, status: ChargerStatus = ChargerStatus.SUSPENDED_EVSE
) -> ChargerReading:
    return ChargerReading(
        time=NOON, power_w=power_w, status=status, phases=3, min_current_a=6.0, max_current_a=16.0
    )


READINGS: Mapping[str, Reading] = {
    "battery": battery_reading(),
    "car": charger_reading(),
    "sun": PvReading(time=NOON, power_w=-1000.0, rated_power_w=5000.0),
    "boiler": WaterHeaterReading(
        time=NOON,
        power_w=0.0,
        rated_power_w=2000.0,
        min_c=45.0,
        max_c=65.0,
        temperature_c=50.0,
        wh_per_k=200.0,
        losses_w=100.0,
    ),
    "heat pump": HeatPumpReading(
        time=NOON,
        power_w=800.0,
        rated_power_w=3000.0,
        min_c=19.0,
        max_c=23.0,
        temperature_c=21.0,
        cooling_k_per_h=0.25,
    ),
    "pump": SwitchedLoadReading(time=NOON, power_w=0.0, is_on=False, rated_power_w=1000.0),
    "washer": ApplianceReading(
        time=NOON,
        power_w=0.0,
        status=ApplianceStatus.READY,
        programme_power_w=2000.0,
        programme_energy_wh=1000.0,
        programme_s=3600.0,
    ),
}


def device(device_id: str, **given: object) -> DeviceState:
    fields = {
        "device_id": device_id,
        "kind": KINDS[device_id],
        "wired_phases": (),
        "reading": READINGS[device_id],
        "heard_s": 0.0,
    }
    return DeviceState(**{**fields, **given})  # type: ignore[arg-type] # the test says which


def signals(grid: TimeGrid = GRID) -> Signals:
    return Signals(import_per_kwh=(0.3,) * len(grid), export_per_kwh=(0.05,) * len(grid))


def plan_of(
    intents: Mapping[str, Intent],
    *,
    grid: TimeGrid = GRID,
    status: PlanStatus = PlanStatus.SOLVED,
    stored_wh: tuple[float, ...] | None = None,
) -> Plan:
    """Return a plan that has each device do the same in all steps."""
    steps = len(grid)
    return Plan(
        grid=grid,
        status=status,
        net_w=(0.0,) * steps,
        marginal_per_kwh=(0.3,) * steps,
        devices={
            device_id: DevicePlan(
                device_id=device_id,
                kind=KINDS[device_id],
                power_w=(intent.power_w,) * steps,
                intents=(intent,) * steps,
                stored_wh=stored_wh,
            )
            for device_id, intent in intents.items()
        },
        money=Money(bought=0.0, sold=0.0, wear=0.0, peak=0.0, stored=0.0),
    )

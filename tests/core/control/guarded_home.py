"""A home whose fuses are guarded: a car, the sun, a full battery, and what its meter tells."""

from datetime import UTC, datetime

from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    Circuit,
    DeviceKind,
    MeterReading,
    Network,
    PvReading,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FUSES = (25.0, 25.0, 25.0)


def car(current_a: float = 16.0, *, phases: int = 3, most_a: float = 16.0) -> DeviceState:
    reading = ChargerReading(
        time=NOW,
        power_w=current_a * 230.0 * phases,
        status=ChargerStatus.CHARGING,
        phases=phases,
        min_current_a=6.0,
        max_current_a=most_a,
        phase_current_a=(current_a,) * phases,
    )
    wired = (1, 2, 3)[:phases]
    return DeviceState(
        device_id="car", kind=DeviceKind.EV_CHARGER, wired_phases=wired, reading=reading, heard_s=0.0
    )


def sun(power_w: float) -> DeviceState:
    reading = PvReading(time=NOW, power_w=-power_w, rated_power_w=8000.0)
    return DeviceState(
        device_id="pv", kind=DeviceKind.PV, wired_phases=(1, 2, 3), reading=reading, heard_s=0.0
    )


def full_battery() -> DeviceState:
    reading = BatteryReading(
        time=NOW,
        power_w=0.0,
        state_of_charge=1.0,
        capacity_wh=10000.0,
        max_charge_w=5000.0,
        max_discharge_w=5000.0,
    )
    return DeviceState(
        device_id="battery", kind=DeviceKind.BATTERY, wired_phases=(1, 2, 3), reading=reading, heard_s=0.0
    )


def told(*phase_w: float) -> MeterReading:
    return MeterReading(time=NOW, power_w=sum(phase_w), phase_power_w=phase_w)


def garage(
    fuse_a: float = 10.0, *, meter_id: str | None = None, other_load_a: float | None = None
) -> Network:
    """Return a home with a car behind a smaller fuse in the garage."""
    main = Circuit(circuit_id="main", fuse_a=FUSES, meter_id="meter")
    sub = Circuit(
        circuit_id="garage",
        fuse_a=(fuse_a, fuse_a, fuse_a),
        parent_id="main",
        meter_id=meter_id,
        other_load_a=other_load_a,
        device_ids=("car",),
    )
    return Network(circuits=(main, sub), device_ids=frozenset({"car"}))

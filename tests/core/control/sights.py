"""Devices at one tick as the observer sees them, in one line each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from custom_components.home_flex.core.control.memory import DeviceMemory, Order, Sample
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    Owner,
    PvReading,
    Quantity,
    Reading,
    Setpoint,
)

TIME = datetime(2026, 6, 1, 12, tzinfo=UTC)
PER_A = 690.0


def battery(power_w: float, memory: DeviceMemory | None = None, **changes: Any) -> Seen[Any]:
    """Return a battery of 5 kW."""
    reading = BatteryReading(
        time=TIME,
        power_w=power_w,
        state_of_charge=0.5,
        capacity_wh=10_000.0,
        max_charge_w=5000.0,
        max_discharge_w=5000.0,
    )
    return seen(DeviceKind.BATTERY, reading, memory, **changes)


def charger(power_w: float, memory: DeviceMemory | None = None, **changes: Any) -> Seen[Any]:
    """Return a charger of 6 to 16 A on three phases, 690 W an ampere."""
    reading = ChargerReading(
        time=TIME,
        power_w=power_w,
        status=ChargerStatus.CHARGING,
        phases=3,
        min_current_a=6.0,
        max_current_a=16.0,
    )
    return seen(DeviceKind.EV_CHARGER, reading, memory, **changes)


def inverter(power_w: float, memory: DeviceMemory | None = None, **changes: Any) -> Seen[Any]:
    """Return an inverter of 8 kW."""
    return seen(DeviceKind.PV, PvReading(time=TIME, power_w=power_w, rated_power_w=8000.0), memory, **changes)


def seen(
    kind: DeviceKind,
    reading: Reading,
    memory: DeviceMemory | None,
    *,
    heard_s: float = 100.0,
    now_s: float | None = None,
    window_s: float = 10.0,
    report_window_s: float = 6.0,
    **state: Any,
) -> Seen[Any]:
    """Return a device that was heard at 100 s, whose orders show within 10 s and in its reading within 6."""
    device = DeviceState(
        device_id="device", kind=kind, wired_phases=(), reading=reading, heard_s=heard_s, **state
    )
    return Seen(
        device=device,
        memory=memory or DeviceMemory(),
        reading=reading,
        share=(1.0, 1 / 3, 1 / 3, 1 / 3),
        voltage_v=230.0,
        window_s=window_s,
        report_window_s=report_window_s,
        now_s=heard_s if now_s is None else now_s,
    )


def written(value: float | None, **changed: Any) -> Setpoint:
    """Return what an event had written to a device."""
    usual: dict[str, Any] = {
        "device_id": "device",
        "quantity": Quantity.POWER_W,
        "owner": Owner.AGGREGATOR,
        "reason": "limit",
        "life_s": 60.0,
    }
    return Setpoint(value=value, **(usual | changed))


def order(sent_s: float, value: float | None, power_w: float | None = None, found_w: float = 0.0) -> Order:
    """Return an order of a battery: its power is its value."""
    return Order(sent_s=sent_s, value=value, power_w=power_w or value or 0.0, found_w=found_w)


def reports(*told: tuple[float, float]) -> tuple[Sample, ...]:
    """Return reports as (when, W)."""
    return tuple(Sample(heard_s=heard_s, power_w=power_w) for heard_s, power_w in told)


def steady(power_w: float, at_s: Sequence[float] = (97.0, 98.5, 100.0)) -> tuple[Sample, ...]:
    """Return reports of the same power."""
    return reports(*((heard_s, power_w) for heard_s in at_s))

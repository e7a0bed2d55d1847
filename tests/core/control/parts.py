"""Devices as the allocation sees them, and orders of merit, in one line each."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from custom_components.home_flex.core.control.asked import Lines, Wish
from custom_components.home_flex.core.control.flexibility import Flexibility, Restriction, Role
from custom_components.home_flex.core.control.memory import DeviceMemory
from custom_components.home_flex.core.control.merit import Preference, Prices, Take, battery_take
from custom_components.home_flex.core.control.network import Guard
from custom_components.home_flex.core.control.order import Order, order_of
from custom_components.home_flex.core.control.policy import LeaveAlone, Policy
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    DeviceKind,
    Owner,
    PvReading,
)

TIME = datetime(2026, 6, 1, 12, tzinfo=UTC)
ALL = (1.0, 1 / 3, 1 / 3, 1 / 3)
ON_L1 = (1.0, 1.0, 0.0, 0.0)
ON_L2 = (1.0, 0.0, 1.0, 0.0)
PRICES = Prices(import_per_kwh=Decimal("0.30"), export_per_kwh=Decimal("0.08"))
PER_A = 690.0


def battery(
    device_id: str = "battery",
    power_w: float = 0.0,
    *,
    soc: float = 0.5,
    capacity_wh: float = 10000.0,
    low_w: float = -5000.0,
    high_w: float = 5000.0,
    share: tuple[float, ...] = ALL,
    policy: Policy | None = None,
    memory: DeviceMemory | None = None,
    stuck: bool = False,
) -> Flexibility:
    reading = BatteryReading(
        time=TIME,
        power_w=power_w,
        state_of_charge=soc,
        capacity_wh=capacity_wh,
        max_charge_w=5000.0,
        max_discharge_w=5000.0,
    )
    return Flexibility(
        device=DeviceState(
            device_id=device_id,
            kind=DeviceKind.BATTERY,
            wired_phases=(),
            reading=reading,
            heard_s=0.0,
            policy=policy or LeaveAlone(),
        ),
        memory=memory or DeviceMemory(),
        reading=reading,
        role=Role.STORE,
        share=share,
        low_w=low_w,
        high_w=high_w,
        wish_w=power_w,
        power_w=power_w,
        declared_low_w=-5000.0,
        declared_high_w=5000.0,
        state_of_charge=soc,
        capacity_wh=capacity_wh,
        stuck=stuck,
    )


def car(
    device_id: str = "car",
    power_w: float = 11040.0,
    *,
    low_w: float = 0.0,
    high_w: float = 11040.0,
    share: tuple[float, ...] = ALL,
    priority: int = 5,
    stuck: bool = False,
) -> Flexibility:
    """Return a car of 6 to 16 A on three phases, 690 W an ampere."""
    reading = ChargerReading(
        time=TIME,
        power_w=power_w,
        status=ChargerStatus.CHARGING,
        phases=3,
        min_current_a=6.0,
        max_current_a=16.0,
    )
    return Flexibility(
        device=DeviceState(
            device_id=device_id,
            kind=DeviceKind.EV_CHARGER,
            wired_phases=(),
            reading=reading,
            heard_s=0.0,
            priority=priority,
        ),
        memory=DeviceMemory(),
        reading=reading,
        role=Role.CONSUMER,
        share=share,
        low_w=low_w,
        high_w=high_w,
        wish_w=power_w,
        power_w=power_w,
        limit_high_w=11040.0,
        smallest_w=6 * PER_A,
        step_w=0.1 * PER_A,
        watts_per_a=PER_A,
        stuck=stuck,
    )


def sun(
    device_id: str = "sun",
    power_w: float = -4000.0,
    *,
    given_w: float = -4000.0,
    share: tuple[float, ...] = ALL,
) -> Flexibility:
    """Return an inverter to which the sun gives ``given_w``."""
    reading = PvReading(time=TIME, power_w=power_w, rated_power_w=8000.0)
    return Flexibility(
        device=DeviceState(
            device_id=device_id, kind=DeviceKind.PV, wired_phases=(), reading=reading, heard_s=0.0
        ),
        memory=DeviceMemory(),
        reading=reading,
        role=Role.PRODUCER,
        share=share,
        low_w=given_w,
        high_w=0.0,
        wish_w=given_w,
        power_w=power_w,
        rated_w=8000.0,
    )


def order(*devices: Flexibility, preference: Preference = Preference.CAR_FIRST) -> Order:
    return order_of(devices, preference, PRICES, stages(*devices))


def stages(*devices: Flexibility) -> dict[str, Take]:
    return {
        one.device_id: battery_take(one.state_of_charge, 0.0) for one in devices if one.role is Role.STORE
    }


def joint(
    low_w: float = -float("inf"),
    high_w: float = float("inf"),
    *,
    owner: Owner = Owner.AGGREGATOR,
    node: int = 0,
    reason: str = "limit",
) -> Joint:
    return Joint(owner=owner, reason=reason, source_id=reason, node=node, low_w=low_w, high_w=high_w)


def held(
    device_id: str,
    low_w: float = -float("inf"),
    high_w: float = float("inf"),
    *,
    owner: Owner = Owner.AGGREGATOR,
    reason: str = "held",
) -> Restriction:
    return Restriction(owner=owner, device_id=device_id, reason=reason, low_w=low_w, high_w=high_w)


def lines(
    devices: tuple[Flexibility, ...],
    *joints: Joint,
    restrictions: tuple[Restriction, ...] = (),
    wishes: tuple[Wish, ...] = (),
    preference: Preference = Preference.CAR_FIRST,
) -> Lines:
    return Lines(
        restrictions=restrictions,
        joints=joints,
        wishes=wishes,
        order=order(*devices, preference=preference),
    )


def part_of(guard: Guard, powers_w: Mapping[str, float]) -> float:
    """Return the devices' part of what is guarded, in the guard's unit; one without a power draws nothing."""
    return math.fsum(share * powers_w.get(key, 0.0) for key, share in guard.coefficients.items())

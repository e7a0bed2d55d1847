"""What each device can do now, in W: the interval it can move in, its wish, and its steps."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..model import BatteryReading, ChargerReading, DeviceKind, Owner
from .lines import rank
from .state import DeviceMemory, DeviceState
from .tracking import FlexibleReading, watts_per_ampere

CURRENT_STEP_A = 0.1
# Below this distance from its reserve a battery's discharge tapers off, so that it does not jump at the edge.
RESERVE_TAPER = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Flexibility:
    """A device that can be moved within [low_w, high_w]; ``wish_w`` is what it would do by itself.

    For a charger ``high_w`` is what the vehicle would draw at most, ``limit_high_w`` what the charger allows
    at most, ``smallest_w`` its smallest power above zero, ``step_w`` one step of current (others: 0).
    """

    device: DeviceState
    memory: DeviceMemory
    reading: FlexibleReading
    share: tuple[float, ...]
    low_w: float
    high_w: float
    wish_w: float
    limit_high_w: float = 0.0
    smallest_w: float = 0.0
    step_w: float = 0.0
    watts_per_a: float = 0.0
    stuck: bool = False

    @property
    def device_id(self) -> str:
        """The device's id."""
        return self.device.device_id

    @property
    def kind(self) -> DeviceKind:
        """The device's kind."""
        return self.device.kind

    def at_most_w(self, power_w: float) -> float:
        """Return the largest possible power up to ``power_w``: in steps, and 0 below the smallest."""
        if not self.step_w:
            return power_w
        stepped = math.floor(power_w / self.step_w + 1e-6) * self.step_w
        return stepped if stepped >= self.smallest_w - 1e-6 else 0.0

    def at_least_w(self, power_w: float) -> float:
        """Return the smallest possible power from ``power_w`` on."""
        if not self.step_w or power_w <= 0:
            return power_w
        return max(self.smallest_w, math.ceil(power_w / self.step_w - 1e-6) * self.step_w)


@dataclass(frozen=True, kw_only=True, slots=True)
class Restriction:
    """One line of control keeps one device within [low_w, high_w].

    ``spares_free``: a device under its own control is not taken for it; it only is never moved against it.
    """

    owner: Owner
    device_id: str
    reason: str
    low_w: float = -math.inf
    high_w: float = math.inf
    event_id: str | None = None
    spares_free: bool = False


def interval_w(
    low_w: float, high_w: float, restrictions: Iterable[Restriction], last: Owner
) -> tuple[float, float]:
    """Return what the lines down to ``last`` leave of [low_w, high_w]; a lower never widens a higher."""
    for restriction in sorted(restrictions, key=lambda r: rank(r.owner)):
        if rank(restriction.owner) <= rank(last):
            low_w, high_w = (
                min(max(restriction.low_w, low_w), high_w),
                max(min(restriction.high_w, high_w), low_w),
            )
    return low_w, high_w


def flexibility(
    device: DeviceState,
    memory: DeviceMemory,
    reading: FlexibleReading,
    share: tuple[float, ...],
    voltage_v: float,
    *,
    stuck: bool,
    now: datetime,
) -> Flexibility:
    """Return what ``device`` can do; a ``stuck`` one (it does not follow) only what it does already."""
    power_w = reading.power_w
    match reading:
        case BatteryReading():
            low_w = -abs(reading.max_discharge_w) if reading.state_of_charge > 0 else 0.0
            high_w = abs(reading.max_charge_w) if reading.state_of_charge < 1 else 0.0
            limits = {"low_w": low_w, "high_w": high_w, "wish_w": min(max(power_w, low_w), high_w)}
            if memory.taken is None:
                limits["wish_w"] = power_w
        case ChargerReading():
            return _charger(device, memory, reading, share, voltage_v, stuck=stuck)
        case _:
            recent = [power for time, power in memory.powers if (now - time).total_seconds() <= 3.0]
            produced_w = min([*recent, power_w, 0.0])
            limits = {"low_w": produced_w, "high_w": 0.0, "wish_w": produced_w}
    if stuck:
        limits = dict.fromkeys(limits, power_w)
    return Flexibility(device=device, memory=memory, reading=reading, share=share, stuck=stuck, **limits)


def _charger(
    device: DeviceState,
    memory: DeviceMemory,
    reading: ChargerReading,
    share: tuple[float, ...],
    voltage_v: float,
    *,
    stuck: bool,
) -> Flexibility:
    per_a = watts_per_ampere(reading, memory, voltage_v)
    allowed_w = per_a * reading.max_current_a
    drawn_w = max(0.0, reading.power_w)
    if stuck or not reading.vehicle_connected:
        low_w = high_w = drawn_w
    else:
        low_w, high_w = (
            0.0,
            allowed_w if memory.vehicle_max_w is None else min(allowed_w, memory.vehicle_max_w),
        )
    return Flexibility(
        device=device,
        memory=memory,
        reading=reading,
        share=share,
        stuck=stuck,
        low_w=low_w,
        high_w=high_w,
        wish_w=high_w,
        limit_high_w=allowed_w,
        smallest_w=per_a * reading.min_current_a,
        step_w=per_a * CURRENT_STEP_A,
        watts_per_a=per_a,
    )

"""From a setpoint to what a recipe is given: which operation, and the numbers that its templates see."""

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from ...core.kinds.heat_pump import ADVISED, LOCKED, NORMAL
from ...core.model import DeviceKind, Quantity
from ..driver import DeviceError
from .recipe import Control, EndsBy, Operation
from .templates import plain

# A timer that can be set lasts ten minutes, so that a home whose control has died is free again soon.
ORDER_S = 600.0
_DAY_S = 86400.0

_TAKES: Final[Mapping[DeviceKind, tuple[Quantity, AbstractSet[Operation]]]] = {
    DeviceKind.PV: (Quantity.PRODUCTION_LIMIT_W, {Operation.LIMIT}),
    DeviceKind.BATTERY: (Quantity.POWER_W, {Operation.CHARGE, Operation.DISCHARGE}),
    DeviceKind.EV_CHARGER: (Quantity.CURRENT_LIMIT_A, {Operation.LIMIT}),
    DeviceKind.SWITCHED_LOAD: (Quantity.SWITCH, {Operation.SWITCH_ON, Operation.SWITCH_OFF}),
    DeviceKind.APPLIANCE: (Quantity.PROGRAMME_START, {Operation.START}),
    DeviceKind.HEAT_PUMP: (Quantity.SG_READY_STATE, {Operation.LOCK}),
    DeviceKind.WATER_HEATER: (Quantity.POWER_W, {Operation.SWITCH_ON, Operation.SWITCH_OFF}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a device is told: ``power_w`` (>= 0) and ``current_a`` rounded to its steps, toward zero."""

    operation: Operation
    power_w: float = 0.0
    current_a: float = 0.0

    def variables(self, control: Control, *, phases: int) -> dict[str, Any]:
        """Return what templates see of the order."""
        seconds = lasts_s(control)
        return {
            "power": plain(self.power_w),
            "current": plain(self.current_a),
            "phases": phases,
            "seconds": plain(float(round(seconds))),
            "minutes": math.ceil(seconds / 60.0),
        }


def quantities_of(kind: DeviceKind, control: Control) -> frozenset[Quantity]:
    """Return what can be set of a device: what its recipes are enough for."""
    if kind not in _TAKES or Operation.RELEASE not in control.recipes:
        return frozenset()
    quantity, operations = _TAKES[kind]
    return frozenset({quantity}) if operations <= control.recipes.keys() else frozenset()


def order_of(kind: DeviceKind, value: float, control: Control) -> Order:
    """Return the order for a setpoint in its quantity's unit, positive = consumption.

    Raises DeviceError ``not_supported`` for what the recipes have no word for, ``invalid_setpoint`` for what
    is no number.
    """
    if not math.isfinite(value):
        raise DeviceError("invalid_setpoint", f"{value} is no setpoint")
    wanted = _order(kind, value, control)
    if wanted.operation not in control.recipes:
        raise DeviceError("not_supported", f"there is no way to {wanted.operation.value} this device")
    return wanted


def lasts_s(control: Control) -> float:
    """Return for how long an order is to last, for a timer that can be set; at most what it takes.

    A device of few writes a day is told longer orders, so that renewing them does not use them up.
    """
    wanted_s = max(ORDER_S, 2.0 * _DAY_S / max(1, control.writes_per_day))
    return wanted_s if control.ends.seconds is None else min(wanted_s, control.ends.seconds)


def rewritten_after_s(control: Control) -> float | None:
    """Return how often an order is written again so that it lasts, None when it lasts by itself."""
    ends = control.ends
    if ends.rewrite_s is not None:
        return ends.rewrite_s
    if ends.by is not EndsBy.DEVICE_TIMER:
        return None
    longest_s = lasts_s(control) if ends.is_settable else ends.seconds
    return None if longest_s is None else longest_s / 2.0


def _order(kind: DeviceKind, value: float, control: Control) -> Order:
    match kind:
        case DeviceKind.BATTERY:
            return _battery_order(value, control)
        case DeviceKind.PV:
            return Order(operation=Operation.LIMIT, power_w=_floor(max(0.0, value), control.step))
        case DeviceKind.EV_CHARGER:
            current_a = _floor(max(0.0, value), control.step)
            if current_a <= 0 and Operation.PAUSE in control.recipes:
                return Order(operation=Operation.PAUSE)
            return Order(operation=Operation.LIMIT, current_a=current_a)
        case DeviceKind.APPLIANCE:
            return Order(operation=Operation.START)
        case DeviceKind.HEAT_PUMP:
            operation = _SG_READY.get(value, Operation.FORCE)
            # One that cannot be advised runs as it likes, which is what comes nearest.
            is_known = operation in control.recipes or operation is not Operation.ADVISE
            return Order(operation=operation if is_known else Operation.RELEASE)
    return Order(operation=Operation.SWITCH_ON if value > 0.5 else Operation.SWITCH_OFF)


# Normal is what the device does when it is released.
_SG_READY: Final[Mapping[float, Operation]] = {
    LOCKED: Operation.LOCK,
    NORMAL: Operation.RELEASE,
    ADVISED: Operation.ADVISE,
}


def _battery_order(value: float, control: Control) -> Order:
    power_w = _floor(abs(value), control.step)
    if power_w <= 0 and Operation.HOLD in control.recipes:
        return Order(operation=Operation.HOLD)
    operation = Operation.CHARGE if value >= 0 else Operation.DISCHARGE
    return Order(operation=operation, power_w=power_w)


def _floor(value: float, step: float) -> float:
    return value if step <= 0 else math.floor(value / step + 1e-6) * step

"""What a plan has for batteries and cars, step by step, as an event's baseline keeps it.

It is asked when an event is announced: a plan that knows of it says nothing about the home without it.
"""

from collections.abc import Iterator
from typing import Final

from ...core.model import DeviceKind
from ...core.planner.plan import DevicePlan, Intent, IntentKind, Plan, PlanStatus
from ...core.planner.reason import ReasonCode
from ...core.settlement.rerun import BatteryRule, Cover, Rest
from ...core.settlement.tally import PlannedStep, milliseconds

# A battery that is to store or give less is not to do it.
_NEGLIGIBLE_W: Final = 50.0


def planned_steps(plan: Plan) -> tuple[PlannedStep, ...]:
    """Return the steps of all batteries and cars; a safe rule is no plan, and has none."""
    if plan.status is PlanStatus.SAFE_RULE:
        return ()
    return tuple(step for device in plan.devices.values() for step in _steps(plan, device))


def _steps(plan: Plan, device: DevicePlan) -> Iterator[PlannedStep]:
    # One that the resident has charged at once is not steered by the plan.
    is_charged = any(intent.kind is IntentKind.TAKE for intent in device.intents) and not any(
        reason.code is ReasonCode.RESIDENT for reason in device.reasons
    )
    for step, intent in zip(plan.grid, device.intents, strict=True):
        rule = _rule(intent) if device.kind is DeviceKind.BATTERY else None
        if rule is not None or _is_told(device.kind, intent.kind, is_charged=is_charged):
            yield PlannedStep(
                device_id=device.device_id,
                start_ms=milliseconds(step.start),
                end_ms=milliseconds(step.end),
                rule=rule,
                power_w=round(intent.power_w),
            )


def _rule(intent: Intent) -> BatteryRule | None:
    """Return what a battery does in a step that is told no power."""
    if intent.kind is IntentKind.HOLD:
        return Rest()
    if intent.kind is not IntentKind.COVER_HOUSE:
        return None
    takes, gives = intent.high_w >= _NEGLIGIBLE_W, intent.low_w <= -_NEGLIGIBLE_W
    return Cover(takes=takes, gives=gives) if takes or gives else Rest()


def _is_told(kind: DeviceKind, intent: IntentKind, *, is_charged: bool) -> bool:
    """Return whether a plan tells a device its power: a battery, and a car that is charged by the plan."""
    if kind is DeviceKind.BATTERY:
        return intent in {IntentKind.CHARGE, IntentKind.GIVE}
    return kind is DeviceKind.EV_CHARGER and is_charged and intent in {IntentKind.TAKE, IntentKind.OFF}

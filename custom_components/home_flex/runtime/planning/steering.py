"""What a plan asks of control: demands on stores and the sun, and cars that are to take all now.

A plan says what is to be done, not how many watts: a battery covers the house or stores the sun by itself
wherever the plan lets it, and is held only where the plan keeps, buys or sells.
"""

import math
from dataclasses import replace
from datetime import datetime
from typing import Final

from ...core.control.demand import SITE, Demand, Envelope, Scope, device
from ...core.control.policy import CoverHouse
from ...core.control.state import DeviceState
from ...core.model import ChargerReading, DeviceKind, Owner
from ...core.planner.plan import DevicePlan, Intent, IntentKind, Plan, PlanStatus

SOURCE_ID: Final = "plan"
# Below this a battery that is to store or give does so by itself.
_NEGLIGIBLE_W = 50.0


def planned_demands(plan: Plan, now: datetime) -> tuple[Demand, ...]:
    """Return what the plan demands of stores and of the sun at ``now``; nothing once it has ended.

    A safe rule is no plan: then every device goes by its own rules.
    """
    index = plan.grid.index_at(now)
    if index is None or plan.status is PlanStatus.SAFE_RULE:
        return ()
    unsold = [one for one in plan.devices.values() if not one.intents[index].may_export]
    return (
        *(
            _demand(one, index, device(one.device_id), envelope)
            for one in plan.devices.values()
            if (envelope := _envelope(one, one.intents[index])) is not None
        ),
        # The sun gives what the home takes, whatever was forecast: it is the meter that is kept.
        *(_demand(one, index, SITE, Envelope(low_w=0.0)) for one in unsold[:1]),
    )


def steered(state: DeviceState, plan: Plan, now: datetime, *, voltage_v: float) -> DeviceState:
    """Return a device's state with what the plan has for it at ``now``.

    A battery that is held to a part of its range covers the house within it. A car that is to be charged may
    take what the plan gave it, rounded up to the whole ampere.
    """
    intent = plan.intent_at(state.device_id, now)
    if intent is None or plan.status is PlanStatus.SAFE_RULE:
        return state
    if state.kind is DeviceKind.BATTERY and _battery(intent) is not None:
        return replace(state, policy=CoverHouse())
    reading = state.reading
    if intent.kind is not IntentKind.TAKE or not isinstance(reading, ChargerReading):
        return state
    planned_a = math.ceil(intent.power_w / (voltage_v * reading.phases))
    return replace(
        state, charge=replace(state.charge, planned_a=max(reading.min_current_a, float(planned_a)))
    )


def _demand(one: DevicePlan, index: int, scope: Scope, asks: Envelope) -> Demand:
    return Demand(
        owner=Owner.PLAN,
        scope=scope,
        asks=asks,
        reason=reason_of(one, index),
        source_id=SOURCE_ID,
        standing=True,
    )


def _envelope(one: DevicePlan, intent: Intent) -> Envelope | None:
    if one.kind is DeviceKind.BATTERY:
        return _battery(intent)
    is_curtailed = one.kind is DeviceKind.PV and intent.kind is IntentKind.CURTAIL and intent.may_export
    return Envelope(low_w=intent.power_w) if is_curtailed else None


def _battery(intent: Intent) -> Envelope | None:
    """Return within which powers a battery is kept; None where it does what is right by itself."""
    match intent.kind:
        case IntentKind.CHARGE:
            return Envelope(low_w=intent.power_w)
        case IntentKind.GIVE:
            return Envelope(high_w=intent.power_w)
        case IntentKind.HOLD:
            return Envelope(low_w=0.0, high_w=0.0)
        case IntentKind.COVER_HOUSE if intent.low_w > -_NEGLIGIBLE_W or intent.high_w < _NEGLIGIBLE_W:
            return Envelope(
                low_w=0.0 if intent.low_w > -_NEGLIGIBLE_W else -math.inf,
                high_w=0.0 if intent.high_w < _NEGLIGIBLE_W else math.inf,
            )
    return None


def reason_of(one: DevicePlan, index: int) -> str:
    """Return why a device is asked what it is asked in a step, as a slug of control."""
    return f"plan_{one.reasons[index].code.value}" if one.reasons else "plan"

"""Plans without a solution: what the plan before this said, or rules that always work."""

from dataclasses import replace

import numpy as np

from ..model import DeviceKind
from .bending import LeftOut
from .intents import fast_intents, shining
from .plan import DevicePlan, Intent, IntentKind, Money, Plan, PlanStatus
from .problem import Appliance, Battery, Consumer, FastCharge, Problem, Pv, Series
from .reason import Reason, ReasonCode

_NO_MONEY = Money(bought=0.0, sold=0.0, wear=0.0, peak=0.0, stored=0.0)
_BY_RULE = Reason(code=ReasonCode.SAFE_RULE)


def kept(problem: Problem, before: Plan | None, left_out: tuple[LeftOut, ...]) -> Plan | None:
    """Return what the plan before said of these steps; None where it does not know the first of them.

    Beyond its end devices are left alone.
    """
    if before is None or before.status is PlanStatus.SAFE_RULE:
        return None
    which = [before.grid.index_at(step.start) for step in problem.grid]
    if which[0] is None:
        return None
    known = [index for index in which if index is not None]
    steps = len(problem.grid)
    devices = {device_id: _moved(device, known, steps) for device_id, device in before.devices.items()}
    return replace(
        before,
        grid=problem.grid,
        status=PlanStatus.KEPT,
        net_w=_pick(before.net_w, known, steps),
        marginal_per_kwh=_pick(before.marginal_per_kwh, known, steps),
        devices=devices,
        left_out=left_out,
    )


def _moved(device: DevicePlan, known: list[int], steps: int) -> DevicePlan:
    rest = steps - len(known)
    idle = Intent(kind=IntentKind.LEAVE_ALONE)
    return replace(
        device,
        power_w=(*(device.power_w[index] for index in known), *(0.0,) * rest),
        intents=(*(device.intents[index] for index in known), *(idle,) * rest),
        stored_wh=None if device.stored_wh is None else _pick(device.stored_wh, known, steps),
        worth_per_kwh=None if device.worth_per_kwh is None else _pick(device.worth_per_kwh, known, steps),
        reasons=(*(device.reasons[index] for index in known), *(_BY_RULE,) * rest) if device.reasons else (),
    )


def _pick(values: Series, known: list[int], steps: int) -> Series:
    return (*(values[index] for index in known), *(values[known[-1]],) * (steps - len(known)))


def safe_plan(problem: Problem, left_out: tuple[LeftOut, ...]) -> Plan:
    """Return a plan by rules: batteries cover the house, cars and loads take what they need at once.

    Programmes start as soon as they may, and heat is left to its own control.
    """
    steps = len(problem.grid)
    devices = (
        *(_sun(one) for one in problem.pv),
        *(_consumer(one, problem) for one in problem.consumers),
        *(_fast(one) for one in problem.fast_charges),
        *(_appliance(one, problem) for one in problem.appliances),
        *(_left_alone(one.device_id, one.kind, steps) for one in problem.thermal_stores),
    )
    drawn_w = list(problem.load_w)
    for device in devices:
        drawn_w = [each + power for each, power in zip(drawn_w, device.power_w, strict=True)]
    batteries = []
    for battery in problem.batteries:
        plan = _battery(battery, drawn_w, problem)
        drawn_w = [each + power for each, power in zip(drawn_w, plan.power_w, strict=True)]
        batteries.append(plan)
    return Plan(
        grid=problem.grid,
        status=PlanStatus.SAFE_RULE,
        net_w=tuple(drawn_w),
        marginal_per_kwh=problem.signals.import_per_kwh,
        devices={device.device_id: device for device in (*devices, *batteries)},
        money=_NO_MONEY,
        left_out=left_out,
    )


def _by_rule(
    device_id: str,
    kind: DeviceKind,
    power_w: tuple[float, ...],
    intents: tuple[Intent, ...],
    stored_wh: Series | None = None,
) -> DevicePlan:
    return DevicePlan(
        device_id=device_id,
        kind=kind,
        power_w=power_w,
        intents=intents,
        stored_wh=stored_wh,
        reasons=(_BY_RULE,) * len(power_w),
    )


def _sun(pv: Pv) -> DevicePlan:
    power = tuple(-each for each in pv.available_w)
    intents = tuple(Intent(kind=shining(-each), power_w=each) for each in power)
    return _by_rule(pv.device_id, DeviceKind.PV, power, intents)


def _battery(battery: Battery, drawn_w: list[float], problem: Problem) -> DevicePlan:
    stored, power, filled = battery.stored_wh, [], []
    for each_w, hours in zip(drawn_w, problem.grid.lengths_h, strict=True):
        room = max(battery.capacity_wh - stored, 0.0) / hours / battery.efficiency
        left = max(stored - battery.reserve_wh, 0.0) / hours * battery.efficiency
        taken = min(max(-each_w, -min(battery.discharge_w, left)), battery.charge_w, room)
        stored += hours * (taken * battery.efficiency if taken > 0 else taken / battery.efficiency)
        power.append(taken)
        filled.append(stored)
    intent = Intent(kind=IntentKind.COVER_HOUSE, low_w=-battery.discharge_w, high_w=battery.charge_w)
    intents = (intent,) * len(power)
    return _by_rule(battery.device_id, DeviceKind.BATTERY, tuple(power), intents, tuple(filled))


def _consumer(consumer: Consumer, problem: Problem) -> DevicePlan:
    stored, power, filled = 0.0, [], []
    for may, hours in zip(consumer.available, problem.grid.lengths_h, strict=True):
        left = max(consumer.need_wh - stored, 0.0) / hours / consumer.efficiency
        taken = min(consumer.max_w, left) if may else 0.0
        stored += taken * hours * consumer.efficiency
        power.append(taken)
        filled.append(stored)
    intents = tuple(
        Intent(kind=IntentKind.TAKE if each > 0 else IntentKind.OFF, power_w=each) for each in power
    )
    return _by_rule(consumer.device_id, consumer.kind, tuple(power), intents, tuple(filled))


def _fast(car: FastCharge) -> DevicePlan:
    intents = fast_intents(car, np.array(car.expected_w))
    return _by_rule(car.device_id, DeviceKind.EV_CHARGER, car.expected_w, intents)


def _appliance(appliance: Appliance, problem: Problem) -> DevicePlan:
    start = 0 if appliance.running_s is not None else max(appliance.earliest_step, 0)
    intents, power, passed_s = [], [], appliance.running_s or 0.0
    for step, length_s in enumerate(problem.grid.lengths_s):
        part = int(passed_s // appliance.part_s)
        runs = step >= start and part < len(appliance.profile_w)
        kind = IntentKind.RUN if runs else IntentKind.OFF
        if step == start and appliance.running_s is None:
            kind = IntentKind.START
        power.append(appliance.profile_w[part] if runs else 0.0)
        intents.append(Intent(kind=kind, power_w=power[-1]))
        passed_s += length_s if runs else 0.0
    return _by_rule(appliance.device_id, DeviceKind.APPLIANCE, tuple(power), tuple(intents))


def _left_alone(device_id: str, kind: DeviceKind, steps: int) -> DevicePlan:
    intents = (Intent(kind=IntentKind.LEAVE_ALONE),) * steps
    return _by_rule(device_id, kind, (0.0,) * steps, intents)

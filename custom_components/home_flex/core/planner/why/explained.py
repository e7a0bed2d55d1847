"""Reasons for a whole plan, from the plan and its problem alone."""

from collections.abc import Iterator
from dataclasses import replace

from ..plan import DevicePlan, Plan, PlanStatus
from ..problem import Problem
from ..reason import Reason
from .battery import RULES as BATTERY_RULES
from .battery import battery_facts
from .consumer import RULES as CONSUMER_RULES
from .consumer import consumer_facts
from .fast_charge import RULES as FAST_RULES
from .fast_charge import fast_facts
from .others import APPLIANCE_RULES, HEAT_RULES, SUN_RULES, appliance_facts, heat_facts, sun_facts
from .rule import first, meters


def explained(problem: Problem, plan: Plan) -> Plan:
    """Return the plan with one reason for each device and step; one by rules has its own already.

    ``problem`` is what the plan was made of, without what was left out.
    """
    if plan.status in (PlanStatus.SAFE_RULE, PlanStatus.KEPT):
        return plan
    devices = {
        device.device_id: replace(device, reasons=reasons) for device, reasons in _reasons(problem, plan)
    }
    return replace(plan, devices={**plan.devices, **devices})


def _reasons(problem: Problem, plan: Plan) -> Iterator[tuple[DevicePlan, tuple[Reason, ...]]]:
    each, devices = meters(problem, plan), plan.devices
    given_w = tuple(
        sum(max(-devices[one.device_id].power_w[step], 0.0) for one in problem.batteries)
        for step in range(len(each))
    )
    for battery in problem.batteries:
        device = devices[battery.device_id]
        found = battery_facts(battery, device, plan, each)
        yield device, tuple(first(BATTERY_RULES, facts) for facts in found)
    for consumer in problem.consumers:
        device = devices[consumer.device_id]
        taken = consumer_facts(consumer, device, plan, each, given_w)
        yield device, tuple(first(CONSUMER_RULES, facts) for facts in taken)
    for car in problem.fast_charges:
        device = devices[car.device_id]
        yield device, tuple(first(FAST_RULES, facts) for facts in fast_facts(car, device, each, given_w))
    for appliance in problem.appliances:
        device = devices[appliance.device_id]
        runs = appliance_facts(appliance, device, plan, each)
        yield device, tuple(first(APPLIANCE_RULES, facts) for facts in runs)
    for store in problem.thermal_stores:
        device = devices[store.device_id]
        heated = heat_facts(store, device, plan, each, given_w)
        yield device, tuple(first(HEAT_RULES, facts) for facts in heated)
    for pv in problem.pv:
        device = devices[pv.device_id]
        yield device, tuple(first(SUN_RULES, facts) for facts in sun_facts(pv, device, each))

"""A home's linear programme written a second way: no stored energy, only sums, by the modelling language.

Without minimum powers and programmes. It shares nothing with the planner but the values that go in.
"""

from typing import Any

import highspy

from custom_components.home_flex.core.planner import Problem


def cheapest(problem: Problem, end_worth: float) -> float:
    """Return the least money that a home with one battery, one car and sun can spend, less what is left."""
    model: Any = highspy.Highs()  # type: ignore[no-untyped-call] # has no stubs
    model.setOptionValue("output_flag", False)
    steps = range(len(problem.grid))
    hours, signals = problem.grid.lengths_h, problem.signals
    (store,), (car,), (pv,) = problem.batteries, problem.consumers, problem.pv
    (limit,) = problem.meter_limits
    bought = [model.addVariable(0, limit.import_w[t]) for t in steps]
    sold = [model.addVariable(0, limit.export_w[t]) for t in steps]
    made = [model.addVariable(0, pv.available_w[t]) for t in steps]
    into = [model.addVariable(0, store.charge_w) for t in steps]
    out = [model.addVariable(0, store.discharge_w) for t in steps]
    drive = [model.addVariable(0, car.max_w if car.available[t] else 0) for t in steps]
    highest = [model.addVariable(peak.so_far_w, 1e6) for peak in problem.peaks]
    for t in steps:
        given = bought[t] + made[t] + out[t]
        model.addConstr(given == problem.load_w[t] + sold[t] + into[t] + drive[t])
        for peak, most in zip(problem.peaks, highest, strict=True):
            if t in steps[peak.steps]:
                model.addConstr(bought[t] <= most)
        held = sum(
            store.efficiency * hours[k] * into[k] - hours[k] / store.efficiency * out[k] for k in range(t + 1)
        )
        model.addConstr(held <= store.capacity_wh - store.stored_wh)
        model.addConstr(held >= -store.stored_wh)
    charged = sum(car.efficiency * hours[t] * drive[t] for t in range(car.ready_step))
    model.addConstr(charged >= car.need_wh)
    left = sum(store.efficiency * hours[k] * into[k] - hours[k] / store.efficiency * out[k] for k in steps)
    money = sum(
        hours[t]
        * (
            signals.import_per_kwh[t] * bought[t]
            - signals.export_per_kwh[t] * sold[t]
            + store.wear_per_kwh / 2 * (into[t] + out[t])
        )
        for t in steps
    )
    paid = sum(peak.per_kw * most for peak, most in zip(problem.peaks, highest, strict=True))
    model.minimize(money + paid - end_worth * left)
    objective = model.getInfo().objective_function_value
    return float(objective) / 1000 - sum(peak.per_kw * peak.so_far_w for peak in problem.peaks) / 1000

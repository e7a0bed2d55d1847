"""A whole home as a mixed-integer programme of its own, by the modelling language.

What is left in each store is a sum, what is on or off is whole, and limits are hard. It shares nothing with
the planner but the values that go in.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import highspy

from custom_components.home_flex.core.planner import Battery, Consumer, Problem
from custom_components.home_flex.core.planner.problem import ThermalStore

# More kW than any home here draws.
MOST_KW = 40.0


@dataclass(kw_only=True)
class WholeHome:
    """A programme that grows by devices; ``drawn`` is what all of them take in each step, in kW."""

    problem: Problem
    model: Any = field(init=False)
    drawn: list[Any] = field(init=False)
    power: dict[str, list[Any]] = field(default_factory=dict)
    money: Any = 0.0

    def __post_init__(self) -> None:
        self.model = highspy.Highs()  # type: ignore[no-untyped-call] # has no stubs
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("mip_rel_gap", 1e-6)
        self.drawn = [load_w / 1000 for load_w in self.problem.load_w]

    @property
    def hours(self) -> tuple[float, ...]:
        return self.problem.grid.lengths_h

    def least(self) -> float | None:
        """Return the least money, with that of sessions; None where not all limits can be kept."""
        for battery in self.problem.batteries:
            self._battery(battery)
        for car in self.problem.consumers:
            self._car(car)
        for store in self.problem.thermal_stores:
            self._heat(store)
        for pv in self.problem.pv:
            self._add(pv.device_id, [-self.model.addVariable(0, each / 1000) for each in pv.available_w])
        self._circuits()
        self._meter()
        self.model.minimize(self.money)
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(self.model.getInfo().objective_function_value)

    def _add(self, device_id: str, power: list[Any]) -> None:
        self.power[device_id] = power
        self.drawn = [drawn + each for drawn, each in zip(self.drawn, power, strict=True)]

    def _battery(self, one: Battery) -> None:
        model, stored_kwh, powers = self.model, one.stored_wh / 1000, []
        begun_kwh = stored_kwh
        for length_h in self.hours:
            charges, into, out = (
                model.addBinary(),
                model.addVariable(0, MOST_KW),
                model.addVariable(0, MOST_KW),
            )
            model.addConstr(into <= one.charge_w / 1000 * charges)
            model.addConstr(out <= one.discharge_w / 1000 - one.discharge_w / 1000 * charges)
            stored_kwh = stored_kwh + length_h * one.efficiency * into - length_h / one.efficiency * out
            model.addConstr(stored_kwh <= one.capacity_wh / 1000)
            model.addConstr(stored_kwh >= 0.0)
            self.money = self.money + one.wear_per_kwh / 2 * length_h * (into + out)
            powers.append(into - out)
        self.money = self.money - (one.end_worth_per_kwh or 0.0) * (stored_kwh - begun_kwh)
        self._add(one.device_id, powers)

    def _car(self, one: Consumer) -> None:
        model, stored_kwh, powers, before, over_before = self.model, 0.0, [], 0.0, 0.0
        for step, length_h in enumerate(self.hours):
            runs, begins, over = model.addBinary(), model.addVariable(0, 1), model.addBinary()
            taken = model.addVariable(0, one.max_w / 1000 if one.available[step] else 0.0)
            model.addConstr(taken <= one.max_w / 1000 * runs)
            # It may end early in the step after which it is off for good.
            model.addConstr(taken >= one.min_w / 1000 * runs - one.min_w / 1000 * (over - over_before))
            model.addConstr(over - over_before >= 0.0)
            model.addConstr(runs + over_before <= 1.0)
            model.addConstr(begins - runs + before >= 0.0)
            stored_kwh = stored_kwh + one.efficiency * length_h * taken
            self.money = self.money + one.start_price * begins
            before, over_before = runs, over
            powers.append(taken)
        model.addConstr(stored_kwh >= one.need_wh / 1000)
        model.addConstr(stored_kwh <= max(one.room_wh, one.need_wh) / 1000)
        self._add(one.device_id, powers)

    def _heat(self, one: ThermalStore) -> None:
        stored_kwh, powers = one.stored_wh / 1000, []
        begun_kwh = stored_kwh
        for step, length_h in enumerate(self.hours):
            taken = self.model.addVariable(0, one.max_w / 1000)
            stored_kwh = stored_kwh * math.exp(-one.loss_per_h * length_h) + length_h * (
                one.heat_per_power[step] * taken - one.drawn_w[step] / 1000
            )
            self.model.addConstr(stored_kwh >= one.low_wh[step] / 1000)
            self.model.addConstr(stored_kwh <= one.high_wh[step] / 1000)
            powers.append(taken)
        self.money = self.money - (one.end_worth_per_kwh or 0.0) * (stored_kwh - begun_kwh)
        self._add(one.device_id, powers)

    def _circuits(self) -> None:
        for limit in self.problem.circuit_limits:
            for step, load_w in enumerate(limit.load_w):
                found = [
                    share * self.power[key][step] for key, share in limit.shares.items() if key in self.power
                ]
                self.model.addConstr(sum(found) <= (limit.upper_w[step] - load_w) / 1000)
                self.model.addConstr(sum(found) >= (limit.lower_w[step] - load_w) / 1000)

    def _meter(self) -> None:
        model, signals = self.model, self.problem.signals
        highest = [model.addVariable(peak.so_far_w / 1000, MOST_KW) for peak in self.problem.peaks]
        for step, drawn in enumerate(self.drawn):
            buys = model.addBinary()
            bought, sold = model.addVariable(0, MOST_KW), model.addVariable(0, MOST_KW)
            model.addConstr(bought - sold - drawn == 0.0)
            for limit in self.problem.meter_limits:
                model.addConstr(bought <= limit.import_w[step] / 1000 * buys)
                model.addConstr(sold <= limit.export_w[step] / 1000 - limit.export_w[step] / 1000 * buys)
            for peak, most in zip(self.problem.peaks, highest, strict=True):
                if step in range(len(self.drawn))[peak.steps]:
                    model.addConstr(bought <= most)
            self.money = self.money + self.hours[step] * (
                signals.import_per_kwh[step] * bought - signals.export_per_kwh[step] * sold
            )
        for peak, most in zip(self.problem.peaks, highest, strict=True):
            self.money = self.money + peak.per_kw * most - peak.per_kw * peak.so_far_w / 1000

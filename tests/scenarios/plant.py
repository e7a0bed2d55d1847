"""A house as it really is: one battery, one car and one roof at most, and a load; positive is consumption.

What a story says is expected is what happens, times what its day says was missed (``Truth``).
"""

import math
from dataclasses import dataclass

from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    MeterReading,
    PvReading,
)
from custom_components.home_flex.core.planner import Battery, Consumer, Problem

VOLTAGE = 230.0
PHASES = 3
WATTS_PER_A = VOLTAGE * PHASES


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """By how much load, sun and the car's power are other than expected; ``load_w``: where none was."""

    load_times: float = 1.0
    sun_times: float = 1.0
    car_takes_times: float = 1.0
    load_w: float = 0.0


@dataclass(kw_only=True)
class Plant:
    """``…_told`` is what a device was told; None: a battery covers the house, the sun gives.

    A car waits at first.
    """

    problem: Problem
    truth: Truth
    battery_told_w: float | None = None
    car_told_a: float | None = 0.0
    sun_told_w: float | None = None
    stored_wh: float = 0.0
    car_wh: float = 0.0
    car_there: bool = False
    battery_w: float = 0.0
    car_w: float = 0.0
    sun_w: float = 0.0
    grid_w: float = 0.0

    def __post_init__(self) -> None:
        if self.battery is not None:
            self.stored_wh = min(self.battery.stored_wh, self.battery.capacity_wh)

    @property
    def battery(self) -> Battery | None:
        return next(iter(self.problem.batteries), None)

    @property
    def car(self) -> Consumer | None:
        return next(iter(self.problem.consumers), None)

    def run(self, step: int, seconds: float) -> None:
        """Live for some seconds of a step."""
        hours = seconds / 3600
        load_w = _known(self.problem.load_w[step], self.truth.load_w) * self.truth.load_times
        self.sun_w = self._sun_w(step)
        self.car_there = self.car is not None and self.car.available[step]
        self.car_w = self._car_w()
        self.car_wh += self.car_w * hours
        rest_w = load_w + self.car_w - self.sun_w
        self.battery_w = self._battery_w(rest_w, hours)
        if self.battery is not None:
            one_way = self.battery.efficiency
            moved_wh = self.battery_w * hours
            self.stored_wh += moved_wh * one_way if moved_wh > 0 else moved_wh / one_way
        self.grid_w = rest_w + self.battery_w

    def _sun_w(self, step: int) -> float:
        available_w = sum(_known(pv.available_w[step], 0.0) for pv in self.problem.pv) * self.truth.sun_times
        available_w = min(available_w, sum(pv.most_w for pv in self.problem.pv))
        return available_w if self.sun_told_w is None else min(available_w, self.sun_told_w)

    def _car_w(self) -> float:
        if self.car is None or not self.car_there or self.car_wh >= self.car.room_wh:
            return 0.0
        most_a = self.car.max_w / WATTS_PER_A
        told_a = most_a if self.car_told_a is None else min(self.car_told_a, most_a)
        if told_a < self.car.min_w / WATTS_PER_A:
            return 0.0
        return told_a * WATTS_PER_A * self.truth.car_takes_times

    def _battery_w(self, rest_w: float, hours: float) -> float:
        battery = self.battery
        if battery is None:
            return 0.0
        wanted_w = -rest_w if self.battery_told_w is None else self.battery_told_w
        room_w = (battery.capacity_wh - self.stored_wh) / (hours * battery.efficiency)
        left_w = self.stored_wh * battery.efficiency / hours
        return min(max(wanted_w, -battery.discharge_w, -left_w), battery.charge_w, max(0.0, room_w))

    def meter_reading(self) -> MeterReading:
        each_a = self.grid_w / PHASES / VOLTAGE
        return MeterReading(
            time=self.problem.grid.start, power_w=self.grid_w, phase_current_a=(each_a,) * PHASES
        )

    def battery_reading(self, battery: Battery) -> BatteryReading:
        return BatteryReading(
            time=self.problem.grid.start,
            power_w=self.battery_w,
            state_of_charge=self.stored_wh / battery.capacity_wh,
            capacity_wh=battery.capacity_wh,
            max_charge_w=battery.charge_w,
            max_discharge_w=battery.discharge_w,
            power_setpoint_w=self.battery_told_w,
        )

    def sun_reading(self) -> PvReading:
        rated_w = sum(pv.most_w for pv in self.problem.pv)
        return PvReading(time=self.problem.grid.start, power_w=-self.sun_w, rated_power_w=rated_w)

    def car_reading(self, car: Consumer) -> ChargerReading:
        status = ChargerStatus.AVAILABLE
        if self.car_there:
            status = ChargerStatus.CHARGING if self.car_w > 0 else ChargerStatus.SUSPENDED_EVSE
        return ChargerReading(
            time=self.problem.grid.start,
            power_w=self.car_w,
            status=status,
            phases=PHASES,
            min_current_a=car.min_w / WATTS_PER_A,
            max_current_a=car.max_w / WATTS_PER_A,
            current_limit_a=self.car_told_a,
            phase_current_a=(self.car_w / WATTS_PER_A,) * PHASES,
            session_energy_wh=self.car_wh if self.car_there else None,
        )


def _known(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise

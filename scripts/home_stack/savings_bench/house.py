"""The house as it is: a battery that covers it by itself, a roof, and a car that is there at night.

It shares nothing with the product but the types that go in and out. Positive = consumption, W and Wh.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    MeterReading,
    PvReading,
)

CAPACITY_WH: Final = 10_000.0
BATTERY_W: Final = 5000.0
EFFICIENCY: Final = 0.95
# Of a kWh that is given.
WEAR_PER_KWH: Final = 0.02
CAR_PHASES: Final = 3
CAR_LEAST_A, CAR_MOST_A = 6.0, 16.0
VOLTAGE: Final = 230.0
CAR_NEED_WH: Final = 8000.0
CAR_COMES_H, CAR_LEAVES_H = 18, 7


@dataclass(kw_only=True)
class House:
    """``…_told`` is what a device was told, None: it goes its own ways."""

    stored_wh: float = 5000.0
    battery_told_w: float | None = None
    sun_limit_w: float | None = None
    car_told_a: float | None = None
    car_there: bool = False
    car_wh: float = 0.0
    battery_w: float = 0.0
    car_w: float = 0.0
    sun_w: float = 0.0
    grid_w: float = 0.0

    def plug(self, *, there: bool) -> float:
        """Bring the car, or take it away; returns how much a car that leaves lacks."""
        short_wh = max(0.0, CAR_NEED_WH - self.car_wh) if self.car_there and not there else 0.0
        if there and not self.car_there:
            self.car_wh = 0.0
        self.car_there = there
        return short_wh

    def run(self, load_w: float, sun_w: float, energy_s: float) -> None:
        """Run on for a time that counts as ``energy_s``."""
        self.sun_w = min(sun_w, self.sun_limit_w) if self.sun_limit_w is not None else sun_w
        self.car_w = self._car_w()
        rest_w = load_w - self.sun_w + self.car_w
        wanted_w = -rest_w if self.battery_told_w is None else self.battery_told_w
        hours = energy_s / 3600
        most_w = min(BATTERY_W, (CAPACITY_WH - self.stored_wh) / (hours * EFFICIENCY))
        least_w = -min(BATTERY_W, self.stored_wh * EFFICIENCY / hours)
        self.battery_w = min(max(wanted_w, least_w), most_w)
        moved_wh = self.battery_w * hours
        self.stored_wh += moved_wh * EFFICIENCY if moved_wh > 0 else moved_wh / EFFICIENCY
        self.stored_wh = min(max(self.stored_wh, 0.0), CAPACITY_WH)
        self.car_wh += self.car_w * hours
        self.grid_w = rest_w + self.battery_w

    def _car_w(self) -> float:
        if not self.car_there or self.car_wh >= CAR_NEED_WH:
            return 0.0
        limit_a = CAR_MOST_A if self.car_told_a is None else min(self.car_told_a, CAR_MOST_A)
        return 0.0 if limit_a < CAR_LEAST_A else limit_a * VOLTAGE * CAR_PHASES

    def battery(self, time: datetime) -> BatteryReading:
        """Return what the battery says."""
        return BatteryReading(
            time=time,
            power_w=self.battery_w,
            state_of_charge=self.stored_wh / CAPACITY_WH,
            capacity_wh=CAPACITY_WH,
            max_charge_w=BATTERY_W,
            max_discharge_w=BATTERY_W,
            power_setpoint_w=self.battery_told_w,
        )

    def meter(self, time: datetime) -> MeterReading:
        """Return what the meter says; the house draws evenly on its three phases."""
        each_a = self.grid_w / CAR_PHASES / VOLTAGE
        return MeterReading(time=time, power_w=self.grid_w, phase_current_a=(each_a,) * CAR_PHASES)

    def roof(self, time: datetime) -> PvReading:
        """Return what the inverter says."""
        return PvReading(time=time, power_w=-self.sun_w, rated_power_w=6000.0)

    def charger(self, time: datetime) -> ChargerReading:
        """Return what the charger says."""
        status = ChargerStatus.AVAILABLE
        if self.car_there:
            status = ChargerStatus.CHARGING if self.car_w > 0 else ChargerStatus.SUSPENDED_EVSE
            if self.car_wh >= CAR_NEED_WH:
                status = ChargerStatus.SUSPENDED_EV
        current_a = self.car_w / VOLTAGE / CAR_PHASES
        return ChargerReading(
            time=time,
            power_w=self.car_w,
            status=status,
            phases=CAR_PHASES,
            min_current_a=CAR_LEAST_A,
            max_current_a=CAR_MOST_A,
            current_limit_a=self.car_told_a,
            phase_current_a=(current_a,) * CAR_PHASES,
            session_energy_wh=self.car_wh if self.car_there else None,
        )

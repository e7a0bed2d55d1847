"""Cars that are left to the sun: what their own rule is expected to give them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...core.control.charging import ChargeMode
from ...core.control.merit import FOR_HOUSE_SOC
from ...core.control.state import DeviceState
from ...core.model import ChargerReading, TimeGrid
from ...core.planner.problem import Battery, Consumer, FastCharge, Pv, Series
from .fast_cars import left_wh

# What nobody plans goes on as it is for so long, and so does a car where nobody knows what is over for it.
GOES_ON_S: Final = 7200.0


@dataclass(kw_only=True, slots=True)
class _Car:
    """A car on its way through the steps: the power that it takes in any case, and what it still lacks.

    ``now_w``: what it takes now.
    """

    car: Consumer
    floor_w: float
    now_w: float
    left_wh: float
    is_assumed: bool

    def takes_w(self, over_w: float | None, length_h: float, *, goes_on: bool) -> float:
        """Take what its rule gives it in a step; ``over_w``: what is over for it, None where nobody knows."""
        power_w = self.floor_w
        if over_w is None:
            power_w = max(power_w, self.now_w if goes_on else 0.0)
        elif over_w >= self.car.min_w:
            power_w = max(power_w, min(over_w, self.car.max_w))
        power_w = min(power_w, self.left_wh / length_h)
        self.left_wh -= power_w * length_h
        return power_w


@dataclass(kw_only=True, slots=True)
class _Store:
    """All batteries as one: they come before cars until they hold enough for the house."""

    batteries: Sequence[Battery]
    stored_wh: float

    def stores_w(self, over_w: float, length_h: float, *, up_to: float, beside_w: float = 0.0) -> float:
        """Store what is over, beside what they store already, up to a part of what they hold at most."""
        most_w = sum(one.charge_w for one in self.batteries) - beside_w
        efficiency = min((one.efficiency for one in self.batteries), default=1.0)
        room_wh = up_to * sum(one.capacity_wh for one in self.batteries) - self.stored_wh
        power_w = max(0.0, min(over_w, most_w, room_wh / efficiency / length_h))
        self.stored_wh += power_w * length_h * efficiency
        return power_w

    def covers(self, lacking_w: float, length_h: float) -> None:
        """Cover what the house lacks, down to what is kept."""
        most_w = sum(one.discharge_w for one in self.batteries)
        efficiency = min((one.efficiency for one in self.batteries), default=1.0)
        kept_wh = sum(max(one.reserve_wh, one.min_wh) for one in self.batteries)
        given_wh = min(lacking_w, most_w) * length_h / efficiency
        self.stored_wh -= max(0.0, min(given_wh, self.stored_wh - kept_wh))


def sun_charges(
    cars: Sequence[tuple[DeviceState, Consumer]],
    pv: Sequence[Pv],
    batteries: Sequence[Battery],
    house_w: Series,
    grid: TimeGrid,
) -> tuple[FastCharge, ...]:
    """Return what each car is expected to take in each step, in W, by the rule that gives it the sun.

    That is what is over beside ``house_w``, after batteries that hold too little for the house, from a car's
    least power on, who is first first; in *Minimum + sun* its least power in any case. It ends when the car
    is full, or with what its session may take; where nobody knows how much that is, with as much as a large
    empty battery. It goes by the phases on which it charges now.
    """
    walking = [_walking(one, car) for one, car in sorted(cars, key=lambda each: each[0].charge.priority)]
    # Sun that nobody forecasts is not known, also where none of it is measured.
    sun_w = sum(
        (np.minimum(one.available_w, one.most_w) for one in pv), np.full(len(grid), 0.0 if pv else math.nan)
    )
    store = _Store(batteries=batteries, stored_wh=sum(one.stored_wh for one in batteries))
    taken_w: list[list[float]] = [[] for _ in walking]
    passed_s = 0
    for over_w, length_s in zip((sun_w - np.array(house_w)).tolist(), grid.lengths_s, strict=True):
        is_known, hours, goes_on = not math.isnan(over_w), length_s / 3600.0, passed_s < GOES_ON_S
        left_w = max(over_w, 0.0) if is_known else 0.0
        for_house_w = store.stores_w(left_w, hours, up_to=FOR_HOUSE_SOC)
        left_w -= for_house_w
        for each, taken in zip(walking, taken_w, strict=True):
            taken.append(each.takes_w(left_w if is_known else None, hours, goes_on=goes_on))
            left_w = max(0.0, left_w - taken[-1])
        store.stores_w(left_w, hours, up_to=1.0, beside_w=for_house_w)
        store.covers(max(-over_w, 0.0) if is_known else 0.0, hours)
        passed_s += length_s
    return tuple(
        FastCharge(
            device_id=each.car.device_id,
            expected_w=tuple(taken),
            by_sun=True,
            is_assumed=each.is_assumed and any(taken),
            waiting=each.car,
        )
        for each, taken in zip(walking, taken_w, strict=True)
    )


def _walking(one: DeviceState, car: Consumer) -> _Car:
    reading = one.reading
    assert isinstance(reading, ChargerReading)  # noqa: S101 # only chargers are asked for
    lacks_wh, is_assumed = left_wh(one, car.max_w)
    return _Car(
        car=car,
        floor_w=car.min_w if one.charge.mode is ChargeMode.MINIMUM_SURPLUS else 0.0,
        now_w=max(0.0, reading.power_w),
        left_wh=lacks_wh,
        is_assumed=is_assumed,
    )

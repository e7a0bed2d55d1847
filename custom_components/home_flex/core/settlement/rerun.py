"""What a battery and a car do by a known rule, step by step in whole watt-hours.

Integers throughout, with efficiencies in per mille and stated rounding, so that every machine computes the
same. Positive = consumption: energies at the device's meter, charging positive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

PER_MILLE: Final = 1000
MS_AN_HOUR: Final = 3_600_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """The battery takes what would be exported and gives what would be imported.

    ``with_cars``: the need of cars is covered too. ``takes`` and ``gives`` False: it does only the other.
    """

    with_cars: bool = False
    takes: bool = True
    gives: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Set:
    """The device is told an energy for the interval, Wh at its meter (positive = charging)."""

    energy_wh: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rest:
    """The battery neither takes nor gives."""


type BatteryRule = Cover | Set | Rest


@dataclass(frozen=True, kw_only=True, slots=True)
class Battery:
    """A store of ``stored_wh`` within [lowest_wh, highest_wh].

    ``most_in_w`` and ``most_out_w`` at its meter; efficiencies of charging and of discharging in per mille.
    Raises ValueError for an efficiency that is none.
    """

    stored_wh: int
    lowest_wh: int
    highest_wh: int
    most_in_w: int
    most_out_w: int
    charging_per_mille: int
    discharging_per_mille: int

    def __post_init__(self) -> None:
        """Raise for an efficiency that no battery has."""
        if not 0 < self.charging_per_mille <= PER_MILLE or not 0 < self.discharging_per_mille <= PER_MILLE:
            raise ValueError("an efficiency is above 0 and at most 1000 per mille")

    def stepped(self, wanted_wh: int, length_ms: int) -> tuple[Battery, int]:
        """Return the battery after an interval in which ``wanted_wh`` was wanted of it, and what it did.

        What is stored is rounded down, what is taken out of the store rounded up: no energy is made.
        """
        if wanted_wh >= 0:
            room_wh = max(self.highest_wh - self.stored_wh, 0) * PER_MILLE // self.charging_per_mille
            done_wh = min(wanted_wh, self.most_in_w * length_ms // MS_AN_HOUR, room_wh)
            stored_wh = self.stored_wh + done_wh * self.charging_per_mille // PER_MILLE
            return replace(self, stored_wh=stored_wh), done_wh
        there_wh = max(self.stored_wh - self.lowest_wh, 0) * self.discharging_per_mille // PER_MILLE
        given_wh = min(-wanted_wh, self.most_out_w * length_ms // MS_AN_HOUR, there_wh)
        taken_wh = -(-given_wh * PER_MILLE // self.discharging_per_mille)
        return replace(self, stored_wh=self.stored_wh - taken_wh), -given_wh

    def wanted_wh(self, rule: BatteryRule, *, house_wh: int, cars_wh: int) -> int:
        """Return what its rule wants; ``house_wh`` is what the home without it and its cars takes, net."""
        match rule:
            case Cover(with_cars=with_cars, takes=takes, gives=gives):
                missing_wh = house_wh + (cars_wh if with_cars else 0)
                return -missing_wh if (gives if missing_wh > 0 else takes) else 0
            case Set(energy_wh=energy_wh):
                return energy_wh
            case Rest():
                return 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Car:
    """A car that charges as soon as it may: where it is ``plugged``, until it has taken ``need_wh``.

    ``allowed_wh``: the most it would have been given in each interval, by the rule that was known before.
    """

    plugged: tuple[bool, ...]
    allowed_wh: tuple[int, ...]
    need_wh: int

    def use_wh(self) -> tuple[int, ...]:
        """Return what it takes in each interval."""
        left_wh = self.need_wh
        taken = []
        for is_plugged, allowed_wh in zip(self.plugged, self.allowed_wh, strict=True):
            energy_wh = min(max(left_wh, 0), allowed_wh) if is_plugged else 0
            left_wh -= energy_wh
            taken.append(energy_wh)
        return tuple(taken)


def batteries_run(
    batteries: Sequence[tuple[Battery, Sequence[BatteryRule]]],
    *,
    lengths_ms: Sequence[int],
    house_wh: Sequence[int],
    cars_wh: Sequence[int],
) -> tuple[tuple[int, ...], ...]:
    """Return what each battery does in each interval; the second sees what the first left."""
    remaining_wh = list(house_wh)
    rows = []
    for start, rules in batteries:
        battery = start
        row = []
        for index, rule in enumerate(rules):
            wanted_wh = battery.wanted_wh(rule, house_wh=remaining_wh[index], cars_wh=cars_wh[index])
            battery, done_wh = battery.stepped(wanted_wh, lengths_ms[index])
            remaining_wh[index] += done_wh
            row.append(done_wh)
        rows.append(tuple(row))
    return tuple(rows)

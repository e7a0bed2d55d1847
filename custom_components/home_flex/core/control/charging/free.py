"""What the rooms still leave while they are shared out."""

import math
from collections.abc import Mapping, Sequence

from ...model import Owner
from .car import Car, phase_room_a, power_room_w
from .model import Room

_EPSILON = 1e-6
_PHASES = (1, 2, 3)


class Free:
    """The rooms, less what was given; made for one decision and thrown away after it.

    ``held`` says for a car against whose limits of power it keeps its smallest current all the same.
    """

    def __init__(self, rooms: Sequence[Room], held: Mapping[str, Owner] | None = None) -> None:
        """Begin with nothing given."""
        self._rooms = rooms
        self._held = held or {}
        self._phase_a = [[phase_room_a(room, phase) for phase in _PHASES] for room in rooms]
        self._power_w = [power_room_w(room) for room in rooms]
        self._given_a: dict[str, float] = {}

    def given_a(self, car: Car) -> float:
        """Return the current given to ``car``."""
        return self._given_a.get(car.id, 0.0)

    def fits(self, car: Car, current_a: float) -> bool:
        """Return whether ``car`` could have ``current_a`` in all."""
        more_a = current_a - self.given_a(car)
        return all(self._fits_in(index, car, current_a, more_a) for index in range(len(self._rooms)))

    def give(self, car: Car, current_a: float) -> None:
        """Give ``car`` ``current_a`` in all."""
        more_a = current_a - self.given_a(car)
        self._given_a[car.id] = current_a
        for index, room in enumerate(self._rooms):
            if car.id in room.members:
                self._power_w[index] -= more_a * car.watts_per_a
                for phase in car.used:
                    self._phase_a[index][phase - 1] -= more_a

    def _fits_in(self, index: int, car: Car, current_a: float, more_a: float) -> bool:
        room = self._rooms[index]
        if car.id not in room.members or not car.bound_by(room.owner):
            return True
        if any(more_a > self._phase_a[index][phase - 1] + _EPSILON for phase in car.used):
            return False
        held = self._held.get(car.id)
        if held is not None and room.owner >= held and current_a <= car.least_a + _EPSILON:
            return True
        return math.isinf(self._power_w[index]) or more_a * car.watts_per_a <= self._power_w[index] + _EPSILON

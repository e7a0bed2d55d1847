"""How much a car takes at its most: as it has shown, else as the slowest usual car would."""

import math

from .car import ChargerMemory, at_phases
from .model import ChargerInput
from .vehicle import Vehicle

# Small cars take this on one phase.
_USUAL_A = 16.0
# Who has a second car, or guests, has them again: the slowest of so many sessions is reckoned with.
_SESSIONS = 4


def full_power_w(charger: ChargerInput, memory: ChargerMemory) -> float:
    """Return the power in W that the car can be counted on to take when it may take all.

    Before it has drawn it may be the slowest of the last cars here. What it has not shown is not expected.
    """
    vehicle, known = memory.vehicle, _known_phases(charger, memory.vehicle)
    most = max(charger.offered_phases)
    watts_per_a = charger.voltage_v * (known or most)
    able_w = charger.max_current_a * watts_per_a
    if vehicle.shown_a is not None:
        return min(able_w, vehicle.shown_a * charger.voltage_v * len(at_phases(charger, memory)))
    if not vehicle.drew and memory.sessions_w:
        return min(able_w, *memory.sessions_w)
    usual_w = min(charger.max_current_a, _USUAL_A) * charger.voltage_v * (known or 1)
    return min(able_w, max(usual_w, vehicle.most_w))


def with_session(memory: ChargerMemory, vehicle: Vehicle, charger: ChargerInput) -> tuple[float, ...]:
    """Return the powers of the last sessions' cars, with that of one that has just ended.

    ``memory`` is that of before ``vehicle``. A car that took less at its end is known by its most.
    """
    if not memory.vehicle.drew or vehicle.drew:
        return memory.sessions_w
    took_w = memory.vehicle.most_w
    if memory.vehicle.shown_a is None:
        took_w = max(took_w, full_power_w(charger, memory))
    return (*memory.sessions_w, took_w)[-_SESSIONS:]


def tries_w(charger: ChargerInput, memory: ChargerMemory) -> float:
    """Return the power in W on which a car is let in to show whether it needs no more; ``inf`` if it has.

    A car on one phase at three looks like one that needs three times as much sun until it has drawn once.
    Where all the last cars took more than one phase carries, nobody tries.
    """
    one_w = charger.max_current_a * charger.voltage_v
    is_shown = memory.vehicle.drew or _known_phases(charger, memory.vehicle) is not None
    if is_shown or len(at_phases(charger, memory)) < 2 or min(memory.sessions_w, default=0.0) > one_w:
        return math.inf
    return charger.min_current_a * charger.voltage_v


def _known_phases(charger: ChargerInput, vehicle: Vehicle) -> int | None:
    """Return on how many phases the car charges when all are offered, None when that was not seen."""
    evidence, most = vehicle.phases, max(charger.offered_phases)
    if most > 1 and vehicle.phases_of_three is not None:
        return vehicle.phases_of_three
    return len(evidence.used) if evidence.used is not None and evidence.of == most else None

"""One phase or three: slowly, because each change opens the contactor under the vehicle."""

import math
from dataclasses import dataclass, replace

from .contactor import Contactor
from .model import ChargeMode, ChargerInput
from .surplus import enough_w
from .vehicle import Vehicle
from .vehicle_phases import in_force

MEAN_S = 600.0
APART_S = 900.0
# Shares of the smallest three-phase power: 4.3 and 3.3 kW at 6 A and 230 V.
_UP = 1.05
_DOWN = 0.8
# Below the largest one-phase power, three phases would carry no more.
_BEYOND_ONE = 1.05
_FAILURES = 2
_JUDGED_AFTER_S = 120.0
_OPEN_W = 100.0
_OPEN_AFTER_S = 10.0
_GIVEN_UP_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseMemory:
    """How many phases are wanted, and the slow mean of the surplus, beside that of now, that decides it.

    ``switching_since_s``: the contactor is kept open for a change. ``judged``: whether the vehicle was seen
    to use what the last change gave it. After two ``failures`` the phases stay as they are.
    """

    count: int = 0
    mean_w: float | None = None
    surplus_w: float = 0.0
    switched_s: float = -math.inf
    switching_since_s: float | None = None
    judged: bool = True
    failures: int = 0


def averaged(memory: PhaseMemory, surplus_w: float, dt_s: float) -> PhaseMemory:
    """Return ``memory`` with the mean moved towards ``surplus_w``."""
    if memory.mean_w is None:
        return replace(memory, mean_w=surplus_w, surplus_w=surplus_w)
    weight = 1.0 - math.exp(-dt_s / MEAN_S)
    mean_w = memory.mean_w + weight * (surplus_w - memory.mean_w)
    return replace(memory, mean_w=mean_w, surplus_w=surplus_w)


def chosen(
    memory: PhaseMemory,
    charger: ChargerInput,
    vehicle: Vehicle,
    contactor: Contactor,
    now_s: float,
    *,
    all_it_can: bool,
    three_fit: bool,
) -> PhaseMemory:
    """Return ``memory`` with the phases that are wanted now.

    ``all_it_can``: the car charges whatever the sun does. ``three_fit``: the smallest current fits on three
    phases; a fuse or a limit that carries only one takes the others away at once.
    """
    if len(charger.offered_phases) < 2:
        return replace(memory, count=charger.offered_phases[0], switching_since_s=None)
    memory = _stayed(_switched(memory, charger, now_s), charger, contactor, now_s)
    memory = _judged(memory, vehicle, now_s)
    if memory.switching_since_s is not None:
        return memory
    present = memory.count or in_force(charger)
    if memory.failures >= _FAILURES:
        return replace(memory, count=present)
    by_surplus = _by_surplus(memory, charger, vehicle, contactor, present, now_s)
    wanted = _wanted(charger, by_surplus, all_it_can=all_it_can, three_fit=three_fit)
    if wanted == present or not contactor.on:
        return replace(memory, count=wanted)
    urgent = charger.phases_wish == wanted or (wanted == 1 and not three_fit)
    calm = (
        now_s - memory.switched_s >= APART_S
        and contactor.settled(now_s)
        # The last closing of the hour is kept for the start after a stop.
        and contactor.may_close(now_s, reserve=1)
    )
    if not urgent and not calm:
        return replace(memory, count=present)
    return replace(memory, count=wanted, switched_s=now_s, switching_since_s=now_s, judged=False)


def _wanted(charger: ChargerInput, by_surplus: int, *, all_it_can: bool, three_fit: bool) -> int:
    if not three_fit:
        return 1
    if charger.phases_wish is not None:
        return charger.phases_wish
    return 3 if all_it_can else by_surplus


def _by_surplus(
    memory: PhaseMemory,
    charger: ChargerInput,
    vehicle: Vehicle,
    contactor: Contactor,
    present: int,
    now_s: float,
) -> int:
    """Return the phases that the sun is for; those in force until it has been seen."""
    if (mean_w := memory.mean_w) is None:
        return present
    if not contactor.on:
        # Before a start the choice costs no closing: what the sun gives now counts as much as its mean.
        mean_w = max(mean_w, (mean_w + memory.surplus_w) / 2.0)
    may_start = contactor.rested(now_s) and contactor.may_close(now_s) and charger.connected
    if may_start and charger.mode is not ChargeMode.OFF and _would_wait(memory.surplus_w, mean_w, charger):
        return 1
    return _by_mean(mean_w, charger, vehicle, present)


def _by_mean(mean_w: float, charger: ChargerInput, vehicle: Vehicle, present: int) -> int:
    smallest_w = _smallest_w(charger)
    most_a = charger.max_current_a if vehicle.shown_a is None else vehicle.shown_a
    one_w = min(most_a, charger.max_current_a) * charger.voltage_v
    if mean_w > max(_UP * smallest_w, _BEYOND_ONE * one_w):
        return 3
    return 1 if mean_w < _DOWN * smallest_w else present


def _would_wait(surplus_w: float, mean_w: float, charger: ChargerInput) -> bool:
    """Return whether the sun, steadily, is what three phases charge on but do not start on."""
    smallest_w = _smallest_w(charger)
    return _DOWN * smallest_w <= surplus_w < enough_w(smallest_w) and mean_w < enough_w(smallest_w)


def _smallest_w(charger: ChargerInput) -> float:
    return 3.0 * charger.min_current_a * charger.voltage_v


def _switched(memory: PhaseMemory, charger: ChargerInput, now_s: float) -> PhaseMemory:
    """End a change once the contactor was seen open and the charger has changed over, or does not."""
    if memory.switching_since_s is None:
        return memory
    waited_s = now_s - memory.switching_since_s
    is_open = waited_s >= _OPEN_AFTER_S and (charger.power_w is None or charger.power_w < _OPEN_W)
    if is_open and charger.phases_in_force in {None, memory.count}:
        return replace(memory, switching_since_s=None)
    if waited_s < _GIVEN_UP_S:
        return memory
    return replace(
        memory, count=in_force(charger), switching_since_s=None, judged=True, failures=memory.failures + 1
    )


def _stayed(memory: PhaseMemory, charger: ChargerInput, contactor: Contactor, now_s: float) -> PhaseMemory:
    """Take the phases that the charger connects, where it was to change before a start and has not."""
    told = charger.phases_in_force
    if memory.switching_since_s is not None or told is None or memory.count in {0, told}:
        return memory
    if not contactor.on or now_s - max(contactor.since_s, memory.switched_s) < _JUDGED_AFTER_S:
        return memory
    return replace(memory, count=told, switched_s=now_s, judged=True, failures=memory.failures + 1)


def _judged(memory: PhaseMemory, vehicle: Vehicle, now_s: float) -> PhaseMemory:
    """Judge a change by what the vehicle draws, never by what was asked: some stay on one phase."""
    if memory.judged or memory.switching_since_s is not None or vehicle.draws_since_s is None:
        return memory
    if now_s - vehicle.draws_since_s < _JUDGED_AFTER_S:
        return memory
    used = vehicle.phases.used
    stayed = memory.count == 3 and used is not None and len(used) == 1
    return replace(memory, judged=True, failures=memory.failures + (1 if stayed else 0))

"""Who runs on what the fuses and limits leave, and with how many amperes.

First who must, by least slack; then by the resident's priority; then equals by turns. All who run get their
smallest current, then ampere by ampere the one who is owed most, so that nothing is kept for a car that
cannot start.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from ...model import Owner
from .car import Car, ChargerMemory
from .free import Free
from .model import Reason, Room
from .turns import Turns, kept, next_swap_s, swapped
from .vehicle import soonest_s

# Room that comes and goes is no room: after a pause for lack of it, it must last.
_FITS_FOR_S = 60.0
# A car whose phases nobody knows is taken down to its smallest current first: that shows them.
_SHOWS_S = 20.0
# Who comes next is let in while the other still draws, by so much of the time that it took at its quickest;
# should it begin sooner, its charger must tell so before a breaker minds.
_EARLY = 0.5
_TELLS_WITHIN_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """The current of each car, those that have a place but wait until others have stepped down, and turns.

    ``early`` is who may begin although its place is not free yet.
    """

    cars: tuple[Car, ...]
    current_a: Mapping[str, float]
    coming: frozenset[str]
    turns: Turns
    early: str | None = None


def shared(cars: Sequence[Car], rooms: Sequence[Room], turns: Turns, now_s: float) -> Places:
    """Return who runs with which current; ``Car.want_a`` says who wants to, and how much."""
    wanting = [car for car in cars if car.want_a > 0.0 and _may_run(car)]
    held = {car.id: owner for car in wanting if (owner := _held(car, now_s)) is not None}
    turns, early = _swapped(turns, {car.id: car for car in wanting}, rooms, held, now_s)
    free = Free(rooms, held)
    strict = Free(rooms)
    placed: list[Car] = []
    after: dict[str, Car] = {}
    filled = False
    for car in sorted(wanting, key=lambda car: _order(car, turns)):
        if car.rests and not filled:
            # A car that would not draw holds nobody: it is offered what the others leave.
            _fill(free, [car for car in placed if not _shows(car, now_s)])
            filled = True
        fits = free.fits(car, car.least_a)
        fits_since_s = (car.memory.fits_since_s or now_s) if fits else None
        lowered_s = None
        if fits and _may_enter(car, turns, fits_since_s, now_s):
            if car.id in held and (_shows(car, now_s) or not strict.fits(car, car.least_a)):
                lowered_s = car.memory.lowered_since_s or now_s
            free.give(car, car.least_a)
            strict.give(car, car.least_a)
            placed.append(car)
        after[car.id] = _noted(car, fits_since_s, lowered_s)
    # Who is about to show its phases stays at its smallest current until it has.
    _fill(free, [car for car in placed if not _shows(car, now_s)])
    current_a = {car.id: free.given_a(car) for car in placed}
    coming = frozenset(car.id for car in placed if not _has_room_made(car, placed, current_a, rooms))
    alone = Free(rooms)
    waiting = [
        car.id
        for car in cars
        if car.want_a > 0.0 and car.id not in current_a and not car.rests and alone.fits(car, car.least_a)
    ]
    if early is not None and (early in current_a or not _is_borne(after[early], placed, current_a, rooms)):
        early = None
    if early is not None:
        current_a[early] = after[early].least_a
    return Places(
        cars=tuple(_told(after.get(car.id, car), current_a, waiting) for car in cars),
        current_a=current_a,
        coming=coming,
        turns=kept(turns, [car.id for car in placed if not car.rests], waiting, now_s),
        early=early,
    )


def _may_run(car: Car) -> bool:
    return car.memory.contactor.on or car.may_start or car.memory.phases.switching_since_s is not None


def _order(car: Car, turns: Turns) -> tuple[bool, bool, float, int, bool, float, str]:
    since_s = turns.places.get(car.id, turns.waits.get(car.id, math.inf))
    return (
        car.rests,
        not car.must,
        car.promise.slack_s if car.must else 0.0,
        car.charger.priority,
        car.id not in turns.places,
        since_s,
        car.id,
    )


def _held(car: Car, now_s: float) -> Owner | None:
    """Return the highest owner whose limit of power does not take the car's smallest current away."""
    memory = car.memory
    if memory.vehicle.full:
        # It draws nothing of what it is offered: to pause and wake it would be orders for nothing.
        return Owner.GRID_OPERATOR
    if not memory.contactor.on:
        return None
    if _is_unknown(car) and (memory.lowered_since_s is None or _shows(car, now_s)):
        return Owner.GRID_OPERATOR
    # What nobody here let in owes no time: how long it has charged is not known.
    held = bool(memory.contactor.closings) and not memory.contactor.settled(now_s)
    return Owner.AGGREGATOR if held else None


def _is_unknown(car: Car) -> bool:
    return car.memory.vehicle.phases.used is None and len(car.used) > 1


def _shows(car: Car, now_s: float) -> bool:
    return _is_unknown(car) and is_showing_phases(car.memory, now_s)


def is_showing_phases(memory: ChargerMemory, now_s: float) -> bool:
    """Return whether a car that was taken down to its smallest current still has time to show its phases.

    That begins when the limit is in force: until then it draws what it drew, whatever it is told.
    """
    lowered_s, in_force_s = memory.lowered_since_s, memory.vehicle.in_force_since_s
    if lowered_s is None:
        return False
    return in_force_s is None or now_s - max(lowered_s, in_force_s) < _SHOWS_S


def _may_enter(car: Car, turns: Turns, fits_since_s: float | None, now_s: float) -> bool:
    if car.memory.contactor.on or car.id in turns.places or not car.memory.contactor.closings:
        return True
    return fits_since_s is not None and now_s - fits_since_s >= _FITS_FOR_S


def _noted(car: Car, fits_since_s: float | None, lowered_s: float | None) -> Car:
    return replace(car, memory=replace(car.memory, fits_since_s=fits_since_s, lowered_since_s=lowered_s))


def _fill(free: Free, placed: Sequence[Car]) -> None:
    """Give the rest: first what cars have shown they take, then what they might."""
    cars = {car.id: car for car in placed if not car.rests}
    owed = [_owed(car, free) for car in cars.values()]
    heapify(owed)
    while owed:
        car = cars[heappop(owed)[-1]]
        step_a = min(1.0, min(car.want_a, car.shown_a) - free.given_a(car))
        if step_a > 0.0 and free.fits(car, free.given_a(car) + step_a):
            free.give(car, free.given_a(car) + step_a)
            heappush(owed, _owed(car, free))
    for car in placed:
        if car.want_a > free.given_a(car) and (car.rests or car.want_a > car.shown_a):
            most_a = free.given_a(car)
            while most_a + 1.0 <= car.want_a and free.fits(car, most_a + 1.0):
                most_a += 1.0
            if not car.rests or most_a >= car.want_a:
                free.give(car, most_a)


def _owed(car: Car, free: Free) -> tuple[bool, int, bool, float, str]:
    """Return what sorts the cars for the next ampere, first first.

    Of equals one comes first whose answer is not known: when its current is taken back for that, this alone
    moves, and shows the answer.
    """
    given_a = free.given_a(car)
    needed_a = min(1e3, car.promise.needed_w / car.watts_per_a) if car.must else 0.0
    priority = 0 if car.must else car.charger.priority
    return not car.must, priority, car.charger.answers, given_a - needed_a, car.id


def _has_room_made(
    car: Car, placed: Sequence[Car], current_a: Mapping[str, float], rooms: Sequence[Room]
) -> bool:
    """Return whether the others have been seen to leave a newcomer its room."""
    if car.memory.contactor.on or current_a[car.id] <= 0.0:
        return True
    seen = Free(rooms)
    for other in placed:
        if other.id != car.id and other.memory.contactor.on:
            seen.give(other, max(current_a[other.id], other.drawn_w / other.watts_per_a))
    return seen.fits(car, current_a[car.id])


def _swapped(
    turns: Turns, cars: Mapping[str, Car], rooms: Sequence[Room], held: Mapping[str, Owner], now_s: float
) -> tuple[Turns, str | None]:
    """Return the turns after the swap that is due, and who may begin although the next one is not due yet.

    A vehicle takes its time to begin: that long the one that goes draws on, instead of nobody. Whoever
    begins sooner has its turn sooner.
    """
    due_s = next_swap_s(turns)
    if due_s <= now_s or math.isinf(due_s):
        return _exchanged(turns, cars, rooms, held, now_s), None
    after = _exchanged(turns, cars, rooms, held, due_s)
    coming = next((cars[key] for key in after.places if key not in turns.places), None)
    if coming is None or due_s - now_s > _early_s(coming):
        return turns, None
    if coming.memory.contactor.on and coming.memory.vehicle.drew_now:
        return after, None
    return turns, coming.id


def _is_borne(car: Car, placed: Sequence[Car], current_a: Mapping[str, float], rooms: Sequence[Room]) -> bool:
    """Return whether one that is let in early may for a moment draw beside the others: fuses bear that."""
    limits = Free([room for room in rooms if room.owner is not Owner.FUSE])
    for other in placed:
        limits.give(other, current_a[other.id])
    return limits.fits(car, car.least_a)


def _early_s(car: Car) -> float:
    """Return how long before its turn a car may be let in: so soon it has never begun."""
    tells_s = car.charger.window_s
    return max(0.0, _EARLY * (soonest_s(car.memory.vehicle) - tells_s)) if tells_s <= _TELLS_WITHIN_S else 0.0


def _exchanged(
    turns: Turns, cars: Mapping[str, Car], rooms: Sequence[Room], held: Mapping[str, Owner], at_s: float
) -> Turns:
    def fits(going: str, coming: str) -> bool:
        if going not in cars or coming not in cars:
            return False
        out, into = cars[going], cars[coming]
        equal = not out.must and not into.must and out.charger.priority == into.charger.priority
        if not equal or not out.memory.contactor.settled(at_s):
            return False
        free = Free(rooms, held)
        for car in turns.places:
            if car != going and car in cars:
                free.give(cars[car], cars[car].least_a)
        return free.fits(into, into.least_a)

    return swapped(turns, fits, at_s)


def _told(car: Car, current_a: Mapping[str, float], waiting: Sequence[str]) -> Car:
    if car.want_a <= 0.0 or car.id in current_a:
        return car
    if car.memory.vehicle.full:
        return replace(car, reason=Reason.FULL)
    if car.id not in waiting:
        return replace(car, reason=Reason.WAITS_FOR_ROOM)
    return replace(car, reason=Reason.WAITS_ITS_TURN if _may_run(car) else Reason.RESTS)

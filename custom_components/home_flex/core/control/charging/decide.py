"""What each charger gets, tick by tick: the resident's mode, the sun, the fuses, and what cars are like."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .car import Car, ChargerMemory, ChargingMemory, Claim, at_phases, room_alone_w
from .contactor import Contactor
from .contactor import observed as contactor_observed
from .model import ChargeIntent, ChargeMode, ChargerInput, Reason, Room, Sun, Supply
from .phases import chosen
from .places import Places
from .places import shared as share_room
from .ready_by import WORTH_WAITING_S, Promise, promise
from .sun_sharing import shared as share_sun
from .surplus import SunMemory
from .taking import full_power_w, with_session
from .vehicle import DRAWING_W
from .vehicle import observed as vehicle_observed

# After a change of phases the contactor need not rest.
_SWITCHED_S = 120.0
_ROOM_MEAN_S = 600.0
# PV whose limit is not raised for so long, whatever is asked, is not waited for.
_ASKED_MOST_S = 90.0
# A longer gap between two ticks says nothing about what happened in it.
_LONGEST_TICK_S = 60.0

_BY_SUN = frozenset({ChargeMode.SURPLUS, ChargeMode.MINIMUM_SURPLUS})
_BY_MODE = {
    ChargeMode.OFF: (Claim.NOTHING, Reason.OFF),
    ChargeMode.SURPLUS: (Claim.SUN, Reason.SURPLUS),
    ChargeMode.MINIMUM_SURPLUS: (Claim.MINIMUM, Reason.MINIMUM),
    ChargeMode.FAST: (Claim.ALL, Reason.FAST),
}


def decide(
    chargers: Sequence[ChargerInput], supply: Supply, memory: ChargingMemory, now_s: float
) -> tuple[Mapping[str, ChargeIntent], ChargingMemory]:
    """Return what is wanted of each charger, and what to remember for the next time.

    ``now_s`` is monotonic. Currents fit ``supply.rooms``, but for a limit of power that a promise or a
    contactor just closed stands above; fuses and the grid operator are enforced by who comes after.
    """
    dt_s = 0.0 if memory.at_s is None else min(_LONGEST_TICK_S, max(0.0, now_s - memory.at_s))
    promised = sum(1 for charger in chargers if _is_promised(charger))
    cars = [
        _car(charger, memory.chargers.get(charger.device_id, ChargerMemory()), supply, promised, now_s, dt_s)
        for charger in chargers
    ]
    asked_since_s = None
    if supply.sun is Sun.ASKED:
        asked_since_s = now_s if memory.asked_since_s is None else memory.asked_since_s
        if now_s - asked_since_s >= _ASKED_MOST_S:
            supply = replace(supply, sun=Sun.SHOWN)
    sunny, sun = share_sun(cars, supply, memory.sun, now_s, dt_s)
    places = share_room(sunny, supply.rooms, memory.places, now_s)
    intents, remembered = {}, {}
    for car in places.cars:
        intents[car.id], remembered[car.id] = _outcome(car, places, now_s)
    return intents, ChargingMemory(
        chargers=remembered, places=places.turns, sun=sun, asked_since_s=asked_since_s, at_s=now_s
    )


def _is_promised(charger: ChargerInput) -> bool:
    return charger.connected and any(goal.left_wh > 0.0 for goal in charger.goals)


def _car(
    charger: ChargerInput, memory: ChargerMemory, supply: Supply, promised: int, now_s: float, dt_s: float
) -> Car:
    """Return the charger as this tick sees it, before anything is shared."""
    charger = _plausible(charger)
    memory = _adopted(memory, charger, now_s)
    vehicle = vehicle_observed(memory.vehicle, charger, now_s)
    contactor = contactor_observed(memory.contactor, charger, now_s)
    sessions_w = with_session(memory, vehicle, charger)
    memory = replace(memory, vehicle=vehicle, contactor=contactor, sessions_w=sessions_w)
    rooms = tuple(room for room in supply.rooms if charger.device_id in room.members)
    memory = _pressed(_room_mean(memory, charger, rooms, dt_s), charger)
    owed, memory = _owed(charger, memory, _counted_on_w(charger, memory, promised), now_s)
    claim, reason, must = _claim(charger, owed)
    memory = replace(
        memory,
        must=must and reason is Reason.READY_BY,
        phases=chosen(
            memory.phases,
            charger,
            vehicle,
            contactor,
            now_s,
            all_it_can=claim is Claim.ALL,
            three_fit=_three_fit(charger, rooms),
        ),
    )
    least_a = max(charger.min_current_a, vehicle.try_a or vehicle.least_a or 0.0)
    least_a = min(least_a, charger.max_current_a)
    resumes = now_s - memory.phases.switched_s < _SWITCHED_S
    rested = contactor.rested(now_s) and contactor.may_close(now_s)
    return Car(
        charger=charger,
        memory=memory,
        claim=claim,
        reason=reason,
        used=at_phases(charger, memory),
        least_a=least_a,
        most_a=_most_a(charger, least_a, reason),
        promise=owed,
        must=must,
        may_start=must or memory.pressed or resumes or rested,
    )


def _plausible(charger: ChargerInput) -> ChargerInput:
    """Return ``charger`` without numbers that are none: what is not known is assumed to be the worst."""
    limit_a, power_w = charger.current_limit_a, charger.power_w
    return replace(
        charger,
        power_w=None if power_w is None or not math.isfinite(power_w) else power_w,
        current_limit_a=None if limit_a is None or not math.isfinite(limit_a) else limit_a,
        phase_current_a=charger.phase_current_a if all(map(math.isfinite, charger.phase_current_a)) else (),
    )


def _adopted(memory: ChargerMemory, charger: ChargerInput, now_s: float) -> ChargerMemory:
    """Return the memory of a charger seen first: a vehicle that charges already is not interrupted."""
    if memory.mode is not None or not charger.connected or (charger.power_w or 0.0) < DRAWING_W:
        return memory
    return replace(memory, contactor=Contactor(on=True, since_s=now_s), sun=SunMemory(on=True))


def _claim(charger: ChargerInput, owed: Promise) -> tuple[Claim, Reason, bool]:
    """Return what the car takes, why, and whether that is the resident's promise: the first that holds."""
    rules = (
        (not charger.connected, Claim.NOTHING, Reason.NOT_CONNECTED, False),
        (charger.charge_now, Claim.ALL, Reason.CHARGE_NOW, True),
        (charger.mode is ChargeMode.OFF, Claim.NOTHING, Reason.OFF, False),
        (not charger.max_current_a >= charger.min_current_a, Claim.NOTHING, Reason.WAITS_FOR_ROOM, False),
        (_is_spent(charger.session_left_wh), Claim.NOTHING, Reason.SESSION_LIMIT, False),
        (charger.below_minimum_soc, Claim.ALL, Reason.MINIMUM_SOC, True),
        (owed.must, Claim.ALL, Reason.READY_BY, True),
        (charger.planned_a is not None and charger.mode in _BY_SUN, Claim.ALL, Reason.PLANNED, False),
    )
    for holds, claim, reason, must in rules:
        if holds:
            return claim, reason, must
    return *_BY_MODE[charger.mode], False


def _most_a(charger: ChargerInput, least_a: float, reason: Reason) -> float:
    """Return the most it takes: what the plan gave it where it goes by the plan, but never too little."""
    if reason is not Reason.PLANNED or charger.planned_a is None:
        return charger.max_current_a
    return min(charger.max_current_a, max(least_a, charger.planned_a))


def _owed(
    charger: ChargerInput, memory: ChargerMemory, power_w: float, now_s: float
) -> tuple[Promise, ChargerMemory]:
    owed = promise(charger.goals, power_w)
    at_s = None if owed.latest_start_s is None else now_s + owed.latest_start_s
    before_s = memory.latest_start_at_s
    begun = memory.must and at_s is not None and before_s is not None and at_s - before_s <= WORTH_WAITING_S
    return replace(owed, must=owed.must or begun), replace(memory, latest_start_at_s=at_s)


def _is_spent(left_wh: float | None) -> bool:
    return left_wh is not None and left_wh <= 0.0


def _pressed(memory: ChargerMemory, charger: ChargerInput) -> ChargerMemory:
    """Note that the resident has just asked for a start: that may break a rest, once."""
    changed = memory.mode is not None and charger.mode is not memory.mode
    eager = charger.mode in {ChargeMode.FAST, ChargeMode.MINIMUM_SURPLUS}
    pressed = eager and (changed or memory.pressed) and not memory.contactor.on
    return replace(memory, mode=charger.mode, pressed=pressed)


def _room_mean(
    memory: ChargerMemory, charger: ChargerInput, rooms: tuple[Room, ...], dt_s: float
) -> ChargerMemory:
    room_w = room_alone_w(charger, at_phases(charger, memory), rooms)
    if memory.room_w is None or math.isinf(room_w) or math.isinf(memory.room_w):
        return replace(memory, room_w=room_w)
    weight = 1.0 - math.exp(-dt_s / _ROOM_MEAN_S)
    return replace(memory, room_w=memory.room_w + weight * (room_w - memory.room_w))


def _counted_on_w(charger: ChargerInput, memory: ChargerMemory, promised: int) -> float:
    """Return the power that the car can count on: its own, and its part of the room among the promised."""
    room_w = math.inf if memory.room_w is None else memory.room_w / max(1, promised)
    return min(full_power_w(charger, memory), room_w)


def _three_fit(charger: ChargerInput, rooms: tuple[Room, ...]) -> bool:
    """Return whether three phases can carry the smallest current, or one cannot either."""

    def fits(count: int) -> bool:
        phases = charger.wired_phases[:count]
        least_w = charger.min_current_a * charger.voltage_v * len(phases)
        return room_alone_w(charger, phases, rooms) >= least_w

    return fits(3) or not fits(1)


def _outcome(car: Car, places: Places, now_s: float) -> tuple[ChargeIntent, ChargerMemory]:
    given_a = places.current_a.get(car.id, 0.0)
    switching = car.memory.phases.switching_since_s is not None
    current_a = 0.0 if switching or car.id in places.coming else given_a
    contactor = car.memory.contactor.moved(now_s, on=current_a > 0.0)
    memory = replace(car.memory, contactor=contactor)
    return ChargeIntent(
        current_a=_told_a(car, current_a),
        reason=_reason(car, places, given_a, switching=switching),
        phases=memory.phases.count if len(car.charger.offered_phases) > 1 else None,
        must=car.must,
        active_phases=car.used,
        latest_start_s=None if _is_never_ready(car.charger) else car.promise.latest_start_s,
        is_early=car.id == places.early,
        lacks_wh=_lacks_wh(car.charger),
    ), memory


def _is_never_ready(charger: ChargerInput) -> bool:
    """Return whether the resident's own wishes leave a vehicle nothing, whenever it is to be ready."""
    return not charger.charge_now and (charger.mode is ChargeMode.OFF or _is_spent(charger.session_left_wh))


def _lacks_wh(charger: ChargerInput) -> float | None:
    """Return what a vehicle lacks of what was due by now, None where nobody knows how much.

    Nothing is due where the resident chose that it does not charge.
    """
    if charger.mode is ChargeMode.OFF:
        return 0.0
    late = [goal.left_wh for goal in charger.goals if goal.deadline_s < 0.0 and charger.connected]
    lacks_wh = max(late, default=0.0)
    return lacks_wh if math.isfinite(lacks_wh) else None


def _told_a(car: Car, current_a: float) -> float | None:
    """Return the current to tell: nobody holds a fast charge that has all, nor one that is not there."""
    if not car.charger.connected:
        idle: dict[ChargeMode, float | None] = {
            ChargeMode.FAST: None,
            ChargeMode.MINIMUM_SURPLUS: car.charger.min_current_a,
        }
        return idle.get(car.charger.mode, 0.0)
    if car.charger.mode is ChargeMode.FAST and current_a >= car.most_a:
        return None
    return current_a


def _reason(car: Car, places: Places, given_a: float, *, switching: bool) -> Reason:
    if switching:
        return Reason.SWITCHES_PHASES
    if car.id in places.coming:
        return Reason.TURN
    if given_a <= 0.0:
        return car.reason
    if car.memory.vehicle.full:
        return Reason.FULL
    if car.memory.vehicle.asleep:
        return Reason.ASLEEP
    return Reason.TURN if places.turns.waits and car.reason is Reason.FAST else car.reason

"""How the cars share the sun: one takes all until it is at its largest, equals take turns at being first."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from .car import Car, ChargerMemory, Claim
from .model import Reason, Sun, Supply
from .phases import averaged
from .probing import probed
from .surplus import BOUGHT_PER_SUN, SunMemory, SunShare, debt_limit_wh, enough_w, followed
from .taking import tries_w
from .turns import Turns, kept, swapped

# A car that has just been let in counts as drawing for this long, while it wakes.
_COMING_S = 120.0
# Where PV stood at its limit so lately, it will again: after a stop nobody sees whether the cloud is over.
_HIDES_S = 900.0
# It is waited for as long again as the sun has been away, at least and at most so long.
_DARK_S, _DARK_MOST_S = 240.0, 600.0
# A start may then find no sun: with no more closings than these a stop is put off, and who finds none owes
# less before it stops.
_CLOSINGS_TO_FIND_SUN = 2
_IN_VAIN = 0.75
# What the sun gives meanwhile is lost, on one phase as on three: a stop costs at least so much.
_DARK_WH = 80.0
# Where the sun is seen only while the car charges, a stop costs sight of it too: a cloud that lets more than
# half of the smallest power through is bridged for good, and a darker one left the sooner.
_THIN_PER_SUN, _DARKER = 0.8, 0.5
# A car keeps a current that the sun is so little short of, in W and as a part of an ampere: to follow noise
# would cost a write each few seconds, and the ampere of three phases is 690 W of sun. PV that may not export
# is let produce for the whole ampere anyway: there it is noise alone.
_HOLDS_W, _HOLDS = 80.0, 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tick:
    """The moment, the time since the last one, and the surplus as if no car took any of it by choice.

    ``settles``: PV was just lowered, and the surplus looks larger than it is.
    """

    now_s: float
    dt_s: float
    surplus_w: float
    sun: Sun
    settles: bool
    sharers: int


def shared(
    cars: Sequence[Car], supply: Supply, turns: Turns, now_s: float, dt_s: float
) -> tuple[tuple[Car, ...], Turns]:
    """Return ``cars`` with what each wants by its mode and the sun, and who has the sun.

    What cars take in any case is taken first, for so it is at the meter.
    """
    surplus_w = 0.0 if math.isnan(supply.surplus_w) else supply.surplus_w
    free_w = surplus_w - sum(_taken_anyway_w(car) for car in cars)
    # Cars that share the sun share what may be owed for it.
    tick = _Tick(
        now_s=now_s,
        dt_s=dt_s,
        surplus_w=free_w,
        sun=Sun.HIDDEN if supply.sun is Sun.SETTLES else supply.sun,
        settles=supply.sun is Sun.SETTLES,
        sharers=max(1, len(turns.places)),
    )
    takers = {car.id: car for car in cars if car.claim in {Claim.SUN, Claim.MINIMUM}}
    before, turns = turns, _swapped(turns, takers, tick)
    takers = _exchanged(before, turns, takers, now_s)
    order = sorted(takers.values(), key=lambda car: _order(car, turns))
    done: dict[str, Car] = {}
    left_w = free_w
    sun = tick.sun
    for car in order:
        shared_car, left_w = _share(car, left_w, tick, sun)
        # One at a time asks for sun that nobody sees.
        sun = sun if car.rests else Sun.SHOWN
        done[car.id] = shared_car
    result = tuple(
        done[car.id] if car.id in done else _apart(car, left_w, tick, surplus_w=surplus_w) for car in cars
    )
    holders = [car.id for car in done.values() if _holds(car)]
    # Who waits keeps its rank through a cloud: after it, the longest wait comes first.
    waiting = [car.id for car in done.values() if car.id not in holders and not car.rests]
    passed_over = {car_id for car_id in waiting if holders and _waits(done[car_id], free_w)}
    return tuple(_told(car, passed_over) for car in result), kept(turns, holders, waiting, now_s)


def _taken_anyway_w(car: Car) -> float:
    match car.claim:
        case Claim.ALL:
            return car.drawn_w
        case Claim.MINIMUM:
            return min(car.least_w, car.drawn_w) if car.rests else car.least_w
    return 0.0


def _order(car: Car, turns: Turns) -> tuple[int, bool, float, str]:
    since_s = turns.places.get(car.id, turns.waits.get(car.id, math.inf))
    return car.charger.priority, car.id not in turns.places, since_s, car.id


def _share(car: Car, left_w: float, tick: _Tick, sun: Sun) -> tuple[Car, float]:
    """Return the car with what it wants of ``left_w``, and what is left for the next."""
    minimum = car.claim is Claim.MINIMUM
    share_w = left_w + (car.least_w if minimum else 0.0)
    asked = car.memory.probe
    if car.charger.is_prompt:
        # For its first step PV is let produce all it has: no need to ask for as much as before a cloud.
        asked = replace(asked, had_a=0.0)
    probe, probed_a = probed(asked, car.draw, sun, share_w / car.watts_per_a, tick.now_s)
    probe_w = probed_a * car.watts_per_a
    if not car.memory.sun.on and probed_a > 0.0:
        probe_w = max(probe_w, enough_w(car.least_w))
    # What PV has not given yet is bought: it is owed like any other gap.
    owed_w = share_w if sun is Sun.ASKED else max(share_w, probe_w)
    probes = probed_a > 0.0 and probe_w > share_w
    if tick.settles and car.charger.is_prompt:
        share_w = min(share_w, car.draw.limit_a * car.watts_per_a)
    share_w = max(share_w, probe_w)
    memory = replace(
        car.memory,
        probe=probe,
        phases=averaged(car.memory.phases, share_w, tick.dt_s),
        hidden_s=car.memory.hidden_s if sun is Sun.SHOWN else tick.now_s,
        carried_s=tick.now_s if _is_carried(car, share_w, sun) else car.memory.carried_s,
    )
    waits = sun is Sun.ASKED and not memory.sun.on
    if not minimum and not waits and memory.phases.switching_since_s is None:
        memory = replace(memory, sun=_followed(car, memory, owed_w, sun, tick))
    runs = minimum or memory.sun.on
    current_a = _carried_a(car, memory, share_w, tick.now_s)
    reason = Reason.MINIMUM if minimum and current_a <= car.least_a else Reason.SURPLUS
    if probes and not minimum:
        reason = Reason.PROBE
    if not runs:
        rests = not car.may_start and share_w >= enough_w(car.least_w)
        reason = Reason.RESTS if rests else Reason.WAITS_FOR_SUN
    car = replace(car, memory=memory, want_a=current_a if runs else 0.0, reason=reason)
    if not runs:
        return car, left_w
    taken_w = min(current_a, car.shown_a) * car.watts_per_a
    if car.rests or not _comes(car, tick.now_s):
        taken_w = min(taken_w, car.drawn_w)
    return car, left_w - taken_w + (_taken_anyway_w(car) if minimum else 0.0)


def _followed(car: Car, memory: ChargerMemory, share_w: float, seen: Sun, tick: _Tick) -> SunMemory:
    contactor = memory.contactor
    has_waited = seen is not Sun.HIDDEN or tick.now_s - contactor.since_s >= _dark_s(memory)
    share = SunShare(
        share_w=share_w,
        minimum_w=car.least_w,
        drawn_w=car.drawn_w,
        debt_limit_wh=_may_owe_wh(car, memory, tick.now_s) / tick.sharers,
        bought_per_sun=_THIN_PER_SUN if _sees_by_charging(car, memory, tick.now_s) else BOUGHT_PER_SUN,
        may_start=(car.may_start and has_waited) or contactor.on,
        may_stop=not (car.rests or memory.vehicle.refuses_restart),
        tries_w=tries_w(car.charger, memory),
    )
    sun = followed(memory.sun, share, contactor, tick.now_s, tick.dt_s)
    # PV at its limit has more than anybody sees: it makes good whatever was bought.
    is_made_good = seen is Sun.HIDDEN and not car.charger.is_prompt
    return replace(sun, debt_wh=0.0) if car.rests or is_made_good else sun


def _is_carried(car: Car, share_w: float, seen: Sun) -> bool:
    """Return whether it has begun to draw, and the sun is seen to give at least its smallest power."""
    return car.memory.vehicle.drew_now and seen is not Sun.ASKED and share_w >= car.least_w


def _may_owe_wh(car: Car, memory: ChargerMemory, now_s: float) -> float:
    """Return how much it may owe before it stops."""
    contactor, phases = memory.contactor, len(car.used)
    if _sees_by_charging(car, memory, now_s):
        return _DARKER * debt_limit_wh(phases, may_close_again=contactor.may_close(now_s))
    if now_s - memory.hidden_s >= _HIDES_S:
        return debt_limit_wh(phases, may_close_again=contactor.may_close(now_s))
    if memory.carried_s < contactor.since_s:
        return _IN_VAIN * max(_DARK_WH, debt_limit_wh(phases, may_close_again=True))
    may_close = contactor.may_close(now_s, reserve=_CLOSINGS_TO_FIND_SUN)
    return max(_DARK_WH, debt_limit_wh(phases, may_close_again=may_close))


def _carried_a(car: Car, memory: ChargerMemory, share_w: float, now_s: float) -> float:
    """Return the current that the sun's share carries: whole amperes, within the car's range."""
    carried_a: float = math.floor(share_w / car.watts_per_a + 1e-6)
    limit_a, held_w = car.draw.limit_a, _HOLDS_W
    if not _sees_by_charging(car, memory, now_s):
        held_w = max(held_w, _HOLDS * car.watts_per_a)
    if share_w + held_w >= limit_a * car.watts_per_a:
        carried_a = max(carried_a, limit_a)
    return min(car.most_a, max(car.least_a, carried_a))


def _sees_by_charging(car: Car, memory: ChargerMemory, now_s: float) -> bool:
    """Return whether PV hid the sun until the car charged, and is let produce for it while it does."""
    contactor = memory.contactor
    since_s = contactor.since_s if contactor.on else now_s
    return car.charger.is_prompt and since_s - memory.hidden_s < _HIDES_S


def _dark_s(memory: ChargerMemory) -> float:
    """Return how long it is waited after a stop while PV at its limit hides the sun."""
    return min(_DARK_MOST_S, max(_DARK_S, memory.contactor.since_s - memory.carried_s))


def _comes(car: Car, now_s: float) -> bool:
    """Return whether it draws, or has been let in so lately that it still may."""
    sun, contactor = car.memory.sun, car.memory.contactor
    since_s = max(sun.since_s, contactor.since_s if contactor.on else -math.inf)
    return (contactor.on and car.memory.vehicle.drew_now) or now_s - since_s < _COMING_S


def _apart(car: Car, left_w: float, tick: _Tick, *, surplus_w: float) -> Car:
    """Return a car that does not go by the sun; the mean of its surplus goes on."""
    mean_of_w = surplus_w if car.claim is Claim.ALL else left_w
    memory = replace(
        car.memory,
        phases=averaged(car.memory.phases, mean_of_w, tick.dt_s),
        # Back to the sun's own, it goes on until it owes too much.
        sun=SunMemory(on=car.memory.contactor.on and car.claim is Claim.ALL),
    )
    return replace(car, memory=memory, want_a=car.most_a if car.claim is Claim.ALL else 0.0)


def _holds(car: Car) -> bool:
    return car.want_a > (car.least_a if car.claim is Claim.MINIMUM else 0.0) and not car.rests


def _waits(car: Car, surplus_w: float) -> bool:
    """Return whether it would take of ``surplus_w`` if it were the first to be asked."""
    extra_w = car.watts_per_a if car.claim is Claim.MINIMUM else enough_w(car.least_w)
    return not car.rests and surplus_w >= extra_w


def _swapped(turns: Turns, takers: Mapping[str, Car], tick: _Tick) -> Turns:
    def fits(going: str, coming: str) -> bool:
        if going not in takers or coming not in takers:
            return False
        out, into = takers[going], takers[coming]
        others_w = sum(takers[car].least_w for car in turns.places if car != going and car in takers)
        return (
            out.charger.priority == into.charger.priority
            and (out.claim is Claim.MINIMUM or out.memory.contactor.settled(tick.now_s))
            and (into.claim is Claim.MINIMUM or into.may_start)
            and _waits(into, tick.surplus_w - others_w)
        )

    return swapped(turns, fits, tick.now_s)


def _exchanged(before: Turns, after: Turns, takers: Mapping[str, Car], now_s: float) -> dict[str, Car]:
    """Return the cars after a swap: who goes stops at once, and who comes need not wait again."""
    cars = dict(takers)
    for going in (car for car in before.places if car in after.waits and car in cars):
        cars[going] = replace(cars[going], memory=replace(cars[going].memory, sun=SunMemory()))
    for coming in (car for car in after.places if car in before.waits and car in cars):
        cars[coming] = replace(
            cars[coming], memory=replace(cars[coming].memory, sun=SunMemory(on=True, since_s=now_s))
        )
    return cars


def _told(car: Car, passed_over: Collection[str]) -> Car:
    if car.claim is Claim.SUN and car.want_a <= 0.0 and car.id in passed_over:
        return replace(car, reason=Reason.WAITS_ITS_TURN)
    return car

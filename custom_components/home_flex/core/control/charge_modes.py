"""What the chargers' modes want at one tick: from devices and lines to intents, and back to the devices.

A mode is a policy: it says how far a charger's range goes now, and the lines of control only lower it. What
the resident has promised the car, and the contactor's times, are restrictions of their own lines.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..model import BatteryReading, ChargerReading, Owner
from .allocation import Cause, Lines, intervals, own_powers
from .charging import (
    ChargeIntent,
    ChargeMode,
    ChargerInput,
    ChargerMemory,
    ChargeWish,
    ChargingMemory,
    Reason,
    Room,
    Supply,
    decide,
)
from .charging.places import SHOWS_S
from .charging.vehicle import allowed_a, drawn_a, drawn_w
from .charging.vehicle_phases import used_phases
from .flexibility import Flexibility, Restriction, Role
from .load import RestLoad
from .memory import DeviceMemory
from .merit import FOR_HOUSE_SOC, Member
from .projection import Joint, Powers
from .response import is_known
from .stores import not_into_the_car_w

# PV that produces this near to its limit stands at it: what the sun gives beyond is not known.
_AT_LIMIT_W, _AT_LIMIT = 100.0, 0.05
# PV that leaves more to the grid than this gives all it can; a store that can take more is not full.
_GIVEN_W, _ROOM_W = 150.0, 300.0
# A car that draws less does not keep a battery from covering the house.
_CAR_DRAWS_W = 230.0
# A car that draws so much less than it may, for so long, has its own reason.
_LESS_A, _SETTLES_S = 1.5, 10.0
# What a car was seen to take of a larger limit is believed for so long, and until it takes more.
_OFFERED_AGAIN_S, _GREW_W = 600.0, 100.0
# Reasons for which it is the room, and so whoever limits it, that decides.
BY_ROOM = frozenset(
    {
        Reason.CHARGE_NOW,
        Reason.FAST,
        Reason.MINIMUM_SOC,
        Reason.READY_BY,
        Reason.TURN,
        Reason.WAITS_ITS_TURN,
        Reason.WAITS_FOR_ROOM,
        Reason.RESTS,
        Reason.FULL,
        Reason.ASLEEP,
    }
)
_RESIDENTS = frozenset(
    {Reason.OFF, Reason.SESSION_LIMIT, Reason.CHARGE_NOW, Reason.MINIMUM_SOC, Reason.READY_BY}
)


def charger_input(
    device: Flexibility, wired_phases: tuple[int, ...], voltage_v: float, *, insists: bool
) -> ChargerInput:
    """Return a charger as its modes see it; lines that may not steer it have no say in its mode."""
    reading = device.reading
    assert isinstance(reading, ChargerReading)  # noqa: S101 # only chargers are asked for
    wish, state = _admitted(device), device.device
    least_a = max(reading.min_current_a, wish.min_current_a or 0.0)
    most_a = min(reading.max_current_a, wish.max_current_a or math.inf)
    written = state.written
    return ChargerInput(
        device_id=device.device_id,
        connected=reading.vehicle_connected,
        status=reading.status,
        power_w=reading.power_w,
        current_limit_a=reading.current_limit_a if written is None else written.value,
        min_current_a=min(least_a, reading.max_current_a),
        max_current_a=max(most_a, reading.min_current_a),
        offered_phases=state.phase_counts or (reading.phases,),
        wired_phases=wired_phases,
        mode=wish.mode,
        phase_current_a=reading.phase_current_a,
        phases_in_force=reading.phases,
        voltage_v=voltage_v,
        priority=wish.priority,
        target_left_wh=wish.target_left_wh,
        tapered_left_wh=wish.tapered_left_wh,
        deadline_s=wish.deadline_s,
        below_minimum_soc=wish.below_minimum_soc,
        session_left_wh=wish.session_left_wh,
        charge_now=insists,
        may_slow=wish.may_slow,
        phases_wish=wish.phases,
        answers=is_known(device.memory.response),
    )


def intended(
    devices: Sequence[Flexibility],
    chargers: Sequence[ChargerInput],
    lines: Lines,
    rest: RestLoad | None,
    phase_of: Mapping[int, int],
    memory: ChargingMemory,
    now_s: float,
) -> tuple[Mapping[str, ChargeIntent], ChargingMemory]:
    """Return what each charger's mode wants, and what to remember; ``rest`` None: no meter was ever read.

    ``phase_of`` tells which of the joints' nodes are a single phase's current. What is remembered of a
    charger that cannot be read now is kept.
    """
    if not chargers:
        return {}, memory
    cars = frozenset(charger.device_id for charger in chargers)
    supply = Supply(
        surplus_w=0.0 if rest is None else _surplus_w(devices, cars, lines, rest.latest_w),
        rooms=() if rest is None else _rooms(devices, chargers, lines, rest.latest_w, phase_of),
        pv_limited=rest is not None and _is_sun_hidden(devices, rest.latest_w),
    )
    intents, after = decide(chargers, supply, memory, now_s)
    by_id = {device.device_id: device for device in devices}
    freed = [
        charger.device_id
        for charger in chargers
        if charger.mode is ChargeMode.FAST
        and intents[charger.device_id].reason is Reason.RESTS
        and by_id[charger.device_id].memory.taken is None
    ]
    known = {**memory.chargers, **after.chargers}
    for device_id in freed:
        # Left to itself as nobody holds it any more: it closes when it likes.
        contactor = known[device_id].contactor.moved(now_s, on=True)
        known[device_id] = replace(known[device_id], contactor=contactor)
    own = {device_id: replace(intents[device_id], current_a=None) for device_id in freed}
    return _narrowed({**intents, **own}, chargers, by_id), replace(after, chargers=known)


def _narrowed(
    intents: Mapping[str, ChargeIntent], chargers: Sequence[ChargerInput], devices: Mapping[str, Flexibility]
) -> Mapping[str, ChargeIntent]:
    """Return the intents with the resident's most current where a charger would be left all of its own."""
    narrow = {
        charger.device_id: replace(intents[charger.device_id], current_a=charger.max_current_a)
        for charger in chargers
        if intents[charger.device_id].current_a is None
        and isinstance(reading := devices[charger.device_id].reading, ChargerReading)
        and charger.max_current_a < reading.max_current_a
    }
    return {**intents, **narrow}


def learned(
    memory: DeviceMemory, charger: ChargerInput, known: ChargerMemory, window_s: float, now_s: float
) -> DeviceMemory:
    """Return a device's memory with what is known of the vehicle: its phases, and what it takes at most.

    ``window_s`` is how long its charger's own reading may take to show an order.
    """
    vehicle = known.vehicle
    if not charger.connected:
        return replace(memory, active_phases=None, draws_max_w=None)
    phases = used_phases(charger, vehicle.phases)
    memory = replace(memory, active_phases=len(phases) if vehicle.phases.used is not None else None)
    ordered_s = memory.orders[-1].sent_s if memory.orders else -math.inf
    if now_s - max(ordered_s, vehicle.risen_s) < _SETTLES_S or now_s - ordered_s < window_s:
        # On its way up, or just let in, nobody knows how far it goes; a new limit alone does not change that.
        let_in = vehicle.allowed_since_s is not None and vehicle.allowed_since_s >= ordered_s
        wakes = let_in and not vehicle.drew_now and not vehicle.full
        return replace(memory, draws_max_w=None) if wakes or vehicle.risen_s >= ordered_s else memory
    takes_w = drawn_w(charger, vehicle)
    if drawn_a(charger, vehicle) <= allowed_a(charger) - _LESS_A:
        return replace(memory, draws_max_w=takes_w, drew_less_s=now_s)
    # A limit at what it took teaches nothing new, but for that nothing holds for ever.
    is_recent = memory.drew_less_s is not None and now_s - memory.drew_less_s < _OFFERED_AGAIN_S
    if is_recent and memory.draws_max_w is not None and takes_w <= memory.draws_max_w + _GREW_W:
        return memory
    return replace(memory, draws_max_w=None)


def with_intent(device: Flexibility, intent: ChargeIntent, *, raised: bool) -> Flexibility:
    """Return a charger whose range ends where its mode wants; not ``raised`` above what it is allowed now."""
    written = device.device.written
    most_w = device.limit_high_w
    current_a = intent.current_a
    if not raised and not intent.must and written is not None and written.value is not None:
        current_a = written.value if current_a is None else min(current_a, written.value)
        intent = replace(intent, current_a=current_a)
    limit_w = most_w if current_a is None else min(most_w, current_a * device.watts_per_a)
    high_w = min(device.high_w, limit_w) if device.is_ready and not device.stuck else device.high_w
    return replace(
        device,
        intent=intent,
        low_w=min(device.low_w, high_w),
        high_w=high_w,
        wish_w=high_w,
        limit_high_w=limit_w,
        declared_high_w=most_w,
    )


def promises(devices: Iterable[Flexibility], memory: ChargingMemory, now_s: float) -> tuple[Restriction, ...]:
    """Return what is owed to cars above lower lines: the resident's promise, and the contactor's time."""
    found = []
    for device in devices:
        intent, known = device.intent, memory.chargers.get(device.device_id)
        if intent is None or known is None or intent.current_a == 0.0 or not device.is_ready:
            continue
        fast = intent.reason is Reason.FAST and not device.device.charge.may_slow
        if intent.must or fast:
            found.append(_least(device, Owner.RESIDENT, intent.reason, device.limit_high_w))
        elif _must_stay(known, now_s) or _shows_phases(intent, known, now_s):
            found.append(_least(device, Owner.DEVICE_SAFETY, "minimum_time", device.smallest_w))
    return tuple(found)


def _must_stay(known: ChargerMemory, now_s: float) -> bool:
    contactor = known.contactor
    return contactor.on and bool(contactor.closings) and not contactor.settled(now_s)


def _shows_phases(intent: ChargeIntent, known: ChargerMemory, now_s: float) -> bool:
    """Return whether a car that was taken down to its smallest current is about to show its phases by it."""
    lowered_s = known.lowered_since_s
    is_unknown = known.vehicle.phases.used is None and len(intent.active_phases) > 1
    return known.contactor.on and is_unknown and lowered_s is not None and now_s - lowered_s < SHOWS_S


def mode_cause(intent: ChargeIntent) -> Cause:
    """Return a mode as the cause of what it allows."""
    return Cause(
        owner=Owner.RESIDENT if intent.reason in _RESIDENTS else Owner.PLAN,
        reason=intent.reason.value,
        source_id="charge_mode",
        is_standing=True,
    )


def not_into_cars(
    devices: Sequence[Flexibility], memory: ChargingMemory, rest_w: float
) -> tuple[Restriction, ...]:
    """Return what keeps batteries from charging cars against the resident's wish: they cover the house only.

    The bound is shared by what they can give. It holds while a car draws, whatever hangs on the cable.
    """
    cars_w = sum(device.power_w for device in devices if device.member is Member.CAR)
    bound = [device for device in devices if device.role is Role.STORE and not _may_feed(device)]
    able_w = sum(device.declared_low_w for device in bound)
    if cars_w < _CAR_DRAWS_W or able_w >= 0.0:
        return ()
    sun_w = sum(device.power_w for device in devices if device.role is Role.PRODUCER)
    bridged_w = cars_w if any(known.sun.debt_wh > 0.0 for known in memory.chargers.values()) else 0.0
    return tuple(
        Restriction(
            owner=Owner.RESIDENT,
            device_id=device.device_id,
            reason="not_into_the_car",
            low_w=device.declared_low_w
            / able_w
            * not_into_the_car_w(rest_w, sun_w, bridged_w if device.device.feeds_cars.bridge else 0.0),
            source_id="car",
            standing=True,
        )
        for device in bound
    )


def _admitted(device: Flexibility) -> ChargeWish:
    """Return the wish as far as it may steer the charger: a mode is a plan, the rest the resident's word."""
    wish, state = device.device.charge, device.device
    if not state.admits(Owner.RESIDENT):
        return ChargeWish(priority=wish.priority)
    if not state.admits(Owner.PLAN) and wish.mode is not ChargeMode.OFF:
        return replace(wish, mode=ChargeMode.FAST, phases=None)
    return wish


def _surplus_w(devices: Sequence[Flexibility], cars: frozenset[str], lines: Lines, rest_w: float) -> float:
    """Return what would be exported if no car drew, after the stores that come before cars.

    A store comes first until it holds enough for the house; above that it takes what cars leave.
    """
    allowed = intervals(devices, lines, Owner.PLAN)
    left_w = -rest_w
    for device in devices:
        if device.role is not Role.STORE and device.device_id not in cars:
            left_w -= device.wish_w
    for device in devices:
        if device.role is Role.STORE:
            low_w, high_w = allowed[device.device_id]
            left_w -= min(max(_claim_w(device, left_w, high_w), low_w, 0.0), max(high_w, 0.0))
    return left_w


def _claim_w(device: Flexibility, left_w: float, high_w: float) -> float:
    """Return what a store takes of ``left_w`` before cars do."""
    reading = device.reading
    if device.stuck:
        return device.power_w
    if isinstance(reading, BatteryReading) and reading.state_of_charge >= FOR_HOUSE_SOC:
        return 0.0
    takes = device.memory.covers or device.memory.taken is not None
    return min(left_w, high_w) if takes else max(0.0, device.power_w)


def _rooms(
    devices: Sequence[Flexibility],
    chargers: Sequence[ChargerInput],
    lines: Lines,
    rest_w: float,
    phase_of: Mapping[int, int],
) -> tuple[Room, ...]:
    """Return what each line leaves for cars: under a limit with all help of the stores.

    Under a fuse they help only as far as the smallest currents need them, and its headroom is kept by cars.
    """
    cars = {charger.device_id: charger for charger in chargers}
    others = [device for device in devices if device.device_id not in cars]
    allowed = intervals(devices, lines, Owner.PLAN)
    own: Powers = dict.fromkeys(cars, 0.0)
    for key, power_w in own_powers(others, lines.order, rest_w).items():
        own[key] = min(max(power_w, allowed[key][0]), allowed[key][1])
    helped = {
        **own,
        **{
            device.device_id: min(own[device.device_id], allowed[device.device_id][0])
            for device in others
            if device.role is Role.STORE
        },
    }
    rooms = []
    for joint in lines.joints:
        members = [
            device
            for device in devices
            if device.device_id in cars and device.share[joint.node] > 0 and device.device.admits(joint.owner)
        ]
        if not members or not math.isfinite(joint.high_w):
            continue
        most_w = joint.high_w - joint.power_w(devices, helped)
        if joint.is_headroom:
            most_w = joint.high_w - joint.power_w(devices, own)
        elif joint.owner is Owner.FUSE:
            least_w = sum(d.share[joint.node] * d.smallest_w for d in members if d.is_ready)
            most_w = max(joint.high_w - joint.power_w(devices, own), min(least_w, most_w))
        voltage_v = cars[members[0].device_id].voltage_v
        rooms.append(_room(joint, members, max(0.0, most_w), phase_of.get(joint.node), voltage_v))
    return tuple(rooms)


def _room(
    joint: Joint, members: Sequence[Flexibility], room_w: float, phase: int | None, voltage_v: float
) -> Room:
    ids = frozenset(device.device_id for device in members)
    if phase is None:
        # Of a sum that counts cars differently each has what the one that counts most would have.
        most = max(device.share[joint.node] for device in members)
        return Room(members=ids, power_w=room_w / most, owner=joint.owner)
    phase_a = tuple(room_w / voltage_v if number == phase else math.inf for number in (1, 2, 3))
    return Room(members=ids, phase_a=phase_a, owner=joint.owner)


def _is_sun_hidden(devices: Sequence[Flexibility], rest_w: float) -> bool:
    """Return whether PV stands at its limit and gives all that was asked, and no store could take more.

    For a car that charges already it is enough that a store before it takes its most.
    """
    asked_w = rest_w + sum(
        max(0.0, device.power_w) if device.role is Role.STORE else device.power_w for device in devices
    )
    if asked_w > _GIVEN_W or not any(_stands_at_limit(device) for device in devices):
        return False
    charges = any(device.member is Member.CAR and device.power_w > _CAR_DRAWS_W for device in devices)
    before = (
        (device, _claim_w(device, math.inf, device.high_w)) for device in devices if device.role is Role.STORE
    )
    return all(
        most_w <= _ROOM_W or (charges and device.power_w > most_w - _ROOM_W) for device, most_w in before
    )


def _stands_at_limit(device: Flexibility) -> bool:
    written = device.device.written
    if device.role is not Role.PRODUCER or device.stuck or written is None or written.value is None:
        return False
    below_w = max(_AT_LIMIT_W, _AT_LIMIT * written.value)
    return written.value < device.rated_w and -device.power_w >= written.value - below_w


def _least(device: Flexibility, owner: Owner, reason: str, low_w: float) -> Restriction:
    return Restriction(
        owner=owner,
        device_id=device.device_id,
        reason=reason,
        low_w=low_w,
        source_id="charge_mode",
        standing=True,
    )


def _may_feed(device: Flexibility) -> bool:
    reading = device.reading
    charge = reading.state_of_charge if isinstance(reading, BatteryReading) else 0.0
    return charge > device.device.feeds_cars.down_to or device.device.feeds_cars.down_to <= 0.0

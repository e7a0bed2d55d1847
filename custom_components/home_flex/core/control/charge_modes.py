"""What the chargers' modes want at one tick: from devices and lines to intents, and back to the devices.

A mode is a policy: it says how far a charger's range goes now, and the lines of control only lower it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..model import ChargerReading, Owner
from .asked import Cause, Lines
from .car_supply import rooms, surplus_w
from .charging import (
    ChargeIntent,
    ChargeMode,
    ChargerInput,
    ChargeWish,
    ChargingMemory,
    Reason,
    Sun,
    Supply,
    decide,
)
from .flexibility import Flexibility
from .load import RestLoad
from .response import is_known
from .sun_follower import is_followed_promptly

# What holds a charger that only its mode steers.
MODE_SOURCE_ID = "charge_mode"
# Reasons for which it is the room, and so whoever limits it, that decides.
BY_ROOM = frozenset(
    {
        Reason.CHARGE_NOW,
        Reason.FAST,
        Reason.PLANNED,
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
    device: Flexibility,
    wired_phases: tuple[int, ...],
    voltage_v: float,
    window_s: float,
    *,
    insists: bool,
    beside_store: bool,
) -> ChargerInput:
    """Return a charger as its modes see it; lines that may not steer it have no say in its mode.

    ``window_s`` is how long its own reading may take to show an order. ``beside_store``: a battery may make
    up for the sun before the car does.
    """
    reading = device.reading
    assert isinstance(reading, ChargerReading)  # noqa: S101 # only chargers are asked for
    wish, state = _admitted(device), device.device
    least_a, most_a = wish.currents_a(reading.min_current_a, reading.max_current_a)
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
        goals=wish.goals,
        below_minimum_soc=wish.below_minimum_soc,
        session_left_wh=wish.session_left_wh,
        charge_now=insists,
        may_slow=wish.may_slow,
        phases_wish=wish.phases,
        planned_a=wish.planned_a,
        answers=is_known(device.memory.response),
        is_prompt=not beside_store and is_followed_promptly(device),
        window_s=window_s,
    )


def intended(
    devices: Sequence[Flexibility],
    chargers: Sequence[ChargerInput],
    lines: Lines,
    rest: RestLoad | None,
    sun: Sun,
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
        surplus_w=0.0 if rest is None else surplus_w(devices, cars, lines, rest.latest_w),
        rooms=() if rest is None else rooms(devices, chargers, lines, rest.latest_w, phase_of),
        sun=sun,
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


def with_intent(device: Flexibility, intent: ChargeIntent, *, raised: bool) -> Flexibility:
    """Return a charger whose range ends where its mode wants; not ``raised`` above what it is allowed now."""
    written = device.device.written
    most_w = device.limit_high_w
    current_a = intent.current_a
    if not raised and not intent.must and written is not None and written.value is not None:
        current_a = written.value if current_a is None else min(current_a, written.value)
        intent = replace(intent, current_a=current_a, is_kept=intent.current_a is None)
    limit_w = most_w if current_a is None else min(most_w, current_a * device.watts_per_a)
    high_w = min(device.high_w, limit_w) if device.is_ready and not device.stuck else device.high_w
    if intent.is_early:
        # It takes its time to begin, and others draw meanwhile what it will.
        high_w = min(high_w, max(0.0, device.power_w))
    return replace(
        device,
        intent=intent,
        low_w=min(device.low_w, high_w),
        high_w=high_w,
        wish_w=high_w,
        limit_high_w=limit_w,
        declared_high_w=most_w,
    )


def mode_cause(intent: ChargeIntent) -> Cause:
    """Return a mode as the cause of what it allows; one that holds nothing itself has no hold that stays."""
    return Cause(
        owner=Owner.RESIDENT if intent.reason in _RESIDENTS else Owner.PLAN,
        reason=intent.reason.value,
        source_id=MODE_SOURCE_ID,
        is_standing=not intent.is_kept,
    )


def _admitted(device: Flexibility) -> ChargeWish:
    """Return the wish as far as it may steer the charger: a mode is a plan, the rest the resident's word."""
    wish, state = device.device.charge, device.device
    if not state.admits(Owner.RESIDENT):
        return ChargeWish(priority=wish.priority)
    if not state.admits(Owner.PLAN) and wish.mode is not ChargeMode.OFF:
        return replace(wish, mode=ChargeMode.FAST, phases=None, planned_a=None)
    return wish

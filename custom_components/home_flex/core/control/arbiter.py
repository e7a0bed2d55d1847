"""The arbiter: from what is measured and demanded, what each flexible device is told, every second."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from ..kinds import control_of
from ..kinds.kind import Kind, Seen, Told
from ..model import ChargerReading, Owner, Setpoint
from . import (
    car_promises,
    charge_modes,
    lapsing,
    load,
    loads,
    not_into_cars,
    observer,
    still,
    vehicle_range,
    watching,
)
from .actuation import NOISE_BANDS, Telegram, actuated
from .allocation import Allocation, Lines, allocate
from .charge_state import charge_plans
from .charging import ChargeIntent, Sun
from .constraints import at_the_meter, charge_wishes, limit_joints, restrictions
from .demand import Demand, is_insisting
from .exceeding import lowered, of_now
from .flexibility import Flexibility
from .guarding import demanded_joints, fuse_joints, steps_back, unguarded_a
from .hidden_sun import sun_seen
from .memory import DeviceMemory, Judgement
from .nodes import Layout, meters, phase_places, stated
from .order import order_in
from .orders import others_sent_s
from .outcome import (
    balance,
    bent,
    export_limit_w,
    export_limited_by,
    import_limit_w,
    import_limited_by,
    limit_kept,
    limit_owner,
    shortfall_w,
)
from .phase_currents import phase_voltages_v
from .reserves import kept_charge
from .response import is_turned
from .rhythm import lost_after_s, period_s, stale_after_s
from .sharing import sharing_after
from .state import ControlMemory, Decision, SiteState

# A device that a standing line took is handed back only after this long without need.
STANDING_HOLD_S = 30.0
# One refusal, or two, may be a busy link; a device that refuses so many writes in a row is made up for.
REFUSES_AFTER = 3


def arbitrate(
    state: SiteState, demands: Sequence[Demand], memory: ControlMemory, now_s: float
) -> tuple[Decision, ControlMemory]:
    """Return what to tell each device at ``now_s``, and what to remember until the next time.

    Deterministic; to be called each second and on every event. ``demands`` are those in force, of one owner
    the strongest last. Positive = consumption, W. Never raises for finite input.
    """
    are_passing = any(not demand.standing for demand in demands)
    kept, memory = kept_charge(state, demands, memory, now_s)
    demands = (*demands, *kept)
    held_ids = {d.scope.id for d in kept if not d.standing}
    pressed = {d.scope.id for d in demands if is_insisting(d)}
    insisted = pressed | {key for key, one in memory.charging.chargers.items() if one.must}
    before = memory.devices
    seen, memory = _seen(state, memory, now_s)
    if still.is_standing(memory.meter):
        state = replace(state, meter=None)
    wired, seen = watching.wired(state, seen)
    seen = {
        key: _held(one, now_s, are_passing=(are_passing and key not in insisted) or key in held_ids)
        for key, one in seen.items()
    }
    told = meters(state, wired.network)
    memory = watching.rebooked(wired, before, seen, memory)
    memory = watching.with_load(wired, told, seen, memory)
    rest = load.rest_load(memory.load, wired, now_s, watching.hold_s(memory))
    age_s = now_s - state.meter_heard_s
    meter_lost = state.meter is None or age_s > lost_after_s(memory.meter.rhythm)
    # What the meter's reading was not reckoned with yet is part of the house's load.
    seen = {key: one for key, one in seen.items() if not memory.load or key in memory.meter.device_ids}
    devices = tuple(_flexibility(one) for one in seen.values())
    asked = at_the_meter(demands)
    noise_w = observer.noise_w(memory.meter)
    plans = charge_plans(memory.charge_plans, demands, devices)
    order, stages = order_in(state, memory, devices, now_s)
    devices = loads.used(devices, order, rest.latest_w, now_s)
    speaking = watching.speaking(wired, told, now_s, meter_lost=meter_lost)
    answering = watching.answering(seen, memory, now_s) if memory.load else {}
    unguarded = unguarded_a(wired, speaking, rest, devices) if memory.load or demands else {}
    lines = Lines(
        order=order,
        restrictions=restrictions(devices, demands, unguarded)
        + loads.holds(devices)
        + steps_back(wired, told, rest, answering)
        + not_into_cars.held(devices, memory.charging, rest.latest_w),
        joints=(fuse_joints(wired, told, rest, noise_w, answering) if memory.load else ())
        + demanded_joints(wired, demands, devices, rest)
        + limit_joints(asked, rest, noise_w),
        wishes=charge_wishes(devices, demands, plans),
        are_passing=are_passing,
    )
    is_stale = age_s > stale_after_s(memory.meter.rhythm)
    intents, seen, memory = _intended(
        wired, seen, devices, lines, rest if memory.load else None, memory, pressed, now_s
    )
    devices = tuple(
        charge_modes.with_intent(_flexibility(one), intents[key], raised=not is_stale)
        if key in intents
        else device
        for (key, one), device in zip(seen.items(), devices, strict=True)
    )
    owed = car_promises.promises(devices, memory.charging, now_s)
    lines = replace(lines, restrictions=lines.restrictions + owed)
    allocation = allocate(devices, lines, rest.latest_w)
    lines_now = lines
    if any(device.stuck for device in devices):
        lines_now = of_now(lines, rest, load.rest_load(memory.load, wired, now_s, 0.0))
    wanted, remembered = _wanted(devices, seen, lines, lines_now, allocation, rest.latest_w)
    seen = {key: replace(one, memory=remembered[key]) for key, one in seen.items()}
    in_force = {one.device_id: _in_force_w(one, seen[one.device_id], allocation) for one in devices}
    short_w = max(
        (
            # What a lasting wish forbids may flicker with the meter's noise: to answer that costs energy.
            joint.violation_w(devices, in_force) - (NOISE_BANDS * noise_w if joint.is_kept_at_zero else 0.0)
            for joint in lines.joints
            if joint.low_w < joint.high_w
        ),
        default=0.0,
    )
    setpoints, remembered = _actuated(seen, wanted, memory, state.meter_heard_s, short_w=short_w)
    memory = replace(
        memory,
        devices={**memory.devices, **remembered},
        charge_plans=plans,
        sharing=sharing_after(devices, allocation.powers, memory.sharing, now_s),
        stages=stages,
    )
    decision = Decision(
        wanted=wanted,
        setpoints=setpoints,
        import_limit_w=import_limit_w(asked),
        export_limit_w=export_limit_w(asked),
        limit_owner=limit_owner(asked),
        import_limited_by=import_limited_by(asked),
        export_limited_by=export_limited_by(asked),
        balance=balance(
            state.meter,
            {key: one.reading for key, one in seen.items()},
            [device.kind for device in state.devices if device.device_id not in seen],
        ),
        shortfall_w=shortfall_w(asked, rest, devices, allocation.powers),
        bent=bent(devices, lines, allocation),
        limit_kept=None if meter_lost else limit_kept(asked, state.meter),
        charging=intents,
        unwatched=watching.unwatched_of(state, wired, speaking, memory) if memory.load else (),
    )
    return decision, memory


def _seen(
    state: SiteState, memory: ControlMemory, now_s: float
) -> tuple[dict[str, Seen[Any]], ControlMemory]:
    """Return the devices that can be read, and the memory with what they and the meter tell."""
    voltages = phase_voltages_v(stated(state).root, state.meter, state.site.nominal_voltage_v)
    voltage_v = sum(voltages) / len(voltages)
    before = memory.meter
    power_w = state.meter.power_w if state.meter is not None else None
    meter = observer.metered(before, power_w, state.meter_heard_s)
    found: dict[str, Seen[Any]] = {}
    devices: dict[str, DeviceMemory] = {}
    for device in state.devices:
        kind = control_of(device.kind)
        known = memory.devices.get(device.device_id) or observer.begun(device, now_s)
        devices[device.device_id] = known
        if (reading := observer.fresh_reading(device, known, kind, now_s)) is None:
            continue
        seen = Seen(
            device=device,
            memory=known,
            reading=reading,
            share=(),
            voltage_v=voltage_v,
            window_s=observer.window_s(known, kind, meter),
            report_window_s=observer.report_window_s(known, kind),
            now_s=now_s,
        )
        others_s = others_sent_s(memory.devices, device.device_id)
        known = observer.observed(seen, kind, meter, others_s, meter_spoke=meter is not before)
        devices[device.device_id] = known
        found[device.device_id] = replace(seen, memory=known)
    meter = still.watched(meter, state, found, now_s)
    return found, replace(memory, meter=meter, devices=devices)


def _flexibility(seen: Seen[Any]) -> Flexibility:
    return control_of(seen.device.kind).flexibility(seen, stuck=_is_stuck(seen))


def _intended(
    wired: Layout,
    seen: Mapping[str, Seen[Any]],
    devices: Sequence[Flexibility],
    lines: Lines,
    rest: load.RestLoad | None,
    memory: ControlMemory,
    pressed: AbstractSet[str],
    now_s: float,
) -> tuple[Mapping[str, ChargeIntent], dict[str, Seen[Any]], ControlMemory]:
    """Return what the chargers' modes want, the devices with their vehicles' ways, and the memory."""
    chargers = [
        charge_modes.charger_input(
            device,
            wired.wirings[device.device_id].phases or wired.network.root.phases,
            seen[device.device_id].voltage_v,
            insists=device.device_id in pressed and device.device.admits(Owner.RESIDENT),
        )
        for device in devices
        if isinstance(device.reading, ChargerReading) and not device.stuck
    ]
    sun = Sun.SHOWN if rest is None else sun_seen(devices, rest, memory.meter, now_s)
    intents, charging = charge_modes.intended(
        devices, chargers, lines, rest, sun, phase_places(wired), memory.charging, now_s
    )
    known = dict(seen)
    for charger in chargers:
        key, one = charger.device_id, seen[charger.device_id]
        vehicle = vehicle_range.learned(
            one.memory, charger, charging.chargers[key], one.report_window_s, now_s
        )
        known[key] = replace(one, memory=vehicle)
    return intents, known, replace(memory, charging=charging)


def _held(seen: Seen[Any], now_s: float, *, are_passing: bool) -> Seen[Any]:
    """Return the device given back, unless it is held.

    For a passing demand a device once taken stays taken until the end, so that it is not passed to and fro;
    for a standing one only for a while after it was last needed.
    """
    memory = seen.memory
    if memory.taken is None or memory.bound_s is None:
        return seen
    is_needed = (are_passing and not memory.is_standing) or (
        memory.is_standing and now_s - memory.bound_s < STANDING_HOLD_S
    )
    if is_needed and seen.device.admits(memory.taken):
        return seen
    free = replace(memory, taken=None, reason="", source_id=None, bound_s=None, is_standing=False)
    return replace(seen, memory=free)


def _is_stuck(seen: Seen[Any]) -> bool:
    """Return whether a device does as it likes, whatever it is told, or takes no order at all."""
    is_refusing = seen.device.refusals >= REFUSES_AFTER
    is_free = is_refusing or lapsing.is_over(seen)
    return is_free or seen.memory.judgement is Judgement.NOT_FOLLOWED or is_turned(seen.memory.response)


def _wanted(
    devices: Sequence[Flexibility],
    seen: Mapping[str, Seen[Any]],
    lines: Lines,
    lines_now: Lines,
    allocation: Allocation,
    rest_w: float,
) -> tuple[tuple[Setpoint, ...], dict[str, DeviceMemory]]:
    """Return what each device is to be told, and who holds it.

    ``lines_now``, for those that do as they like, are without what was before.
    """
    setpoints, memories = [], {}
    for device in devices:
        one = seen[device.device_id]
        kind = control_of(device.device.kind)
        memory = device.memory
        if is_turned(memory.response):
            memories[device.device_id] = memory
            setpoints.append(_setpoint(device, kind, replace(memory, taken=None), None))
            continue
        if device.stuck:
            told = _told_if_it_followed(one, devices, lines_now, rest_w)
            told = lowered(told, device, one, kind, devices, lines_now, allocation)
        else:
            told = kind.told(device, devices, lines, allocation, one.now_s)
        if (cause := told.cause) is not None:
            memory = replace(
                memory,
                taken=cause.owner,
                reason=cause.reason,
                source_id=cause.source_id,
                bound_s=one.now_s,
                is_standing=cause.is_standing and (memory.taken is None or memory.is_standing),
            )
        memories[device.device_id] = memory
        setpoints.append(_setpoint(device, kind, memory, told.value))
    return tuple(setpoints), memories


def _told_if_it_followed(
    seen: Seen[Any], devices: Sequence[Flexibility], lines: Lines, rest_w: float
) -> Told:
    """Return what a device that does not follow is told, so that it does what is right once it does again."""
    kind = control_of(seen.device.kind)
    able = kind.flexibility(seen, stuck=False)
    others = tuple(able if one.device_id == able.device_id else one for one in devices)
    return kind.told(able, others, lines, allocate(others, lines, rest_w), seen.now_s)


def _setpoint(device: Flexibility, kind: Kind[Any], memory: DeviceMemory, value: float | None) -> Setpoint:
    is_held = memory.taken is not None
    return Setpoint(
        device_id=device.device_id,
        quantity=device.quantity or kind.quantity,
        value=value if is_held else None,
        owner=memory.taken if memory.taken is not None else Owner.PLAN,
        reason=memory.reason if is_held else "own_control",
        source_id=memory.source_id,
        life_s=kind.life_s,
        phases=device.intent.phases if is_held and device.intent is not None else None,
    )


def _in_force_w(device: Flexibility, seen: Seen[Any], allocation: Allocation) -> float:
    """Return the power that what is written now leads to; of a free device that which is expected of it."""
    written = seen.device.written
    if written is None or written.value is None or lapsing.is_over(seen):
        return allocation.powers[device.device_id]
    kind = control_of(seen.device.kind)
    ordered_w, power_w = kind.ordered_w(written.value, seen), allocation.powers[device.device_id]
    if kind.is_driven:
        return ordered_w
    return min(ordered_w, power_w) if ordered_w > 0 else max(ordered_w, power_w)


def _actuated(
    seen: Mapping[str, Seen[Any]],
    wanted: Sequence[Setpoint],
    memory: ControlMemory,
    heard_s: float,
    *,
    short_w: float,
) -> tuple[tuple[Setpoint, ...], dict[str, DeviceMemory]]:
    """Return the setpoints to write now, and the devices' memories with where their writing stands."""
    telegram = Telegram(
        heard_s=heard_s,
        period_s=period_s(memory.meter.rhythm),
        noise_w=observer.noise_w(memory.meter),
        short_w=short_w,
    )
    releases = [one.memory.actuator.release_s for one in seen.values()]
    last_release_s = max((release_s for release_s in releases if release_s is not None), default=None)
    setpoints, memories = [], {}
    for setpoint in wanted:
        one = seen[setpoint.device_id]
        write, memories[setpoint.device_id] = actuated(
            one, control_of(one.device.kind), setpoint, telegram, last_release_s=last_release_s
        )
        if write is not None:
            setpoints.append(write)
            if write.value is None:
                last_release_s = one.now_s
    return tuple(setpoints), memories

"""The arbiter: from what is measured and demanded, what each flexible device is told, every second."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from ..kinds.kind import Seen
from ..model import ChargerReading, Owner
from . import (
    car_promises,
    charge_modes,
    load,
    loads,
    not_into_cars,
    observer,
    vehicle_range,
    watching,
)
from .allocation import allocate
from .answering import answering as answers_of
from .asked import Lines
from .charge_state import charge_plans
from .charging import ChargeIntent, Sun
from .constraints import at_the_meter, charge_wishes, limit_joints, restrictions
from .demand import Demand, is_insisting
from .exceeding import of_now
from .flexibility import Flexibility
from .guarding import demanded_joints, fuse_joints, steps_back, unguarded_a
from .hidden_sun import sun_seen
from .nodes import Layout, meters, phase_places
from .order import order_in
from .outcome import (
    balance,
    bent,
    export_limit_w,
    export_limited_by,
    import_limit_w,
    import_limited_by,
    limit_owner,
    shortfall_w,
)
from .reserves import kept_charge
from .rhythm import lost_after_s, stale_after_s
from .seeing import held, seen_of
from .sharing import sharing_after
from .state import ControlMemory, Decision, SiteState
from .sun_follower import has_store
from .telling import flexibility, wanted_of
from .writing import achieved_w, short_w, spare_w, written


def arbitrate(
    state: SiteState, demands: Sequence[Demand], memory: ControlMemory, now_s: float
) -> tuple[Decision, ControlMemory]:
    """Return what to tell each device at ``now_s``, and what to remember until the next time.

    Deterministic; to be called each second and on every event. ``demands`` are those in force, of one owner
    the strongest last. Positive = consumption, W. Never raises for finite input.
    """
    # What the plan asks of a device in a step holds that device, and no other.
    are_passing = any(not d.standing and d.owner is not Owner.PLAN for d in demands)
    planned = [d for d in demands if d.owner is Owner.PLAN]
    kept, memory = kept_charge(state, demands, memory, now_s)
    demands = (*demands, *kept)
    held_ids = {d.scope.id for d in (*kept, *planned) if not d.standing}
    pressed = {d.scope.id for d in demands if is_insisting(d)}
    insisted = pressed | {key for key, one in memory.charging.chargers.items() if one.must}
    before = memory.devices
    seen, memory = seen_of(state, memory, now_s)
    told_by_meter = state.meter
    state, fed_in_w = watching.believed(state, seen, memory)
    wired, seen = watching.wired(state, seen)
    seen = {
        key: held(one, now_s, are_passing=(are_passing and key not in insisted) or key in held_ids)
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
    devices = tuple(flexibility(one) for one in seen.values())
    asked = at_the_meter(demands)
    noise_w = observer.noise_w(memory.meter)
    plans = charge_plans(memory.charge_plans, demands, devices)
    order, stages = order_in(state, memory, devices, now_s)
    devices = loads.used(devices, order, rest.latest_w, now_s)
    speaking = watching.speaking(wired, told, now_s, meter_lost=meter_lost)
    answering = answers_of(seen, memory, now_s) if memory.load else {}
    unguarded = unguarded_a(wired, speaking, rest, devices) if memory.load or demands else {}
    lines = Lines(
        order=order,
        restrictions=restrictions(devices, demands, unguarded)
        + loads.holds(devices)
        + steps_back(wired, told, rest, answering, is_contested=bool(memory.charging.places.waits))
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
        charge_modes.with_intent(
            flexibility(one),
            intents[key],
            # With its phases, what the house draws beside it is known by the next telegram.
            raised=not is_stale and state.meter_heard_s > one.memory.phases_shown_s,
        )
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
    wanted, remembered = wanted_of(devices, seen, lines, lines_now, allocation, rest.latest_w)
    seen = {key: replace(one, memory=remembered[key]) for key, one in seen.items()}
    missed_w = short_w(devices, seen, lines, allocation, noise_w)
    spares_w = {one.device_id: spare_w(one, devices, lines, allocation) for one in devices}
    setpoints, remembered = written(
        seen, wanted, memory, state.meter_heard_s, short_w=missed_w, spares_w=spares_w
    )
    spent = [key for key, one in remembered.items() if one.actuator.is_spent]
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
            told_by_meter if fed_in_w else state.meter,
            {key: one.reading for key, one in seen.items()},
            [device.kind for device in state.devices if device.device_id not in seen],
        ),
        shortfall_w=shortfall_w(asked, rest, devices, achieved_w(devices, remembered, allocation)),
        bent=bent(devices, lines, allocation, spent),
        charging=intents,
        unwatched=watching.unwatched_of(state, wired, speaking, memory, fed_in_w) if memory.load else (),
    )
    return decision, memory


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
            seen[device.device_id].report_window_s,
            insists=device.device_id in pressed and device.device.admits(Owner.RESIDENT),
            beside_store=has_store(devices),
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

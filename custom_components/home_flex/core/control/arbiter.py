"""The arbiter: from what is measured and asked, one setpoint for each flexible device, every second."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..events.model import Command, PayloadType
from ..model import (
    QUANTITY_OF_KIND,
    BatteryReading,
    ChargerReading,
    DeviceKind,
    Owner,
    PvReading,
    Quantity,
    Setpoint,
)
from . import baseline, rest_load
from .allocation import Allocation, Cause, Lines, Wish, allocate
from .charge_state import charge_plans
from .charger import charger_limit, pace
from .failsafe import SETPOINT_LIFE
from .flexibility import RESERVE_TAPER, Flexibility, Restriction, flexibility
from .lines import OWNER_OF_SOURCE, Bound, bounds, by_rank, simple_level
from .outcome import (
    balance,
    bent,
    export_limit_w,
    import_limit_w,
    limit_kept,
    limit_owner,
    shortfall_w,
)
from .projection import Joint
from .pv import production_limit_w
from .state import ControlMemory, Decision, DeviceMemory, DeviceState, SiteState
from .tracking import fresh_reading, not_following, tracked

# A change smaller than this is not worth a write.
DEADBAND = {Quantity.POWER_W: 50.0, Quantity.PRODUCTION_LIMIT_W: 50.0, Quantity.CURRENT_LIMIT_A: 0.05}
# A limit at the meter is kept with this much to spare.
MARGIN_W = 50.0
MARGIN_SHARE = 0.02
# A device that the fuse took is handed back only after this long without need.
FUSE_HOLD_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Value:
    """What one device is told (None: nothing binds it), and which line says so."""

    value: float | None
    cause: Cause | None


def arbitrate(
    state: SiteState, commands: tuple[Command, ...], memory: ControlMemory, now: datetime
) -> tuple[Decision, ControlMemory]:
    """Return what to tell each device at ``now``, and what to remember until the next time.

    Deterministic, and takes well under a millisecond; to be called each second and on every event.
    ``commands`` are those in force. Positive = consumption, W. Never raises for finite input.
    """
    ranked = by_rank(commands)
    voltages = rest_load.phase_voltages_v(state.site, state.meter)
    voltage_v = sum(voltages) / len(voltages)
    devices = {
        device.device_id: (
            device,
            tracked(device, memory.devices.get(device.device_id, DeviceMemory()), voltage_v, now),
        )
        for device in state.devices
    }
    meter = baseline.remembered(memory.meter, state.meter)
    memory = ControlMemory(
        load=rest_load.remembered(state.site, state.meter, devices, memory.load, voltage_v, now),
        meter=meter,
        baselines=baseline.baselines(memory.baselines, ranked, meter),
        charge_plans=memory.charge_plans,
    )
    load = rest_load.rest_load(memory.load, state.site, now)
    flexible = _flexible(state, devices, voltage_v, now)
    asked = tuple(bounds(ranked, memory.baselines))
    plans = charge_plans(memory.charge_plans, ranked, flexible, now)
    lines = Lines(
        restrictions=_restrictions(flexible, ranked, load, metered=bool(memory.load)),
        joints=_fuses(state, voltages, load, metered=bool(memory.load)) + _joints(asked, load),
        wishes=_charge_wishes(flexible, ranked, {key: plan.power_w for key, plan in plans.items()}),
    )
    allocation = allocate(flexible, lines, load.latest_w[0])
    paced, flexible = pace(flexible, allocation, now, in_force=bool(commands))
    if paced:
        lines = replace(lines, restrictions=lines.restrictions + paced)
        allocation = allocate(flexible, lines, load.latest_w[0])
    setpoints, remembered = _setpoints(flexible, lines, allocation, now, in_force=bool(commands))
    memory = replace(
        memory, devices={**{key: m for key, (_, m) in devices.items()}, **remembered}, charge_plans=plans
    )
    decision = Decision(
        setpoints=setpoints,
        import_limit_w=import_limit_w(asked),
        export_limit_w=export_limit_w(asked),
        limit_owner=limit_owner(asked),
        balance=balance(state, now),
        shortfall_w=shortfall_w(asked, load, flexible, allocation.powers),
        bent=bent(flexible, lines, allocation),
        limit_kept=limit_kept(asked, state.meter, now),
    )
    return decision, memory


def differs(new: Setpoint, written: Setpoint | None, now: datetime, refresh_before_s: float) -> bool:
    """Return whether ``new`` must be written: it says something else, or what was written soon expires."""
    if written is None:
        return True
    if new.value is None or written.value is None:
        return new.value is not written.value
    if abs(new.value - written.value) > DEADBAND[new.quantity]:
        return True
    return (written.expires - now).total_seconds() < refresh_before_s


def _flexible(
    state: SiteState,
    devices: Mapping[str, tuple[DeviceState, DeviceMemory]],
    voltage_v: float,
    now: datetime,
) -> tuple[Flexibility, ...]:
    return tuple(
        flexibility(
            device,
            memory,
            reading,
            rest_load.shares(state.site, device, memory),
            voltage_v,
            stuck=not_following(memory),
            now=now,
        )
        for device, memory in devices.values()
        if (reading := fresh_reading(device, now)) is not None
    )


def _margin_w(limit_w: float) -> float:
    return max(MARGIN_W, MARGIN_SHARE * abs(limit_w))


def _fuses(
    state: SiteState, voltages: Sequence[float], load: rest_load.RestLoad, *, metered: bool
) -> tuple[Joint, ...]:
    """Return what the main fuse allows on each phase, both ways; nothing when no meter was ever read."""
    if not metered:
        return ()
    joints = []
    for node, voltage in enumerate(voltages, start=1):
        fuse_w = state.site.main_fuse_a * voltage
        high_w = max(0.0, fuse_w - _margin_w(fuse_w))
        joints.append(
            Joint(
                owner=Owner.FUSE,
                reason="main_fuse",
                event_id=None,
                node=node,
                low_w=-high_w - load.low_w[node],
                high_w=high_w - load.high_w[node],
            )
        )
    return tuple(joints)


def _joints(asked: Sequence[Bound], load: rest_load.RestLoad) -> tuple[Joint, ...]:
    """Return the commands' bounds less the rest load: a target meets that of now, a limit its worst."""
    joints = []
    for bound in asked:
        if bound.exact:
            low_w = high_w = bound.low_w - load.latest_w[0]
        else:
            high_w = bound.high_w - load.high_w[0]
            low_w = bound.low_w - load.low_w[0]
            if math.isfinite(bound.high_w):
                high_w -= _margin_w(bound.high_w)
            if math.isfinite(bound.low_w):
                low_w += _margin_w(bound.low_w)
        joints.append(
            Joint(
                owner=bound.owner,
                reason=bound.reason,
                event_id=bound.event_id,
                node=0,
                low_w=low_w,
                high_w=high_w,
            )
        )
    return tuple(joints)


def _restrictions(
    devices: Sequence[Flexibility], commands: Sequence[Command], load: rest_load.RestLoad, *, metered: bool
) -> tuple[Restriction, ...]:
    found = []
    for device in devices:
        if isinstance(device.reading, BatteryReading):
            above = max(0.0, device.reading.state_of_charge - device.device.reserve) / RESERVE_TAPER
            if above < 1.0:
                found.append(
                    Restriction(
                        owner=Owner.DEVICE_SAFETY,
                        device_id=device.device_id,
                        reason="reserve",
                        low_w=device.low_w * above,
                    )
                )
        if isinstance(device.reading, ChargerReading):
            if device.device.charge_now:
                found.append(
                    Restriction(
                        owner=Owner.RESIDENT, device_id=device.device_id, reason="charge_now", low_w=math.inf
                    )
                )
            if load.meter_lost and (metered or commands):
                found.append(
                    Restriction(
                        owner=Owner.FUSE,
                        device_id=device.device_id,
                        reason="meter_lost",
                        high_w=device.smallest_w,
                    )
                )
        found.extend(_simple(device, commands))
    return tuple(found)


def _simple(device: Flexibility, commands: Sequence[Command]) -> list[Restriction]:
    found = []
    for command in commands:
        if command.type is not PayloadType.SIMPLE:
            continue
        level = simple_level(command)
        high_w = None
        if device.kind is DeviceKind.EV_CHARGER and level.charger_share is not None:
            high_w = max(device.smallest_w, level.charger_share * device.limit_high_w)
        elif device.kind is DeviceKind.BATTERY and not level.battery_may_charge:
            high_w = 0.0
        if high_w is not None:
            found.append(
                Restriction(
                    owner=OWNER_OF_SOURCE[command.source],
                    device_id=device.device_id,
                    reason="simple",
                    high_w=high_w,
                    event_id=command.event_id,
                )
            )
    return found


def _charge_wishes(
    devices: Sequence[Flexibility], commands: Sequence[Command], powers_w: Mapping[tuple[str, str], float]
) -> tuple[Wish, ...]:
    return tuple(
        Wish(
            device_id=device.device_id,
            power_w=powers_w[command.event_id, device.device_id],
            cause=Cause(
                owner=OWNER_OF_SOURCE[command.source],
                reason=command.type.value.lower(),
                event_id=command.event_id,
            ),
        )
        for command in commands
        for device in devices
        if (command.event_id, device.device_id) in powers_w
        and command.type is PayloadType.CHARGE_STATE_SETPOINT
    )


def _setpoints(
    devices: Sequence[Flexibility], lines: Lines, allocation: Allocation, now: datetime, *, in_force: bool
) -> tuple[tuple[Setpoint, ...], dict[str, DeviceMemory]]:
    setpoints, memories = [], {}
    for device in devices:
        told = _told(device, devices, lines, allocation, now, in_force=in_force)
        memory = device.memory
        if told.cause is not None:
            memory = replace(
                memory,
                taken=told.cause.owner,
                reason=told.cause.reason,
                event_id=told.cause.event_id,
                bound_at=now,
            )
        elif not _stays_taken(memory, now, in_force=in_force and not device.device.charge_now):
            memory = replace(memory, taken=None, reason="", event_id=None, bound_at=None)
        setpoints.append(_setpoint(device, memory, told, now))
        memories[device.device_id] = memory
    return tuple(setpoints), memories


def _stays_taken(memory: DeviceMemory, now: datetime, *, in_force: bool) -> bool:
    """Return whether a device that nothing moves now is still held, so that it is not passed to and fro."""
    if memory.taken is None or memory.bound_at is None:
        return False
    return in_force or (memory.taken is Owner.FUSE and (now - memory.bound_at).total_seconds() < FUSE_HOLD_S)


def _told(
    device: Flexibility,
    devices: Sequence[Flexibility],
    lines: Lines,
    allocation: Allocation,
    now: datetime,
    *,
    in_force: bool,
) -> _Value:
    cause = allocation.causes.get(device.device_id)
    power_w = allocation.powers[device.device_id]
    match device.reading:
        case ChargerReading() as reading:
            if not reading.vehicle_connected and not in_force:
                return _Value(value=None, cause=None)
            limit = charger_limit(device, reading, devices, lines, allocation, now)
            bound = limit.cause if limit.current_a < reading.max_current_a else None
            return _Value(value=limit.current_a, cause=bound)
        case PvReading() as reading:
            production = production_limit_w(device, reading, devices, lines, allocation)
            return _Value(value=production.limit_w, cause=production.cause)
        case BatteryReading() as reading if device.stuck:
            # It is still told what it was told, so that it does so when it can again.
            written = device.device.written
            asked_w = written.value if written is not None and written.value is not None else power_w
            power_w = min(max(asked_w, -abs(reading.max_discharge_w)), abs(reading.max_charge_w))
    return _Value(value=float(round(power_w)), cause=cause)


def _setpoint(device: Flexibility, memory: DeviceMemory, told: _Value, now: datetime) -> Setpoint:
    held = memory.taken is not None
    return Setpoint(
        device_id=device.device_id,
        quantity=QUANTITY_OF_KIND[device.kind],
        value=told.value if held else None,
        owner=memory.taken if memory.taken is not None else Owner.PLAN,
        reason=memory.reason if held else "own_control",
        issued=now,
        expires=now + SETPOINT_LIFE[device.kind],
        event_id=memory.event_id,
    )

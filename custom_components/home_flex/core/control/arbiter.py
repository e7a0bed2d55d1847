"""The arbiter: from what is measured and asked, one setpoint for each flexible device, every second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..events.model import Command
from ..model import (
    QUANTITY_OF_KIND,
    BatteryReading,
    ChargerReading,
    Owner,
    PvReading,
    Quantity,
    Setpoint,
)
from . import baseline, rest_load
from .allocation import Allocation, Cause, Lines, allocate
from .charge_state import charge_plans
from .charger import charger_limit, pace
from .demands import charge_wishes, fuse_joints, limit_joints, restrictions
from .failsafe import SETPOINT_LIFE
from .flexibility import Flexibility, flexibility
from .lines import bounds, by_rank
from .outcome import (
    balance,
    bent,
    export_limit_w,
    import_limit_w,
    limit_kept,
    limit_owner,
    shortfall_w,
)
from .pv import production_limit_w
from .state import ControlMemory, Decision, DeviceMemory, DeviceState, SiteState
from .tracking import fresh_reading, not_following, tracked

# A change smaller than this is not worth a write.
DEADBAND = {Quantity.POWER_W: 50.0, Quantity.PRODUCTION_LIMIT_W: 50.0, Quantity.CURRENT_LIMIT_A: 0.05}
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
            _released(
                device,
                tracked(device, memory.devices.get(device.device_id, DeviceMemory()), voltage_v, now),
                now,
                in_force=bool(commands),
            ),
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
    metered = bool(memory.load)
    lines = Lines(
        restrictions=restrictions(flexible, ranked, load, metered=metered),
        joints=(fuse_joints(state.site, voltages, load) if metered else ()) + limit_joints(asked, load),
        wishes=charge_wishes(flexible, ranked, plans),
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
        setpoints.append(_setpoint(device, memory, told, now))
        memories[device.device_id] = memory
    return tuple(setpoints), memories


def _released(device: DeviceState, memory: DeviceMemory, now: datetime, *, in_force: bool) -> DeviceMemory:
    """Return ``memory`` with the device given back, unless it is held.

    While a command is in force a device once taken stays taken, so that it is not passed to and fro; so it
    does for a while after the fuse needed it.
    """
    if memory.taken is None or memory.bound_at is None or (in_force and not device.charge_now):
        return memory
    if memory.taken is Owner.FUSE and (now - memory.bound_at).total_seconds() < FUSE_HOLD_S:
        return memory
    return replace(memory, taken=None, reason="", event_id=None, bound_at=None)


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

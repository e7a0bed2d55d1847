"""What the last seconds of a device tell: what was asked of it when, what it did, and whether it follows."""

from dataclasses import replace
from datetime import datetime, timedelta

from ..model import BatteryReading, ChargerReading, Owner, PvReading
from .failsafe import lost_after
from .read_back import PATIENCE, RESPONSE, tolerance_w
from .state import DeviceMemory, DeviceState

type FlexibleReading = BatteryReading | PvReading | ChargerReading

HISTORY = timedelta(seconds=10)
# How long a vehicle may take to reach a raised limit before its draw counts as its own choice.
VEHICLE_SETTLES = timedelta(seconds=10)
_DRAWS_A = 1.0


def fresh_reading(device: DeviceState, now: datetime) -> FlexibleReading | None:
    """Return the device's reading when it still says something about ``now``."""
    reading = device.reading
    if isinstance(reading, BatteryReading | PvReading | ChargerReading) and (
        now - reading.time <= lost_after(device.kind)
    ):
        return reading
    return None


def watts_per_ampere(reading: ChargerReading, memory: DeviceMemory, voltage_v: float) -> float:
    """Return the power that one ampere per phase means with the phases the vehicle uses."""
    return voltage_v * (memory.active_phases or reading.phases)


def tracked(device: DeviceState, memory: DeviceMemory, voltage_v: float, now: datetime) -> DeviceMemory:
    """Return ``memory`` with what ``device`` tells now."""
    reading = fresh_reading(device, now)
    if memory == DeviceMemory():
        memory = _resumed(device, reading, now)
    memory = replace(memory, values=_values(device, memory, now))
    if reading is None:
        return replace(memory, astray_since=None, powers=())
    if not memory.powers or reading.time > memory.powers[-1][0]:
        recent = tuple(sample for sample in memory.powers if reading.time - sample[0] < HISTORY)
        kept = recent or memory.powers[-1:]
        memory = replace(memory, powers=(*kept, (reading.time, reading.power_w)))
        if memory.taken is None:
            memory = replace(memory, own_w=reading.power_w)
    if isinstance(reading, ChargerReading):
        memory = _vehicle(reading, memory, voltage_v)
    if agrees(device, reading, memory, voltage_v):
        return replace(memory, astray_since=None)
    return replace(memory, astray_since=memory.astray_since or reading.time)


def not_following(memory: DeviceMemory) -> bool:
    """Return whether the device has been doing something else for longer than ``PATIENCE``."""
    return (
        memory.astray_since is not None
        and bool(memory.powers)
        and memory.powers[-1][0] - memory.astray_since >= PATIENCE
    )


def agrees(device: DeviceState, reading: FlexibleReading, memory: DeviceMemory, voltage_v: float) -> bool:
    """Return whether the reading lies within what was asked of the device while it could respond."""
    asked = values_in_force(memory, reading.time - RESPONSE[device.kind], reading.time)
    if not asked or None in asked:
        return True
    powers = [_asked_power_w(value, reading, memory, voltage_v) for value in asked if value is not None]
    # The way from the power before to the one asked for is also right: a slow ramp is no disobedience.
    low, high = min(powers), max(powers)
    match reading:
        case BatteryReading():
            return low - tolerance_w(low) <= reading.power_w <= high + tolerance_w(high)
        case PvReading():
            return reading.power_w >= low - tolerance_w(low)
        case ChargerReading():
            return reading.power_w <= high + tolerance_w(high)


def values_in_force(memory: DeviceMemory, start: datetime, end: datetime) -> list[float | None]:
    """Return the values in force at some moment between ``start`` and ``end``; None is own control."""
    before = [value for time, value in memory.values if time <= start]
    during = [value for time, value in memory.values if start < time <= end]
    return [before[-1] if before else None, *during]


def power_range_w(
    device: DeviceState, reading: FlexibleReading, memory: DeviceMemory, voltage_v: float, time: datetime
) -> tuple[float, float]:
    """Return between which powers the device was at ``time``, the moment of a meter reading.

    Meter and devices are not read at the same moment, and a device takes a while to respond: its power lies
    between what it was last seen to do and what was asked of it meanwhile.
    """
    response = RESPONSE[device.kind]
    changes = [changed for changed, _ in memory.values if changed <= time]
    power_w = reading.power_w
    asked = values_in_force(memory, time - response, time)
    possible = [_asked_power_w(value, reading, memory, voltage_v) for value in asked]
    responded = not changes or reading.time >= changes[-1] + response
    if len(asked) == 1 and (responded or time - changes[-1] > response + PATIENCE):
        match reading:
            case BatteryReading() if responded and asked[0] is not None:
                # It follows: reckoned with what was asked, a steady error shows at the meter.
                steady = abs(power_w - possible[0]) <= tolerance_w(possible[0])
                return (possible[0], possible[0]) if steady else (power_w, power_w)
            case ChargerReading() if memory.vehicle_max_w is None:
                # A vehicle on its way up may have gone on since it was read.
                return min(power_w, possible[0]), max(power_w, possible[0])
        return power_w, power_w
    return min(power_w, *possible), max(power_w, *possible)


def _resumed(device: DeviceState, reading: FlexibleReading | None, now: datetime) -> DeviceMemory:
    """Return the memory of a device never seen before: one that is already set stays in hand for now."""
    if device.written is not None and device.written.value is not None:
        written = device.written
        return DeviceMemory(
            taken=written.owner, reason=written.reason, event_id=written.event_id, bound_at=now
        )
    match reading:
        case (
            BatteryReading(power_setpoint_w=float() | int())
            | PvReading(production_limit_w=float() | int())
            | ChargerReading(current_limit_a=float() | int())
        ):
            return DeviceMemory(taken=Owner.PLAN, reason="resumed", bound_at=now)
    return DeviceMemory()


def _values(
    device: DeviceState, memory: DeviceMemory, now: datetime
) -> tuple[tuple[datetime, float | None], ...]:
    if device.written is None or device.changed_at is None:
        return ()
    if memory.values and memory.values[-1][0] >= device.changed_at:
        return memory.values
    values = (*memory.values, (device.changed_at, device.written.value))
    older = [index for index, (time, _) in enumerate(values) if now - time > HISTORY]
    return values[older[-1] :] if older else values


def _asked_power_w(
    value: float | None, reading: FlexibleReading, memory: DeviceMemory, voltage_v: float
) -> float:
    """Return the power that follows from ``value``; handed back, what the device would do by itself."""
    match reading:
        case BatteryReading():
            return memory.own_w if value is None else value
        case PvReading():
            return reading.power_w if value is None else -value
        case ChargerReading():
            current_a = reading.max_current_a if value is None else value
            limit_w = current_a * watts_per_ampere(reading, memory, voltage_v)
            most_w = memory.vehicle_max_w if reading.vehicle_connected else 0.0
            return limit_w if most_w is None else min(limit_w, most_w)


def _vehicle(reading: ChargerReading, memory: DeviceMemory, voltage_v: float) -> DeviceMemory:
    """Learn how many phases the vehicle uses, and what it draws when the limit does not decide."""
    if not reading.vehicle_connected:
        return replace(memory, vehicle_max_w=None, active_phases=None)
    if active := sum(1 for current in reading.phase_current_a if current > _DRAWS_A):
        memory = replace(memory, active_phases=min(active, reading.phases))
    changed, value = memory.values[-1] if memory.values else (None, reading.current_limit_a)
    limit_w = (reading.max_current_a if value is None else value) * watts_per_ampere(
        reading, memory, voltage_v
    )
    if reading.power_w < limit_w - max(300.0, 0.1 * limit_w):
        if len(memory.powers) > 1 and reading.power_w > memory.powers[-2][1] + tolerance_w(reading.power_w):
            # Waking or still on its way up: nobody knows how far it goes.
            return replace(memory, vehicle_max_w=None)
        settled = changed is None or reading.time - changed >= VEHICLE_SETTLES
        return replace(memory, vehicle_max_w=reading.power_w) if settled else memory
    if memory.vehicle_max_w is not None and memory.vehicle_max_w <= limit_w:
        return replace(memory, vehicle_max_w=None)
    return memory

"""What there is for cars: the sun that the house and the stores before them leave, and the lines' rooms."""

import math
from collections.abc import Mapping, Sequence

from ..model import BatteryReading, Owner
from .asked import Lines, intervals
from .charging import ChargerInput, Room
from .flexibility import Flexibility, Role
from .merit import FOR_HOUSE_SOC
from .own_powers import own_powers
from .projection import Joint, Powers


def surplus_w(devices: Sequence[Flexibility], cars: frozenset[str], lines: Lines, rest_w: float) -> float:
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
            left_w -= min(max(claim_w(device, left_w, high_w), low_w, 0.0), max(high_w, 0.0))
    return left_w


def claim_w(device: Flexibility, left_w: float, high_w: float) -> float:
    """Return what a store takes of ``left_w`` before cars do."""
    reading = device.reading
    if device.stuck:
        return device.power_w
    if isinstance(reading, BatteryReading) and reading.state_of_charge >= FOR_HOUSE_SOC:
        return 0.0
    takes = device.memory.covers or device.memory.taken is not None
    return min(left_w, high_w) if takes else max(0.0, device.power_w)


def rooms(
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
    found = []
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
        found.append(_room(joint, members, max(0.0, most_w), phase_of.get(joint.node), voltage_v))
    return tuple(found)


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

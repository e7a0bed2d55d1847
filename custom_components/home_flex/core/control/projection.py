"""Move devices, in merit order and no further than needed, until a power lies within its bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..model import Owner
from .flexibility import Flexibility, Role

# Who moves first. Against import PV only takes back what a lower line curtailed: it gives what the sun gives.
LOWER_IMPORT = (Role.PRODUCER, Role.STORE, Role.CONSUMER)
LOWER_EXPORT = (Role.STORE, Role.CONSUMER, Role.PRODUCER)

# The fuse asks consumers first, down to its smallest current, before it draws on the stores.
CONSUMER_FIRST = frozenset({Owner.FUSE})

type Powers = dict[str, float]
type Intervals = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Joint:
    """The devices' power at a node (0: the site's meter, see ``nodes``) is to be kept in [low_w, high_w].

    The rest load is already taken off the bounds. ``is_headroom``: only consumers are asked, and are broken
    by no more than they draw. ``only_draw``: what a device gives does not count (section 14a), and a
    consumer is left whole amperes.
    """

    owner: Owner
    reason: str
    source_id: str | None
    node: int
    low_w: float = -math.inf
    high_w: float = math.inf
    standing: bool = False
    is_headroom: bool = False
    only_draw: bool = False

    def power_w(self, devices: Sequence[Flexibility], powers: Powers) -> float:
        """Return what the devices draw at the node."""
        node = self.node
        if self.only_draw:
            return sum(device.share[node] * max(0.0, powers[device.device_id]) for device in devices)
        return sum(device.share[node] * powers[device.device_id] for device in devices)

    def violation_w(self, devices: Sequence[Flexibility], powers: Powers) -> float:
        """Return by how much the bounds are broken (0: not)."""
        power_w = self.power_w(devices, powers)
        broken_w = max(0.0, power_w - self.high_w, self.low_w - power_w)
        if broken_w and self.is_headroom:
            drawn = (d.share[self.node] * powers[d.device_id] for d in devices if d.role is Role.CONSUMER)
            return min(broken_w, sum(drawn))
        return broken_w


def project(joint: Joint, devices: Sequence[Flexibility], powers: Powers, intervals: Intervals) -> Powers:
    """Return ``powers`` moved into the joint's bounds, or as near as ``intervals`` let them.

    Stores share what is needed in proportion to their room. A consumer moves only when they cannot do it
    alone, and in steps; the stores then take the residue. Producers come last, and only against export.
    """
    power_w = joint.power_w(devices, powers)
    if power_w > joint.high_w and joint.owner in CONSUMER_FIRST:
        unpaused = {device.device_id: _not_paused(device, powers, intervals) for device in devices}
        need_w = power_w - joint.high_w
        powers = _moved(joint, need_w, -1, (Role.CONSUMER,), devices, powers, unpaused)
        power_w = joint.power_w(devices, powers)
    if power_w > joint.high_w and joint.is_headroom:
        return _moved(joint, power_w - joint.high_w, -1, (Role.CONSUMER,), devices, powers, intervals)
    if power_w > joint.high_w:
        return _moved(joint, power_w - joint.high_w, -1, LOWER_IMPORT, devices, powers, intervals)
    if power_w < joint.low_w:
        return _moved(joint, joint.low_w - power_w, 1, LOWER_EXPORT, devices, powers, intervals)
    return powers


def _moved(
    joint: Joint,
    need_w: float,
    sign: int,
    order: tuple[Role, ...],
    devices: Sequence[Flexibility],
    powers: Powers,
    intervals: Intervals,
) -> Powers:
    powers, node = dict(powers), joint.node
    there = [device for device in devices if device.share[node] > 0 and device.role in order]
    stores = [device for device in there if device.role is Role.STORE]
    producers = [device for device in there if device.role is Role.PRODUCER]
    if joint.only_draw:
        intervals = {key: (max(low_w, 0.0), max(high_w, 0.0)) for key, (low_w, high_w) in intervals.items()}
    room = {device.device_id: _room_w(device, powers, intervals, sign) for device in there}
    left_w = need_w
    if order[0] is Role.PRODUCER:
        left_w -= _share_out(producers, node, left_w, sign, powers, room)
    stores_room_w = sum(device.share[node] * room[device.device_id] for device in stores)
    for device in reversed([device for device in there if device.role is Role.CONSUMER]):
        if left_w > stores_room_w:
            before = powers[device.device_id]
            wanted = before + sign * min(
                room[device.device_id], (left_w - stores_room_w) / device.share[node]
            )
            powers[device.device_id] = _consumer_power_w(
                device, wanted, sign, intervals[device.device_id], is_whole=joint.only_draw
            )
            left_w -= sign * device.share[node] * (powers[device.device_id] - before)
    left_w -= _share_out(stores, node, left_w, sign, powers, room)
    if order[-1] is Role.PRODUCER:
        _share_out(producers, node, left_w, sign, powers, room)
    return powers


def _room_w(device: Flexibility, powers: Powers, intervals: Intervals, sign: int) -> float:
    low_w, high_w = intervals[device.device_id]
    power_w = powers[device.device_id]
    return max(0.0, power_w - low_w if sign < 0 else high_w - power_w)


def _share_out(
    devices: Sequence[Flexibility],
    node: int,
    need_w: float,
    sign: int,
    powers: Powers,
    room: Mapping[str, float],
) -> float:
    """Move ``devices`` in proportion to their room; return how much of ``need_w`` that gave at the node."""
    room_w = sum(device.share[node] * room[device.device_id] for device in devices)
    if room_w <= 0 or need_w <= 0:
        return 0.0
    part = min(1.0, need_w / room_w)
    for device in devices:
        powers[device.device_id] += sign * part * room[device.device_id]
    return part * room_w


def _not_paused(device: Flexibility, powers: Powers, intervals: Intervals) -> tuple[float, float]:
    low_w, high_w = intervals[device.device_id]
    return max(low_w, min(device.smallest_w, powers[device.device_id])), high_w


def _consumer_power_w(
    device: Flexibility, wanted_w: float, sign: int, interval: tuple[float, float], *, is_whole: bool
) -> float:
    low_w, high_w = interval
    if sign < 0:
        if is_whole and device.watts_per_a:
            wanted_w = math.floor(wanted_w / device.watts_per_a + 1e-6) * device.watts_per_a
        return max(low_w, device.at_most_w(wanted_w))
    stepped_w = device.at_least_w(wanted_w)
    return stepped_w if stepped_w <= high_w else max(device.at_most_w(high_w), low_w)

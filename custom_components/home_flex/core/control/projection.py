"""Move devices, in the order of merit and no further than needed, until a power lies within its bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import Owner
from .flexibility import Flexibility, Role
from .order import Order, Place, Stop
from .sharing import shared, spread

# The fuse asks consumers first, down to its smallest current, before it draws on the stores.
CONSUMER_FIRST = frozenset({Owner.FUSE})
_NOTHING_W = 1e-9

type Powers = dict[str, float]
type Intervals = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Joint:
    """The devices' power at a node (0: the meter, 1 to 3: a phase) is to be kept in [low_w, high_w].

    The rest load is already taken off the bounds.
    """

    owner: Owner
    reason: str
    source_id: str | None
    node: int
    low_w: float = -math.inf
    high_w: float = math.inf
    standing: bool = False

    def power_w(self, devices: Sequence[Flexibility], powers: Powers) -> float:
        """Return what the devices draw at the node."""
        return math.fsum(device.share[self.node] * powers[device.device_id] for device in devices)

    def violation_w(self, devices: Sequence[Flexibility], powers: Powers) -> float:
        """Return by how much the bounds are broken (0: not)."""
        power_w = self.power_w(devices, powers)
        return max(0.0, power_w - self.high_w, self.low_w - power_w)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """One direction (``sign``) in which devices with a share of ``node`` move within ``intervals``."""

    node: int
    sign: int
    devices: Mapping[str, Flexibility]
    intervals: Intervals
    order: Order

    def room_w(self, device_id: str, power_w: float, stop: Stop) -> float:
        """Return how far a device may go on from ``power_w``, in its own W."""
        low_w, high_w = self.intervals[device_id]
        smallest_w = self.devices[device_id].smallest_w
        at_w = {Stop.RANGE: self.sign * math.inf, Stop.IDLE: 0.0, Stop.SMALLEST: smallest_w}[stop]
        return max(0.0, min(at_w, high_w) - power_w if self.sign > 0 else power_w - max(at_w, low_w))


def project(
    joint: Joint, devices: Sequence[Flexibility], powers: Powers, intervals: Intervals, order: Order
) -> Powers:
    """Return ``powers`` moved into the joint's bounds, or as near as ``intervals`` let them.

    The places of ``order`` move one after the other. Stores share by energy, an inverter by its room, and a
    consumer moves in steps; what a step does too much, the stores that moved before take back.
    """
    power_w = joint.power_w(devices, powers)
    over_w, under_w = power_w - joint.high_w, joint.low_w - power_w
    if over_w <= 0 and under_w <= 0:
        return powers
    sign, need_w, places = (-1, over_w, order.down) if over_w > 0 else (1, under_w, order.up)
    if sign < 0 and joint.owner in CONSUMER_FIRST:
        places = tuple(sorted(places, key=lambda place: place.stop is not Stop.SMALLEST))
    there = {device.device_id: device for device in devices if device.share[joint.node] > 0}
    way = _Way(node=joint.node, sign=sign, devices=there, intervals=intervals, order=order)
    return _moved(way, need_w, places, powers, is_exact=joint.low_w == joint.high_w)


def _moved(way: _Way, need_w: float, places: Sequence[Place], powers: Powers, *, is_exact: bool) -> Powers:
    moved = dict(powers)
    left_w = need_w
    for place in places:
        among = tuple(way.devices[key] for key in place.device_ids if key in way.devices)
        if left_w > _NOTHING_W and among:
            _MOVES[place.role](way, place.stop, among, left_w, moved)
            left_w = need_w - way.sign * _change_w(way, powers, moved)
    if left_w < -_NOTHING_W:
        _give_back(way, -left_w, powers, moved, is_exact=is_exact)
    return moved


def _change_w(way: _Way, before: Powers, after: Powers) -> float:
    return math.fsum(
        device.share[way.node] * (after[key] - before[key]) for key, device in way.devices.items()
    )


def _step(way: _Way, stop: Stop, among: Sequence[Flexibility], need_w: float, powers: Powers) -> None:
    """Move consumers, the first as far as it can; in steps, so that the last may do more than is needed."""
    for device in among:
        before_w = powers[device.device_id]
        part_w = min(way.room_w(device.device_id, before_w, stop), need_w / device.share[way.node])
        if part_w <= _NOTHING_W:
            continue
        interval = way.intervals[device.device_id]
        powers[device.device_id] = _consumer_power_w(device, before_w + way.sign * part_w, way.sign, interval)
        need_w -= way.sign * device.share[way.node] * (powers[device.device_id] - before_w)


def _share_out(way: _Way, stop: Stop, among: Sequence[Flexibility], need_w: float, powers: Powers) -> None:
    """Move ``among`` in proportion to their room, in W at the node."""
    room = {
        device.device_id: device.share[way.node]
        * way.room_w(device.device_id, powers[device.device_id], stop)
        for device in among
    }
    _add(way, spread(need_w, room), powers)


def _share_energy(way: _Way, stop: Stop, among: Sequence[Flexibility], need_w: float, powers: Powers) -> None:
    """Let the stores share by energy at the meter; on a phase only what is needed moves, by room."""
    room_w = math.fsum(way.room_w(one.device_id, powers[one.device_id], stop) for one in among)
    if way.node:
        _share_out(way, stop, among, need_w, powers)
    elif room_w > 0:
        _shift(way, way.sign * min(need_w, room_w), among, powers)


def _shift(way: _Way, by_w: float, stores: Sequence[Flexibility], powers: Powers) -> None:
    total_w = math.fsum(powers[one.device_id] for one in stores) + by_w
    powers.update(shared(total_w, stores, way.intervals, way.order.sharing, way.order.now_s))


_MOVES = {Role.CONSUMER: _step, Role.STORE: _share_energy, Role.PRODUCER: _share_out}


def _give_back(way: _Way, over_w: float, before: Powers, powers: Powers, *, is_exact: bool) -> None:
    """Let stores take back what a step did too much: what they moved, or, to meet a target, what they can."""
    back = replace(way, sign=-way.sign)
    stores = [device for device in way.devices.values() if device.role is Role.STORE]
    room = {one.device_id: back.room_w(one.device_id, powers[one.device_id], Stop.RANGE) for one in stores}
    if not is_exact:
        went = {key: max(0.0, way.sign * (powers[key] - before[key])) for key in room}
        room = {key: min(room[key], went[key]) for key in room}
    room = {one.device_id: one.share[way.node] * room[one.device_id] for one in stores}
    if way.node:
        _add(back, spread(over_w, room), powers)
    elif stores:
        _shift(way, back.sign * min(over_w, math.fsum(room.values())), stores, powers)


def _add(way: _Way, parts: Mapping[str, float], powers: Powers) -> None:
    for key, part_w in parts.items():
        powers[key] += way.sign * part_w / way.devices[key].share[way.node]


def _consumer_power_w(
    device: Flexibility, wanted_w: float, sign: int, interval: tuple[float, float]
) -> float:
    low_w, high_w = interval
    if sign < 0:
        return max(low_w, device.at_most_w(wanted_w))
    stepped_w = device.at_least_w(wanted_w)
    return stepped_w if stepped_w <= high_w else max(device.at_most_w(high_w), low_w)

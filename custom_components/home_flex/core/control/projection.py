"""Move devices, in the order of merit and no further than needed, until a power lies within its bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import Owner
from .flexibility import Flexibility, Role
from .order import Order, Place, Stop, slowed_first
from .sharing import shared, spread

# The fuse asks consumers first, down to its smallest current, before it draws on the stores.
CONSUMER_FIRST = frozenset({Owner.FUSE})
_NOTHING_W = 1e-9

type Powers = dict[str, float]
type Intervals = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Joint:
    """The devices' power at a node (0: the site's meter, see ``nodes``) is to be kept in [low_w, high_w].

    The rest load is already taken off the bounds. ``is_headroom``: only consumers are asked, and are broken
    by no more than they draw. ``only_draw``: what a device gives does not count (section 14a), and a
    consumer is left whole amperes. ``is_kept_at_zero``: a lasting wish that holds while the meter shows zero.
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
    is_kept_at_zero: bool = False

    def power_w(self, devices: Sequence[Flexibility], powers: Powers) -> float:
        """Return what the devices draw at the node."""
        node = self.node
        if self.only_draw:
            return math.fsum(device.share[node] * max(0.0, powers[device.device_id]) for device in devices)
        return math.fsum(device.share[node] * powers[device.device_id] for device in devices)

    def violation_w(self, devices: Sequence[Flexibility], powers: Powers) -> float:
        """Return by how much the bounds are broken (0: not)."""
        power_w = self.power_w(devices, powers)
        broken_w = max(0.0, power_w - self.high_w, self.low_w - power_w)
        if broken_w and self.is_headroom:
            drawn = (d.share[self.node] * powers[d.device_id] for d in devices if d.role is Role.CONSUMER)
            return min(broken_w, sum(drawn))
        return broken_w

    def most_w(self, device: Flexibility, devices: Sequence[Flexibility], powers: Powers) -> float:
        """Return up to where one device may rise beside the others at ``powers``, W; inf: to any power."""
        share = device.share[self.node]
        if self.is_headroom or share <= 0:
            return math.inf
        power_w = powers[device.device_id]
        begins_w = max(0.0, power_w) if self.only_draw else power_w
        return begins_w + (self.high_w - self.power_w(devices, powers)) / share


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """One direction in which devices with a share of ``node`` move within ``intervals``."""

    node: int
    is_up: bool
    devices: Mapping[str, Flexibility]
    intervals: Intervals
    order: Order
    is_whole: bool = False

    @property
    def sign(self) -> int:
        """1 upwards, -1 downwards."""
        return 1 if self.is_up else -1

    def room_w(self, device_id: str, power_w: float, stop: Stop) -> float:
        """Return how far a device may go on from ``power_w``, in its own W."""
        low_w, high_w = self.intervals[device_id]
        smallest_w = self.devices[device_id].slows_to_w
        at_w = {Stop.RANGE: self.sign * math.inf, Stop.IDLE: 0.0, Stop.SMALLEST: smallest_w}[stop]
        return max(0.0, min(at_w, high_w) - power_w if self.is_up else power_w - max(at_w, low_w))


def project(
    joint: Joint, devices: Sequence[Flexibility], powers: Powers, intervals: Intervals, order: Order
) -> Powers:
    """Return ``powers`` moved into the joint's bounds, or as near as ``intervals`` let them.

    The places of ``order`` move one after the other. Stores share by energy, an inverter by its room, and a
    consumer moves in steps; what a step does too much, the stores that moved before take back.
    """
    power_w = joint.power_w(devices, powers)
    there = {device.device_id: device for device in devices if device.share[joint.node] > 0}
    if joint.only_draw:
        intervals = {key: (max(low_w, 0.0), max(high_w, 0.0)) for key, (low_w, high_w) in intervals.items()}
    way = _Way(
        node=joint.node,
        is_up=power_w < joint.low_w,
        devices=there,
        intervals=intervals,
        order=order,
        is_whole=joint.only_draw,
    )
    is_exact = joint.low_w == joint.high_w
    if power_w > joint.high_w:
        return _moved(way, power_w - joint.high_w, _yielding(joint, order), powers, is_exact=is_exact)
    if power_w < joint.low_w:
        return _moved(way, joint.low_w - power_w, order.up, powers, is_exact=is_exact)
    return powers


def _yielding(joint: Joint, order: Order) -> tuple[Place, ...]:
    """Return who moves down for a line, in order."""
    if joint.is_headroom:
        return tuple(place for place in order.down if place.role is Role.CONSUMER)
    return slowed_first(order.down) if joint.owner in CONSUMER_FIRST else order.down


def _moved(way: _Way, need_w: float, places: Sequence[Place], powers: Powers, *, is_exact: bool) -> Powers:
    moved = dict(powers)
    left_w = need_w
    for place in places:
        among = tuple(way.devices[key] for key in place.device_ids if key in way.devices)
        if left_w > _NOTHING_W and among:
            _MOVES[place.role](way, place.stop, among, left_w, moved)
            left_w = need_w - way.sign * _change_w(way, powers, moved)
    if left_w < 0:
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
        powers[device.device_id] = _consumer_power_w(
            device, before_w + way.sign * part_w, interval, is_up=way.is_up, is_whole=way.is_whole
        )
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
    """Let stores take back what a step did too much.

    To meet a target as far as they can; under a limit those that moved, as far as they did and not beyond 0.
    """
    back = replace(way, is_up=not way.is_up)
    stores = [device for device in way.devices.values() if device.role is Role.STORE]
    room = {one.device_id: back.room_w(one.device_id, powers[one.device_id], Stop.RANGE) for one in stores}
    if not is_exact:
        went = {key: min(way.sign * (powers[key] - before[key]), way.sign * powers[key]) for key in room}
        stores = [one for one in stores if went[one.device_id] > 0]
        room = {one.device_id: min(room[one.device_id], went[one.device_id]) for one in stores}
    room = {one.device_id: one.share[way.node] * room[one.device_id] for one in stores}
    if way.node:
        _add(back, spread(over_w, room), powers)
    elif stores:
        _shift(way, back.sign * min(over_w, math.fsum(room.values())), stores, powers)


def _add(way: _Way, parts: Mapping[str, float], powers: Powers) -> None:
    for key, part_w in parts.items():
        powers[key] += way.sign * part_w / way.devices[key].share[way.node]


def _consumer_power_w(
    device: Flexibility, wanted_w: float, interval: tuple[float, float], *, is_up: bool, is_whole: bool
) -> float:
    low_w, high_w = interval
    if not is_up:
        if is_whole and device.watts_per_a:
            wanted_w = math.floor(wanted_w / device.watts_per_a + 1e-6) * device.watts_per_a
        return max(low_w, device.at_most_w(wanted_w))
    return min(device.at_least_w(wanted_w), max(low_w, device.at_most_w(high_w)))

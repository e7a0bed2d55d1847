"""Apply the lines of control, from the lowest to the highest, to what the devices wish."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import Owner
from .flexibility import Flexibility, Restriction, Role, interval_w, is_at_end
from .lines import CONTROL_ORDER, rank
from .order import Order
from .policy import CoverHouse, LeaveAlone
from .projection import Intervals, Joint, Powers, project
from .sharing import shared

_NEGLIGIBLE_W = 1.0
# A store that charges or discharges more than this does something.
_AT_WORK_W = 150.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Which line moved a device, and why."""

    owner: Owner
    reason: str
    source_id: str | None
    is_standing: bool = False


def cause_of(line: Joint | Restriction) -> Cause:
    """Return a line as the cause of what it moves."""
    return Cause(owner=line.owner, reason=line.reason, source_id=line.source_id, is_standing=line.standing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A power that a line wants of one device: a battery on its way to a state of charge."""

    device_id: str
    power_w: float
    cause: Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """Everything that the lines of control ask at this moment.

    ``order`` is who moves first when several could. ``are_passing``: some of it ends by itself, so that a
    device once taken stays taken until then.
    """

    restrictions: tuple[Restriction, ...]
    joints: tuple[Joint, ...]
    wishes: tuple[Wish, ...]
    order: Order
    are_passing: bool = False

    def of_device(self, device_id: str) -> list[Restriction]:
        """Return the restrictions of one device."""
        return [restriction for restriction in self.restrictions if restriction.device_id == device_id]

    def insists(self, device_id: str) -> bool:
        """Return whether the resident wants a device to draw, whatever lower lines ask."""
        return any(
            restriction.owner is Owner.RESIDENT and restriction.low_w > 0.0
            for restriction in self.of_device(device_id)
        )

    def binding(self, owner: Owner) -> Lines:
        """Return the lines as they bind ``owner``'s: what a higher one wishes of a device is taken."""
        taken = tuple(
            Restriction(
                owner=wish.cause.owner,
                device_id=wish.device_id,
                reason=wish.cause.reason,
                source_id=wish.cause.source_id,
                low_w=wish.power_w,
                high_w=wish.power_w,
            )
            for wish in self.wishes
            if rank(wish.cause.owner) < rank(owner)
        )
        return replace(self, restrictions=self.restrictions + taken)


@dataclass(frozen=True, kw_only=True, slots=True)
class Allocation:
    """The power of each device, and which line moved it last (absent: it does what it wishes)."""

    powers: Powers
    causes: Mapping[str, Cause]


def intervals(devices: Sequence[Flexibility], lines: Lines, last: Owner) -> Intervals:
    """Return what the lines down to ``last`` leave of each device."""
    return {
        device.device_id: interval_w(device.low_w, device.high_w, lines.of_device(device.device_id), last)
        for device in devices
    }


def allocate(devices: Sequence[Flexibility], lines: Lines, rest_w: float) -> Allocation:
    """Return the powers that obey every line as far as the lines above it let it.

    ``rest_w`` is the house load now, which a battery that is held covers as far as it did before.
    When a higher line moved a device against a lower one, the others get a second chance to make up for it.
    """
    first = _applied(devices, lines, rest_w)
    if not any(joint.violation_w(devices, first.powers) > _NEGLIGIBLE_W for joint in lines.joints):
        return first
    own = own_powers(devices, lines.order, rest_w)
    pinned = tuple(_pin(key, own[key], first.powers[key], cause) for key, cause in first.causes.items())
    second = _applied(devices, replace(lines, restrictions=lines.restrictions + pinned), rest_w)
    better = _score(devices, lines, second) < _score(devices, lines, first)
    return second if better else first


def _pin(device_id: str, own_w: float, power_w: float, cause: Cause) -> Restriction:
    """Return the side to which a device was moved from its own power, as a restriction of what moved it."""
    pin = Restriction(owner=cause.owner, device_id=device_id, reason=cause.reason, source_id=cause.source_id)
    return replace(pin, high_w=power_w) if power_w < own_w else replace(pin, low_w=power_w)


def _score(devices: Sequence[Flexibility], lines: Lines, allocation: Allocation) -> tuple[float, ...]:
    """Return the violations per line, highest line first: the smaller tuple is the better allocation."""
    return tuple(
        round(sum(j.violation_w(devices, allocation.powers) for j in lines.joints if j.owner is owner))
        for owner in CONTROL_ORDER
    )


def _applied(devices: Sequence[Flexibility], lines: Lines, rest_w: float) -> Allocation:
    powers = own_powers(devices, lines.order, rest_w)
    causes: dict[str, Cause] = {}
    _restrict(powers, causes, devices, lines)
    _grant(powers, causes, devices, lines)
    for owner in reversed(CONTROL_ORDER):
        for joint in lines.joints:
            if joint.owner is owner:
                cause = cause_of(joint)
                _note(causes, powers, _projected(joint, devices, powers, lines), cause)
    return Allocation(powers=powers, causes=causes)


def _restrict(powers: Powers, causes: dict[str, Cause], devices: Sequence[Flexibility], lines: Lines) -> None:
    """Clip the wishes to what all lines leave of each device."""
    allowed = intervals(devices, lines, Owner.PLAN)
    for restriction in sorted(lines.restrictions, key=lambda one: one.rank, reverse=True):
        low_w, high_w = allowed[restriction.device_id]
        power_w = min(max(powers[restriction.device_id], low_w), high_w)
        if restriction.low_w < power_w < restriction.high_w:
            continue
        cause = cause_of(restriction)
        _note(causes, powers, {restriction.device_id: power_w}, cause)


def _grant(powers: Powers, causes: dict[str, Cause], devices: Sequence[Flexibility], lines: Lines) -> None:
    """Give each line what it wishes of a device, as far as those above it leave that; the highest wins."""
    for wish in sorted(lines.wishes, key=lambda wish: rank(wish.cause.owner), reverse=True):
        if wish.device_id in powers:
            low_w, high_w = intervals(devices, lines, wish.cause.owner)[wish.device_id]
            powers[wish.device_id] = min(max(wish.power_w, low_w), high_w)
            causes[wish.device_id] = wish.cause


def _projected(joint: Joint, devices: Sequence[Flexibility], powers: Powers, lines: Lines) -> Powers:
    """Project within what every line leaves; if not enough, give up lower lines, the lowest first."""
    if joint.is_kept_at_zero and any(_comes_by_itself(joint, one, powers) for one in devices):
        return powers
    lines = lines.binding(joint.owner)
    spared = [
        one.device_id
        for one in devices
        if not one.device.admits(joint.owner) or (joint.is_kept_at_zero and _rests_at_its_end(joint, one))
    ]
    tried: Intervals = {}
    for last in reversed(CONTROL_ORDER[rank(joint.owner) :]):
        if joint.violation_w(devices, powers) <= _NEGLIGIBLE_W / 10:
            break
        allowed = intervals(devices, lines, last)
        # Whom it may not steer, and who does its most by itself, goes on as it does.
        allowed = {**allowed, **{device_id: (powers[device_id],) * 2 for device_id in spared}}
        if allowed != tried:
            powers = project(joint, devices, powers, allowed, lines.order)
            tried = allowed
    return powers


def _comes_by_itself(joint: Joint, device: Flexibility, powers: Powers) -> bool:
    """Return whether a free store brings the meter to zero by itself, and is not yet at its end.

    It is faster than any order; while it shows its ways it is not taken, which would end them. What others
    may give or draw meanwhile is reckoned with its range, not with what it does.
    """
    memory = device.memory
    if device.role is not Role.STORE or device.stuck or memory.taken is not None or memory.covers is False:
        return False
    if not isinstance(device.device.policy, LeaveAlone):
        return False
    power_w = powers[device.device_id]
    goes_up = math.isfinite(joint.low_w)
    side, at_work_w = (memory.high, device.power_w) if goes_up else (memory.low, -device.power_w)
    if memory.covers is None and side.bound_w is None:
        return at_work_w > _AT_WORK_W
    return power_w < device.high_w - _NEGLIGIBLE_W if goes_up else power_w > device.low_w + _NEGLIGIBLE_W


def _rests_at_its_end(joint: Joint, device: Flexibility) -> bool:
    """Return whether a free store is full, or empty: what it may still take or give is not worth an order."""
    memory = device.memory
    is_free = device.role is Role.STORE and memory.taken is None and memory.covers is not False
    if not is_free or not isinstance(device.device.policy, LeaveAlone):
        return False
    return is_at_end(device.state_of_charge, upwards=math.isfinite(joint.low_w))


def _note(causes: dict[str, Cause], powers: Powers, moved: Powers, cause: Cause) -> None:
    for device_id, power_w in moved.items():
        if abs(power_w - powers[device_id]) > _NEGLIGIBLE_W:
            causes[device_id] = cause
        powers[device_id] = power_w


def own_powers(devices: Sequence[Flexibility], order: Order, rest_w: float) -> Powers:
    """Return what each device would do by itself, or by its policy, if nobody asked anything.

    Stores that cover the house take what the rest leaves over and give what it lacks, together. One whose own
    ways are not known does so, when it is held, up to what it did before it was taken; so it neither exports
    what was meant for the house, nor charges from the grid. A free one at its end does its most already; of
    free ones that work against each other nobody knows which one covers the house, so each goes on.
    """
    powers = {device.device_id: device.wish_w for device in devices}
    opposed = _opposed(devices)
    covers = {
        one.device_id: cover
        for one in devices
        if not one.stuck and one.device_id not in opposed and (cover := _cover(one)) is not None
    }
    covering = [device for device in devices if device.device_id in covers]
    ranges = {
        device.device_id: (max(low_w, device.low_w), min(high_w, device.high_w))
        for device in covering
        for low_w, high_w in [covers[device.device_id]]
    }
    net_w = rest_w + math.fsum(power_w for device_id, power_w in powers.items() if device_id not in covers)
    return {**powers, **shared(-net_w, covering, ranges, order.sharing, order.now_s)}


def _opposed(devices: Sequence[Flexibility]) -> set[str]:
    """Return the free stores that are at work while another charges what they give, or gives it."""
    free = [
        one
        for one in devices
        if one.role is Role.STORE and one.memory.taken is None and isinstance(one.device.policy, LeaveAlone)
    ]
    charging = {one.device_id for one in free if one.power_w > _AT_WORK_W}
    giving = {one.device_id for one in free if one.power_w < -_AT_WORK_W}
    return charging | giving if charging and giving else set()


def _cover(device: Flexibility) -> tuple[float, float] | None:
    """Return within which powers a store answers what the meter would show; None when it does not."""
    if device.role is not Role.STORE:
        return None
    match device.device.policy:
        case CoverHouse(low_w=low_w, high_w=high_w):
            return low_w, high_w
        case LeaveAlone() if device.memory.covers:
            return -math.inf, math.inf
        case LeaveAlone() if device.memory.taken is not None:
            return min(device.memory.own_w, 0.0), max(device.memory.own_w, 0.0)
        case LeaveAlone() if device.memory.covers is None:
            return _at_its_end(device)
    return None


def _at_its_end(device: Flexibility) -> tuple[float, float] | None:
    """Return how far a free store goes on by itself that was seen to rest where it can do no more.

    An order to do its most would change nothing, and end what it does by itself.
    """
    if device.power_w >= 0.0 and device.memory.high.bound_w is not None:
        return device.power_w, math.inf
    if device.power_w <= 0.0 and device.memory.low.bound_w is not None:
        return -math.inf, device.power_w
    return None

"""Apply the lines of control, from the lowest to the highest, to what the devices wish."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import Owner
from .asked import Cause, Lines, cause_of, intervals
from .flexibility import Flexibility, Restriction, Role, is_at_end
from .lines import CONTROL_ORDER, rank
from .own_powers import AT_WORK_W, own_powers
from .policy import LeaveAlone
from .projection import Intervals, Joint, Powers, project

_NEGLIGIBLE_W = 1.0
# Where lines at several nodes pull at the same devices, each round leaves a part of what the last one left.
_MOST_ROUNDS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class _Move:
    """What the last owner that moved a device made of it: ``power_w`` from ``before_w``."""

    device_id: str
    cause: Cause
    before_w: float
    power_w: float

    def pin(self) -> Restriction:
        """Return that it is not moved back, as a restriction of what moved it."""
        is_up = self.power_w >= self.before_w
        return Restriction(
            owner=self.cause.owner,
            device_id=self.device_id,
            reason=self.cause.reason,
            source_id=self.cause.source_id,
            low_w=self.power_w if is_up else -math.inf,
            high_w=math.inf if is_up else self.power_w,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Allocation:
    """The power of each device, and which line moved it last (absent: it does what it wishes)."""

    powers: Powers
    causes: Mapping[str, Cause]


def allocate(devices: Sequence[Flexibility], lines: Lines, rest_w: float) -> Allocation:
    """Return the powers that obey every line as far as the lines above it let it.

    ``rest_w`` is the house load now, which a battery that is held covers as far as it did before.
    When a higher line moved a device against a lower one, the others get a second chance to make up for it.
    """
    first, moves = _applied(devices, lines, rest_w)
    if not any(joint.violation_w(devices, first.powers) > _NEGLIGIBLE_W for joint in lines.joints):
        return first
    pinned = tuple(move.pin() for move in moves)
    second, _ = _applied(devices, replace(lines, restrictions=lines.restrictions + pinned), rest_w)
    better = _score(devices, lines, second) < _score(devices, lines, first)
    return second if better else first


def _score(devices: Sequence[Flexibility], lines: Lines, allocation: Allocation) -> tuple[float, ...]:
    """Return the violations per line, highest line first: the smaller tuple is the better allocation."""
    return tuple(
        round(sum(j.violation_w(devices, allocation.powers) for j in lines.joints if j.owner is owner))
        for owner in CONTROL_ORDER
    )


def _applied(
    devices: Sequence[Flexibility], lines: Lines, rest_w: float
) -> tuple[Allocation, Iterable[_Move]]:
    powers = own_powers(devices, lines.order, rest_w)
    moves: dict[str, _Move] = {}
    _restrict(powers, moves, devices, lines)
    _grant(powers, moves, devices, lines)
    for owner in reversed(CONTROL_ORDER):
        _keep(owner, powers, moves, devices, lines)
    causes = {device_id: move.cause for device_id, move in moves.items()}
    return Allocation(powers=powers, causes=causes), moves.values()


def _restrict(powers: Powers, moves: dict[str, _Move], devices: Sequence[Flexibility], lines: Lines) -> None:
    """Clip the wishes to what all lines leave of each device."""
    allowed = intervals(devices, lines, Owner.PLAN)
    for restriction in sorted(lines.restrictions, key=lambda one: one.rank, reverse=True):
        low_w, high_w = allowed[restriction.device_id]
        power_w = min(max(powers[restriction.device_id], low_w), high_w)
        if restriction.low_w < power_w < restriction.high_w:
            continue
        _note(moves, powers, {restriction.device_id: power_w}, cause_of(restriction))


def _grant(powers: Powers, moves: dict[str, _Move], devices: Sequence[Flexibility], lines: Lines) -> None:
    """Give each line what it wishes of a device, as far as those above it leave that; the highest wins."""
    for wish in sorted(lines.wishes, key=lambda wish: rank(wish.cause.owner), reverse=True):
        if wish.device_id in powers:
            low_w, high_w = intervals(devices, lines, wish.cause.owner)[wish.device_id]
            _move(moves, powers, wish.device_id, min(max(wish.power_w, low_w), high_w), wish.cause)


def _keep(
    owner: Owner, powers: Powers, moves: dict[str, _Move], devices: Sequence[Flexibility], lines: Lines
) -> None:
    """Move the devices into one owner's joints, one after the other, and again as they undo each other.

    Mostly each round leaves a part of what the last one left. Where that goes on for ever, others move before
    anyone goes back.
    """
    joints = [joint for joint in lines.joints if joint.owner is owner]
    for _ in range(_MOST_ROUNDS):
        before = dict(powers)
        _round(joints, powers, moves, devices, lines, may_return=True)
        if len(joints) == 1 or _are_kept(joints, devices, powers):
            return
        if powers == before:
            break
    _round(joints, powers, moves, devices, lines, may_return=False)


def _are_kept(joints: Sequence[Joint], devices: Sequence[Flexibility], powers: Powers) -> bool:
    return all(joint.violation_w(devices, powers) <= _NEGLIGIBLE_W for joint in joints)


def _round(
    joints: Sequence[Joint],
    powers: Powers,
    moves: dict[str, _Move],
    devices: Sequence[Flexibility],
    lines: Lines,
    *,
    may_return: bool,
) -> None:
    """Move the devices into the joints; unless they may, those moved one way return only as the last."""
    went_up: dict[str, bool] = {}
    for joint in joints:
        moved = _projected(joint, devices, powers, lines, went_up)
        if not may_return:
            went_up.update({key: to_w > powers[key] for key, to_w in moved.items() if to_w != powers[key]})
        _note(moves, powers, moved, cause_of(joint))


def _projected(
    joint: Joint,
    devices: Sequence[Flexibility],
    powers: Powers,
    lines: Lines,
    went_up: Mapping[str, bool],
) -> Powers:
    """Project within what every line leaves; if not enough, give up lower lines, the lowest first.

    ``went_up`` says who was moved up or down already, and goes back only when all that is not enough.
    """
    if joint.is_kept_at_zero and any(_comes_by_itself(joint, one, powers) for one in devices):
        return powers
    lines = lines.binding(joint.owner)
    spared = {
        one.device_id: (powers[one.device_id],) * 2
        for one in devices
        # Whom it may not steer, and who does its most by itself, goes on as it does.
        if not one.device.admits(joint.owner) or (joint.is_kept_at_zero and _rests_at_its_end(joint, one))
    }
    tried: Intervals = {}
    for onwards in (went_up, {}):
        began = powers
        for last in reversed(CONTROL_ORDER[rank(joint.owner) :]):
            if joint.violation_w(devices, powers) <= _NEGLIGIBLE_W / 10:
                return powers
            allowed = {**intervals(devices, lines, last), **spared}
            allowed = {**allowed, **_onwards(allowed, began, onwards)}
            if allowed != tried:
                powers = project(joint, devices, powers, allowed, lines.order)
                tried = allowed
    return powers


def _onwards(allowed: Intervals, powers: Powers, went_up: Mapping[str, bool]) -> Intervals:
    """Return the intervals of those that were moved, from where they are in the direction they went."""
    found = {}
    for key, is_up in went_up.items():
        low_w, high_w = allowed[key]
        here_w = min(max(powers[key], low_w), high_w)
        found[key] = (here_w, high_w) if is_up else (low_w, here_w)
    return found


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
        return at_work_w > AT_WORK_W
    return power_w < device.high_w - _NEGLIGIBLE_W if goes_up else power_w > device.low_w + _NEGLIGIBLE_W


def _rests_at_its_end(joint: Joint, device: Flexibility) -> bool:
    """Return whether a free store is full, or empty: what it may still take or give is not worth an order."""
    memory = device.memory
    is_free = device.role is Role.STORE and memory.taken is None and memory.covers is not False
    if not is_free or not isinstance(device.device.policy, LeaveAlone):
        return False
    return is_at_end(device.state_of_charge, upwards=math.isfinite(joint.low_w))


def _note(moves: dict[str, _Move], powers: Powers, moved: Powers, cause: Cause) -> None:
    for device_id, power_w in moved.items():
        if abs(power_w - powers[device_id]) > _NEGLIGIBLE_W:
            _move(moves, powers, device_id, power_w, cause)
        powers[device_id] = power_w


def _move(moves: dict[str, _Move], powers: Powers, device_id: str, power_w: float, cause: Cause) -> None:
    last, before_w = moves.get(device_id), powers[device_id]
    if last is not None and last.cause.owner is cause.owner:
        before_w = last.before_w
    moves[device_id] = _Move(device_id=device_id, cause=cause, before_w=before_w, power_w=power_w)
    powers[device_id] = power_w

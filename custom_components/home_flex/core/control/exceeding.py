"""What a consumer is told that goes beyond its limit: less, by what it takes too much, if a line breaks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..kinds.kind import Kind, Seen, Told
from .allocation import Allocation
from .asked import Lines
from .flexibility import Flexibility, Role
from .load import RestLoad
from .projection import Joint
from .shown import tolerance_w


def of_now(lines: Lines, held: RestLoad, newest: RestLoad) -> Lines:
    """Return the lines with what the ``newest`` telegram leaves, where ``held`` is the worst of seconds.

    What a device drew beyond its limit was part of the load until it was found not to follow.
    """
    return replace(lines, joints=tuple(_eased(joint, held, newest) for joint in lines.joints))


def lowered(
    told: Told,
    device: Flexibility,
    seen: Seen[Any],
    kind: Kind[Any],
    devices: Sequence[Flexibility],
    lines: Lines,
    allocation: Allocation,
) -> Told:
    """Return what a consumer that does not follow is told, so that it ends where it belongs all the same.

    Cars draw an ampere or two more than their charger allows, or all they can at some currents. It is lowered
    only where nobody makes up for it: else it is told what is right once it follows again. While its last
    order may not show yet it is told no more than that.
    """
    written, value = seen.device.written, told.value
    if device.role is not Role.CONSUMER or told.cause is None or value is None:
        return told
    if written is None or written.value is None:
        return told
    changed_s = seen.device.changed_s
    if changed_s is None or seen.device.heard_s - changed_s < seen.report_window_s:
        return replace(told, value=min(value, written.value))
    ordered_w = kind.ordered_w(written.value, seen)
    excess_w = seen.reading.power_w - ordered_w
    if excess_w <= tolerance_w(ordered_w):
        return told
    unit_w = kind.watts_per_unit(seen)
    able = kind.flexibility(seen, stuck=False)
    less = round(max(0.0, able.at_most_w(value * unit_w - excess_w)) / unit_w, 1)
    if _is_broken(device, devices, lines, allocation):
        return replace(told, value=less)
    return replace(told, value=min(value, max(less, written.value)))


def _eased(joint: Joint, held: RestLoad, newest: RestLoad) -> Joint:
    """Return the joint with the newest load of its node; a group of devices has no load of its own."""
    if joint.node >= len(held.high_w):
        return joint
    return replace(
        joint,
        low_w=joint.low_w + held.low_w[joint.node] - newest.low_w[joint.node],
        high_w=joint.high_w + held.high_w[joint.node] - newest.high_w[joint.node],
    )


def _is_broken(
    device: Flexibility, devices: Sequence[Flexibility], lines: Lines, allocation: Allocation
) -> bool:
    return any(
        device.share[joint.node] > 0 and joint.violation_w(devices, allocation.powers) > 0.0
        for joint in lines.joints
        if joint.low_w < joint.high_w
    )

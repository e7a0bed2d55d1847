"""What each line of control asks at this moment, of single devices and at the meter."""

import math
from collections.abc import Sequence
from dataclasses import replace

from ..events.model import Command, PayloadType
from ..model import BatteryReading, ChargerReading, DeviceKind, Owner, Site
from .allocation import Cause, Wish
from .charge_state import ChargePlans
from .flexibility import RESERVE_TAPER, Flexibility, Restriction
from .lines import OWNER_OF_SOURCE, Bound, simple_level
from .projection import Joint
from .rest_load import RestLoad

# A limit at the meter is kept with this much to spare.
MARGIN_W = 50.0
MARGIN_SHARE = 0.02


def _margin_w(limit_w: float) -> float:
    return max(MARGIN_W, MARGIN_SHARE * abs(limit_w))


def fuse_joints(site: Site, voltages_v: Sequence[float], load: RestLoad) -> tuple[Joint, ...]:
    """Return what the main fuse allows on each phase, in both directions."""
    joints = []
    for node, voltage_v in enumerate(voltages_v, start=1):
        fuse_w = site.main_fuse_a * voltage_v
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


def limit_joints(asked: Sequence[Bound], load: RestLoad) -> tuple[Joint, ...]:
    """Return the commands' bounds less the rest load: a target meets that of now, a limit its worst.

    Where an import and an export limit leave no room for their margins, both aim at the middle.
    """
    joints = [_limit_joint(bound, load) for bound in asked]
    limits = [joint for joint, bound in zip(joints, asked, strict=True) if not bound.exact]
    low_w = max((joint.low_w for joint in limits), default=-math.inf)
    high_w = min((joint.high_w for joint in limits), default=math.inf)
    if low_w > high_w:
        middle_w = (low_w + high_w) / 2
        joints = [
            joint
            if bound.exact
            else replace(joint, low_w=min(joint.low_w, middle_w), high_w=max(joint.high_w, middle_w))
            for joint, bound in zip(joints, asked, strict=True)
        ]
    return tuple(joints)


def _limit_joint(bound: Bound, load: RestLoad) -> Joint:
    low_w, high_w = bound.low_w, bound.high_w
    if bound.exact:
        low_w = high_w = bound.low_w - load.latest_w[0]
    else:
        if math.isfinite(high_w):
            high_w -= _margin_w(high_w) + load.high_w[0]
        if math.isfinite(low_w):
            low_w += _margin_w(low_w) - load.low_w[0]
    return Joint(
        owner=bound.owner, reason=bound.reason, event_id=bound.event_id, node=0, low_w=low_w, high_w=high_w
    )


def restrictions(
    devices: Sequence[Flexibility], commands: Sequence[Command], load: RestLoad, *, metered: bool
) -> tuple[Restriction, ...]:
    """Return what the lines ask of single devices; a meter that never was is missed only under a command.

    The reserve binds what Home Flex asks of a battery; one under its own control is left alone.
    """
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
                        spares_free=True,
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


def charge_wishes(
    devices: Sequence[Flexibility], commands: Sequence[Command], plans: ChargePlans
) -> tuple[Wish, ...]:
    """Return the powers that bring batteries to their states of charge, weakest command first."""
    return tuple(
        Wish(
            device_id=device.device_id,
            power_w=plans[command.event_id, device.device_id].power_w,
            cause=Cause(
                owner=OWNER_OF_SOURCE[command.source],
                reason=command.type.value.lower(),
                event_id=command.event_id,
            ),
        )
        for command in commands
        for device in devices
        if (command.event_id, device.device_id) in plans and command.type is PayloadType.CHARGE_STATE_SETPOINT
    )

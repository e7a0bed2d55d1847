"""What the lines of control ask at this moment, of single devices and at the meter."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..model import Owner
from .asked import Cause, Wish
from .charge_state import ChargePlans
from .commands import CONSUMERS, STORES
from .demand import SITE, ChargeTo, Demand, Envelope, ScopeKind, Share, Target
from .flexibility import Flexibility, Restriction, Role
from .load import RestLoad
from .projection import Joint

# A limit at the meter is kept with this much to spare, and more where the meter's noise is larger.
MARGIN_W = 50.0
MARGIN_SHARE = 0.02
NOISES = 5.0
NOISE_MOST_W = 100.0


def margin_w(limit_w: float, noise_w: float) -> float:
    """Return how far below a limit the control aims; ``noise_w`` is the standard deviation of the meter's."""
    return max(MARGIN_W, MARGIN_SHARE * abs(limit_w), min(NOISE_MOST_W, NOISES * noise_w))


def at_the_meter(demands: Iterable[Demand]) -> tuple[Demand, ...]:
    """Return the demands on the site's power: of each owner the strongest target, then the limits."""
    site = [demand for demand in demands if demand.scope == SITE]
    strongest = {demand.owner: demand for demand in site if isinstance(demand.asks, Target)}
    return (*strongest.values(), *(demand for demand in site if isinstance(demand.asks, Envelope)))


def limit_joints(asked: Sequence[Demand], load: RestLoad, noise_w: float) -> tuple[Joint, ...]:
    """Return the demands' bounds less the rest load: a target meets that of now, a limit its worst.

    Where an import and an export limit leave no room for their margins, both aim at the middle.
    """
    joints = [_site_joint(demand, load, noise_w) for demand in asked]
    limits = [joint for joint, d in zip(joints, asked, strict=True) if not isinstance(d.asks, Target)]
    low_w = max((joint.low_w for joint in limits), default=-math.inf)
    high_w = min((joint.high_w for joint in limits), default=math.inf)
    if low_w > high_w:
        middle_w = (low_w + high_w) / 2
        joints = [
            joint
            if isinstance(d.asks, Target)
            else replace(joint, low_w=min(joint.low_w, middle_w), high_w=max(joint.high_w, middle_w))
            for joint, d in zip(joints, asked, strict=True)
        ]
    return tuple(joints)


def _site_joint(demand: Demand, load: RestLoad, noise_w: float) -> Joint:
    # A lasting wish costs a trace of what it forbids rather than energy around the clock.
    noise_w = 0.0 if demand.standing else noise_w
    low_w, high_w = -math.inf, math.inf
    asked, is_lasting_wish = demand.asks, demand.standing and demand.owner is Owner.RESIDENT
    match asked:
        case Target(power_w=power_w):
            low_w = high_w = power_w - load.latest_w
        case Envelope():
            if math.isfinite(asked.high_w):
                high_w = asked.high_w - margin_w(asked.high_w, noise_w) - load.high_w[0]
            if math.isfinite(asked.low_w):
                low_w = asked.low_w + margin_w(asked.low_w, noise_w) - load.low_w[0]
                if is_lasting_wish:
                    # What flickers is not answered (see ``is_kept_at_zero``), so that the load of now counts.
                    low_w = asked.low_w - load.latest_w
    return Joint(
        owner=demand.owner,
        reason=demand.reason,
        source_id=demand.source_id,
        node=0,
        low_w=low_w,
        high_w=high_w,
        standing=demand.standing,
        is_kept_at_zero=is_lasting_wish
        and isinstance(asked, Envelope)
        and asked.low_w <= 0.0 <= asked.high_w,
    )


def restrictions(
    devices: Sequence[Flexibility], demands: Sequence[Demand], unguarded_a: Mapping[str, int]
) -> tuple[Restriction, ...]:
    """Return what the demands ask of single devices.

    ``unguarded_a``: to what current those consumers fall back of which no meter guards the fuse.
    """
    found = [
        restriction
        for device in devices
        for demand in demands
        if (restriction := _restriction(device, demand)) is not None
    ]
    found.extend(
        Restriction(
            owner=Owner.FUSE,
            device_id=device.device_id,
            reason="meter_lost",
            high_w=unguarded_a[device.device_id] * device.watts_per_a,
            standing=True,
        )
        for device in devices
        if device.device_id in unguarded_a and device.device.admits(Owner.FUSE)
    )
    return tuple(found)


def _restriction(device: Flexibility, demand: Demand) -> Restriction | None:
    if not _concerns(demand, device) or not device.device.admits(demand.owner):
        return None
    low_w, high_w = -math.inf, math.inf
    match demand.asks:
        case Envelope(low_w=low_w, high_w=high_w):
            pass
        case Share(of=share):
            high_w = max(device.smallest_w, share * device.limit_high_w)
        case Target(power_w=power_w):
            low_w = high_w = power_w
        case ChargeTo():
            return None
    return Restriction(
        owner=demand.owner,
        device_id=device.device_id,
        reason=demand.reason,
        low_w=low_w,
        high_w=high_w,
        source_id=demand.source_id,
        standing=demand.standing,
    )


def _concerns(demand: Demand, device: Flexibility) -> bool:
    scope = demand.scope
    if scope.kind is ScopeKind.DEVICE:
        return scope.id == device.device_id
    return (scope == CONSUMERS and device.role is Role.CONSUMER) or (
        scope == STORES and device.role is Role.STORE
    )


def charge_wishes(
    devices: Sequence[Flexibility], demands: Sequence[Demand], plans: ChargePlans
) -> tuple[Wish, ...]:
    """Return the powers that bring batteries to their states of charge, weakest demand first."""
    return tuple(
        Wish(
            device_id=device.device_id,
            power_w=plans[demand.source_id or "", device.device_id].power_w,
            cause=Cause(
                owner=demand.owner,
                reason=demand.reason,
                source_id=demand.source_id,
                is_standing=demand.standing,
            ),
        )
        for demand in demands
        for device in devices
        if isinstance(demand.asks, ChargeTo) and (demand.source_id or "", device.device_id) in plans
    )

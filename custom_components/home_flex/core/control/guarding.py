"""What fuses and groups leave to the devices at this moment, as joints; and chargers that no meter guards."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..model import Group, GroupKind
from .answering import Answering, counted_usable_a, step_back, there
from .constraints import margin_w
from .demand import Demand, Envelope, ScopeKind, Target
from .flexibility import Flexibility, Restriction, Role
from .headroom import LEAST_STEP_A, unanswered_a
from .lasting_default import DefaultCharger, lasting_defaults_a
from .load import RestLoad, voltage_v
from .network import Guard, Unit
from .nodes import Layout, Node
from .phase_currents import Bounds
from .projection import Joint
from .section_14a import allowance_w
from .state import MeterState


def fuse_joints(
    layout: Layout,
    told: Mapping[str, MeterState],
    rest: RestLoad,
    noise_w: float,
    answering: Mapping[str, Answering],
) -> tuple[Joint, ...]:
    """Return what every fuse and power limit of the circuits allows, a fuse in both directions.

    And how far consumers may load the fuses, so that a step of load is answered before one trips;
    ``answering``: those that can be counted on.
    """
    joints = _fuses(layout, told, rest, noise_w)
    return (*joints, *_headrooms(layout, told, rest, joints, answering))


def _fuses(
    layout: Layout, told: Mapping[str, MeterState], rest: RestLoad, noise_w: float
) -> tuple[Joint, ...]:
    joints = []
    for guard, place in layout.guards:
        node = layout.nodes[place]
        volts = _volts(layout, node, told)
        limit_w = guard.high * (volts if guard.unit is Unit.A else 1.0)
        high_w = max(0.0, limit_w - margin_w(limit_w, noise_w))
        load = _rest(guard, place, volts, rest)
        joints.append(
            Joint(
                owner=guard.owner,
                reason=guard.reason,
                source_id=None,
                node=place,
                low_w=-high_w - load.low if math.isfinite(guard.low) else -math.inf,
                high_w=high_w - load.high,
                standing=True,
            )
        )
    return tuple(joints)


def _headrooms(
    layout: Layout,
    told: Mapping[str, MeterState],
    rest: RestLoad,
    joints: Sequence[Joint],
    answering: Mapping[str, Answering],
) -> tuple[Joint, ...]:
    found = []
    for (guard, place), joint in zip(layout.guards, joints, strict=True):
        counted = there(guard, answering)
        if not counted:
            continue
        volts = _volts(layout, layout.nodes[place], told)
        rest_w = _rest(guard, place, volts, rest).high
        high_w = counted_usable_a(guard, rest_w / volts, counted) * volts - rest_w
        if high_w < joint.high_w:
            found.append(
                replace(joint, reason="fuse_headroom", low_w=-math.inf, high_w=high_w, is_headroom=True)
            )
    return tuple(found)


def steps_back(
    layout: Layout,
    told: Mapping[str, MeterState],
    rest: RestLoad,
    answering: Mapping[str, Answering],
    *,
    is_contested: bool,
) -> tuple[Restriction, ...]:
    """Return what lets a consumer show how soon it answers, one at a time.

    ``is_contested``: a car waits for its turn.
    """
    for guard, place in layout.guards:
        volts = _volts(layout, layout.nodes[place], told)
        rest_a = _rest(guard, place, volts, rest).high / volts
        back = step_back(guard, rest_a, there(guard, answering), is_contested=is_contested)
        if back is not None:
            return (back,)
    return ()


def demanded_joints(
    layout: Layout, demands: Sequence[Demand], devices: Sequence[Flexibility], rest: RestLoad
) -> tuple[Joint, ...]:
    """Return what demands on circuits and groups allow: targets of groups, then limits.

    Under section 14a only what the members draw counts against a limit, what the home produces beyond its own
    load comes on top, and no margin is taken off, as the floor is what a car needs at least.
    """
    places = {node.circuit.circuit_id: node.total for node in layout.nodes}
    groups = {group.group_id: (group, place) for group, place in layout.groups}
    found = list(_group_targets(groups, demands))
    for demand in demands:
        if not isinstance(asked := demand.asks, Envelope):
            continue
        if demand.scope.kind is ScopeKind.CIRCUIT and (place := places.get(demand.scope.id)) is not None:
            margins = _with_margins(asked)
            low_w, high_w = margins.low_w - rest.low_w[place], margins.high_w - rest.high_w[place]
            found.append(_joint(demand, place, low_w, high_w))
        elif demand.scope.kind is ScopeKind.GROUP and demand.scope.id in groups:
            group, place = groups[demand.scope.id]
            found.extend(_group_limits(demand, asked, group, place, devices, rest))
    return tuple(found)


def _group_limits(
    demand: Demand,
    asked: Envelope,
    group: Group,
    place: int,
    devices: Sequence[Flexibility],
    rest: RestLoad,
) -> Iterator[Joint]:
    if group.kind is GroupKind.SECTION_14A and math.isfinite(asked.high_w):
        high_w = _allowed_w(asked.high_w, frozenset(group.device_ids), devices, rest)
        yield replace(_joint(demand, place, -math.inf, high_w), only_draw=True)
        asked = replace(asked, high_w=math.inf)
    if math.isfinite(asked.low_w) or math.isfinite(asked.high_w):
        margins = _with_margins(asked)
        yield _joint(demand, place, margins.low_w, margins.high_w)


def _group_targets(groups: Mapping[str, tuple[Group, int]], demands: Sequence[Demand]) -> Iterator[Joint]:
    """Yield what targets of groups ask: of each owner the strongest."""
    strongest = {
        (demand.owner, demand.scope.id): (demand, demand.asks.power_w)
        for demand in demands
        if isinstance(demand.asks, Target)
        and demand.scope.kind is ScopeKind.GROUP
        and demand.scope.id in groups
    }
    for demand, power_w in strongest.values():
        yield _joint(demand, groups[demand.scope.id][1], power_w, power_w)


def unguarded_a(
    layout: Layout,
    told: Mapping[str, MeterState],
    rest: RestLoad,
    devices: Sequence[Flexibility],
) -> Mapping[str, int]:
    """Return the whole amperes to which each charger behind a fuse without its meter falls back.

    ``told`` holds the meters that still speak, by circuit. It is the lasting default, and less where the load
    last seen and a step, which nobody would see now, leave less; never less than the smallest for
    what might happen, only for what was seen, which the fuse's own guard asks.
    """
    dark = {
        circuit.circuit_id
        for circuit in layout.network.circuits
        if circuit.circuit_id not in told and (circuit.meter_id is not None or circuit.parent_id is None)
    }
    behind = {device_id for key in dark for device_id in layout.network.devices_behind(key)}
    chargers = [device for device in devices if device.role is Role.CONSUMER and device.watts_per_a > 0]
    if not any(device.device_id in behind for device in chargers):
        return {}
    defaults = lasting_defaults_a(layout.network, layout.wirings, [_default_charger(one) for one in chargers])
    found = {}
    for device in chargers:
        if device.device_id not in behind:
            continue
        room_a = math.inf
        for guard, place in layout.guards:
            share = guard.coefficients.get(device.device_id, 0.0) * device.watts_per_a
            if guard.unit is Unit.A and guard.scope.id in dark and share > 0:
                volts = _volts(layout, layout.nodes[place], told)
                left_a = unanswered_a(guard.high, LEAST_STEP_A) - rest.high_w[place] / volts
                crowd = sum(other.device_id in guard.coefficients for other in chargers)
                room_a = min(room_a, left_a / crowd / share)
        least_a = math.ceil(device.smallest_w / device.watts_per_a - 1e-6)
        default_a = defaults[device.device_id]
        found[device.device_id] = (
            default_a if room_a >= default_a else min(default_a, max(least_a, math.floor(room_a)))
        )
    return found


def _joint(demand: Demand, place: int, low_w: float, high_w: float) -> Joint:
    return Joint(
        owner=demand.owner,
        reason=demand.reason,
        source_id=demand.source_id,
        node=place,
        low_w=low_w,
        high_w=high_w,
        standing=demand.standing,
    )


def _with_margins(asked: Envelope) -> Envelope:
    return Envelope(
        low_w=asked.low_w + margin_w(asked.low_w, 0.0) if math.isfinite(asked.low_w) else asked.low_w,
        high_w=asked.high_w - margin_w(asked.high_w, 0.0) if math.isfinite(asked.high_w) else asked.high_w,
    )


def _allowed_w(
    limit_w: float, members: frozenset[str], devices: Sequence[Flexibility], rest: RestLoad
) -> float:
    produced_w = sum(-min(0.0, device.power_w) for device in devices)
    others_w = sum(max(0.0, device.power_w) for device in devices if device.device_id not in members)
    return allowance_w(limit_w, produced_w=produced_w, house_w=rest.high_w[0] + others_w)


def _default_charger(device: Flexibility) -> DefaultCharger:
    return DefaultCharger(
        device_id=device.device_id,
        priority=device.device.priority,
        min_current_a=device.smallest_w / device.watts_per_a,
        max_current_a=device.limit_high_w / device.watts_per_a,
    )


def _rest(guard: Guard, place: int, volts: float, rest: RestLoad) -> Bounds:
    """Return the rest in W: as the meter shows it, else as it was stated."""
    if guard.rest is None:
        return Bounds(rest.low_w[place], rest.high_w[place])
    factor = volts if guard.unit is Unit.A else 1.0
    return Bounds(guard.rest.low * factor, guard.rest.high * factor)


def _volts(layout: Layout, node: Node, told: Mapping[str, MeterState]) -> float:
    state = told.get(node.circuit.circuit_id) or told.get(layout.network.root.circuit_id)
    return voltage_v(node, None if state is None else state.reading)

"""The limits that lie ahead of a home, as a plan takes them: of its fuses, of the resident, of events."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ...core.control.constraints import at_the_meter
from ...core.control.demand import Demand, Envelope, Target
from ...core.model import MAIN_CIRCUIT, Circuit, Network, Owner, Site, Step, TimeGrid
from ...core.planner.problem import CircuitLimit, Commitment, LimitOwner, MeterLimit, Series

_OWNERS: Mapping[Owner, LimitOwner] = {
    Owner.GRID_OPERATOR: LimitOwner.GRID_OPERATOR,
    Owner.RESIDENT: LimitOwner.RESIDENT,
    Owner.AGGREGATOR: LimitOwner.EVENT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ahead:
    """What limits the power at the meter in each step, and what was promised of it."""

    limits: tuple[MeterLimit, ...]
    commitments: tuple[Commitment, ...]


def nobody(_step: Step) -> AbstractSet[str]:
    """Say that the resident keeps no device out of any event."""
    return frozenset()


def ahead(
    site: Site,
    grid: TimeGrid,
    asked_in: Callable[[Step], Sequence[Demand]],
    setpoint_price_per_kwh: float,
    spared_in: Callable[[Step], AbstractSet[str]] = nobody,
) -> Ahead:
    """Return what the fuse, and the demands that are asked in each step, leave at the meter.

    Of one owner the tightest counts. A setpoint is a promise: the plan meets it where it can, and
    ``setpoint_price_per_kwh`` is what missing it costs. Where ``spared_in`` names devices what events ask is
    none of the whole meter's, see ``event_limits``.
    """
    fuse_w = site.main_fuse_a * site.nominal_voltage_v * site.phases
    both = (fuse_w,) * len(grid)
    bounds: dict[LimitOwner, list[tuple[float, float]]] = {
        owner: [(-math.inf, math.inf)] * len(grid) for owner in _OWNERS.values()
    }
    targets: list[float | None] = [None] * len(grid)
    for index, step in enumerate(grid):
        is_any_spared = bool(spared_in(step))
        for demand in at_the_meter(asked_in(step)):
            if is_any_spared and demand.owner is Owner.AGGREGATOR:
                continue
            match demand.asks:
                case Envelope(low_w=low_w, high_w=high_w) if demand.owner in _OWNERS:
                    owner = _OWNERS[demand.owner]
                    before = bounds[owner][index]
                    bounds[owner][index] = (max(before[0], low_w), min(before[1], high_w))
                case Target(power_w=power_w):
                    targets[index] = power_w
    limits = [MeterLimit(limit_id=MAIN_CIRCUIT, owner=LimitOwner.FUSE, import_w=both, export_w=both)]
    limits += [
        MeterLimit(
            limit_id=owner.value,
            owner=owner,
            import_w=tuple(high_w for _, high_w in found),
            export_w=tuple(-low_w for low_w, _ in found),
        )
        for owner, found in bounds.items()
        if any(math.isfinite(low_w) or math.isfinite(high_w) for low_w, high_w in found)
    ]
    return Ahead(limits=tuple(limits), commitments=tuple(_setpoints(targets, setpoint_price_per_kwh)))


def _setpoints(targets: Sequence[float | None], price_per_kwh: float) -> Iterator[Commitment]:
    if any(target is not None for target in targets):
        yield Commitment(
            commitment_id="setpoint",
            lower_w=tuple(-math.inf if target is None else target for target in targets),
            upper_w=tuple(math.inf if target is None else target for target in targets),
            price_per_kwh=price_per_kwh,
        )


def event_limits(
    grid: TimeGrid,
    asked_in: Callable[[Step], Sequence[Demand]],
    spared_in: Callable[[Step], AbstractSet[str]],
    device_ids: Iterable[str],
    load_w: Series,
) -> tuple[CircuitLimit, ...]:
    """Return what events ask of the house and of the devices that the resident does not keep out of them.

    One limit for each set of devices that is kept out of some step.
    """
    found: dict[AbstractSet[str], tuple[list[float], list[float]]] = {}
    for index, step in enumerate(grid):
        if not (spared := spared_in(step)):
            continue
        lower_w, upper_w = found.setdefault(spared, ([-math.inf] * len(grid), [math.inf] * len(grid)))
        for demand in at_the_meter(asked_in(step)):
            if demand.owner is not Owner.AGGREGATOR:
                continue
            match demand.asks:
                case Envelope(low_w=low_w, high_w=high_w):
                    lower_w[index], upper_w[index] = max(lower_w[index], low_w), min(upper_w[index], high_w)
                case Target(power_w=power_w):
                    lower_w[index] = upper_w[index] = power_w
    return tuple(
        CircuitLimit(
            limit_id=LimitOwner.EVENT.value if place == 0 else f"{LimitOwner.EVENT}.{place}",
            owner=LimitOwner.EVENT,
            shares=dict.fromkeys(sorted(set(device_ids) - spared), 1.0),
            load_w=load_w,
            upper_w=tuple(upper_w),
            lower_w=tuple(lower_w),
        )
        for place, (spared, (lower_w, upper_w)) in enumerate(found.items())
    )


def phase_limits(
    network: Network, site: Site, wired: Mapping[str, tuple[int, ...]], load_w: Series
) -> tuple[CircuitLimit, ...]:
    """Return each phase of each circuit as a limit, in W at the nominal voltage.

    ``wired``: on which phases each device draws (empty: on all), the same on each. The house's load is taken
    to lie on all phases alike; what hangs on a circuit besides devices is what the resident said of it. The
    main fuse of a home on one phase is the meter's limit, and no other.
    """
    return tuple(
        limit
        for circuit in network.circuits
        for place, phase in enumerate(circuit.phases)
        if not _is_meters(circuit, place, site)
        and (limit := _phase_limit(circuit, place, phase, network, site, wired, load_w)) is not None
    )


def _is_meters(circuit: Circuit, place: int, site: Site) -> bool:
    """Return whether a phase's limit would say of all devices what the meter's says already."""
    return circuit.parent_id is None and site.phases == 1 and circuit.fuse_a[place] >= site.main_fuse_a


def _phase_limit(
    circuit: Circuit,
    place: int,
    phase: int,
    network: Network,
    site: Site,
    wired: Mapping[str, tuple[int, ...]],
    load_w: Series,
) -> CircuitLimit | None:
    shares = {
        device_id: 1.0 / len(used)
        for device_id, phases in wired.items()
        if phase in (used := phases or circuit.phases)
        and circuit in network.upwards(network.circuit_of(device_id))
    }
    if not shares:
        return None
    fuse_w = circuit.fuse_a[place] * site.nominal_voltage_v
    is_root = circuit.parent_id is None
    other_w = (circuit.other_load_a or 0.0) * site.nominal_voltage_v
    return CircuitLimit(
        limit_id=f"{circuit.circuit_id}.l{phase}",
        owner=LimitOwner.FUSE,
        shares=shares,
        load_w=tuple(each / len(circuit.phases) if is_root else other_w for each in load_w),
        upper_w=(fuse_w,) * len(load_w),
        lower_w=(-fuse_w,) * len(load_w),
    )

"""The sums of power that are watched: of the site, of each circuit, and of each of its guards.

Every sum is in W. That of a guard in amperes is its current times the voltage of its phase, so that a device
counts with its share of power whatever the voltage; the layout holds until wiring changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..model import Circuit, GridKind, Group, Network, Site, one_circuit
from .memory import Key
from .network import Guard, Unit, Wiring, fuse_guards
from .phase_currents import NOMINAL_V, looks_without_neutral
from .state import DeviceState, MeterState, SiteState

# The meter of a site of which only the main fuse is known.
SITE_METER = "meter"


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """The devices' powers times ``coefficients``, as ``guard`` asks; None: the total power of ``circuit``.

    ``total`` is the place of the circuit's total among the nodes.
    """

    key: Key
    circuit: Circuit
    coefficients: Mapping[str, float]
    total: int
    guard: Guard | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The nodes, that of the site first; guards with the places of their nodes; groups with places after.

    ``shares``: each device's coefficients by place.
    """

    network: Network
    wirings: Mapping[str, Wiring]
    nodes: tuple[Node, ...]
    keys: tuple[Key, ...]
    guards: tuple[tuple[Guard, int], ...]
    groups: tuple[tuple[Group, int], ...]
    shares: Mapping[str, tuple[float, ...]]


def layout(state: SiteState, used: Mapping[str, int | None]) -> Layout:
    """Return what is watched of the site; ``used``: on how many phases each device draws, None: on all.

    Where nobody said how a site of more than one phase is supplied, a telegram that looks like one of a grid
    without neutral is taken at its word.
    """
    wirings = tuple(
        (device.device_id, _wiring(state.site, device, used.get(device.device_id)))
        for device in state.devices
    )
    without_neutral = state.site.phases > 1 and state.meter is not None and looks_without_neutral(state.meter)
    return _layout(stated(state, GridKind.IT_3P if without_neutral else None), wirings)


def stated(state: SiteState, grid: GridKind | None = None) -> Network:
    """Return the site's circuits as they were stated, else everything behind the main fuse, on ``grid``."""
    if state.network is not None:
        return state.network
    return _one_circuit(state.site, frozenset(device.device_id for device in state.devices), grid)


def meters(state: SiteState, network: Network) -> Mapping[str, MeterState]:
    """Return what each circuit's own meter told last, by circuit; the site's meter is the root's."""
    found = {
        circuit.circuit_id: told
        for circuit in network.circuits
        if circuit.meter_id is not None and (told := state.circuit_meters.get(circuit.meter_id)) is not None
    }
    if state.meter is not None:
        found[network.root.circuit_id] = MeterState(reading=state.meter, heard_s=state.meter_heard_s)
    return found


def _wiring(site: Site, device: DeviceState, used: int | None) -> Wiring:
    phases = tuple(phase for phase in device.wired_phases if 1 <= phase <= site.phases)
    return Wiring(phases=phases, used=used if used is not None else len(phases) or site.phases)


@lru_cache(maxsize=4)
def _one_circuit(site: Site, device_ids: frozenset[str], grid: GridKind | None) -> Network:
    return one_circuit(site, device_ids, SITE_METER, grid)


@lru_cache(maxsize=4)
def _layout(network: Network, wirings: tuple[tuple[str, Wiring], ...]) -> Layout:
    """Return the layout; kept, as it changes only with the wiring and with the phases that devices use."""
    circuits = (network.root, *(circuit for circuit in network.circuits if circuit.parent_id is not None))
    nodes = [
        Node(
            key=(circuit.circuit_id, None, (), frozenset()),
            circuit=circuit,
            coefficients=dict.fromkeys(network.devices_behind(circuit.circuit_id), 1.0),
            total=place,
        )
        for place, circuit in enumerate(circuits)
    ]
    totals = {node.circuit.circuit_id: node for node in nodes}
    guards = []
    for guard in fuse_guards(network, dict(wirings), {}):
        total = totals[guard.scope.id]
        guards.append((guard, total.total if guard.unit is Unit.W else len(nodes)))
        if guard.unit is not Unit.W:
            nodes.append(_node(guard, total))
    return Layout(
        network=network,
        wirings=dict(wirings),
        nodes=tuple(nodes),
        keys=tuple(node.key for node in nodes),
        guards=tuple(guards),
        groups=tuple((group, len(nodes) + number) for number, group in enumerate(network.groups)),
        shares={
            device_id: (
                *(node.coefficients.get(device_id, 0.0) for node in nodes),
                *(float(device_id in group.device_ids) for group in network.groups),
            )
            for device_id in network.device_ids
        },
    )


def shares(layout: Layout, device_id: str, ampere_v: float | None) -> tuple[float, ...]:
    """Return a device's coefficients; ``ampere_v`` is the voltage of one that is set in amperes, else None.

    In groups its amperes count at the nominal voltage, for which their limits are made.
    """
    found = layout.shares[device_id]
    if ampere_v is None or not layout.groups:
        return found
    places = len(layout.nodes)
    return (*found[:places], *(share * NOMINAL_V / ampere_v for share in found[places:]))


def phase_places(layout: Layout) -> Mapping[int, int]:
    """Return the phase that is watched at each place where it is one phase's current alone."""
    return {
        place: guard.phase
        for guard, place in layout.guards
        if guard.phase is not None and guard.unit is Unit.A and not guard.legs
    }


def _node(guard: Guard, total: Node) -> Node:
    return Node(
        key=(guard.scope.id, guard.phase, guard.legs, frozenset(guard.coefficients)),
        circuit=total.circuit,
        coefficients={key: share * NOMINAL_V for key, share in guard.coefficients.items()},
        total=total.total,
        guard=guard,
    )

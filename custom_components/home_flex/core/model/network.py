"""The wiring of a home: a tree of circuits with their fuses, and groups of devices that share a limit.

Phases are numbered 1 to 3. On a 3 x 230 V grid without neutral they number the *lines*: a device hangs
between two of them, or on all three. Currents in A per phase, powers in W; positive = consumption.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from .site import Site

MAIN_CIRCUIT = "main"


class GridKind(StrEnum):
    """How a circuit is supplied: three phases with neutral, three lines without, or one phase."""

    TN_3P = "tn_3p"
    IT_3P = "it_3p"
    ONE_PHASE = "one_phase"


class GroupKind(StrEnum):
    """Why devices share a limit."""

    SECTION_14A = "section_14a"
    COMMUNITY_CAPACITY = "community_capacity"
    PEAK = "peak"


class NetworkError(ValueError):
    """The circuits or groups contradict each other: what is wrong, as a slug, and in which ids."""

    def __init__(self, problem: str, *ids: str) -> None:
        """Name the problem and the ids."""
        super().__init__(f"{problem}: {', '.join(ids)}")
        self.problem = problem
        self.ids = ids


@dataclass(frozen=True, kw_only=True, slots=True)
class Circuit:
    """What one set of fuses protects.

    ``fuse_a`` holds one rating for each of ``phases``. ``meter_id`` is the meter that sees all of the circuit
    and nothing else. ``other_load_a`` is the most per phase that hangs there unmetered and is no device, as
    the resident says (0: nothing); None when nobody knows.
    """

    circuit_id: str
    fuse_a: tuple[float, ...]
    phases: tuple[int, ...] = (1, 2, 3)
    grid: GridKind = GridKind.TN_3P
    parent_id: str | None = None
    power_limit_w: float | None = None
    meter_id: str | None = None
    other_load_a: float | None = None
    device_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Devices that share a limit, wherever they hang."""

    group_id: str
    kind: GroupKind
    device_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """A tree of circuits with each of ``device_ids`` on exactly one, and groups of them.

    Raises ``NetworkError`` when that is not so.
    """

    circuits: tuple[Circuit, ...]
    device_ids: frozenset[str]
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        """Raise the first contradiction found."""
        for problem in _contradictions(self):
            raise problem

    @property
    def root(self) -> Circuit:
        """The circuit behind the main fuse."""
        return next(circuit for circuit in self.circuits if circuit.parent_id is None)

    def circuit(self, circuit_id: str) -> Circuit:
        """Return a circuit by its id; raises ``NetworkError`` when there is none."""
        for circuit in self.circuits:
            if circuit.circuit_id == circuit_id:
                return circuit
        raise NetworkError("unknown_circuit", circuit_id)

    def group(self, group_id: str) -> Group:
        """Return a group by its id; raises ``NetworkError`` when there is none."""
        for group in self.groups:
            if group.group_id == group_id:
                return group
        raise NetworkError("unknown_group", group_id)

    def circuit_of(self, device_id: str) -> Circuit:
        """Return the circuit that a device hangs on; raises ``NetworkError`` for an unknown device."""
        for circuit in self.circuits:
            if device_id in circuit.device_ids:
                return circuit
        raise NetworkError("unknown_device", device_id)

    def upwards(self, circuit: Circuit) -> Iterator[Circuit]:
        """Yield the circuit and those that feed it, up to the main fuse."""
        while True:
            yield circuit
            if circuit.parent_id is None:
                return
            circuit = self.circuit(circuit.parent_id)

    def devices_behind(self, circuit_id: str) -> tuple[str, ...]:
        """Return the ids of the devices on a circuit and on those it feeds, sorted."""
        return tuple(
            sorted(
                device_id
                for circuit in self.circuits
                if any(above.circuit_id == circuit_id for above in self.upwards(circuit))
                for device_id in circuit.device_ids
            )
        )


def one_circuit(
    site: Site, device_ids: frozenset[str], meter_id: str | None, grid: GridKind | None = None
) -> Network:
    """Return the network of a site of which only the main fuse is known: every device behind it."""
    default = GridKind.TN_3P if site.phases > 1 else GridKind.ONE_PHASE
    main = Circuit(
        circuit_id=MAIN_CIRCUIT,
        fuse_a=(site.main_fuse_a,) * site.phases,
        phases=tuple(range(1, site.phases + 1)),
        grid=grid or default,
        meter_id=meter_id,
        device_ids=tuple(sorted(device_ids)),
    )
    return Network(circuits=(main,), device_ids=device_ids)


def _contradictions(network: Network) -> Iterator[NetworkError]:
    """Yield what is wrong; each check relies on those before it."""
    yield from _repeated("circuit_twice", [circuit.circuit_id for circuit in network.circuits])
    yield from _repeated("group_twice", [group.group_id for group in network.groups])
    yield from _not_a_tree(network)
    for circuit in network.circuits:
        yield from _wrong_ratings(circuit)
        yield from _wrong_phases(circuit)
        if circuit.parent_id is not None:
            yield from _does_not_fit(circuit, network.circuit(circuit.parent_id))
    yield from _misplaced(network)


def _repeated(problem: str, ids: list[str]) -> Iterator[NetworkError]:
    if twice := sorted(found for found, times in Counter(ids).items() if times > 1):
        yield NetworkError(problem, *twice)


def _not_a_tree(network: Network) -> Iterator[NetworkError]:
    parents = {circuit.circuit_id: circuit.parent_id for circuit in network.circuits}
    if unknown := sorted({parent for parent in parents.values() if parent and parent not in parents}):
        yield NetworkError("unknown_circuit", *unknown)
    roots = sorted(circuit_id for circuit_id, parent in parents.items() if parent is None)
    if len(roots) != 1:
        yield NetworkError("not_one_main_circuit", *roots)
    for circuit_id in parents:
        above: str | None = circuit_id
        for _ in parents:
            above = parents[above] if above is not None else None
        if above is not None:
            yield NetworkError("circuits_in_a_ring", circuit_id)


def _wrong_ratings(circuit: Circuit) -> Iterator[NetworkError]:
    ratings = (*circuit.fuse_a, *(() if circuit.power_limit_w is None else (circuit.power_limit_w,)))
    if len(circuit.fuse_a) != len(circuit.phases):
        yield NetworkError("not_one_fuse_per_phase", circuit.circuit_id)
    if not all(math.isfinite(rating) and rating > 0 for rating in ratings):
        yield NetworkError("impossible_rating", circuit.circuit_id)
    if circuit.other_load_a is not None and not 0 <= circuit.other_load_a < math.inf:
        yield NetworkError("impossible_rating", circuit.circuit_id)


def _wrong_phases(circuit: Circuit) -> Iterator[NetworkError]:
    allowed = {GridKind.TN_3P: (1, 2, 3), GridKind.IT_3P: (2, 3), GridKind.ONE_PHASE: (1,)}[circuit.grid]
    distinct = set(circuit.phases)
    if len(distinct) != len(circuit.phases) or not distinct <= {1, 2, 3} or len(distinct) not in allowed:
        yield NetworkError("impossible_phases", circuit.circuit_id)


def _does_not_fit(circuit: Circuit, parent: Circuit) -> Iterator[NetworkError]:
    if not set(circuit.phases) <= set(parent.phases):
        yield NetworkError("phases_not_fed", circuit.circuit_id, parent.circuit_id)
    one_of_three = parent.grid is GridKind.TN_3P and circuit.grid is GridKind.ONE_PHASE
    if circuit.grid is not parent.grid and not one_of_three:
        yield NetworkError("another_kind_of_grid", circuit.circuit_id, parent.circuit_id)


def _misplaced(network: Network) -> Iterator[NetworkError]:
    placed = [device_id for circuit in network.circuits for device_id in circuit.device_ids]
    yield from _repeated("device_on_two_circuits", placed)
    if unknown := sorted(set(placed) - network.device_ids):
        yield NetworkError("unknown_device", *unknown)
    if missing := sorted(network.device_ids - set(placed)):
        yield NetworkError("device_on_no_circuit", *missing)
    for group in network.groups:
        yield from _repeated("device_twice_in_group", list(group.device_ids))
        if unknown := sorted(set(group.device_ids) - network.device_ids):
            yield NetworkError("unknown_device", *unknown)

"""Which sums of the devices' powers are guarded: one per fuse, power limit and group, each linear.

A guard asks that rest + sum of coefficient x power stays within its bounds. What is not known of a device's
phases makes more guards, never fewer: whatever phase it turns out to be on, one of them holds for it.
Powers in W, positive = consumption; no margin is taken off here.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..model import Circuit, GridKind, Network, Owner
from .demand import Scope, ScopeKind
from .leg_currents import LEGS_OF_LINE, LINES_OF_LEG
from .phase_currents import NOMINAL_V, Bounds

# Of so many devices with unknown phases every set is guarded; of more each alone and all of them.
_EVERY_SET_OF = 3


class Unit(StrEnum):
    """What a guard's bounds are in."""

    A = "A"
    W = "W"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wiring:
    """What is known of a device's phases (lines, on a grid without neutral).

    ``phases``: those it is wired to, in the order in which it uses them; empty when nobody knows. ``used``:
    on how many at a time (an inverter: on all of them); None when nobody knows.
    """

    phases: tuple[int, ...] = ()
    used: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """The devices' powers times ``coefficients`` (in ``unit`` per W), plus the rest, stay in [low, high].

    ``phase`` None is about all phases; on a grid without neutral it is the line, and ``legs`` are those of
    which the sum is guarded. The rest is what the meter ``meter_id`` says (see ``measured``) less the
    devices' part, or ``rest`` where no meter says it.
    """

    owner: Owner
    reason: str
    scope: Scope
    coefficients: Mapping[str, float]
    low: float
    high: float
    unit: Unit
    phase: int | None = None
    legs: tuple[int, ...] = ()
    meter_id: str | None = None
    rest: Bounds | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Which share of a device's power flows on each phase (leg, without neutral), at most when not known."""

    shares: Mapping[int, float] = field(default_factory=dict)
    known: bool = True


def fuse_guards(
    network: Network, wirings: Mapping[str, Wiring], voltages_v: Mapping[int, float]
) -> tuple[Guard, ...]:
    """Return the guards of every circuit's fuses, in A in both directions, and of its power limit, in W.

    ``voltages_v`` by phase, 230 V where none is given; on a grid without neutral between lines.
    """
    places = {
        device_id: _placed(network.circuit_of(device_id), wirings.get(device_id, Wiring()))
        for device_id in sorted(network.device_ids)
    }
    found: list[Guard] = []
    for circuit in network.circuits:
        behind = {device_id: places[device_id] for device_id in network.devices_behind(circuit.circuit_id)}
        for phase, fuse_a in zip(circuit.phases, circuit.fuse_a, strict=True):
            voltage_v = voltages_v.get(phase, NOMINAL_V)
            found.extend(
                Guard(
                    owner=Owner.FUSE,
                    reason="main_fuse" if circuit.parent_id is None else "circuit_fuse",
                    scope=Scope(ScopeKind.CIRCUIT, circuit.circuit_id),
                    coefficients={key: share / voltage_v for key, share in shares.items()},
                    low=-fuse_a,
                    high=fuse_a,
                    unit=Unit.A,
                    phase=phase,
                    legs=legs if circuit.grid is GridKind.IT_3P else (),
                    meter_id=circuit.meter_id,
                    rest=_stated_rest(circuit),
                )
                for legs, shares in _sums(circuit, phase, behind)
            )
        if circuit.power_limit_w is not None and behind:
            found.append(_power_limit(circuit, circuit.power_limit_w, tuple(behind)))
    return tuple(found)


def phases_known(circuit: Circuit, wiring: Wiring) -> bool:
    """Return whether it is known on which phases of its circuit a device draws how much."""
    return _placed(circuit, wiring).known


def _power_limit(circuit: Circuit, limit_w: float, device_ids: Sequence[str]) -> Guard:
    rest_a = _stated_rest(circuit)
    return Guard(
        owner=Owner.FUSE,
        reason="circuit_power",
        scope=Scope(ScopeKind.CIRCUIT, circuit.circuit_id),
        coefficients=dict.fromkeys(device_ids, 1.0),
        low=-math.inf,
        high=limit_w,
        unit=Unit.W,
        meter_id=circuit.meter_id,
        rest=None if rest_a is None else Bounds(0.0, rest_a.high * NOMINAL_V * len(circuit.phases)),
    )


def _stated_rest(circuit: Circuit) -> Bounds | None:
    """Return what hangs unmetered on a circuit without a meter, per phase; what nobody knows is not there.

    That such a fuse cannot be watched is told, see ``watched``.
    """
    return None if circuit.meter_id is not None else Bounds(0.0, circuit.other_load_a or 0.0)


def _placed(circuit: Circuit, wiring: Wiring) -> _Place:
    wired = tuple(phase for phase in wiring.phases if phase in circuit.phases)
    may_use = wired or circuit.phases
    if circuit.grid is GridKind.IT_3P:
        return _placed_between_lines(circuit, wiring, wired)
    if len(may_use) == 1:
        return _Place(shares={may_use[0]: 1.0})
    if wiring.used is not None and wiring.used >= len(may_use):
        return _Place(shares=dict.fromkeys(may_use, 1.0 / len(may_use)))
    each = 1.0 / max(1, wiring.used or 1)
    if wiring.used is not None and wired:
        return _Place(shares=dict.fromkeys(wired[: max(1, wiring.used)], each))
    return _Place(shares=dict.fromkeys(may_use, each), known=False)


def _placed_between_lines(circuit: Circuit, wiring: Wiring, wired: tuple[int, ...]) -> _Place:
    legs = _legs_within(circuit.phases)
    if len(wired) == 1:
        legs = tuple(leg for leg in legs if wired[0] in LINES_OF_LEG[leg])
    elif len(wired) == 2 or (wired and wiring.used is not None and wiring.used < 3):
        legs = _legs_within(wired[:2])
    if len(legs) == 1:
        return _Place(shares={legs[0]: 1.0})
    if len(wired) != 1 and wiring.used is not None and wiring.used >= 3:
        return _Place(shares=dict.fromkeys(legs, 1.0 / len(legs)))
    return _Place(shares=dict.fromkeys(legs, 1.0), known=False)


def _legs_within(lines: Sequence[int]) -> tuple[int, ...]:
    return tuple(leg for leg, ends in LINES_OF_LEG.items() if set(ends) <= set(lines))


def _sums(
    circuit: Circuit, phase: int, places: Mapping[str, _Place]
) -> Iterator[tuple[tuple[int, ...], Mapping[str, float]]]:
    """Yield legs and shares of each sum to guard on a phase, without repeats and without empty ones.

    A device whose phases are not known may be on the phase or not, so that neither what it gives nor what it
    takes off may be reckoned with: the sums with and without it are guarded.
    """
    unknown = [device_id for device_id, place in places.items() if not place.known]
    for legs in _sums_of_legs(circuit, phase):
        shares = {key: _share_on(place, legs) for key, place in places.items()}
        seen: list[Mapping[str, float]] = []
        for chosen in _sets(unknown):
            one = {
                key: share
                for key, share in shares.items()
                if share > 0 and (places[key].known or key in chosen)
            }
            if one and one not in seen:
                seen.append(one)
                yield legs, one


def _share_on(place: _Place, legs: Sequence[int]) -> float:
    """Return which share of a device's power flows on ``legs``: on one of them, where it is not known."""
    shares = [place.shares.get(leg, 0.0) for leg in legs]
    return math.fsum(shares) if place.known else max(shares, default=0.0)


def _sums_of_legs(circuit: Circuit, phase: int) -> tuple[tuple[int, ...], ...]:
    """Return the sets of legs to sum up on a line: each alone and both, as max(|a + c|, |a|, |c|) asks."""
    if circuit.grid is not GridKind.IT_3P:
        return ((phase,),)
    legs = tuple(leg for leg in LEGS_OF_LINE[phase] if set(LINES_OF_LEG[leg]) <= set(circuit.phases))
    return (legs, *((leg,) for leg in legs)) if len(legs) > 1 else (legs,)


def _sets(unknown: Sequence[str]) -> Iterator[tuple[str, ...]]:
    sizes = range(len(unknown), -1, -1)
    for size in sizes if len(unknown) <= _EVERY_SET_OF else (len(unknown), 1, 0):
        yield from itertools.combinations(unknown, size)

"""The current that each charger falls back to when nobody tells it anything: together they fit every fuse.

Written into the charger once, to last; it holds when Home Assistant goes away.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..model import Circuit, Network
from .network import Wiring

# The part of each fuse that is left to the house where nothing more is known.
HOUSE_PART = 0.10


@dataclass(frozen=True, kw_only=True, slots=True)
class DefaultCharger:
    """A charger's limits in A per phase, and the resident's ``priority``: 1 comes first."""

    device_id: str
    priority: int
    min_current_a: float
    max_current_a: float


def lasting_defaults_a(
    network: Network, wirings: Mapping[str, Wiring], chargers: Sequence[DefaultCharger]
) -> Mapping[str, int]:
    """Return each charger's lasting default in whole A per phase: 0, or at least its smallest current.

    Equal shares of what the house leaves of the tightest fuse, rounded down; where that is less than a
    charger can do, the last by priority there gets 0. A charger counts on every phase that it may use.
    """
    places = {one.device_id: _places(network, wirings, one.device_id) for one in chargers}
    running = list(chargers)
    while True:
        crowd = Counter(place for one in running for place in places[one.device_id])
        tight = {
            place
            for one in running
            for place, room_a in places[one.device_id].items()
            if _whole_a(room_a / crowd[place]) < one.min_current_a
        }
        sharing = [one for one in running if not tight.isdisjoint(places[one.device_id])]
        if not sharing:
            break
        running.remove(max(sharing, key=lambda one: (one.priority, one.device_id)))
    defaults = dict.fromkeys(places, 0)
    for one in running:
        share_a = min(room_a / crowd[place] for place, room_a in places[one.device_id].items())
        current_a = min(math.floor(one.max_current_a), _whole_a(share_a))
        defaults[one.device_id] = current_a if current_a >= one.min_current_a else 0
    return defaults


def _places(
    network: Network, wirings: Mapping[str, Wiring], device_id: str
) -> Mapping[tuple[str, int], float]:
    """Return what the house leaves at each fuse that a charger may draw through: circuit, phase -> A."""
    own = network.circuit_of(device_id)
    wired = [phase for phase in wirings.get(device_id, Wiring()).phases if phase in own.phases]
    return {
        (circuit.circuit_id, phase): _left_a(circuit, fuse_a)
        for circuit in network.upwards(own)
        for phase, fuse_a in zip(circuit.phases, circuit.fuse_a, strict=True)
        if phase in (wired or own.phases)
    }


def _whole_a(current_a: float) -> int:
    return math.floor(current_a + 1e-9)


def _left_a(circuit: Circuit, fuse_a: float) -> float:
    return max(0.0, fuse_a - max(HOUSE_PART * fuse_a, circuit.other_load_a or 0.0))

"""Who has a place when there is not enough for all: equals take turns, one swap at a time.

With k places for n cars, a turn of T = 14 min x k / (n - k) and a swap each T / k make everybody wait
T x (n - k) / k = 14 min and begin within 15, unless T leaves what a contactor and a vehicle bear.
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

# Fifteen minutes, less what a vehicle needs to begin.
WAIT_S = 840.0
SHORTEST_S = 480.0
LONGEST_S = 1800.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Turns:
    """Since when each car has its place, or waits for one, and when the last swap was.

    ``contested_s`` is when somebody began to wait while others had places.
    """

    places: Mapping[str, float] = field(default_factory=dict)
    waits: Mapping[str, float] = field(default_factory=dict)
    swapped_s: float = -math.inf
    contested_s: float | None = None


def turn_s(places: int, cars: int) -> float:
    """Return how long a turn lasts when ``cars`` share ``places``."""
    if places <= 0 or cars <= places:
        return LONGEST_S
    return min(LONGEST_S, max(SHORTEST_S, WAIT_S * places / (cars - places)))


def kept(turns: Turns, placed: Collection[str], waiting: Collection[str], now_s: float) -> Turns:
    """Return ``turns`` with who has a place and who waits for one now."""
    contested = bool(placed) and bool(waiting)
    return Turns(
        places={car: turns.places.get(car, now_s) for car in placed},
        waits={car: turns.waits.get(car, now_s) for car in waiting},
        swapped_s=turns.swapped_s,
        contested_s=(now_s if turns.contested_s is None else turns.contested_s) if contested else None,
    )


def swapped(turns: Turns, fits: Callable[[str, str], bool], now_s: float) -> Turns:
    """Return ``turns`` after the swap that is due, if one is.

    Who has waited longest comes in for who has run longest, of those where ``fits(out, in)`` says that the
    exchange is right: they are equals, who goes may stop, and who comes finds room in the other's place.
    """
    if not turns.waits or next_swap_s(turns) > now_s:
        return turns
    for coming in sorted(turns.waits, key=lambda car: (turns.waits[car], car)):
        for going in sorted(turns.places, key=lambda car: (turns.places[car], car)):
            if fits(going, coming):
                return Turns(
                    places={**{car: s for car, s in turns.places.items() if car != going}, coming: now_s},
                    waits={**{car: s for car, s in turns.waits.items() if car != coming}, going: now_s},
                    swapped_s=now_s,
                    contested_s=turns.contested_s,
                )
    return turns


def next_swap_s(turns: Turns) -> float:
    """Return when the next swap is due; infinite while nobody waits for a place that others have."""
    if turns.contested_s is None:
        return math.inf
    return max(turns.swapped_s, turns.contested_s) + _between_s(turns)


def _between_s(turns: Turns) -> float:
    places = len(turns.places)
    return turn_s(places, places + len(turns.waits)) / max(1, places)

"""A meter that reads zero for all that is fed in, which control must not take for balance.

Meters with a ratchet, and figures of consumption alone, know only one way. Of a home that feeds in all their
telegrams are zero, one after the other, and none was ever less. An honest meter's noise moves it, unless a
battery of its own accord keeps it at zero.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..kinds import kind_of
from ..kinds.kind import Seen
from ..model import MeterReading
from .memory import MeterMemory

# So many telegrams of exactly zero in a row are no balance.
_TELEGRAMS = 20
# Devices that give less feed nothing in that matters.
_GIVES_W = 100.0
# As nobody knows how much is fed in, so much of what devices give is reckoned with: they are taken back step
# by step, until the meter shows again what is drawn.
_FED_IN, _FED_IN_LEAST_W = 0.25, 100.0


def counted(memory: MeterMemory, power_w: float) -> MeterMemory:
    """Return the meter's memory with a new reading: the zeros in a row, and whether it ever read less."""
    zeros = memory.zeros + 1 if power_w == 0.0 else 0
    return replace(memory, zeros=zeros, shows_export=memory.shows_export or power_w < 0.0)


def unseen_w(memory: MeterMemory, seen: Mapping[str, Seen[Any]]) -> float:
    """Return how much is reckoned to be fed in although the meter reads zero, W; 0 where zero is zero."""
    if memory.shows_export or memory.zeros < _TELEGRAMS:
        return 0.0
    given_w = -sum(min(0.0, one.reading.power_w) for one in seen.values() if not _covers(one))
    return max(_FED_IN_LEAST_W, _FED_IN * given_w) if given_w > _GIVES_W else 0.0


def less(meter: MeterReading, fed_in_w: float) -> MeterReading:
    """Return the reading with what it does not show, spread over the phases that it tells."""
    phases = len(meter.phase_power_w)
    return replace(
        meter,
        power_w=meter.power_w - fed_in_w,
        phase_power_w=tuple(power_w - fed_in_w / phases for power_w in meter.phase_power_w),
    )


def _covers(seen: Seen[Any]) -> bool:
    """Return whether a free store keeps the meter at zero by itself, for all that is known."""
    return kind_of(seen.device).is_driven and seen.memory.taken is None and seen.memory.covers is not False

"""A meter whose values stand still although it goes on speaking: it tells nothing of now.

An honest meter never repeats everything it tells, phases and energies too, while the devices behind it draw
more or less: the load of the house would have to change by just as much the other way, to the watt. Only a
free store does that, which covers the house and keeps the meter at zero. So a meter stands still when no
value of it moved for long, the devices together did, and no free store made up for it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..kinds import kind_of
from ..kinds.kind import Seen
from ..model import MeterReading
from .memory import MeterMemory, Still
from .rhythm import period_s
from .state import SiteState

# What devices told before this is of a time before the values stood: their readings may be that old.
_OLD_S = 30.0
# So much changed at the devices must show at the meter; so much of a free store may make up for it.
_MOVED_W, _COVERS_W = 300.0, 100.0
# For so many telegrams it must not have shown, and for as long as the slowest device may take.
_TELEGRAMS, _SHOWS_S = 5.0, 20.0


def watched(
    memory: MeterMemory, state: SiteState, seen: Mapping[str, Seen[Any]], now_s: float
) -> MeterMemory:
    """Return the meter's memory with how long all that it tells has stood, and what devices did meanwhile.

    ``is_standing`` of what it remembers ends with the first value that moves.
    """
    if state.meter is None:
        return memory
    still, values = memory.still, _values(state.meter)
    if still is None or still.values != values:
        return replace(memory, still=Still(values=values, since_s=now_s))
    if still.is_standing or now_s - still.since_s < _OLD_S:
        return memory
    powers_w = {key: one.reading.power_w for key, one in seen.items()}
    if still.powers_w.keys() != powers_w.keys():
        return replace(memory, still=replace(still, powers_w=powers_w, moved_s=None))
    if not _has_moved(still.powers_w, seen):
        return memory if still.moved_s is None else replace(memory, still=replace(still, moved_s=None))
    moved_s = now_s if still.moved_s is None else still.moved_s
    is_standing = now_s - moved_s >= max(_SHOWS_S, _TELEGRAMS * period_s(memory.rhythm))
    return replace(memory, still=replace(still, moved_s=moved_s, is_standing=is_standing))


def is_standing(memory: MeterMemory) -> bool:
    """Return whether the meter's values stand still, so that it counts as one that is silent."""
    return memory.still is not None and memory.still.is_standing


def _values(meter: MeterReading) -> tuple[object, ...]:
    return (
        meter.power_w,
        meter.phase_power_w,
        meter.phase_voltage_v,
        meter.phase_current_a,
        meter.energy_import_wh,
        meter.energy_export_wh,
    )


def _is_store(seen: Seen[Any]) -> bool:
    return kind_of(seen.device).is_driven


def _has_moved(before_w: Mapping[str, float], seen: Mapping[str, Seen[Any]]) -> bool:
    """Return whether the devices together draw otherwise than ``before_w``, and no free store answered."""
    moved_w = {key: one.reading.power_w - before_w[key] for key, one in seen.items()}
    free_w = sum(
        abs(moved_w[key])
        for key, one in seen.items()
        if one.memory.taken is None and one.memory.covers is not False and _is_store(one)
    )
    together_w: float = abs(sum(moved_w.values()))
    return together_w >= _MOVED_W and free_w < _COVERS_W

"""A signal on the steps of a time grid, where slots of 15, 30 or 60 minutes meet steps of any length."""

from dataclasses import dataclass

from ..model import TimeGrid
from .signal import Signal


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotValue:
    """What a signal says of one step: the time-weighted mean of the slots in it.

    ``value`` is None when any part of the step is in a hole: what is not known is not filled kindly.
    ``known_share`` (0 to 1) is the part that the slots cover; ``guessed``: a part of it is guessed.
    """

    value: float | None
    known_share: float
    guessed: bool = False


def on_grid(signal: Signal, grid: TimeGrid) -> tuple[SlotValue, ...]:
    """Return for each step of the grid what the signal says of it, in the signal's unit."""
    found: list[SlotValue] = []
    first = 0
    for step in grid:
        while first < len(signal.slots) and signal.slots[first].end <= step.start:
            first += 1
        covered_s, weighted, guessed = 0.0, 0.0, False
        for slot in signal.slots[first:]:
            if slot.start >= step.end:
                break
            shared_s = (min(slot.end, step.end) - max(slot.start, step.start)).total_seconds()
            covered_s += shared_s
            weighted += shared_s * float(slot.value)
            guessed = guessed or slot.guessed
        length_s = (step.end - step.start).total_seconds()
        found.append(
            SlotValue(
                value=weighted / length_s if covered_s >= length_s else None,
                known_share=covered_s / length_s,
                guessed=guessed,
            )
        )
    return tuple(found)

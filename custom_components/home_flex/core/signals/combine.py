"""Signals of several sources or times made one: newer over older, what is published over what is guessed."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from .signal import Signal, SignalError, Slot


def overlay(below: Signal, above: Signal) -> Signal:
    """Return both in one; where both say something, ``above`` holds.

    A slot that ``above`` only repeats stays as it was known first. Raises SignalError ``other_unit``.
    """
    if (below.kind, below.unit) != (above.kind, above.unit):
        raise SignalError("other_unit", unit=above.unit, wanted=below.unit)
    first = {(slot.start, slot.end, slot.value, slot.guessed): slot for slot in below.slots}
    top = [first.get((slot.start, slot.end, slot.value, slot.guessed), slot) for slot in above.slots]
    ends = [slot.end for slot in top]
    rest = [part for slot in below.slots for part in _outside(slot, top, bisect_right(ends, slot.start))]
    slots = sorted((*top, *rest), key=lambda slot: slot.start)
    return replace(below, slots=tuple(slots))


def holes(signal: Signal, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Return what of a time no slot is about, in order."""
    found: list[tuple[datetime, datetime]] = []
    at = start
    for slot in signal.slots:
        if slot.start >= end:
            break
        if slot.start > at:
            found.append((at, slot.start))
        at = max(at, slot.end)
    if at < end:
        found.append((at, end))
    return tuple(found)


def _outside(slot: Slot, above: Sequence[Slot], first: int) -> Iterator[Slot]:
    """Yield the parts of a slot that none above it covers; ``first`` of them ends after it begins."""
    at = slot.start
    for index in range(first, len(above)):
        over = above[index]
        if over.start >= slot.end:
            break
        if over.start > at:
            yield replace(slot, start=at, end=over.start)
        at = over.end
    if at < slot.end:
        yield replace(slot, start=at)

"""What was counted or measured in each slot of the home's own series, and how sure it is.

A slot is ``UTC epoch seconds // slot_s``. Every civil offset in use is a multiple of a quarter-hour, so that
quarter-hours in UTC are quarter-hours of every clock. Values are whole numbers in the unit that the series
names (Wh, W, per mille); positive = consumption.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

SLOT_S: Final = 300


class Mark(IntEnum):
    """How a value came to be; the higher, the less it is worth."""

    MEASURED = 0
    INTERPOLATED = 1
    ESTIMATED = 2
    MISSING = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How many slots of a figure carry which mark; shown beside every figure."""

    measured: int = 0
    interpolated: int = 0
    estimated: int = 0
    missing: int = 0

    def __add__(self, other: Coverage) -> Coverage:
        """Return the coverage of two stretches together."""
        return Coverage(
            measured=self.measured + other.measured,
            interpolated=self.interpolated + other.interpolated,
            estimated=self.estimated + other.estimated,
            missing=self.missing + other.missing,
        )

    @property
    def slots(self) -> int:
        """All slots of the stretch."""
        return self.measured + self.interpolated + self.estimated + self.missing

    @property
    def known_share(self) -> float:
        """Share of slots that have a value, 0 to 1; 0 for a stretch without slots."""
        return (self.slots - self.missing) / self.slots if self.slots else 0.0

    @property
    def measured_share(self) -> float:
        """Share of slots that were measured, 0 to 1; 0 for a stretch without slots."""
        return self.measured / self.slots if self.slots else 0.0


NOTHING: Final = Coverage()


def coverage_of(marks: Iterable[Mark]) -> Coverage:
    """Count marks."""
    counts = [0, 0, 0, 0]
    for mark in marks:
        counts[mark] += 1
    return Coverage(measured=counts[0], interpolated=counts[1], estimated=counts[2], missing=counts[3])


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotSeries:
    """Values of consecutive slots from ``first_slot`` on, each with its mark; None if and only if missing.

    ``slot_s``: the length of a slot; the first begins ``first_slot * slot_s`` seconds after the UTC epoch.
    Raises ValueError where values and marks contradict each other.
    """

    first_slot: int
    values: tuple[int | None, ...]
    marks: tuple[Mark, ...]
    slot_s: int = SLOT_S

    def __post_init__(self) -> None:
        """Raise for a value without a mark, and for a mark that its value belies."""
        if self.slot_s <= 0:
            raise ValueError(f"A slot has a length, not {self.slot_s} s")
        if len(self.values) != len(self.marks):
            raise ValueError(f"{len(self.values)} values have {len(self.marks)} marks")
        for value, mark in zip(self.values, self.marks, strict=True):
            if (value is None) != (mark is Mark.MISSING):
                raise ValueError(f"A value {value} cannot be marked {mark.name}")

    def __len__(self) -> int:
        """Return the number of slots."""
        return len(self.values)

    def __iter__(self) -> Iterator[tuple[int, int | None, Mark]]:
        """Yield slot, value and mark."""
        return zip(range(self.first_slot, self.end_slot), self.values, self.marks, strict=True)

    @property
    def end_slot(self) -> int:
        """The slot after the last."""
        return self.first_slot + len(self.values)

    @property
    def total(self) -> int:
        """Sum of the values there are; ``coverage`` says what is missing in it."""
        return sum(value for value in self.values if value is not None)

    @property
    def is_known(self) -> bool:
        """Whether any of its slots has a value."""
        return any(value is not None for value in self.values)

    @property
    def coverage(self) -> Coverage:
        """How the slots are covered."""
        return coverage_of(self.marks)

    def at(self, slot: int) -> tuple[int | None, Mark]:
        """Return value and mark of a slot; outside of the series it is missing."""
        if self.first_slot <= slot < self.end_slot:
            return self.values[slot - self.first_slot], self.marks[slot - self.first_slot]
        return None, Mark.MISSING

    def between(self, first_slot: int, end_slot: int) -> SlotSeries:
        """Return the slots from ``first_slot`` until just before ``end_slot``, missing where none are."""
        found = [self.at(slot) for slot in range(first_slot, max(first_slot, end_slot))]
        return SlotSeries(
            first_slot=first_slot,
            values=tuple(value for value, _ in found),
            marks=tuple(mark for _, mark in found),
            slot_s=self.slot_s,
        )

    def sums(self, slot_s: int) -> SlotSeries:
        """Return the sums over longer slots, each with the worst mark of its parts.

        Where a part is missing, so is the sum. Raises ValueError unless ``slot_s`` is a whole multiple.
        """
        parts, rest = divmod(slot_s, self.slot_s)
        if rest or parts < 1:
            raise ValueError(f"Slots of {self.slot_s} s do not make up slots of {slot_s} s")
        first, end = self.first_slot // parts, -(-self.end_slot // parts)
        whole = self.between(first * parts, end * parts)
        values, marks = [], []
        for start in range(0, len(whole), parts):
            mark = max(whole.marks[start : start + parts])
            known = [value for value in whole.values[start : start + parts] if value is not None]
            values.append(None if mark is Mark.MISSING else sum(known))
            marks.append(mark)
        return SlotSeries(first_slot=first, values=tuple(values), marks=tuple(marks), slot_s=slot_s)


def series_of(cells: Mapping[int, tuple[int | None, Mark]], slot_s: int = SLOT_S) -> SlotSeries:
    """Return a series from the first to the last slot of a mapping; slots that are not in it are missing."""
    if not cells:
        return SlotSeries(first_slot=0, values=(), marks=(), slot_s=slot_s)
    slots = range(min(cells), max(cells) + 1)
    missing = (None, Mark.MISSING)
    return SlotSeries(
        first_slot=slots.start,
        values=tuple(cells.get(slot, missing)[0] for slot in slots),
        marks=tuple(cells.get(slot, missing)[1] for slot in slots),
        slot_s=slot_s,
    )


def slot_at(time: datetime, slot_s: int = SLOT_S) -> int:
    """Return the slot that a moment (aware) is in."""
    return int(time.timestamp() // slot_s)


def slot_start(slot: int, slot_s: int = SLOT_S) -> datetime:
    """Return when a slot begins, in UTC."""
    return datetime.fromtimestamp(slot * slot_s, UTC)

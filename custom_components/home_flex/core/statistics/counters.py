"""Readings of a counter as slots with marks: a function of the *set* of readings, whatever came first.

The counter is the truth, not the power. What it counted between two readings is spread over the slots it
covers in proportion to time, rounded so that the sum is kept to the last unit. Nothing is clipped, and what
is not known in which slot it was used is told beside the slots.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .readings import CounterReading, CounterRule, Finding, MeterSwap, Problem
from .slots import SLOT_S, Mark, SlotSeries, series_of
from .spans import Span, spans_of

# Without a reading for this long the shape in between is a line, a guess, or nobody's knowledge.
INTERPOLATED_S: Final = 3600
# The longest day: a counter that is read at each midnight is never read more seldom.
ESTIMATED_S: Final = 25 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What a counter counted in each slot from the first reading to the last, and what was found.

    ``kept``: readings from which the same comes out; the others may be forgotten. ``last``: where counting
    goes on; ``fallen_from``: where it stood before it fell.
    """

    series: SlotSeries
    findings: tuple[Finding, ...]
    kept: tuple[CounterReading, ...]
    last: CounterReading | None
    fallen_from: CounterReading | None = None

    @property
    def unallocated(self) -> int:
        """What was counted without being in any slot."""
        return sum(finding.amount or 0 for finding in self.findings if finding.problem is Problem.UNALLOCATED)


def count(
    readings: Iterable[CounterReading],
    rule: CounterRule,
    swaps: Iterable[MeterSwap] = (),
    slot_s: int = SLOT_S,
) -> Counted:
    """Return what a counter counted in each slot of ``slot_s`` seconds.

    A slot is *measured* when each span in it lies within the slot, give or take ``rule.edge_s`` at its
    edges; *interpolated* when a span of up to an hour, or one in which the counter stood still, crosses it or
    a part of it is not covered; *estimated* up to a day, after a reset and in conflicts; *missing* else. The
    sum over all slots and ``unallocated`` is what all spans counted.
    """
    given = tuple(readings)
    found = spans_of(given, rule, swaps)
    sheet = _Sheet(slot_s, rule.edge_s)
    for span in found.spans:
        sheet.add(span)
    return Counted(
        series=series_of(dict(sheet.cells()), slot_s),
        findings=(*found.findings, *sheet.unallocated()),
        kept=_kept(given, found.odd, slot_s),
        last=found.last,
        fallen_from=found.fallen_from,
    )


def shares(total: int, weights: Iterable[int]) -> Iterator[int]:
    """Split a total by weights into whole numbers that sum to it, none off its exact share by more than 1.

    Cumulative rounding, half up: ``cell_k = round(total x W_k / W) - what went before``, W_k the weights so
    far. Raises ValueError for weights that do not add up to something.
    """
    listed = tuple(weights)
    whole = sum(listed)
    if whole <= 0:
        raise ValueError("Nothing can be split by weights that sum to nothing")
    done = weight = 0
    for each in listed:
        weight += each
        upto = (2 * total * weight + whole) // (2 * whole)
        yield upto - done
        done = upto


class _Sheet:
    """The slots while they are filled."""

    def __init__(self, slot_s: int, edge_s: int) -> None:
        """Begin empty."""
        self._slot_s = slot_s
        self._edge_s = edge_s
        self._amounts: defaultdict[int, int] = defaultdict(int)
        self._marks: dict[int, Mark] = {}
        self._covered_s: defaultdict[int, int] = defaultdict(int)
        self._nowhere: list[Finding] = []

    def add(self, span: Span) -> None:
        """Spread a span over its slots."""
        slots = range(span.start_s // self._slot_s, (span.end_s - 1) // self._slot_s + 1)
        overlaps_s = [
            min(span.end_s, (slot + 1) * self._slot_s) - max(span.start_s, slot * self._slot_s)
            for slot in slots
        ]
        mark = max(span.mark, self._shape(span))
        if mark is Mark.MISSING and span.amount:
            self._tell_unallocated(span.start_s, span.end_s, span.amount)
        amount = 0 if span.amount is None or mark is Mark.MISSING else span.amount
        for slot, overlap_s, share in zip(slots, overlaps_s, shares(amount, overlaps_s), strict=True):
            self._amounts[slot] += share
            self._covered_s[slot] += overlap_s
            self._marks[slot] = max(mark, self._marks.get(slot, Mark.MEASURED))

    def cells(self) -> Iterator[tuple[int, tuple[int | None, Mark]]]:
        """Yield each slot's value and mark."""
        whole_s = self._slot_s - 2 * self._edge_s
        for slot, mark in self._marks.items():
            if mark is Mark.MISSING:
                yield slot, (None, mark)
            else:
                least = Mark.MEASURED if self._covered_s[slot] >= whole_s else Mark.INTERPOLATED
                yield slot, (self._amounts[slot], max(mark, least))

    def unallocated(self) -> Iterator[Finding]:
        """Yield what was counted without a slot, also what is known of a slot of which a part is missing."""
        for slot, mark in self._marks.items():
            if mark is Mark.MISSING and self._amounts[slot]:
                self._tell_unallocated(slot * self._slot_s, (slot + 1) * self._slot_s, self._amounts[slot])
        yield from self._nowhere

    def _shape(self, span: Span) -> Mark:
        """Return how well it is known in which slot the span's amount was used."""
        first, last = self._snapped(span.start_s), self._snapped(span.end_s)
        if last <= (first // self._slot_s + 1) * self._slot_s:
            return Mark.MEASURED
        length_s = span.end_s - span.start_s
        if length_s <= INTERPOLATED_S or span.amount == 0:
            return Mark.INTERPOLATED
        return Mark.ESTIMATED if length_s <= ESTIMATED_S else Mark.MISSING

    def _snapped(self, time_s: int) -> int:
        edge_s = (time_s + self._slot_s // 2) // self._slot_s * self._slot_s
        return edge_s if abs(time_s - edge_s) <= self._edge_s else time_s

    def _tell_unallocated(self, start_s: int, end_s: int, amount: int) -> None:
        self._nowhere.append(
            Finding(problem=Problem.UNALLOCATED, start_s=start_s, end_s=end_s, amount=amount)
        )


def _kept(
    readings: Iterable[CounterReading], odd: frozenset[CounterReading], slot_s: int
) -> tuple[CounterReading, ...]:
    """Return the first and last reading of each slot, and those between which something odd happened."""
    ordered = sorted(set(readings))
    first: dict[int, CounterReading] = {}
    last: dict[int, CounterReading] = {}
    odd_times = {reading.time_s for reading in odd}
    for reading in ordered:
        first.setdefault(reading.time_s // slot_s, reading)
        last[reading.time_s // slot_s] = reading
    ends_s = {reading.time_s for reading in (*first.values(), *last.values())} | odd_times
    return tuple(reading for reading in ordered if reading.time_s in ends_s)

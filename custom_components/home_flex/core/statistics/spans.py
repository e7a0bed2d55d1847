"""From one reading of a counter to the next: what was counted in between, and how much that is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .readings import CounterReading, CounterRule, Finding, MeterSwap, Problem
from .slots import Mark

# A counter that steps back by no more than this many of its steps is noisy; it did not start anew.
DIP_STEPS: Final = 10
# Nor did one that falls by no more than it can count in this time and stands far above nothing: no other
# meter stands so near to it. Inverters and clouds tell so.
CORRECTED_S: Final = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """What was counted from one moment to another, None where nobody knows; at best worth ``mark``."""

    start_s: int
    end_s: int
    amount: int | None
    mark: Mark = Mark.MEASURED


@dataclass(frozen=True, kw_only=True, slots=True)
class Spans:
    """All spans of a counter in order. ``odd``: readings whose neighbours matter, not only their sum.

    ``last`` is where counting goes on: the time of the last reading with the highest value since it began.
    ``fallen_from``: where it stood before it fell, as long as it stands still since.
    """

    spans: tuple[Span, ...]
    findings: tuple[Finding, ...]
    odd: frozenset[CounterReading]
    last: CounterReading | None
    fallen_from: CounterReading | None = None


def spans_of(readings: Iterable[CounterReading], rule: CounterRule, swaps: Iterable[MeterSwap] = ()) -> Spans:
    """Return what was counted between readings; their order and repetitions do not matter.

    A step back within the counter's noise, or to a little below where it stood, counts nothing until the
    highest value is passed again: counting from the dip would add it twice. Nor does a fall to nothing, or to
    another's value, that stands still until it is back at once where it stood: devices tell so while they
    start. What is counted then is what it is above that, as estimated: from nothing it could have counted
    there, where it had the time.
    """
    work = _Work(rule, tuple(sorted(swaps, key=lambda swap: (swap.time_s, swap.end_value, swap.start_value))))
    for reading in _one_per_time(readings, work.findings, work.conflicts):
        work.take(reading)
    return Spans(
        spans=tuple(work.spans),
        findings=tuple(work.findings),
        odd=frozenset(work.odd),
        last=work.last,
        fallen_from=work.fallen_from,
    )


def _one_per_time(
    readings: Iterable[CounterReading], findings: list[Finding], conflicts: set[int]
) -> Sequence[CounterReading]:
    """Return one reading for each time: of several the smallest, whichever came first."""
    chosen: dict[int, CounterReading] = {}
    for reading in sorted(set(readings)):
        if reading.value < 0:
            continue
        first = chosen.setdefault(reading.time_s, reading)
        if first.value != reading.value and reading.time_s not in conflicts:
            conflicts.add(reading.time_s)
            time_s = reading.time_s
            findings.append(Finding(problem=Problem.CONFLICT, start_s=time_s, end_s=time_s))
    return list(chosen.values())


class _Work:
    """One pass over the readings of a counter."""

    def __init__(self, rule: CounterRule, swaps: tuple[MeterSwap, ...]) -> None:
        """Begin with nothing counted."""
        self._rule = rule
        self._swaps = swaps
        self._before: CounterReading | None = None
        self._high = 0
        self.fallen_from: CounterReading | None = None
        self.spans: list[Span] = []
        self.findings: list[Finding] = []
        self.conflicts: set[int] = set()
        self.odd: set[CounterReading] = set()

    @property
    def last(self) -> CounterReading | None:
        """Where counting goes on."""
        if self._before is None:
            return None
        before = self._before
        return CounterReading(
            time_s=before.time_s,
            value=self._high,
            meter_id=before.meter_id,
            is_time_certain=before.is_time_certain,
        )

    def take(self, reading: CounterReading) -> None:
        """Count from the reading before to this one."""
        before, self._before = self._before, reading
        if before is None:
            self._high = reading.value
            return
        if reading.time_s in self.conflicts:
            self.odd.add(reading)
        fallen_from, stands = self.fallen_from, reading.value == self._high
        self.fallen_from = fallen_from if stands else None
        if fallen_from is not None and not stands:
            self.odd |= {before, reading}
        if self._was_swapped(before, reading):
            self.odd |= {before, reading}
        elif fallen_from is not None and self._is_back(fallen_from, before, reading):
            self._stood_still(fallen_from)
            self._count(before, reading, reading.value - fallen_from.value, Mark.ESTIMATED)
            self._find(Problem.DIP, before, reading, fallen_from.value - self._high)
            self._high = reading.value
        elif reading.meter_id != before.meter_id:
            self._unknown(before, reading, Problem.METER_CHANGED)
        elif (ahead := reading.value - self._high) > self._rule.most_in(reading.time_s - before.time_s):
            self._unknown(before, reading, Problem.JUMP)
        elif ahead >= 0:
            self._count(before, reading, ahead)
            self._high = reading.value
        elif reading.value >= before.value:
            self._count(before, reading, 0)  # on the way up again
        else:
            self.odd |= {before, reading}
            self._step_back(before, reading, -ahead)

    def _is_back(self, fallen_from: CounterReading, before: CounterReading, reading: CounterReading) -> bool:
        """Return whether a counter is back where it stood, with what it can have counted since."""
        ahead, risen = reading.value - fallen_from.value, reading.value - self._high
        is_jump = risen > self._rule.most_in(reading.time_s - before.time_s)
        return (
            reading.meter_id == fallen_from.meter_id
            and 0 <= ahead <= self._rule.most_in(reading.time_s - fallen_from.time_s)
            and (is_jump or self._high == 0)
        )

    def _stood_still(self, fallen_from: CounterReading) -> None:
        """Count nothing since a counter fell: what there was is told by where it is back."""
        for place in range(len(self.spans) - 1, -1, -1):
            span = self.spans[place]
            if span.start_s < fallen_from.time_s:
                break
            if span.amount is None:
                self.spans[place] = replace(span, amount=0, mark=Mark.ESTIMATED)

    def _step_back(self, before: CounterReading, reading: CounterReading, back: int) -> None:
        rule = self._rule
        most = rule.most_in(reading.time_s - before.time_s)
        if back <= DIP_STEPS * rule.resolution:
            self._count(before, reading, 0)
            self._find(Problem.DIP, before, reading, back)
            return
        if rule.modulus is not None and 0 <= rule.modulus - back <= most:
            self._count(before, reading, rule.modulus - back)
            self._high = reading.value
            return
        if most < reading.value and back <= rule.most_in(CORRECTED_S):
            self._count(before, reading, 0, Mark.ESTIMATED)
            self._find(Problem.DIP, before, reading, back)
            return
        if reading.value == 0 or reading.value > most:
            self.fallen_from = replace(before, value=self._high)
        if reading.value <= most:
            self._count(before, reading, reading.value, Mark.ESTIMATED)
            self._find(Problem.RESET, before, reading, most - rule.resolution)
        else:
            self._unknown(before, reading, Problem.METER_CHANGED)
        self._high = reading.value

    def _was_swapped(self, before: CounterReading, reading: CounterReading) -> bool:
        """Count over a change of meter that a person entered, where what was entered fits."""
        swap = next((one for one in self._swaps if before.time_s < one.time_s <= reading.time_s), None)
        if swap is None:
            return False
        old, new = swap.end_value - self._high, reading.value - swap.start_value
        most_old = self._rule.most_in(swap.time_s - before.time_s)
        most_new = self._rule.most_in(reading.time_s - swap.time_s)
        if not (0 <= old <= most_old and 0 <= new <= most_new):
            self._find(Problem.SWAP_REFUSED, before, reading)
            return False
        mark = self._mark(before, reading)
        self.spans.append(Span(start_s=before.time_s, end_s=swap.time_s, amount=old, mark=mark))
        if reading.time_s > swap.time_s:
            self.spans.append(Span(start_s=swap.time_s, end_s=reading.time_s, amount=new, mark=mark))
        self._high = reading.value
        return True

    def _count(
        self, before: CounterReading, reading: CounterReading, amount: int, mark: Mark = Mark.MEASURED
    ) -> None:
        mark = max(mark, self._mark(before, reading))
        self.spans.append(Span(start_s=before.time_s, end_s=reading.time_s, amount=amount, mark=mark))

    def _unknown(self, before: CounterReading, reading: CounterReading, problem: Problem) -> None:
        self.spans.append(Span(start_s=before.time_s, end_s=reading.time_s, amount=None, mark=Mark.MISSING))
        self._find(problem, before, reading)
        self.odd |= {before, reading}
        self._high = reading.value

    def _mark(self, before: CounterReading, reading: CounterReading) -> Mark:
        if before.time_s in self.conflicts or reading.time_s in self.conflicts:
            return Mark.ESTIMATED
        if before.is_time_certain and reading.is_time_certain:
            return Mark.MEASURED
        return Mark.INTERPOLATED

    def _find(
        self, problem: Problem, before: CounterReading, reading: CounterReading, amount: int | None = None
    ) -> None:
        self.findings.append(
            Finding(problem=problem, start_s=before.time_s, end_s=reading.time_s, amount=amount)
        )

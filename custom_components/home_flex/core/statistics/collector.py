"""Readings as they come, and the slots that are over: of counters, and of power where there is no counter."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from .counters import count
from .readings import CounterReading, CounterRule, Finding, MeterSwap
from .slots import SLOT_S, Mark
from .spans import spans_of

# A device that says nothing for longer may do anything: its last power is held no longer than this.
HELD_S: Final = 60.0
# A slot is known by its power when no more of it is uncovered than this.
UNCOVERED_S: Final = 15.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """Slots of a counter that are over, with the readings at their ends and what was found."""

    cells: dict[int, tuple[int | None, Mark]]
    readings: dict[int, tuple[CounterReading, ...]]
    findings: tuple[Finding, ...]


class CounterCollector:
    """Collects the readings of one counter. A slot may be closed again, when what ended in it became known.

    ``readings``: what was kept of the last slots before a restart; ``swaps``: changes of the meter that a
    person entered.
    """

    def __init__(
        self,
        rule: CounterRule,
        readings: tuple[CounterReading, ...] = (),
        swaps: tuple[MeterSwap, ...] = (),
    ) -> None:
        """Go on from what was kept."""
        self._rule = rule
        self._swaps = set(swaps)
        self._readings = set(readings)
        self._from_slot = max((reading.time_s // SLOT_S for reading in readings), default=None)

    def add(self, reading: CounterReading) -> None:
        """Take a reading; one of a slot that is closed for good is passed over."""
        if self._from_slot is None or reading.time_s // SLOT_S >= self._from_slot:
            self._readings.add(reading)

    def swap(self, swap: MeterSwap) -> None:
        """Take a change of the meter."""
        self._swaps.add(swap)

    def close(self, end_slot: int) -> Closed:
        """Return the slots before ``end_slot`` that are new or changed; forget what they needed alone."""
        found = count(self._readings, self._rule, self._swaps)
        first = self._from_slot or 0
        cells = {slot: (value, mark) for slot, value, mark in found.series if first <= slot < end_slot}
        readings: defaultdict[int, tuple[CounterReading, ...]] = defaultdict(tuple)
        for reading in found.kept:
            if first <= reading.time_s // SLOT_S < end_slot:
                readings[reading.time_s // SLOT_S] += (reading,)
        self._forget(end_slot, found.kept)
        findings = tuple(finding for finding in found.findings if finding.end_s >= first * SLOT_S)
        return Closed(cells=cells, readings=dict(readings), findings=findings)

    def _forget(self, end_slot: int, kept: tuple[CounterReading, ...]) -> None:
        """Keep the readings of the last slot that had one, and where the count stood before it."""
        over = [reading.time_s // SLOT_S for reading in self._readings if reading.time_s < end_slot * SLOT_S]
        if not over:
            return
        self._from_slot = last = max(over)
        before = {reading for reading in self._readings if reading.time_s < last * SLOT_S}
        found = spans_of(before, self._rule, self._swaps)
        stood = {each for each in (found.fallen_from, found.last) if each is not None}
        later = {reading for reading in self._readings if reading.time_s >= end_slot * SLOT_S}
        in_last = {reading for reading in kept if last <= reading.time_s // SLOT_S < end_slot}
        self._readings = later | in_last | stood


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerSlot:
    """A slot by power alone: its mean in W, and what flowed in and out in Wh (both >= 0)."""

    mean_w: int
    consumed_wh: int
    produced_wh: int


class PowerCollector:
    """Collects the power of one device; each value holds until the next, but no longer than HELD_S.

    Positive = consumption. Energy in Wh is rounded cumulatively, so that small powers add up.
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._held: tuple[float, float] | None = None
        self._covered_s: defaultdict[int, float] = defaultdict(float)
        self._consumed_ws: defaultdict[int, float] = defaultdict(float)
        self._produced_ws: defaultdict[int, float] = defaultdict(float)
        self._left_ws = [0.0, 0.0]

    def add(self, time_s: float, power_w: float) -> None:
        """Take the power at a moment (seconds of the UTC epoch); one before the last is passed over."""
        if self._held is not None:
            since_s, held_w = self._held
            if time_s <= since_s:
                # A clock that was set back begins anew; what repeats itself changes nothing.
                self._held = (time_s, power_w) if since_s - time_s > HELD_S else self._held
                return
            self._hold(since_s, min(time_s, since_s + HELD_S), held_w)
        self._held = (time_s, power_w)

    def close(self, end_slot: int) -> dict[int, PowerSlot | None]:
        """Return the slots before ``end_slot``, None where too little of one is known."""
        found: dict[int, PowerSlot | None] = {}
        for slot in sorted(slot for slot in self._covered_s if slot < end_slot):
            covered_s = self._covered_s.pop(slot)
            consumed_ws, produced_ws = self._consumed_ws.pop(slot, 0.0), self._produced_ws.pop(slot, 0.0)
            if covered_s < SLOT_S - UNCOVERED_S:
                found[slot] = None
                continue
            whole = SLOT_S / covered_s
            found[slot] = PowerSlot(
                mean_w=round((consumed_ws - produced_ws) / covered_s),
                consumed_wh=self._whole_wh(0, consumed_ws * whole),
                produced_wh=self._whole_wh(1, produced_ws * whole),
            )
        return found

    def _hold(self, start_s: float, end_s: float, power_w: float) -> None:
        while start_s < end_s:
            slot = int(start_s // SLOT_S)
            until_s = min(end_s, (slot + 1) * SLOT_S)
            self._covered_s[slot] += until_s - start_s
            side = self._consumed_ws if power_w > 0 else self._produced_ws
            side[slot] += abs(power_w) * (until_s - start_s)
            start_s = until_s

    def _whole_wh(self, side: int, amount_ws: float) -> int:
        whole_wh, self._left_ws[side] = divmod(self._left_ws[side] + amount_ws, 3600.0)
        return int(whole_wh)

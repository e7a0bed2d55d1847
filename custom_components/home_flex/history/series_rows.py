"""What is written to the home's own series, and what is read of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from ..core.signals import Slot
from ..core.statistics import CounterReading, Coverage, Finding, Mark, MeterSwap
from ..core.statistics.blocks import Block, BlockKind
from .series_layout import MOST
from .series_runs import Run

type Cells = Mapping[int, tuple[int | None, Mark]]
type Known = Mapping[int, tuple[int, Mark]]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class SeriesKey:
    """Which series: of which device (the home itself: ""), what, and in which unit (``Wh``, ``W``, ``L``)."""

    device_id: str
    name: str
    unit: str


class Source(IntEnum):
    """Who told what was counted before: the higher, the less it is believed. Own measurements come first."""

    SHORT_TERM = 1  # the recorder's five minutes
    LONG_TERM = 2  # the recorder's hours
    FILE = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Filling:
    """What someone else counted, for where nothing was measured: by slot and by hour (UTC epoch // 3600).

    ``over``: hours that hold no more. Raises ValueError for values that cannot be kept.
    """

    source: Source
    slots: Known = field(default_factory=dict)
    hours: Known = field(default_factory=dict)
    over: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Raise for what no column takes as it is."""
        for at, (value, mark) in (*self.slots.items(), *self.hours.items()):
            check_cell(_FILLED, at, value, mark)
            if mark is Mark.MISSING:
                raise ValueError("Nothing is filled in with nothing")


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """What became of a filling: slots and hours that are new or changed, and those that are as they were."""

    new: int = 0
    kept: int = 0


@dataclass(kw_only=True)
class SeriesBatch:
    """All that one transaction writes; what comes later overrides what is there, slot by slot.

    ``readings``: of counters at the ends of a slot, by slot and series. ``fillings`` override nothing that
    was measured. What is measured opens the blocks of its day; ``blocks`` are as they are afterwards;
    those of a kind after a day may be opened, too. ``lasting`` are the prices of now by kind: each goes on,
    and is not written before it ends, or an hour has passed.
    """

    cells: dict[SeriesKey, dict[int, tuple[int | None, Mark]]] = field(default_factory=dict)
    readings: dict[int, dict[SeriesKey, tuple[CounterReading, ...]]] = field(default_factory=dict)
    prices: dict[tuple[str, datetime], tuple[Slot, str]] = field(default_factory=dict)
    lasting: dict[str, tuple[Slot, str]] = field(default_factory=dict)
    findings: dict[SeriesKey, list[Finding]] = field(default_factory=dict)
    fillings: list[tuple[SeriesKey, Filling]] = field(default_factory=list)
    swaps: dict[SeriesKey, MeterSwap] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    reopened_after: dict[BlockKind, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        told = (self.cells, self.readings, self.prices, self.findings, self.fillings, self.runs)
        return any((*told, self.swaps, self.blocks, self.reopened_after))

    def put(self, key: SeriesKey, cells: Cells) -> None:
        """Add slots of a series. Raises ValueError for what is no whole number, or contradicts its mark."""
        for slot, (value, mark) in cells.items():
            check_cell(key, slot, value, mark)
        if cells:
            self.cells.setdefault(key, {}).update(cells)

    def add(self, later: SeriesBatch) -> None:
        """Take in a batch that was made after this one."""
        for key, cells in later.cells.items():
            self.cells.setdefault(key, {}).update(cells)
        for slot, readings in later.readings.items():
            self.readings.setdefault(slot, {}).update(readings)
        self.prices.update(later.prices)
        self.lasting.update(later.lasting)
        for key, findings in later.findings.items():
            self.findings.setdefault(key, []).extend(findings)
        self.fillings.extend(later.fillings)
        self.swaps.update(later.swaps)
        self.runs.extend(later.runs)
        self.blocks.extend(later.blocks)
        for kind, day in later.reopened_after.items():
            self.reopened_after[kind] = min(day, self.reopened_after.get(kind, day))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum:
    """The sum of a series over a stretch, and how its slots are covered."""

    total: int
    coverage: Coverage


_FILLED = SeriesKey(device_id="what is filled in", name="A value", unit="")


def check_cell(key: SeriesKey, slot: int, value: object, mark: Mark) -> None:
    """Raise ValueError for what a column would take and turn into something else: '7', True, 1.0, NaN."""
    if type(slot) is not int or not (value is None or type(value) is int):
        raise ValueError(f"{key.name} of {key.device_id} cannot be {value!r} in slot {slot!r}")
    if (value is None) != (mark is Mark.MISSING) or (isinstance(value, int) and abs(value) > MOST):
        raise ValueError(f"{key.name} of {key.device_id} cannot be {value!r}, marked {mark.name}")


def covered(slots: int, counts: Iterable[tuple[Mark, int]]) -> Coverage:
    """Return the coverage of so many slots, those that no count speaks of missing."""
    by_mark = dict.fromkeys(Mark, 0)
    for mark, count in counts:
        by_mark[mark] += count
    known = by_mark[Mark.MEASURED] + by_mark[Mark.INTERPOLATED] + by_mark[Mark.ESTIMATED]
    return Coverage(
        measured=by_mark[Mark.MEASURED],
        interpolated=by_mark[Mark.INTERPOLATED],
        estimated=by_mark[Mark.ESTIMATED],
        missing=slots - known,
    )

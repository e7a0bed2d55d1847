"""The home's own series on the disk: one file, one thread, one writer."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ..core.signals import Signal, SignalKind, Slot
from ..core.statistics import SLOT_S, CounterReading, Finding, MeterSwap, Problem, SlotSeries
from ..core.statistics.blocks import Backlog, Block, BlockKind
from . import series_blocks as blocks
from . import series_prices as prices
from . import series_runs as runs
from . import series_tables as tables
from .database import open_database, transaction
from .file_thread import FileThread
from .series_hours import Hours, hours_of
from .series_layout import SERIES
from .series_rows import Filled, Filling, SeriesBatch, SeriesKey, Sum
from .series_runs import Run, RunKind

# A year and a month, so that a month can be laid beside that of the year before.
KEEP: Final = timedelta(days=400)
# How late data may come and still be counted from what the counters said.
KEEP_READINGS: Final = timedelta(days=14)
_PRUNE_EVERY_SLOTS: Final = 288


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Slots from ``first_slot`` until just before ``end_slot``."""

    first_slot: int
    end_slot: int


class SeriesStore:
    """Reads and writes the series; every method is one transaction that happens whole or not at all.

    Methods raise HistoryError when the store is closed or the disk fails.
    """

    def __init__(self, keep: timedelta = KEEP) -> None:
        """Use ``open``."""
        self._keep = keep
        self._file = FileThread("series")
        self._numbers: dict[SeriesKey, int] = {}
        self._pruned_slot = 0
        self._lasting: dict[str, tuple[Slot, str]] = {}

    @classmethod
    async def open(cls, path: Path, *, keep: timedelta = KEEP) -> SeriesStore:
        """Open or create the file at ``path``; a corrupt one is put aside. Raises HistoryError."""
        store = cls(keep)
        try:
            await store._file.run(lambda: store._open(path))
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Finish what was begun and close the file; closing twice is fine."""
        await self._file.close()

    @property
    def keys(self) -> tuple[SeriesKey, ...]:
        """All series there are."""
        return tuple(self._numbers)

    async def write(self, batch: SeriesBatch) -> None:
        """Write everything of a batch, together, onto the disk; the same again changes nothing."""

        def work() -> None:
            connection = self._file.connection
            filled = (key for key, _ in batch.fillings)
            wanted = {*batch.cells, *batch.findings, *batch.swaps, *filled}.union(*batch.readings.values())
            with transaction(connection, durable=True):
                numbers = self._known(wanted)
                tables.write(connection, numbers, batch)
                self._prune(connection, max(map(max, batch.cells.values()), default=0))
            self._numbers = numbers

        if batch:
            await self._file.run(work)
            self._lasting.update(batch.lasting)

    async def fill(self, fillings: Mapping[SeriesKey, Filling]) -> dict[SeriesKey, Filled]:
        """Write what someone else counted where nothing was measured, and return what became of it."""

        def work() -> dict[SeriesKey, Filled]:
            connection = self._file.connection
            with transaction(connection, durable=True):
                numbers = self._known(fillings)
                found = {key: tables.fill(connection, numbers, key, one) for key, one in fillings.items()}
            self._numbers = numbers
            return found

        return await self._file.run(work)

    async def read(self, keys: Iterable[SeriesKey], stretch: Stretch) -> dict[SeriesKey, SlotSeries]:
        """Return series over slots, missing where there is nothing; of those that are unknown, none."""
        known = self._known_of(keys)

        def work() -> dict[SeriesKey, SlotSeries]:
            numbers = list(known.values())
            found = tables.read(self._file.connection, numbers, stretch.first_slot, stretch.end_slot)
            return {key: found[number] for key, number in known.items()}

        return await self._file.run(work)

    async def sums(
        self, keys: Iterable[SeriesKey], stretches: Sequence[Stretch]
    ) -> list[dict[SeriesKey, Sum]]:
        """Return for each stretch the sum of each series, and how it is covered."""
        known = self._known_of(keys)

        def work() -> list[dict[SeriesKey, Sum]]:
            connection, numbers = self._file.connection, list(known.values())
            found = [
                tables.sums(connection, numbers, stretch.first_slot, stretch.end_slot)
                for stretch in stretches
            ]
            return [{key: each[number] for key, number in known.items()} for each in found]

        return await self._file.run(work)

    async def hours(
        self, keys: Iterable[SeriesKey], first_hour: int, end_hour: int
    ) -> dict[SeriesKey, Hours]:
        """Return what is known by the hour, and of whom; what is in slots is not among it."""
        known = self._known_of(keys)

        def work() -> dict[SeriesKey, Hours]:
            connection = self._file.connection
            return {key: hours_of(connection, each, first_hour, end_hour) for key, each in known.items()}

        return await self._file.run(work)

    async def extent(self, key: SeriesKey) -> Stretch | None:
        """Return from when until when a series is known, None where nothing of it is."""
        if (number := self._numbers.get(key)) is None:
            return None
        found = await self._file.run(lambda: tables.extent(self._file.connection, number))
        return None if found is None else Stretch(first_slot=found[0], end_slot=found[1])

    async def adopt_blocks(self) -> None:
        """Put days to be done that were written before there were blocks."""

        def work() -> None:
            with transaction(self._file.connection, durable=False):
                blocks.adopt(self._file.connection)

        await self._file.run(work)

    async def blocks_todo(self, kinds: Collection[BlockKind], before_day: int, most: int) -> list[Block]:
        """Return the blocks that are to be done of days before one, the oldest first."""
        return await self._file.run(lambda: blocks.todo(self._file.connection, kinds, before_day, most))

    async def block_before(self, kind: BlockKind, day: int) -> Block | None:
        """Return the last block of a kind before a day."""
        return await self._file.run(lambda: blocks.before(self._file.connection, kind, day))

    async def backlog(self, kinds: Collection[BlockKind], before_day: int) -> Backlog:
        """Return what is to be derived yet of days before one."""
        return await self._file.run(lambda: blocks.backlog(self._file.connection, kinds, before_day))

    async def readings_since(self, slot: int) -> dict[SeriesKey, dict[int, tuple[CounterReading, ...]]]:
        """Return what counters said at the ends of slots from ``slot`` on."""
        return await self._file.run(lambda: tables.readings_since(self._file.connection, self._numbers, slot))

    async def swaps_since(self, slot: int) -> dict[SeriesKey, tuple[MeterSwap, ...]]:
        """Return the changes of meters from ``slot`` on."""
        return await self._file.run(
            lambda: tables.swaps_since(self._file.connection, self._numbers, slot * SLOT_S)
        )

    async def prices(self, kind: SignalKind, unit: str, start: datetime, end: datetime) -> Signal:
        """Return what energy cost over a time as far as it is kept in a unit, or lasts."""
        kept = await self._file.run(lambda: prices.between(self._file.connection, kind, unit, start, end))
        lasting, its_unit = self._lasting.get(kind.value, (None, unit))
        if lasting is None or its_unit != unit or lasting.start >= end or lasting.end <= start:
            return kept
        others = [slot for slot in kept.slots if slot.end <= lasting.start or slot.start >= lasting.end]
        return replace(kept, slots=tuple(sorted((*others, lasting), key=lambda slot: slot.start)))

    async def priced_until(self) -> dict[SignalKind, datetime]:
        """Return until when what energy cost is kept."""
        return await self._file.run(lambda: prices.until(self._file.connection))

    async def runs(self, kind: RunKind, subject: str, since: datetime, until: datetime) -> list[Run]:
        """Return what was forecast or planned of a subject and became known in a time, in order."""
        return await self._file.run(lambda: runs.runs_of(self._file.connection, kind, subject, since, until))

    async def findings(self, key: SeriesKey, start_s: int, end_s: int) -> list[Finding]:
        """Return what was found wrong with a series between two moments, in seconds of the UTC epoch."""
        if (number := self._numbers.get(key)) is None:
            return []
        rows = await self._file.run(lambda: tables.findings(self._file.connection, number, start_s, end_s))
        return [
            Finding(problem=Problem(problem), start_s=first_s, end_s=last_s, amount=amount)
            for problem, first_s, last_s, amount in rows
        ]

    def _known(self, keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
        fresh = sorted(key for key in keys if key not in self._numbers)
        return tables.add_series(self._file.connection, fresh) if fresh else self._numbers

    def _known_of(self, keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
        return {key: self._numbers[key] for key in keys if key in self._numbers}

    def _open(self, path: Path) -> None:
        connection = open_database(path, SERIES)
        self._file.use(connection)
        connection.execute("PRAGMA journal_size_limit=4194304")
        self._numbers = tables.load_numbers(connection)

    def _prune(self, connection: sqlite3.Connection, newest_slot: int) -> None:
        """Forget what is too old once a day; the newest slot written tells how late it is."""
        if newest_slot < self._pruned_slot + _PRUNE_EVERY_SLOTS:
            return
        self._pruned_slot = newest_slot
        slots, kept = int(self._keep.total_seconds()) // SLOT_S, int(KEEP_READINGS.total_seconds()) // SLOT_S
        before = newest_slot - slots
        tables.prune(connection, newest_slot, before, newest_slot - kept)

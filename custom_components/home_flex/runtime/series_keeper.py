"""Writes the home's own series behind: nothing that controls waits for it."""

import asyncio
import contextlib
import logging
from typing import Final

from ..history.database import HistoryError
from ..history.series_rows import SeriesBatch
from ..history.series_store import SeriesStore

_LOGGER = logging.getLogger(__name__)

# At most one write a minute, whatever happens: a memory card wears.
WRITE_EVERY_S: Final = 60.0
RETRY_S: Final = 300.0
LAST_WRITE_S: Final = 5.0
# Slots that wait at most, a day: what counters said makes up for the rest.
MOST_WAITING: Final = 288


class SeriesKeeper:
    """Takes batches and writes them. ``trouble`` is why nothing can be written (HistoryError.reason)."""

    def __init__(self, store: SeriesStore) -> None:
        """Start empty; ``run`` writes."""
        self.store = store
        self.trouble: str | None = None
        self._waiting = SeriesBatch()
        self._derived = SeriesBatch()
        self._writing = False
        self._news = asyncio.Event()

    @property
    def backlog(self) -> int:
        """How many slots wait to be written."""
        return len({slot for cells in self._waiting.cells.values() for slot in cells})

    @property
    def is_idle(self) -> bool:
        """Whether everything is written that was handed over, and nothing is in the way."""
        return not (self._waiting or self._derived or self._writing) and self.trouble is None

    def put(self, batch: SeriesBatch) -> None:
        """Take a batch in; it is written soon."""
        self._waiting.add(batch)
        if self.backlog > MOST_WAITING:
            self._drop_oldest()
        self._news.set()

    def put_derived(self, batch: SeriesBatch) -> None:
        """Take in what was derived from what is on the disk; lost, it is derived again."""
        self._derived.add(batch)
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            await asyncio.sleep(WRITE_EVERY_S if await self._write() else RETRY_S)

    async def close(self) -> None:
        """Write what is left, if the disk takes it, and close the file; ``run`` has ended before."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WRITE_S):
                await self._write()
        await self.store.close()

    async def _write(self) -> bool:
        batch, self._waiting = self._waiting, SeriesBatch()
        whole, self._derived = self._derived, SeriesBatch()
        whole.add(batch)
        self._writing = True
        try:
            await self.store.write(whole)
        except asyncio.CancelledError:
            self._give_back(batch)
            raise
        except HistoryError as error:
            self._give_back(batch)
            if self.trouble is None:
                _LOGGER.warning("The home's series cannot be written: %s", error)
            self.trouble = error.reason
            return False
        finally:
            self._writing = False
        if self.trouble is not None:
            _LOGGER.warning("The home's series can be written again")
            self.trouble = None
        return True

    def _give_back(self, batch: SeriesBatch) -> None:
        """Take a batch back that may not be written; to write it twice changes nothing."""
        batch.add(self._waiting)
        self._waiting = batch
        self._news.set()

    def _drop_oldest(self) -> None:
        waiting = sorted({slot for cells in self._waiting.cells.values() for slot in cells})
        dropped = set(waiting[:-MOST_WAITING])
        for cells in self._waiting.cells.values():
            for slot in dropped & cells.keys():
                del cells[slot]
        for slot in dropped & self._waiting.readings.keys():
            del self._waiting.readings[slot]

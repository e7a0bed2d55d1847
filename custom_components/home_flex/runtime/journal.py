"""The journal: what must be remembered is handed over at once and written behind.

Nothing that controls waits for it. While the disk takes nothing the newest state of everything is kept in
memory, and written when it can be. Reports leave the home only after they are durable.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ..core.settlement.receipt import Receipt
from ..history.store import Batch, Consent, HistoryError, HistoryStore, LedgerEntry, OutgoingReport, Received

_LOGGER = logging.getLogger(__name__)

RETRY_MIN_S = 1.0
RETRY_MAX_S = 30.0
LAST_WRITE_S = 5.0
# The day on which the aggregator last told that it received reports.
_TOLD_KEY = "reports_received_on"


class Journal:
    """Writes behind, in order and whole batches; it is also the outbox that the link sends from.

    ``store`` is what it writes to, for those who read. ``trouble`` is the reason (of HistoryError) for which
    nothing can be written, None while all is well. ``out_of_reach`` is the reason for which the store is only
    a stand-in: then nothing ever counts as durable.
    """

    def __init__(self, store: HistoryStore, *, out_of_reach: str | None = None) -> None:
        """Start empty; ``run`` writes."""
        self.trouble = out_of_reach
        self.store = store
        self.out_of_reach = out_of_reach
        self._waiting = Batch()
        self._handed_over = 0
        self._durable = 0
        self._news = asyncio.Event()
        self._progress = asyncio.Condition()
        self._writing: asyncio.Task[bool] | None = None
        self._sent: set[str] = set()
        self._settings: dict[str, str] = {}
        self._listeners: list[Callable[[], None]] = []

    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each write and when trouble begins or ends; returns how to stop it."""
        self._listeners.append(listener)

        def remove() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return remove

    def put_events(
        self,
        records: Mapping[str, str | None],
        reports: Iterable[OutgoingReport] = (),
        consents: Mapping[str, Consent | None] | None = None,
        *,
        set_aside: Iterable[str] = (),
        receipts: Iterable[Receipt] = (),
    ) -> None:
        """Remember event records (JSON text, None forgets one), what is reported of them, and consents.

        ``set_aside`` are texts of records that could not be read, ``receipts`` what came of events.
        """
        batch = Batch(
            records=dict(records),
            consents=dict(consents or {}),
            set_aside=list(set_aside),
            receipts={receipt.digest: receipt for receipt in receipts},
        )
        self._hand_over(batch, reports)

    def put_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt for good."""
        self._hand_over(Batch(receipts={receipt.digest: receipt}))

    def append_ledger(self, rows: Iterable[LedgerEntry]) -> None:
        """Add rows to the ledger."""
        self._hand_over(Batch(ledger=list(rows)))

    def put_setting(self, key: str, value: Any) -> None:
        """Keep a small JSON value under ``key``; the same value again costs nothing. Raises ValueError."""
        text = json.dumps(value, allow_nan=False)
        if self._settings.get(key) != text:
            self._settings[key] = text
            self._hand_over(Batch(settings={key: text}))

    def put_document(self, key: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON object under ``key``; its owner writes a version into it. Raises ValueError."""
        self.put_setting(key, document)

    async def pending_reports(self, limit: int) -> Sequence[OutgoingReport]:
        """Return the oldest durable reports that wait, in the order they were made; none in trouble."""
        if self.out_of_reach is not None:
            return ()
        try:
            reports = await self.store.pending_reports(limit + len(self._sent))
        except HistoryError as error:
            _LOGGER.debug("Reports cannot be read: %s", error)
            return ()
        return [report for report in reports if report.id not in self._sent][:limit]

    async def report_sent(self, report_id: str) -> None:
        """Take a report off the queue."""
        self._sent.add(report_id)
        self._hand_over(Batch(sent={report_id: None}))

    async def unreceived_reports(self, numbers: Collection[int], after: int = 0) -> Sequence[OutgoingReport]:
        """Return, of those that were sent and are kept, the oldest, the newest and these; none in trouble.

        Of those after a number alone.
        """
        try:
            return await self.store.unreceived_reports(numbers, after)
        except HistoryError as error:
            _LOGGER.debug("Reports cannot be read: %s", error)
            return ()

    async def reports_received(self, stream: str, up_to: int, on: date) -> None:
        """Let the reports of a stream up to a number go: the aggregator has them."""
        self.put_setting(_TOLD_KEY, on.isoformat())
        self._hand_over(Batch(received=Received(stream, up_to)))

    async def last_told(self) -> date | None:
        """Return the day on which the aggregator last told that it received reports; None: never."""
        try:
            return date.fromisoformat(await self.store.get_setting(_TOLD_KEY))
        except HistoryError, TypeError, ValueError:
            return None

    async def durable(self) -> None:
        """Return when all that was handed over until now is on the disk."""
        ticket = self._handed_over
        async with self._progress:
            await self._progress.wait_for(lambda: self._durable >= ticket)

    async def run(self) -> None:
        """Write until cancelled; a disk that takes nothing is asked again ever more seldom."""
        retry_s = RETRY_MIN_S
        while True:
            await self._news.wait()
            if await self._write():
                retry_s = RETRY_MIN_S
            else:
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, RETRY_MAX_S)

    async def close(self) -> None:
        """Write what is left, if the disk takes it; to be called when ``run`` has ended."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WRITE_S):
                if self._writing is not None:
                    await asyncio.shield(self._writing)
                if self._waiting:
                    await self._write()

    def _hand_over(self, batch: Batch, reports: Iterable[OutgoingReport] = ()) -> None:
        batch.add_reports(reports)
        if batch:
            self._waiting.add(batch)
            self._handed_over += 1
            self._news.set()

    async def _write(self) -> bool:
        """Write what waits; whoever asked may be cancelled, the write and what follows from it is not."""
        self._writing = asyncio.create_task(self._write_batch(), name="home_flex journal write")
        return await asyncio.shield(self._writing)

    async def _write_batch(self) -> bool:
        batch, self._waiting = self._waiting, Batch()
        ticket = self._handed_over
        self._news.clear()
        try:
            await self.store.write(batch)
        except Exception as error:  # noqa: BLE001 # whatever it is, it is said, and tried again
            batch.add(self._waiting)
            self._waiting = batch
            self._news.set()
            self._failed(error)
            return False
        self._sent.difference_update(batch.sent)
        await self._wrote(ticket)
        return True

    def _failed(self, error: Exception) -> None:
        reason = error.reason if isinstance(error, HistoryError) else "failed"
        if self.trouble is None:
            _LOGGER.warning("The home's store takes nothing, control goes on without it: %r", error)
        if self.trouble != reason:
            self.trouble = reason
            self._tell()

    async def _wrote(self, ticket: int) -> None:
        if self.trouble is not None and self.out_of_reach is None:
            _LOGGER.warning("The home's store can be written to again")
            self.trouble = None
        if self.out_of_reach is None:
            async with self._progress:
                self._durable = ticket
                self._progress.notify_all()
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

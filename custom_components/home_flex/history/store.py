"""The home's own store: what must survive a restart, in one SQLite file."""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..core.settlement.receipt import Receipt
from . import receipt_tables, tables
from .batch import Batch
from .database import HistoryError, open_database, reason_of, transaction
from .entries import Consent, LedgerEntry, OutgoingReport, Received
from .file_thread import FileThread

__all__ = ["Batch", "Consent", "HistoryError", "HistoryStore", "LedgerEntry", "OutgoingReport", "Received"]

KEEP_LEDGER = timedelta(days=90)
KEEP_LEDGER_ROWS = 200_000
KEEP_SENT_REPORTS = timedelta(days=30)
# Some 100 bytes each: whoever sends by the thousand fills no disk.
KEEP_SENT_ROWS = 200_000
# Of those that were sent and nobody said that they were received; some 700 bytes each.
KEEP_UNRECEIVED_ROWS = 10_000
# Longer than an event can lie ahead and last, and than a record of it is kept.
KEEP_CONSENTS = timedelta(days=90)
PRUNE_AFTER_WRITES = 1_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


class HistoryStore:
    """One file, one thread, one writer.

    Every method is one transaction that happens whole or not at all, also when its caller is cancelled
    or the machine loses power. Methods raise HistoryError when the store is closed or the disk fails.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Use ``open``."""
        self._clock = clock
        self._file = FileThread("store")
        self._path: Path
        self._writes = 0
        self._stream = ""

    @classmethod
    async def open(cls, path: Path | str, *, clock: Callable[[], datetime] = _utc_now) -> HistoryStore:
        """Open or create the file at ``path``.

        A corrupt file is put aside, which the log says, and an empty one takes its place. Raises
        HistoryError.
        """
        store = cls(clock)
        try:
            await store._file.run(lambda: store._open(Path(path)))
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Finish what was begun and close the file; closing twice is fine."""
        await self._file.close()

    async def load_records(self) -> dict[str, str]:
        """Return the JSON text of every event record, by event id."""
        return await self._read(tables.load_records)

    async def load_consents(self) -> dict[str, bool]:
        """Return what the resident said to single events: True is yes, by event id."""
        return await self._read(tables.load_consents)

    async def write(self, batch: Batch) -> None:
        """Write everything of a batch, together.

        A report whose id was queued or sent before is not queued again; the id of one that was sent is
        remembered for KEEP_SENT_REPORTS, unless KEEP_SENT_ROWS others came after it, and all of it until it
        is received or expires, unless KEEP_UNRECEIVED_ROWS others came after it.
        """
        now = self._clock()

        def work() -> None:
            try:
                self._write(batch, now)
            except sqlite3.Error as error:
                if reason_of(error) != "read_only":
                    raise
                self._open_again()
                self._write(batch, now)
            self._writes += 1
            if self._writes % PRUNE_AFTER_WRITES == 0:
                self._prune()

        if batch:
            await self._file.run(work)

    async def pending_reports(self, limit: int) -> list[OutgoingReport]:
        """Return at most ``limit`` reports that wait, in the order they were queued."""
        now = self._clock()
        return await self._read(
            lambda connection: tables.pending_reports(connection, limit, now, self._stream)
        )

    async def unreceived_reports(self, numbers: Collection[int], after: int = 0) -> list[OutgoingReport]:
        """Return, of those that were sent and are still kept, the oldest, the newest and these, in order.

        Of those after a number alone.
        """
        now = self._clock()
        return await self._read(
            lambda connection: tables.unreceived_reports(connection, numbers, after, now, self._stream)
        )

    async def ledger(
        self, since: datetime | None = None, limit: int = 100, device_id: str | None = None
    ) -> Sequence[LedgerEntry]:
        """Return the newest ``limit`` rows of the ledger that are not older than ``since``, newest first.

        ``device_id``: of this device only, however much the others were told meanwhile.
        """
        return await self._read(lambda connection: tables.ledger(connection, since, limit, device_id))

    async def receipts(
        self,
        *,
        kind: str | None = None,
        subject: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 100,
    ) -> list[Receipt]:
        """Return the newest ``limit`` receipts, newest first; of those that were followed up the last only.

        ``kind``: "event" or "day"; ``subject``: the event's id or the day; ``start`` and ``end``: of what
        began in that time.
        """
        return await self._read(
            lambda connection: receipt_tables.read(
                connection, kind=kind, subject=subject, start=start, end=end, limit=limit
            )
        )

    async def event_results(self, limit: int) -> dict[str, dict[str, Any]]:
        """Return what the newest events came to, by event id, as ``results`` of their receipts."""
        return await self._read(lambda connection: receipt_tables.event_results(connection, limit))

    async def event_spans(self, since: datetime) -> list[receipt_tables.Ran]:
        """Return which events ran and when, of which there are receipts, not older than ``since``."""
        return await self._read(lambda connection: receipt_tables.spans(connection, since))

    async def get_setting(self, key: str, default: Any = None) -> Any:
        """Return what was put under ``key``, a JSON value, or ``default``."""
        text = await self._read(lambda connection: tables.get_setting(connection, key))
        return default if text is None else json.loads(text)

    async def get_document(self, key: str) -> Mapping[str, Any] | None:
        """Return the JSON object put under ``key``; None when there is none, or when it cannot be read."""
        try:
            document = await self.get_setting(key)
        except ValueError, RecursionError:
            document = None
        return document if isinstance(document, dict) else None

    async def _read[Result](self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        return await self._file.run(lambda: read(self._file.connection))

    def _open(self, path: Path) -> None:
        self._path = path
        self._use_file()
        # What is old can wait for a disk that takes nothing now.
        with contextlib.suppress(sqlite3.OperationalError):
            self._prune()

    def _use_file(self) -> None:
        """Open the file, under a name of its own: it may be a backup's, whose next numbers are taken."""
        self._file.use(open_database(self._path))
        self._stream = uuid4().hex

    def _write(self, batch: Batch, now: datetime) -> None:
        with transaction(self._file.connection, durable=batch.must_last) as connection:
            tables.write(connection, batch, now, self._stream)

    def _open_again(self) -> None:
        """Open the file anew: one that could only be read when it was opened stays so until then."""
        with contextlib.suppress(HistoryError):
            self._use_file()

    def _prune(self) -> None:
        now = self._clock()
        with transaction(self._file.connection, durable=False) as connection:
            tables.prune(
                connection,
                ledger_before=now - KEEP_LEDGER,
                ledger_rows=KEEP_LEDGER_ROWS,
                now=now,
                kept_rows=KEEP_UNRECEIVED_ROWS,
                sent_before=now - KEEP_SENT_REPORTS,
                sent_rows=KEEP_SENT_ROWS,
                said_before=now - KEEP_CONSENTS,
            )

"""What running events bring, by the meters: counted, reported while they run, settled once they are over."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..core.model import Scope
from ..core.settlement.receipt import Receipt
from .event_measures import (
    holds_any,
    is_counted,
    running,
    unsettled,
    with_late_baselines,
    with_sample,
)
from .event_meter import EventMeters, Sample
from .event_reports import EventReports
from .event_results import settled_figures
from .journal import Journal
from .kept_book import KeptBook
from .kept_events import rows_of
from .measurement_pace import MeasurementPace


class EventMeasuring:
    """Measures the events of a ``kept`` book by the site's ``meters``.

    ``most_w`` is what the site can draw at most, ``monotonic_s`` gives seconds that only ever grow.
    """

    def __init__(
        self,
        kept: KeptBook,
        *,
        journal: Journal,
        reports: EventReports,
        meters: EventMeters,
        most_w: float,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
    ) -> None:
        """Start with the wall clock trusted."""
        self._kept = kept
        self._journal = journal
        self._reports = reports
        self._meters = meters
        self._most_w = most_w
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._is_clock_settled = True
        self._pace = MeasurementPace()

    def sample(self, scope: Scope, sample: Sample) -> None:
        """Note what a scope draws: for the baseline before an event, for energy and limit while one runs.

        While the wall clock cannot be trusted nothing is placed in an event: the first word after it brings
        what came meanwhile.
        """
        self._kept.note_disturbance(self._kept.book)
        if holds_any(self._kept.book, sample, self._clock()):
            self._meters.disturbed()
        last = self._meters.hear(scope, sample, is_placed=self._is_clock_settled)
        if not self._is_clock_settled:
            return
        self._kept.book = with_sample(
            self._kept.book,
            scope,
            last,
            sample,
            now_s=self._monotonic_s(),
            now=self._clock(),
            most_w=self._most_w,
        )

    def clock_stepped(self) -> None:
        """Take note that the wall clock was set: it is not to be trusted until it has settled."""
        self._is_clock_settled = False

    def advance(self, *, is_clock_settled: bool) -> None:
        """Report what was measured, and settle what is over."""
        self._is_clock_settled = is_clock_settled
        self._take_late_baselines()
        self._report_measurements()
        self._settle()

    def expect(self) -> None:
        """Reckon with what the events ahead are expected to be compared, the next few of them."""
        self._kept.results.expect(self._kept.book.records.values(), self._kept.programmes)

    def follow_up(self, receipt: Receipt) -> None:
        """Keep a receipt that follows up an event's, and tell it where what was told is otherwise now.

        Of an event long ago it is only kept.
        """
        document: Mapping[str, Any] = receipt.document
        event_id = document["event"]["id"]
        record, before = self._kept.book.records.get(event_id), self._kept.results.outcomes.get(event_id)
        settled = [] if record is None else [(record, receipt)]
        is_otherwise = before is None or settled_figures(before) != settled_figures(document["results"])
        self._kept.results.note(settled)
        reports = self._reports.settlements(settled, at=self._clock()) if is_otherwise else []
        self._journal.put_events({}, reports, receipts=[receipt])

    def _settle(self) -> None:
        """Reckon what came of the events that are over, and keep and tell it, each once."""
        now = self._clock()
        due = [record for record in unsettled(self._kept.book) if is_counted(record, now)]
        if not due:
            return
        settled = self._kept.results.receipts(due, self._kept.programmes)
        self._kept.results.note(settled)
        done = [replace(record, is_settled=True) for record in due]
        self._kept.book = self._kept.book.with_records(done)
        self._journal.put_events(
            rows_of(done),
            self._reports.settlements(settled, at=now),
            receipts=[each for _, each in settled],
        )

    def _take_late_baselines(self) -> None:
        self._kept.book, late = with_late_baselines(self._kept.book, self._meters.baselines_w())
        if late:
            self._journal.put_events(rows_of(self._kept.book.records[each] for each in late))

    def _report_measurements(self) -> None:
        """Report and remember every ten seconds or so what the running events have brought so far."""
        now_s = self._monotonic_s()
        records = running(self._kept.book)
        if not records:
            self._kept.results.so_far = {}
            return
        if not self._pace.is_report_due(len(records), now_s):
            return
        now = self._clock()
        records = [replace(record, seen=now) for record in records] if self._is_clock_settled else records
        self._kept.book = self._kept.book.with_records(records)
        self._kept.results.measure(records, self._kept.programmes, now)
        parts = sum(len(record.tally.parts) for record in records)
        self._journal.put_events(
            rows_of(records) if self._pace.is_keeping_due(parts, now_s) else {},
            self._reports.measurements(
                records, at=now, latest_w=self._meters.latest_w(), so_far=self._kept.results.so_far
            ),
        )

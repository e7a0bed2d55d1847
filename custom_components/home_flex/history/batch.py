"""What is written together: changes that wait for the disk, the newest of each kind only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ..core.settlement.receipt import Receipt
from .entries import Consent, LedgerEntry, OutgoingReport, Received

# A night of a full disk; beyond that the oldest rows go.
MAX_LEDGER_ROWS: Final = 10_000


@dataclass(kw_only=True, slots=True)
class Batch:
    """Changes of the store that happen together or not at all.

    ``records`` holds the JSON text of event records by event id, None for one to forget; ``settings`` JSON
    texts by key; ``consents`` what the resident said by event id, None to forget it. ``sent`` are ids of
    reports that are taken off the queue, ``received`` says which of them need not be kept any more,
    ``set_aside`` are texts of records that could not be read, ``receipts`` receipts by their digests.
    """

    records: dict[str, str | None] = field(default_factory=dict)
    reports: dict[str, OutgoingReport] = field(default_factory=dict)
    sent: dict[str, None] = field(default_factory=dict)
    received: Received | None = None
    consents: dict[str, Consent | None] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    set_aside: list[str] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return self.must_last or bool(self.ledger) or self.received is not None

    @property
    def must_last(self) -> bool:
        """Whether it must be on the disk when it is written.

        The last rows of the ledger may go with the power: to wait for the disk each second would wear it. So
        may what the aggregator has received, which costs that it is sent again.
        """
        return any(
            (
                self.records,
                self.reports,
                self.sent,
                self.consents,
                self.settings,
                self.set_aside,
                self.receipts,
            )
        )

    def add_reports(self, reports: Iterable[OutgoingReport]) -> None:
        """Add reports in order; one of a series takes the place of the one before it."""
        added = list(reports)
        renewed = {report.series for report in added} - {None}
        if renewed:
            newest = {report.series: report.id for report in added}
            self.reports = {key: old for key, old in self.reports.items() if old.series not in renewed}
            added = [each for each in added if each.series is None or newest[each.series] == each.id]
        for report in added:
            self.reports.setdefault(report.id, report)

    def add_ledger(self, rows: Iterable[LedgerEntry]) -> None:
        """Add rows in order; the oldest go when there are too many."""
        self.ledger.extend(rows)
        del self.ledger[:-MAX_LEDGER_ROWS]

    def add(self, newer: Batch) -> None:
        """Add what came after."""
        self.records |= newer.records
        self.add_reports(newer.reports.values())
        self.sent |= newer.sent
        self.received = newer.received or self.received
        self.consents |= newer.consents
        self.settings |= newer.settings
        self.set_aside += newer.set_aside
        self.receipts |= newer.receipts
        self.add_ledger(newer.ledger)

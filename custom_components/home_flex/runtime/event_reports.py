"""Which reports follow from what happened to an event, as they lie in the outbox."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ..core.events.battery_report import REPORT_NAME as BATTERIES
from ..core.events.battery_report import SharedBattery, battery_report
from ..core.events.forecast_report import REPORT_NAME, ExpectedInterval, Storage, forecast_report
from ..core.events.metering_report import Metered, metering_report
from ..core.events.model import OPEN, EventRecord, EventStatus, Source
from ..core.events.outcome import StatusChanged, TurnedAway
from ..core.events.reports import (
    Document,
    acknowledgement_report,
    measurement_report,
    refusal_report,
    settlement_report,
    status_report,
    time_text,
)
from ..core.events.room_report import SharedRoom, room_report
from ..core.events.wire import Refusal
from ..core.model import Scope
from ..core.settlement.receipt import Receipt
from ..history.store import OutgoingReport

KEEP_REPORTS: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class EventReports:
    """The reports to one aggregator, made at a moment ``at``; none where it is not set up (``ven_id`` None).

    It is told nothing of what the resident asked for in the own home.
    """

    ven_id: str | None

    def changes(
        self, changed: Iterable[tuple[StatusChanged, EventRecord]], *, at: datetime
    ) -> list[OutgoingReport]:
        """Return what is told of changes, each with the record that it left."""
        if self.ven_id is None:
            return []
        return [
            _outgoing(_change_report(outcome, record, self.ven_id, at), at)
            for outcome, record in changed
            if _is_told(record)
        ]

    def refusal(self, refusal: Refusal, *, at: datetime) -> list[OutgoingReport]:
        """Return what is told of a message that could not be read or taken."""
        if self.ven_id is None:
            return []
        return [_outgoing(refusal_report(refusal, ven_id=self.ven_id, at=at), at)]

    def turned_away(
        self, outcome: TurnedAway, known: EventRecord | None, *, at: datetime
    ) -> list[OutgoingReport]:
        """Return what is told of a message that the book refused; an event that has ended keeps its state."""
        if self.ven_id is None:
            return []
        refusal = Refusal(outcome.reason, event_id=outcome.event_id, modification=time_text(outcome.modified))
        status = EventStatus.REJECTED if known is None or known.status in OPEN else known.status
        return [_outgoing(refusal_report(refusal, ven_id=self.ven_id, at=at, status=status), at)]

    def settlements(
        self, settled: Iterable[tuple[EventRecord, Receipt]], *, at: datetime
    ) -> list[OutgoingReport]:
        """Return what is told of the receipts of events."""
        if self.ven_id is None:
            return []
        return [
            _outgoing(_settlement_report(record, receipt, self.ven_id, at), at)
            for record, receipt in settled
            if _is_told(record)
        ]

    def measurements(
        self,
        running: Iterable[EventRecord],
        *,
        at: datetime,
        latest_w: Mapping[Scope, float],
        so_far: Mapping[str, Mapping[str, Any]],
    ) -> list[OutgoingReport]:
        """Return what the running events have brought so far; of each the newest is the one that counts.

        ``so_far``: the results of each by its id.
        """
        if self.ven_id is None:
            return []
        return [
            _outgoing(
                measurement_report(
                    record,
                    ven_id=self.ven_id,
                    at=at,
                    demand_w=latest_w[record.event.scope],
                    results=so_far.get(record.event.event_id),
                ),
                at,
                series=f"measurement {record.event.event_id}",
            )
            for record in running
            if _is_told(record) and record.event.scope in latest_w
        ]

    def metered(self, event_id: str, quarters: Sequence[Metered], *, at: datetime) -> list[OutgoingReport]:
        """Return what is told of the meter's quarter-hours that an event asks for, or the resident shares."""
        if self.ven_id is None:
            return []
        return [_outgoing(metering_report(event_id, quarters, ven_id=self.ven_id, at=at), at)]

    def forecast(
        self, intervals: Sequence[ExpectedInterval], storage: Storage | None, *, at: datetime
    ) -> list[OutgoingReport]:
        """Return what is told of what the home expects and can offer; the newest is the one that counts."""
        if self.ven_id is None:
            return []
        report = forecast_report(intervals, storage, ven_id=self.ven_id, at=at)
        return [_outgoing(report, at, series=REPORT_NAME)]

    def batteries(
        self, batteries: Sequence[SharedBattery], until: datetime, *, at: datetime
    ) -> list[OutgoingReport]:
        """Return what is told of batteries that the resident shares; the newest is the one that counts."""
        if self.ven_id is None:
            return []
        report = battery_report(batteries, until, ven_id=self.ven_id, at=at)
        return [_outgoing(report, at, series=BATTERIES)]

    def rooms(self, rooms: Sequence[SharedRoom], start: datetime, *, at: datetime) -> list[OutgoingReport]:
        """Return what is told of rooms that the resident shares, in the quarter-hour from ``start`` on."""
        if self.ven_id is None:
            return []
        return [_outgoing(room_report(rooms, start, ven_id=self.ven_id, at=at), at)]


def _is_told(record: EventRecord) -> bool:
    return record.event.source is not Source.RESIDENT


def _change_report(outcome: StatusChanged, record: EventRecord, ven_id: str, at: datetime) -> Document:
    if outcome.previous is None:
        return acknowledgement_report(record, ven_id=ven_id, at=at)
    return status_report(record, previous=outcome.previous, ven_id=ven_id, at=at)


def _settlement_report(record: EventRecord, receipt: Receipt, ven_id: str, at: datetime) -> Document:
    results: Any = receipt.document["results"]
    return settlement_report(
        record,
        ven_id=ven_id,
        at=at,
        results=results,
        digest=receipt.digest,
        follows_up=receipt.document["replaces"] is not None,
    )


def _outgoing(report: Document, at: datetime, series: str | None = None) -> OutgoingReport:
    identifier = report["object"]["id"]  # type: ignore[index, call-overload] # our own report: an object with an id
    return OutgoingReport(
        id=str(identifier),
        payload=json.dumps(report, allow_nan=False).encode(),
        expires=at + KEEP_REPORTS,
        series=series,
    )

"""Which reports follow from what happened to an event, as they lie in the outbox."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ..core.events.forecast_report import REPORT_NAME, ExpectedInterval, Storage, forecast_report
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
from ..core.events.wire import Refusal
from ..core.model import Scope
from ..core.settlement.receipt import Receipt
from ..history.store import OutgoingReport

KEEP_REPORTS: Final = timedelta(days=7)


def reports_of(
    outcome: StatusChanged, record: EventRecord, *, ven_id: str, at: datetime
) -> list[OutgoingReport]:
    """Return what the aggregator is told of a change that left ``record``; nothing of the resident's own."""
    if record.event.source is Source.RESIDENT:
        return []
    return [_outgoing(report, at) for report in _documents(outcome, record, ven_id, at)]


def refusal_of(refusal: Refusal, *, ven_id: str, at: datetime) -> OutgoingReport:
    """Return what is told of a message that could not be read or taken."""
    return _outgoing(refusal_report(refusal, ven_id=ven_id, at=at), at)


def turned_away(
    outcome: TurnedAway, known: EventRecord | None, *, ven_id: str, at: datetime
) -> OutgoingReport:
    """Return what is told of a message that the book refused; an event that has ended keeps its state."""
    refusal = Refusal(outcome.reason, event_id=outcome.event_id, modification=time_text(outcome.modified))
    status = EventStatus.REJECTED if known is None or known.status in OPEN else known.status
    return _outgoing(refusal_report(refusal, ven_id=ven_id, at=at, status=status), at)


def settlement_of(
    record: EventRecord, receipt: Receipt, *, ven_id: str, at: datetime
) -> list[OutgoingReport]:
    """Return what the aggregator is told of the receipt of an event; nothing of the resident's own."""
    if record.event.source is Source.RESIDENT:
        return []
    results: Any = receipt.document["results"]
    report = settlement_report(record, ven_id=ven_id, at=at, results=results, digest=receipt.digest)
    return [_outgoing(report, at)]


def measurements_of(
    running: Iterable[EventRecord],
    *,
    ven_id: str,
    at: datetime,
    latest_w: Mapping[Scope, float],
    so_far: Mapping[str, Mapping[str, Any]],
) -> list[OutgoingReport]:
    """Return what the running events have brought so far; the newest of each event is the one that counts.

    ``so_far``: the results of each by its id.
    """
    return [
        _outgoing(
            measurement_report(
                record,
                ven_id=ven_id,
                at=at,
                demand_w=latest_w[record.event.scope],
                results=so_far.get(record.event.event_id),
            ),
            at,
            series=f"measurement {record.event.event_id}",
        )
        for record in running
        if record.event.source is not Source.RESIDENT and record.event.scope in latest_w
    ]


def forecast_of(
    intervals: Sequence[ExpectedInterval], storage: Storage | None, *, ven_id: str, at: datetime
) -> OutgoingReport:
    """Return what is told of what the home expects and can offer; the newest is the one that counts."""
    return _outgoing(forecast_report(intervals, storage, ven_id=ven_id, at=at), at, series=REPORT_NAME)


def _documents(outcome: StatusChanged, record: EventRecord, ven_id: str, at: datetime) -> Iterable[Document]:
    if outcome.previous is None:
        yield acknowledgement_report(record, ven_id=ven_id, at=at)
    else:
        yield status_report(record, previous=outcome.previous, ven_id=ven_id, at=at)


def _outgoing(report: Document, at: datetime, series: str | None = None) -> OutgoingReport:
    identifier = report["object"]["id"]  # type: ignore[index, call-overload] # our own report: an object with an id
    return OutgoingReport(
        id=str(identifier),
        payload=json.dumps(report, allow_nan=False).encode(),
        expires=at + KEEP_REPORTS,
        series=series,
    )

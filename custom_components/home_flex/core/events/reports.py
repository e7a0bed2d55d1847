"""What the home reports about events: OpenADR 3.1 report objects, each wrapped in a notification.

Sources: OpenADR 3.1.1 ``report``, ``reportPayloadDescriptor``; enumerations report-payloads (OPERATING_STATE,
USAGE, DEMAND, BASELINE, DELTA_USAGE); ACK of the Dutch DER profile 1.0.0; S2's InstructionStatus.
INSTRUCTION_STATUS, EVENT_MODIFICATION, REASON, KEPT_SHARE, COVERAGE, EXCEEDED_USAGE, EXCEEDED_DEMAND,
OPTED_OUT, BASELINE_RULE and RECEIPT are ours (docs/asyncapi.yaml).
What an event asks of a group of devices is reported of that group: its id is the resource's name.
The id of a report follows from what it says, so that the same report sent twice is known as one.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final
from uuid import UUID, uuid5

from ..settlement.settlement import LEAST_COMPLETE
from .model import OPEN, EventRecord, EventStatus, PayloadType
from .outcome import StatusReason
from .refusal import Refusal, RefusalReason

type Json = bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None
type Document = dict[str, Json]

SITE_RESOURCE: Final = "SITE"
UNKNOWN_EVENT: Final = "unknown"
LEFT_OUT_SENTENCE: Final = "Payload types that this home does not act on are left out"
_LONGEST_SENTENCE: Final = 512
# How the people of a home are is nobody's business outside: of these it is only told that nobody said yes.
PRIVATE: Final = frozenset({StatusReason.AWAY, StatusReason.UNWELL})
_NAMESPACE: Final = UUID("6f1ad9b5-6a40-5d0c-9a4c-0f6f9d7b2b11")
_DESCRIPTORS: Final[Mapping[str, Mapping[str, str]]] = {
    "USAGE": {"units": "KWH", "readingType": "DIRECT_READ"},
    "DEMAND": {"units": "KW", "readingType": "DIRECT_READ"},
    "BASELINE": {"units": "KW", "readingType": "MEAN"},
    "DELTA_USAGE": {"units": "KWH", "readingType": "DIRECT_READ"},
    "KEPT_SHARE": {"units": "PERCENT"},
    "COVERAGE": {"units": "PERCENT"},
    "EXCEEDED_USAGE": {"units": "KWH", "readingType": "DIRECT_READ"},
    "EXCEEDED_DEMAND": {"units": "KW", "readingType": "DIRECT_READ"},
}


def acknowledgement_report(record: EventRecord, *, ven_id: str, at: datetime) -> Document:
    """Say that an event was received, in which state it is, and what of it is not acted on."""
    values: dict[str, Sequence[Json]] = {"ACK": [True], **_state_values(record)}
    if record.event.left_out:
        sentence = f"{LEFT_OUT_SENTENCE}: {', '.join(record.event.left_out)}"
        reasons = values.get("REASON", [RefusalReason.UNKNOWN_PAYLOAD_TYPE])
        values["REASON"] = [*reasons, sentence[:_LONGEST_SENTENCE]]
    return _report(record, "acknowledgement", values, ven_id=ven_id, at=at)


def status_report(
    record: EventRecord, *, previous: EventStatus | None, ven_id: str, at: datetime
) -> Document:
    """Say that an event is in another state than ``previous``, or that the resident opted out or in."""
    values = {**_state_values(record), "OPERATING_STATE": [_operating_state(record)]}
    # A state is entered once, but opted out of and in again any number of times.
    mark = at.isoformat() if previous is record.status else ""
    return _report(record, "status", values, ven_id=ven_id, at=at, mark=mark)


def refusal_report(
    refusal: Refusal, *, ven_id: str, at: datetime, status: EventStatus = EventStatus.REJECTED
) -> Document:
    """Say that a message was refused, why, and that it changed nothing.

    ``status`` is the state of the event that was and stays known. A message whose event id could not be read
    is reported for the event "unknown".
    """
    event_id = refusal.event_id or UNKNOWN_EVENT
    values: dict[str, Sequence[Json]] = {
        "ACK": [False],
        "INSTRUCTION_STATUS": [status],
        "REASON": [refusal.reason, refusal.message],
    }
    if refusal.modification is not None:
        values["EVENT_MODIFICATION"] = [refusal.modification]
    # Nothing tells two unreadable messages apart but the moment.
    told = refusal.modification if refusal.event_id else at.isoformat()
    report_id = derived_id(ven_id, event_id, str(told), "refusal", refusal.reason, refusal.detail)
    return _notification(report_id, event_id, "refusal", values, ven_id=ven_id, at=at)


def measurement_report(
    record: EventRecord,
    *,
    ven_id: str,
    at: datetime,
    demand_w: float,
    results: Mapping[str, Any] | None = None,
) -> Document:
    """Report the power of the event's scope now, the energy since its start, and that against the baseline.

    ``results``: what the event has come to so far (core/settlement/receipt.py).
    """
    values: dict[str, Sequence[Json]] = {
        "DEMAND": [_kilo(demand_w)],
        "USAGE": [_kilo(record.tally.energy_wh)],
        "INSTRUCTION_STATUS": [record.status],
        **({} if results is None else _against_baseline(record, results)),
    }
    return _report(record, "measurement", values, ven_id=ven_id, at=at, mark=at.isoformat())


def settlement_report(
    record: EventRecord,
    *,
    ven_id: str,
    at: datetime,
    results: Mapping[str, Any],
    digest: str,
    follows_up: bool = False,
) -> Document:
    """Report what an ended event came to, as its receipt has it: ``results`` and the receipt's ``digest``.

    One that ``follows_up`` another is a report of its own, and the newer word.

    DELTA_USAGE is usage minus the baseline's energy over the time measured, negative when the home took
    less. What is not known is left out: BASELINE and DELTA_USAGE without a baseline, DELTA_USAGE also when
    less than nine tenths were measured, KEPT_SHARE when less than that was watched or nothing is asked of
    the power.
    """
    limit = results["limit"] or {}
    values: dict[str, Sequence[Json]] = {
        **_state_values(record),
        "COVERAGE": [float(results["known"])],
        **_against_baseline(record, results),
        "RECEIPT": [digest],
    }
    if results["used_wh"] is not None:
        values["USAGE"] = [_kilo(results["used_wh"])]
    if limit:
        values["EXCEEDED_USAGE"] = [_kilo(limit["exceeded_wh"])]
        values["EXCEEDED_DEMAND"] = [_kilo(limit["worst_w"])]
    if limit.get("kept_share") is not None:
        values["KEPT_SHARE"] = [float(limit["kept_share"])]
    if results["opted_out_s"]:
        values["OPTED_OUT"] = [f"PT{results['opted_out_s']}S"]
    mark = digest if follows_up else ""
    return _report(record, "settlement", values, ven_id=ven_id, at=at, mark=mark)


def _against_baseline(record: EventRecord, results: Mapping[str, Any]) -> dict[str, Sequence[Json]]:
    baseline = results["baselines"][results["rule"]]
    covered_s = record.tally.covered_s
    if "missing" in baseline or not covered_s or results["used_wh"] is None:
        return {}
    baseline_wh = sum(baseline["use_wh"])
    values: dict[str, Sequence[Json]] = {
        "BASELINE": [_kilo(baseline_wh * 3600 / covered_s)],
        "BASELINE_RULE": [results["rule"]],
    }
    if Fraction(results["known"]) >= LEAST_COMPLETE:
        values["DELTA_USAGE"] = [_kilo(results["used_wh"] - baseline_wh)]
    return values


def presence(
    *, ven_id: str, ven_name: str, online: bool, at: datetime, resources: Sequence[str] = ()
) -> Document:
    """Return the retained status of the home; the same with ``online`` False is its Last Will."""
    return {
        "venID": ven_id,
        "venName": ven_name,
        "status": "ONLINE" if online else "OFFLINE",
        "time": time_text(at),
        "resources": list(resources),
    }


def time_text(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _state_values(record: EventRecord) -> dict[str, Sequence[Json]]:
    values: dict[str, Sequence[Json]] = {
        "INSTRUCTION_STATUS": [record.status],
        "EVENT_MODIFICATION": [time_text(record.event.modified)],
    }
    reason = record.reason
    if reason is None and record.eased and record.status in OPEN:
        reason = StatusReason.JOINED_PARTLY
    if reason in PRIVATE:
        reason = StatusReason.NOT_ANSWERED
    return values if reason is None else {**values, "REASON": [reason]}


def _operating_state(record: EventRecord) -> str:
    running = record.status is EventStatus.STARTED
    if record.opted_out:
        return "RUNNING_OPTED_OUT" if running else "IDLE_OPTED_OUT"
    if not running:
        return "NORMAL"
    return "RUNNING_HEIGHTENED" if _asks_for_more(record) else "RUNNING_CURTAILED"


def _asks_for_more(record: EventRecord) -> bool:
    return any(
        payload.type is PayloadType.DISPATCH_SETPOINT_RELATIVE and payload.value > 0
        for interval in record.event.intervals
        for payload in interval.payloads
    )


def _report(
    record: EventRecord,
    name: str,
    values: Mapping[str, Sequence[Json]],
    *,
    ven_id: str,
    at: datetime,
    mark: str = "",
) -> Document:
    event = record.event
    report_id = derived_id(
        ven_id,
        event.event_id,
        event.modified.isoformat(),
        name,
        record.status,
        str(record.opted_out),
        mark,
    )
    return _notification(
        report_id,
        event.event_id,
        name,
        values,
        ven_id=ven_id,
        at=at,
        period=_period(record, at),
        resource_name=event.scope.id or SITE_RESOURCE,
    )


def _period(record: EventRecord, at: datetime) -> tuple[datetime, timedelta] | None:
    if record.started is None:
        return None
    return record.started, max((record.ended or at) - record.started, timedelta(0))


def _notification(
    report_id: str,
    event_id: str,
    name: str,
    values: Mapping[str, Sequence[Json]],
    *,
    ven_id: str,
    at: datetime,
    period: tuple[datetime, timedelta] | None = None,
    resource_name: str = SITE_RESOURCE,
) -> Document:
    resource: Document = {
        "resourceName": resource_name,
        "intervals": [
            {"id": 0, "payloads": [{"type": kind, "values": list(value)} for kind, value in values.items()]}
        ],
    }
    if period is not None:
        start, length = period
        resource["intervalPeriod"] = {
            "start": time_text(start),
            "duration": f"PT{length.total_seconds():.3f}S",
        }
    return report_document(
        report_id,
        event_id,
        name,
        {kind: _DESCRIPTORS[kind] for kind in values if kind in _DESCRIPTORS},
        [resource],
        ven_id=ven_id,
        at=at,
    )


def report_document(
    report_id: str,
    event_id: str,
    name: str,
    descriptors: Mapping[str, Mapping[str, str]],
    resources: Sequence[Json],
    *,
    ven_id: str,
    at: datetime,
) -> Document:
    """Return the notification of a report that is made ``at``; ``descriptors`` by payload type."""
    return {
        "objectType": "REPORT",
        "operation": "CREATE",
        "object": {
            "id": report_id,
            "objectType": "REPORT",
            "createdDateTime": time_text(at),
            "modificationDateTime": time_text(at),
            "clientID": ven_id,
            "clientName": ven_id,
            "eventID": event_id,
            "reportName": name,
            "payloadDescriptors": [
                {"objectType": "REPORT_PAYLOAD_DESCRIPTOR", "payloadType": kind, **how}
                for kind, how in descriptors.items()
            ],
            "resources": resources,
        },
    }


def derived_id(*parts: str) -> str:
    """Return the identifier that always follows from these parts (UUID version 5)."""
    return str(uuid5(_NAMESPACE, "\n".join(parts)))


def _kilo(value: float) -> float:
    return round(value / 1000, 6)

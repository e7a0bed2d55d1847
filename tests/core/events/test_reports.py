"""What the home reports, as the AsyncAPI document and OpenADR 3.1 have it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.events.model import EventRecord, EventStatus, PayloadType
from custom_components.home_flex.core.events.outcome import StatusReason
from custom_components.home_flex.core.events.refusal import Refusal, RefusalReason
from custom_components.home_flex.core.events.reports import (
    PRIVATE,
    acknowledgement_report,
    measurement_report,
    presence,
    refusal_report,
    settlement_report,
    status_report,
)
from custom_components.home_flex.core.events.resources import resource_object
from custom_components.home_flex.core.model import DeviceKind
from tests.asyncapi import validate
from tests.core.events.openadr import validate_object

from .samples import MINUTE, NOW, VEN_ID, make_event, make_record, refusal_of, tally_of
from .test_codec import RECORDS

RUNNING = make_record(status=EventStatus.STARTED, started=NOW, baseline_w=3000.0, tally=tally_of(250.0))


def _values(report: Any) -> dict[str, list[Any]]:
    (resource,) = report["object"]["resources"]
    (interval,) = resource["intervals"]
    return {payload["type"]: payload["values"] for payload in interval["payloads"]}


def _status(record: EventRecord, previous: EventStatus | None = None, at: Any = NOW) -> Any:
    return status_report(record, previous=previous, ven_id=VEN_ID, at=at)


def test_an_acknowledgement_names_the_event_its_version_and_its_state() -> None:
    report: Any = acknowledgement_report(make_record(), ven_id=VEN_ID, at=NOW)
    assert report["object"]["eventID"] == "event-1"
    assert report["object"]["clientName"] == VEN_ID
    assert _values(report) == {
        "ACK": [True],
        "INSTRUCTION_STATUS": ["ACCEPTED"],
        "EVENT_MODIFICATION": ["2026-11-21T12:00:00Z"],
    }


@pytest.mark.parametrize(("reason", "slug"), [(None, "unknown_payload_type"), ("opted_out", "opted_out")])
def test_an_acknowledgement_names_what_of_the_event_is_not_acted_on(reason: str | None, slug: str) -> None:
    record = make_record(replace(make_event(), left_out=("PRICE", "X_REWARD")), reason=reason)
    report: Any = acknowledgement_report(record, ven_id=VEN_ID, at=NOW)
    sentence = "Payload types that this home does not act on are left out: PRICE, X_REWARD"
    assert _values(report)["REASON"] == [slug, sentence]
    validate("reports/create", report)


def test_the_longest_names_of_what_is_left_out_are_as_documented() -> None:
    record = make_record(replace(make_event(), left_out=tuple("X" * 127 + str(n) for n in range(8))))
    validate("reports/create", acknowledgement_report(record, ven_id=VEN_ID, at=NOW))


def test_a_refused_version_of_an_event_that_has_ended_tells_how_it_ended() -> None:
    refusal = Refusal(RefusalReason.ALREADY_ENDED, event_id="event-1", modification="later")
    report: Any = refusal_report(refusal, ven_id=VEN_ID, at=NOW, status=EventStatus.SUCCEEDED)
    assert _values(report)["INSTRUCTION_STATUS"] == ["SUCCEEDED"]
    validate("reports/create", report)


def test_a_refusal_tells_the_reason_and_a_sentence() -> None:
    refusal = Refusal(RefusalReason.NO_END, "interval 0", event_id="event-1", modification="yesterday")
    report: Any = refusal_report(refusal, ven_id=VEN_ID, at=NOW)
    assert report["object"]["eventID"] == "event-1"
    assert _values(report) == {
        "ACK": [False],
        "INSTRUCTION_STATUS": ["REJECTED"],
        "REASON": ["no_end", "The event does not say when it ends: interval 0"],
        "EVENT_MODIFICATION": ["yesterday"],
    }


def test_a_message_whose_event_cannot_be_read_is_refused_for_the_unknown_event() -> None:
    report: Any = refusal_report(refusal_of(b"garbage"), ven_id=VEN_ID, at=NOW)
    assert report["object"]["eventID"] == "unknown"


@pytest.mark.parametrize(
    ("status", "opted_out", "expected"),
    [
        (EventStatus.ACCEPTED, False, "NORMAL"),
        (EventStatus.ACCEPTED, True, "IDLE_OPTED_OUT"),
        (EventStatus.STARTED, False, "RUNNING_CURTAILED"),
        (EventStatus.STARTED, True, "RUNNING_OPTED_OUT"),
        (EventStatus.SUCCEEDED, False, "NORMAL"),
        (EventStatus.ABORTED, True, "IDLE_OPTED_OUT"),
    ],
)
def test_the_operating_state_shows_running_and_opting_out(
    status: EventStatus, opted_out: bool, expected: str
) -> None:
    report = _status(make_record(status=status, opted_out=opted_out, started=NOW))
    assert _values(report)["OPERATING_STATE"] == [expected]


def test_an_event_that_asks_for_more_consumption_runs_heightened() -> None:
    event = make_event(kind=PayloadType.DISPATCH_SETPOINT_RELATIVE, value=500.0)
    report = _status(make_record(event, status=EventStatus.STARTED, started=NOW))
    assert _values(report)["OPERATING_STATE"] == ["RUNNING_HEIGHTENED"]


def test_a_measurement_tells_power_now_and_energy_since_the_start() -> None:
    report: Any = measurement_report(RUNNING, ven_id=VEN_ID, at=NOW + 5 * MINUTE, demand_w=-1234.5)
    assert _values(report) == {"DEMAND": [-1.2345], "USAGE": [0.25], "INSTRUCTION_STATUS": ["STARTED"]}
    assert report["object"]["resources"][0]["intervalPeriod"] == {
        "start": "2026-11-21T12:00:00Z",
        "duration": "PT300.000S",
    }


RESULTS: dict[str, Any] = {
    "used_wh": 250,
    "known": "1.0000",
    "opted_out_s": 0,
    "limit": {"exceeded_wh": 12, "worst_w": 800, "kept_share": "0.9500"},
    "baselines": {"as_dispatched": {"use_wh": [500, 250]}, "last_in": {"missing": "not_measured_before"}},
    "rule": "as_dispatched",
}


def _settled(record: EventRecord = RUNNING, **changes: Any) -> Any:
    results = {**RESULTS, **changes}
    return settlement_report(record, ven_id=VEN_ID, at=NOW, results=results, digest="ab" * 32)


def test_a_settlement_tells_what_its_receipt_tells() -> None:
    record = replace(RUNNING, status=EventStatus.SUCCEEDED, ended=NOW + 15 * MINUTE)
    assert _values(_settled(record)) == {
        "INSTRUCTION_STATUS": ["SUCCEEDED"],
        "EVENT_MODIFICATION": ["2026-11-21T12:00:00Z"],
        "COVERAGE": [1.0],
        "BASELINE": [3.0],
        "BASELINE_RULE": ["as_dispatched"],
        "USAGE": [0.25],
        "DELTA_USAGE": [-0.5],
        "EXCEEDED_USAGE": [0.012],
        "EXCEEDED_DEMAND": [0.8],
        "KEPT_SHARE": [0.95],
        "RECEIPT": ["ab" * 32],
    }


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({"rule": "last_in"}, {"BASELINE", "BASELINE_RULE", "DELTA_USAGE"}),
        ({"known": "0.8900"}, {"DELTA_USAGE"}),
        ({"used_wh": None}, {"USAGE", "BASELINE", "BASELINE_RULE", "DELTA_USAGE"}),
        ({"limit": None}, {"EXCEEDED_USAGE", "EXCEEDED_DEMAND", "KEPT_SHARE"}),
        ({"limit": {"exceeded_wh": 0, "worst_w": 0, "kept_share": None}}, {"KEPT_SHARE"}),
    ],
    ids=["no baseline", "too little measured", "nothing measured", "nothing asked", "not watched"],
)
def test_what_is_not_known_is_left_out_of_the_settlement(changes: dict[str, Any], left_out: set[str]) -> None:
    assert set(_values(_settled())) - set(_values(_settled(**changes))) == left_out


def test_a_settlement_tells_for_how_long_the_resident_had_left() -> None:
    assert _values(_settled(opted_out_s=90))["OPTED_OUT"] == ["PT90S"]


def test_a_measurement_tells_what_it_comes_to_against_the_baseline() -> None:
    report: Any = measurement_report(RUNNING, ven_id=VEN_ID, at=NOW, demand_w=500.0, results=RESULTS)
    assert _values(report)["BASELINE"] == [3.0]
    assert _values(report)["DELTA_USAGE"] == [-0.5]


def test_the_same_state_of_the_same_version_reported_again_has_the_same_id() -> None:
    first = _status(RUNNING, EventStatus.ACCEPTED, NOW)
    again = _status(RUNNING, EventStatus.ACCEPTED, NOW + MINUTE)
    assert first["object"]["id"] == again["object"]["id"]


def test_reports_that_say_different_things_have_different_ids() -> None:
    newer = replace(RUNNING, event=make_event(modified=NOW + MINUTE))
    ended = replace(RUNNING, status=EventStatus.SUCCEEDED, ended=NOW)
    out = replace(RUNNING, opted_out=True)
    reports: list[Any] = [
        acknowledgement_report(RUNNING, ven_id=VEN_ID, at=NOW),
        acknowledgement_report(RUNNING, ven_id="home-2", at=NOW),
        _settled(ended),
        measurement_report(RUNNING, ven_id=VEN_ID, at=NOW, demand_w=0),
        measurement_report(RUNNING, ven_id=VEN_ID, at=NOW + MINUTE, demand_w=0),
        _status(RUNNING, EventStatus.ACCEPTED),
        _status(newer, EventStatus.ACCEPTED),
        _status(ended, EventStatus.STARTED),
        _status(out, EventStatus.STARTED),
        _status(RUNNING, EventStatus.STARTED, NOW + MINUTE),
        _status(out, EventStatus.STARTED, NOW + 2 * MINUTE),
        refusal_report(refusal_of(b"garbage"), ven_id=VEN_ID, at=NOW),
        refusal_report(refusal_of(b"garbage"), ven_id=VEN_ID, at=NOW + MINUTE),
    ]
    assert len({report["object"]["id"] for report in reports}) == len(reports)


# A report that waited while the home was updated must be known as the one that was sent before.
IDS = {
    "acknowledgement": "6c268504-78e3-5a4f-aaaa-178b8c5f1435",
    "status": "6d18b764-997f-5816-8082-8ebf08d24eca",
    "opted out": "6af1bae2-aaab-5275-9d43-2e83eb1f41c9",
    "refusal": "969cd7db-8366-503e-bb00-133216b62181",
    "unreadable": "b34a5a68-a5f0-57d2-b26e-da3285e756b1",
}


def _of_every_kind() -> dict[str, Any]:
    refused = Refusal(RefusalReason.NO_END, "d", event_id="event-1", modification="m1")
    unreadable = Refusal(RefusalReason.NOT_JSON, "d")
    return {
        "acknowledgement": acknowledgement_report(RUNNING, ven_id=VEN_ID, at=NOW),
        "status": _status(RUNNING, EventStatus.ACCEPTED),
        "opted out": _status(replace(RUNNING, opted_out=True), EventStatus.STARTED),
        "refusal": refusal_report(refused, ven_id=VEN_ID, at=NOW),
        "unreadable": refusal_report(unreadable, ven_id=VEN_ID, at=NOW),
    }


def test_the_ids_of_reports_are_the_same_in_each_release() -> None:
    assert {name: report["object"]["id"] for name, report in _of_every_kind().items()} == IDS


@pytest.mark.parametrize(
    ("value", "state"), [(0.5, "RUNNING_HEIGHTENED"), (0.0, "RUNNING_CURTAILED"), (-0.5, "RUNNING_CURTAILED")]
)
def test_to_ask_for_nothing_more_is_no_heightening(value: float, state: str) -> None:
    event = make_event(kind=PayloadType.DISPATCH_SETPOINT_RELATIVE, value=value)
    assert _values(_status(make_record(event, status=EventStatus.STARTED, started=NOW)))[
        "OPERATING_STATE"
    ] == [state]


def test_figures_are_told_to_the_milliwatt() -> None:
    record = replace(RUNNING, tally=tally_of(1234.5678912))
    report: Any = measurement_report(record, ven_id=VEN_ID, at=NOW, demand_w=1234.56789)
    assert (_values(report)["USAGE"], _values(report)["DEMAND"]) == ([1.234568], [1.234568])


def test_times_are_told_in_utc_and_there_is_one_interval() -> None:
    local = (NOW + MINUTE).astimezone(ZoneInfo("Europe/Amsterdam"))
    report: Any = measurement_report(RUNNING, ven_id=VEN_ID, at=local, demand_w=0.0)
    assert report["object"]["createdDateTime"] == "2026-11-21T12:01:00Z"
    assert [each["id"] for each in report["object"]["resources"][0]["intervals"]] == [0]
    assert report["object"]["resources"][0]["resourceName"] == "SITE"


@given(record=RECORDS, demand_w=st.floats(-1e6, 1e6), previous=st.none() | st.sampled_from(EventStatus))
def test_every_report_is_as_documented(
    record: EventRecord, demand_w: float, previous: EventStatus | None
) -> None:
    at = NOW + timedelta(hours=1)
    for report in (
        acknowledgement_report(record, ven_id=VEN_ID, at=at),
        _status(record, previous, at),
        measurement_report(record, ven_id=VEN_ID, at=at, demand_w=demand_w),
        _settled(record, opted_out_s=1),
    ):
        validate("reports/create", report)


@given(
    reason=st.sampled_from(RefusalReason),
    detail=st.text(max_size=128),
    event_id=st.none() | st.from_regex(r"[a-zA-Z0-9_-]{1,128}", fullmatch=True),
    modification=st.none() | st.text(min_size=1, max_size=128),
)
def test_every_refusal_report_is_as_documented(
    reason: RefusalReason, detail: str, event_id: str | None, modification: str | None
) -> None:
    refusal = Refusal(reason, detail, event_id=event_id, modification=modification)
    validate("reports/create", refusal_report(refusal, ven_id=VEN_ID, at=NOW))


@pytest.mark.parametrize("online", [True, False])
def test_presence_is_as_documented(online: bool) -> None:
    document = presence(ven_id=VEN_ID, ven_name="Our home", online=online, at=NOW, resources=["Battery"])
    validate("status", document)
    assert document["status"] == ("ONLINE" if online else "OFFLINE")


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
@pytest.mark.parametrize("kind", DeviceKind)
def test_a_resource_is_as_documented(operation: Any, kind: DeviceKind) -> None:
    document: Any = resource_object(
        operation=operation,
        ven_id=VEN_ID,
        resource_name="Battery",
        kind=kind,
        at=NOW,
        max_consumption_w=5000.0,
        capacity_wh=10_000.0,
    )
    validate(f"resources/{operation.lower()}", document)
    attributes = {each["type"]: each["values"][0] for each in document["object"]["attributes"]}
    assert attributes["MAX_POWER_CONSUMPTION"] == 5.0
    assert attributes["STORAGE_USABLE_CAPACITY"] == 10.0
    assert "MAX_POWER_EXPORT" not in attributes


def test_reports_are_openadr_reports() -> None:
    for report in (
        acknowledgement_report(RUNNING, ven_id=VEN_ID, at=NOW),
        _status(RUNNING),
        measurement_report(RUNNING, ven_id=VEN_ID, at=NOW, demand_w=1.0),
        _settled(),
        refusal_report(refusal_of(b"garbage"), ven_id=VEN_ID, at=NOW),
    ):
        validate_object("report", report["object"])


@pytest.mark.parametrize("reason", sorted(PRIVATE))
@pytest.mark.parametrize("status", [EventStatus.ACCEPTED, EventStatus.ABORTED])
def test_how_the_people_of_a_home_are_is_not_told(reason: StatusReason, status: EventStatus) -> None:
    record = make_record(status=status, opted_out=True, reason=reason)
    for report in (
        acknowledgement_report(record, ven_id=VEN_ID, at=NOW),
        status_report(record, previous=EventStatus.ACCEPTED, ven_id=VEN_ID, at=NOW),
    ):
        assert reason not in json.dumps(report)
        assert StatusReason.NOT_ANSWERED in json.dumps(report)

"""Reports as they go out, field by field, and what of an event's state they tell."""

import time
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.events.model import EventRecord, EventStatus
from custom_components.home_flex.core.events.outcome import StatusReason
from custom_components.home_flex.core.events.refusal import Refusal, RefusalReason
from custom_components.home_flex.core.events.reports import (
    acknowledgement_report,
    measurement_report,
    presence,
    refusal_report,
    settlement_report,
    time_text,
)
from custom_components.home_flex.core.model import Scope, ScopeKind

from .samples import MINUTE, NOW, VEN_ID, make_event, make_record, tally_of

RUNNING = make_record(status=EventStatus.STARTED, started=NOW, tally=tally_of(250.0))


def test_a_report_is_a_notification_of_an_object_about_one_event() -> None:
    at = NOW + 5 * MINUTE
    report: Any = measurement_report(RUNNING, ven_id=VEN_ID, at=at, demand_w=1500.0)
    assert report == {
        "objectType": "REPORT",
        "operation": "CREATE",
        "object": {
            # The same in each release.
            "id": "0d440d70-a563-5051-a922-896157610578",
            "objectType": "REPORT",
            "createdDateTime": "2026-11-21T12:05:00Z",
            "modificationDateTime": "2026-11-21T12:05:00Z",
            "clientID": "home-1",
            "clientName": "home-1",
            "eventID": "event-1",
            "reportName": "measurement",
            "payloadDescriptors": [
                {
                    "objectType": "REPORT_PAYLOAD_DESCRIPTOR",
                    "payloadType": "DEMAND",
                    "units": "KW",
                    "readingType": "DIRECT_READ",
                },
                {
                    "objectType": "REPORT_PAYLOAD_DESCRIPTOR",
                    "payloadType": "USAGE",
                    "units": "KWH",
                    "readingType": "DIRECT_READ",
                },
            ],
            "resources": [
                {
                    "resourceName": "SITE",
                    "intervals": [
                        {
                            "id": 0,
                            "payloads": [
                                {"type": "DEMAND", "values": [1.5]},
                                {"type": "USAGE", "values": [0.25]},
                                {"type": "INSTRUCTION_STATUS", "values": ["STARTED"]},
                            ],
                        }
                    ],
                    "intervalPeriod": {"start": "2026-11-21T12:00:00Z", "duration": "PT300.000S"},
                }
            ],
        },
    }


def resource(record: EventRecord) -> Any:
    report: Any = acknowledgement_report(record, ven_id=VEN_ID, at=NOW + 5 * MINUTE)
    (found,) = report["object"]["resources"]
    return found


@pytest.mark.parametrize(
    ("record", "period"),
    [
        (make_record(), None),
        (RUNNING, {"start": "2026-11-21T12:00:00Z", "duration": "PT300.000S"}),
        (
            replace(RUNNING, ended=NOW + 2 * MINUTE),
            {"start": "2026-11-21T12:00:00Z", "duration": "PT120.000S"},
        ),
        # The clock was set back.
        (
            replace(RUNNING, started=NOW + 9 * MINUTE),
            {"start": "2026-11-21T12:09:00Z", "duration": "PT0.000S"},
        ),
    ],
    ids=["not started", "running", "ended", "begun later than now"],
)
def test_a_report_is_about_the_time_that_the_event_ran(
    record: EventRecord, period: dict[str, str] | None
) -> None:
    assert resource(record).get("intervalPeriod") == period


def test_what_is_asked_of_a_group_is_told_of_that_group() -> None:
    event = replace(make_event(), scope=Scope(ScopeKind.GROUP, "cellar"))
    assert resource(make_record(event))["resourceName"] == "cellar"


PART = make_event().intervals


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"eased": PART}, StatusReason.JOINED_PARTLY),
        ({"eased": PART, "status": EventStatus.STARTED}, StatusReason.JOINED_PARTLY),
        ({"eased": PART, "status": EventStatus.SUCCEEDED}, None),
        ({"eased": PART, "reason": StatusReason.OPTED_OUT}, StatusReason.OPTED_OUT),
        ({"reason": StatusReason.WEEK_FULL}, StatusReason.WEEK_FULL),
    ],
    ids=["joined", "joined partly", "partly and running", "partly and over", "left again", "held back"],
)
def test_why_an_event_is_in_its_state_is_told_where_the_state_does_not_say_it(
    changes: dict[str, Any], reason: StatusReason | None
) -> None:
    payloads = resource(make_record(**changes))["intervals"][0]["payloads"]
    told = [payload["values"] for payload in payloads if payload["type"] == "REASON"]
    assert told == ([] if reason is None else [[reason]])


RESULTS: dict[str, Any] = {
    "used_wh": 250,
    "known": "1.0000",
    "opted_out_s": 0,
    "limit": None,
    "baselines": {"as_dispatched": {"use_wh": [750]}},
    "rule": "as_dispatched",
}


def settlement(digest: str = "ab" * 32, *, record: EventRecord = RUNNING, **changes: Any) -> Any:
    follow_up = {"follows_up": True} if changes.pop("follows_up", False) else {}
    report: Any = settlement_report(
        record,
        ven_id=VEN_ID,
        at=NOW,
        results={**RESULTS, **changes},
        digest=digest,
        **follow_up,
    )
    return report["object"]


def types(report: Any) -> set[str]:
    return {payload["type"] for payload in report["resources"][0]["intervals"][0]["payloads"]}


def test_one_settlement_is_one_report_and_each_that_follows_it_up_another() -> None:
    assert settlement("a")["id"] == settlement("b")["id"]
    follow_ups = {settlement(digest, follows_up=True)["id"] for digest in ("a", "b")}
    assert len(follow_ups | {settlement("a")["id"]}) == 3
    assert settlement()["reportName"] == "settlement"
    # The same in each release.
    assert settlement()["id"] == "13748459-92d0-5ca7-8469-dedc78a2dd24"


@pytest.mark.parametrize(("known", "is_told"), [("0.9000", True), ("0.8999", False)])
def test_what_was_delivered_is_told_from_nine_tenths_on(known: str, *, is_told: bool) -> None:
    assert ("DELTA_USAGE" in types(settlement(known=known))) is is_told


def test_without_a_second_covered_there_is_no_baseline_to_tell() -> None:
    nothing = replace(RUNNING, tally=tally_of(0.0, covered_s=0))
    assert "BASELINE" not in types(settlement(record=nothing))
    assert "BASELINE" in types(settlement())


def test_a_refusal_is_a_report_of_its_name_about_the_site() -> None:
    refusal = Refusal(RefusalReason.NO_END, "interval 0", event_id="event-1", modification="m1")
    report: Any = refusal_report(refusal, ven_id=VEN_ID, at=NOW)
    assert report["object"]["reportName"] == "refusal"
    assert report["object"]["clientID"] == VEN_ID
    assert report["object"]["resources"][0]["resourceName"] == "SITE"
    assert "intervalPeriod" not in report["object"]["resources"][0]


@pytest.mark.parametrize(("online", "status"), [(True, "ONLINE"), (False, "OFFLINE")])
def test_presence_names_the_home_and_its_devices(status: str, *, online: bool) -> None:
    assert presence(
        ven_id=VEN_ID, ven_name="Our home", online=online, at=NOW, resources=("Battery", "Car")
    ) == {
        "venID": "home-1",
        "venName": "Our home",
        "status": status,
        "time": "2026-11-21T12:00:00Z",
        "resources": ["Battery", "Car"],
    }


def test_a_time_is_told_in_utc_whatever_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert time_text(NOW) == "2026-11-21T12:00:00Z"
    finally:
        monkeypatch.undo()
        time.tzset()

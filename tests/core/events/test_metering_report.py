"""An event may ask for the meter's energy by quarter-hour; what is told of it, and as what it is known."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.home_flex.core.events.codec import record_from_json, record_to_json
from custom_components.home_flex.core.events.metering_report import QUARTER, Metered, metering_report
from tests.asyncapi import validate

from .samples import NOW, event_object, make_record, read_event

START = datetime(2026, 11, 21, 12, 15, tzinfo=UTC)
ASKED = {"payloadType": "USAGE", "units": "KWH", "reportIntervals": "SUB_INTERVALS"}
QUARTERS = (
    Metered(start=START, net_wh=250, is_measured=True),
    Metered(start=START + 2 * QUARTER, net_wh=-75, is_measured=False),
    Metered(start=START + 3 * QUARTER, net_wh=12_345, is_measured=True),
)


@pytest.mark.parametrize(
    ("descriptors", "is_asked"),
    [
        ([ASKED], True),
        ([{"payloadType": "DEMAND"}, ASKED], True),
        ([ASKED | {"payloadType": "DEMAND"}], False),
        ([{"payloadType": "USAGE"}], False),
        ([], False),
        (None, False),
        ({"payloadType": "USAGE"}, False),
        (["USAGE", 1, None], False),
    ],
)
def test_an_event_asks_for_quarter_hours_by_a_report_descriptor(descriptors: object, is_asked: bool) -> None:
    assert read_event(event_object(reportDescriptors=descriptors)).asks_metering is is_asked


def test_that_it_asks_is_kept_with_the_event() -> None:
    record = make_record(read_event(event_object(reportDescriptors=[ASKED])))

    assert record_from_json(record_to_json(record)).event.asks_metering


def test_each_quarter_hour_is_told_with_how_sure_it_is() -> None:
    report = json.loads(json.dumps(metering_report("event-1", QUARTERS, ven_id="home-1", at=NOW)))

    validate("reports/create", report)
    [resource] = report["object"]["resources"]
    assert resource["intervalPeriod"] == {"start": "2026-11-21T12:15:00Z", "duration": "PT3600S"}
    assert [
        (each["intervalPeriod"], {row["type"]: row["values"] for row in each["payloads"]})
        for each in resource["intervals"]
    ] == [
        ({"start": f"2026-11-21T{start}:00Z", "duration": "PT15M"}, values)
        for start, values in (
            ("12:15", {"USAGE": [0.25], "DATA_QUALITY": ["OK"]}),
            ("12:45", {"USAGE": [-0.075], "DATA_QUALITY": ["ESTIMATED"]}),
            ("13:00", {"USAGE": [12.345], "DATA_QUALITY": ["OK"]}),
        )
    ]


def test_it_is_a_report_of_energy_about_the_event_that_asked() -> None:
    report: Any = metering_report("event-1", QUARTERS[:1], ven_id="home-1", at=NOW)
    assert report == {
        "objectType": "REPORT",
        "operation": "CREATE",
        "object": {
            # The same in each release.
            "id": "72dac10f-aa83-5607-93bd-9c005d4f9d03",
            "objectType": "REPORT",
            "createdDateTime": "2026-11-21T12:00:00Z",
            "modificationDateTime": "2026-11-21T12:00:00Z",
            "clientID": "home-1",
            "clientName": "home-1",
            "eventID": "event-1",
            "reportName": "metering",
            "payloadDescriptors": [
                {
                    "objectType": "REPORT_PAYLOAD_DESCRIPTOR",
                    "payloadType": "USAGE",
                    "units": "KWH",
                    "readingType": "DIRECT_READ",
                }
            ],
            "resources": [
                {
                    "resourceName": "SITE",
                    "intervalPeriod": {"start": "2026-11-21T12:15:00Z", "duration": "PT900S"},
                    "intervals": [
                        {
                            "id": 0,
                            "intervalPeriod": {"start": "2026-11-21T12:15:00Z", "duration": "PT15M"},
                            "payloads": [
                                {"type": "USAGE", "values": [0.25]},
                                {"type": "DATA_QUALITY", "values": ["OK"]},
                            ],
                        }
                    ],
                }
            ],
        },
    }


def test_the_same_told_later_is_the_same_report_and_a_correction_is_another() -> None:
    def known_as(
        *quarters: Metered, at: datetime = NOW, event_id: str = "event-1", ven_id: str = "home-1"
    ) -> object:
        report = metering_report(event_id, quarters, ven_id=ven_id, at=at)
        return report["object"]["id"]  # type: ignore[index, call-overload] # our own report

    assert known_as(*QUARTERS) == known_as(*QUARTERS, at=START)
    corrected = Metered(start=START, net_wh=251, is_measured=True)
    assert known_as(*QUARTERS) != known_as(corrected, *QUARTERS[1:])
    assert known_as(*QUARTERS) != known_as(*QUARTERS, event_id="event-2")
    assert known_as(*QUARTERS) != known_as(*QUARTERS, ven_id="home-2")


def test_nothing_is_no_report() -> None:
    with pytest.raises(ValueError, match=r"^A report tells something$"):
        metering_report("event-1", (), ven_id="home-1", at=NOW)

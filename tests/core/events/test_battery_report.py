"""A report on batteries says what is known, leaves out what is not, and until when it may be read."""

from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.home_flex.core.events.battery_report import SharedBattery, battery_report
from tests.asyncapi import validate

NOW = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=30)
KNOWN = SharedBattery(
    name="Cellar",
    capacity_wh=10_000,
    since=NOW - timedelta(days=90),
    charged_wh=400_000,
    discharged_wh=360_000,
    cycles=36.0,
    round_trip=0.9,
    known_share=0.998,
    measured_wh=8_700,
    measured_error=0.012,
    followed=0.97,
)


def told(*batteries: SharedBattery) -> dict[str, dict[str, Any]]:
    report: Any = battery_report(batteries, UNTIL, ven_id="ven-1", at=NOW)
    validate("reports/create", report)
    return {
        each["resourceName"]: {one["type"]: one["values"] for one in each["intervals"][0]["payloads"]}
        for each in report["object"]["resources"]
    }


def test_what_is_known_of_a_battery_is_told_in_kilowatt_hours_and_shares() -> None:
    assert told(KNOWN) == {
        "SITE": {"SHARED_UNTIL": ["2026-12-30T05:00:00Z"]},
        "Cellar": {
            "STORAGE_USABLE_CAPACITY": [10.0],
            "STORAGE_MEASURED_CAPACITY": [8.7],
            "STORAGE_MEASURED_ERROR": [0.012],
            "STORAGE_CHARGED": [400.0],
            "STORAGE_DISCHARGED": [360.0],
            "STORAGE_CYCLES": [36.0],
            "STORAGE_ROUND_TRIP": [0.9],
            "COVERAGE": [0.998],
            "FOLLOWED_SHARE": [0.97],
            "SINCE": ["2026-09-01T05:00:00Z"],
        },
    }


def test_what_is_not_known_is_left_out_and_a_silent_battery_is_only_named() -> None:
    assert told(
        SharedBattery(name="Cellar", capacity_wh=10_000), SharedBattery(name="Attic", known_share=0.0)
    ) == {
        "SITE": {"SHARED_UNTIL": ["2026-12-30T05:00:00Z"]},
        "Cellar": {"STORAGE_USABLE_CAPACITY": [10.0]},
        "Attic": {"COVERAGE": [0.0]},
    }


def test_it_is_a_report_of_its_name_with_the_units_of_what_it_tells() -> None:
    report: Any = battery_report(
        (SharedBattery(name="Cellar", charged_wh=1, cycles=2.0),), UNTIL, ven_id="ven-1", at=NOW
    )
    told = report["object"]
    assert (told["eventID"], told["reportName"], told["clientID"]) == ("none", "batteries", "ven-1")
    # The same in each release.
    assert told["id"] == "a5bbe47f-58fd-5b50-9644-b663ab7d72fa"
    assert told["createdDateTime"] == "2026-11-30T05:00:00Z"
    assert told["payloadDescriptors"] == [
        {
            "objectType": "REPORT_PAYLOAD_DESCRIPTOR",
            "payloadType": "STORAGE_CHARGED",
            "units": "KWH",
            "readingType": "DIRECT_READ",
        }
    ]
    assert told["resources"][1] == {
        "resourceName": "Cellar",
        "intervals": [
            {
                "id": 0,
                "payloads": [
                    {"type": "STORAGE_CHARGED", "values": [0.001]},
                    {"type": "STORAGE_CYCLES", "values": [2.0]},
                ],
            }
        ],
    }


def test_without_batteries_it_says_until_when_and_nothing_else() -> None:
    assert told() == {"SITE": {"SHARED_UNTIL": ["2026-12-30T05:00:00Z"]}}


def test_each_home_and_each_moment_has_a_report_of_its_own() -> None:
    ids = {
        battery_report((), UNTIL, ven_id=ven_id, at=at)["object"]["id"]  # type: ignore[index, call-overload] # our own report
        for ven_id in ("ven-1", "ven-2")
        for at in (NOW, UNTIL)
    }
    assert len(ids) == 4

"""A report on rooms tells means by quarter-hour, and until when each room is shared."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from custom_components.home_flex.core.events.room_report import RoomFigure, SharedRoom, room_report
from tests.asyncapi import validate

START: Final = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
AT: Final = START + timedelta(minutes=15, seconds=5)
KITCHEN: Final = SharedRoom(
    name="Kitchen",
    until=START + timedelta(days=30),
    means={RoomFigure.TEMPERATURE: 21.256, RoomFigure.HUMIDITY: 48.0, RoomFigure.CARBON_DIOXIDE: 612.3},
)
EMPTY: Final = SharedRoom(name="Attic", until=AT, means={})


def told(*rooms: SharedRoom) -> dict[str, Any]:
    report: Any = room_report(rooms, START, ven_id="ven-1", at=AT)
    validate("reports/create", report)
    document: dict[str, Any] = report["object"]
    return document


def test_means_are_told_of_their_quarter_hour_and_what_is_not_known_is_left_out() -> None:
    document = told(KITCHEN, EMPTY)

    assert (document["eventID"], document["reportName"]) == ("none", "rooms")
    kitchen, attic = document["resources"]
    (interval,) = kitchen["intervals"]
    assert interval["id"] == 0
    assert interval["intervalPeriod"] == {"start": "2026-11-30T12:00:00Z", "duration": "PT15M"}
    assert {each["type"]: each["values"] for each in interval["payloads"]} == {
        "SHARED_UNTIL": ["2026-12-30T12:00:00Z"],
        "ROOM_TEMPERATURE": [21.26],
        "ROOM_HUMIDITY": [48.0],
        "ROOM_CARBON_DIOXIDE": [612.3],
    }
    assert [each["type"] for each in attic["intervals"][0]["payloads"]] == ["SHARED_UNTIL"]
    assert {each["payloadType"]: each["units"] for each in document["payloadDescriptors"]} == {
        "ROOM_TEMPERATURE": "CELSIUS",
        "ROOM_HUMIDITY": "PERCENT",
        "ROOM_CARBON_DIOXIDE": "PPM",
    }


def test_the_same_told_twice_is_one_report_and_another_figure_another() -> None:
    colder = SharedRoom(name="Kitchen", until=KITCHEN.until, means={RoomFigure.TEMPERATURE: 20.0})

    assert told(KITCHEN)["id"] == told(KITCHEN)["id"] != told(colder)["id"]


def test_a_report_of_no_room_is_none() -> None:
    with pytest.raises(ValueError, match="something"):
        room_report([], START, ven_id="ven-1", at=AT)

"""The events flexctl sends, and what it remembers of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from community_hub.flexctl import documents
from community_hub.flexctl.open_events import OpenEvents, end_of
from community_hub.flexctl.watch import Homes

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def an_event(**changes: Any) -> documents.Document:
    wish: dict[str, Any] = {
        "ven_id": "home-1",
        "program_id": "flexibility",
        "payloads": {"IMPORT_CAPACITY_LIMIT": 2.0},
        "start": NOW,
        "duration": timedelta(minutes=15),
        "randomize_start": None,
        "priority": None,
        "name": None,
        "now": NOW,
    }
    return documents.event(**(wish | changes))


def test_an_event_names_its_home_its_unit_and_its_end() -> None:
    event = an_event(randomize_start=timedelta(seconds=30))
    assert event["targets"] == ["home-1"]
    assert event["payloadDescriptors"][0]["units"] == "KW"
    assert event["intervals"][0]["payloads"] == [{"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}]
    assert end_of(event) == NOW + timedelta(minutes=15, seconds=30)


def test_open_events_are_remembered_until_they_are_over(tmp_path: Path) -> None:
    store = OpenEvents(tmp_path / "state" / "events.json")
    event = an_event()
    store.put(event, NOW)
    assert store.all(NOW + timedelta(minutes=14)) == {event["id"]: event}
    assert store.all(NOW + timedelta(minutes=15)) == {}


def test_a_cancelled_event_is_forgotten(tmp_path: Path) -> None:
    store = OpenEvents(tmp_path / "events.json")
    event = an_event()
    store.put(event, NOW)
    store.remove(event["id"], NOW)
    assert store.all(NOW) == {}


def test_a_home_row_shows_the_last_thing_said_about_its_event() -> None:
    homes = Homes(clock=lambda: NOW)
    homes.presence("home-1", {"status": "ONLINE", "venName": "Home one"})
    for status, demand in (("STARTED", 1.9), ("SUCCEEDED", 2.1)):
        told = {"INSTRUCTION_STATUS": [status], "DEMAND": [demand]}
        payloads = [{"type": kind, "values": values} for kind, values in told.items()]
        homes.report(
            "home-1", {"eventID": "e1", "resources": [{"intervals": [{"id": 0, "payloads": payloads}]}]}
        )
    row = homes.rows["home-1"]
    assert (row.presence, row.event_id, row.status) == ("ONLINE", "e1", "SUCCEEDED")
    assert row.values["DEMAND"] == [2.1]

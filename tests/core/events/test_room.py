"""How much the book holds, and what makes room."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.home_flex.core.events import room
from custom_components.home_flex.core.events.model import EventRecord, EventStatus, Source
from custom_components.home_flex.core.events.room import with_room

from .samples import MINUTE, NOW, make_event, make_record


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave room for 5 events of 10 intervals, of which 2 and 2 are kept."""
    for name, value in {
        "MAX_RECORDS": 5,
        "KEPT_RECORDS": 2,
        "MAX_INTERVALS": 10,
        "KEPT_INTERVALS": 2,
    }.items():
        monkeypatch.setattr(room, name, value)


def record(name: str, weight: int, *, ended_min: int | None = None, grid: bool = False) -> EventRecord:
    """Return an event's record, of an event that ended so many minutes ago or is open."""
    event = make_event(name, source=Source.GRID_OPERATOR if grid else Source.AGGREGATOR)
    event = replace(event, intervals=event.intervals * weight)
    if ended_min is None:
        return make_record(event)
    # It was taken back: when it would have ended says nothing.
    return make_record(event, status=EventStatus.REVOKED, ended=NOW - timedelta(minutes=ended_min))


def left(known: list[EventRecord], new: EventRecord) -> set[str] | None:
    records = with_room({each.event.event_id: each for each in known}, new)
    return None if records is None else set(records)


@pytest.mark.parametrize(
    ("known", "new", "expected"),
    [
        ([], record("n", 8), {"n"}),
        ([], record("n", 9), None),
        ([], record("n", 10, grid=True), {"n"}),
        ([], record("n", 11, grid=True), None),
        ([record("a", 1), record("b", 1)], record("n", 6), {"a", "b", "n"}),
        ([record("a", 1), record("b", 1)], record("n", 7), None),
        ([record("a", 1), record("b", 1), record("c", 1)], record("n", 1), None),
        ([record("a", 1), record("b", 1), record("c", 1)], record("n", 7, grid=True), {"a", "b", "c", "n"}),
        ([record(name, 1) for name in "abcde"], record("n", 1, grid=True), None),
        ([record("a", 8)], record("a", 8), {"a"}),
        ([record("a", 8)], record("a", 9), None),
        ([record("a", 4), record("b", 1, ended_min=9)], record("n", 3), {"a", "b", "n"}),
        ([record("a", 4), record("b", 1, ended_min=9)], record("n", 4), {"a", "n"}),
        ([record("a", 4), record("b", 1, ended_min=9)], record("n", 5), None),
        ([record("a", 2, ended_min=1), record("b", 2, ended_min=2)], record("n", 6), {"a", "n"}),
        ([record("a", 2, ended_min=2), record("b", 2, ended_min=1)], record("n", 6), {"b", "n"}),
        ([record("a", 2, ended_min=2), record("b", 2, ended_min=1)], record("n", 7), {"n"}),
        ([record(name, 1, ended_min=minutes) for name, minutes in zip("abc", (2, 3, 1), strict=True)],
         record("n", 1), {"a", "c", "n"}),
        ([record(name, 1, ended_min=minutes) for minutes, name in enumerate("abcdef")],
         record("n", 1), {"a", "b", "n"}),
        ([record(name, 1, ended_min=minutes) for minutes, name in enumerate("abcdefg")],
         record("n", 1), {"a", "b", "n"}),
    ],
)  # fmt: skip
def test_what_is_open_keeps_its_room_and_what_ended_longest_ago_gives_way(
    known: list[EventRecord], new: EventRecord, expected: set[str] | None
) -> None:
    assert left(known, new) == expected


def test_an_ended_event_without_a_moment_of_its_end_counts_from_its_last_interval() -> None:
    early = make_event("early", start=NOW - 60 * MINUTE)
    late = make_event("late", start=NOW - 30 * MINUTE)
    ended = [make_record(each, status=EventStatus.SUCCEEDED) for each in (late, early)]
    assert left(ended, record("n", 7)) == {"late", "n"}

"""Field by field: what a message brings into an event, and how a refusal names the field that is wrong."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.home_flex.core.events.model import Event, Interval, Payload, PayloadType, Source
from custom_components.home_flex.core.events.refusal import Refusal, RefusalReason
from custom_components.home_flex.core.events.wire import (
    MAX_INTERVALS,
    Notification,
    Operation,
    parse_open_events,
)
from custom_components.home_flex.core.model import SITE, Scope, ScopeKind

from .samples import EVENT, MINUTE, NOW, VEN_ID, event_object, message, read, read_event, refusal_of

MODIFIED = datetime(2026, 11, 21, 11, 59, tzinfo=UTC)
LIMIT = [{"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}]
AS_READ = Event(
    event_id="event-1",
    program_id="flex",
    name="evening peak",
    source=Source.AGGREGATOR,
    priority=5,
    created=MODIFIED,
    modified=MODIFIED,
    intervals=(
        Interval(
            id=0,
            start=NOW + 10 * MINUTE,
            end=NOW + 25 * MINUTE,
            payloads=(Payload(type=PayloadType.IMPORT_CAPACITY_LIMIT, value=2000.0),),
        ),
    ),
    scope=SITE,
)


@pytest.mark.parametrize("operation", [Operation.CREATE, Operation.UPDATE])
def test_a_message_is_read_into_an_event(operation: Operation) -> None:
    assert read(message(EVENT, operation)) == Notification(
        operation=operation, event=AS_READ, event_id="event-1", modified=MODIFIED
    )


def test_a_deletion_brings_no_event() -> None:
    assert read(message(EVENT, "DELETE")) == Notification(
        operation=Operation.DELETE, event=None, event_id="event-1", modified=MODIFIED
    )


def test_what_may_be_left_out_is_none() -> None:
    event = read_event(event_object(eventName=..., priority=None))
    assert (event.name, event.priority) == (None, None)


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"id": "a b"}, "malformed", "id"),
        ({"modificationDateTime": "never"}, "wrong_time", "modificationDateTime"),
        ({"createdDateTime": "never"}, "wrong_time", "createdDateTime"),
        ({"programID": ""}, "malformed", "programID"),
        ({"eventName": ""}, "malformed", "eventName"),
        ({"priority": -1}, "malformed", "priority"),
        ({"priority": 1_000_001}, "malformed", "priority"),
        ({"targets": "home-1"}, "malformed", "targets"),
        ({"targets": [7]}, "malformed", "targets"),
        ({"targets": [VEN_ID] * 257}, "malformed", "targets"),
        ({"intervals": {}}, "malformed", "intervals"),
        ({"intervals": ["one"]}, "malformed", "intervals"),
        ({"intervals": []}, "too_many_intervals", "0"),
        ({"intervals": [{"id": 0}] * (MAX_INTERVALS + 1)}, "too_many_intervals", str(MAX_INTERVALS + 1)),
        ({"intervals": [{"id": "x", "payloads": LIMIT}]}, "malformed", "intervals.id"),
        ({"intervals": [{"id": 2**31, "payloads": LIMIT}]}, "malformed", "intervals.id"),
        ({"intervals": [{"id": -(2**31) - 1, "payloads": LIMIT}]}, "malformed", "intervals.id"),
        (
            {"intervals": [{"id": 0, "payloads": [{"type": "PRICE", "values": [1]}]}]},
            "unknown_payload_type",
            "PRICE",
        ),
        (
            {
                "intervals": [
                    {"id": 0, "payloads": [{"type": each, "values": [1]} for each in ("A", "B", "A")]}
                ]
            },
            "unknown_payload_type",
            "A, B",
        ),
        # Of long names as much is told as a text may have.
        (
            {
                "intervals": [
                    {"id": 0, "payloads": [{"type": "T" * 128, "values": [1]}, {"type": "B", "values": [1]}]}
                ]
            },
            "unknown_payload_type",
            "T" * 128,
        ),
        ({"objectType": "PROGRAM"}, "wrong_object_type", ""),
        ({"targets": ["home-2"]}, "not_for_this_ven", ""),
    ],
)
def test_a_refusal_names_the_field(changes: dict[str, Any], reason: str, detail: str) -> None:
    refusal = refusal_of(message(event_object(**changes)))
    assert (refusal.reason, refusal.detail) == (reason, detail)


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": 0},
        {"priority": 1_000_000},
        {"targets": [VEN_ID] * 256},
        {"targets": []},
        {"targets": None},
        {"intervals": [{"id": 2**31 - 1, "payloads": LIMIT}]},
        {"intervals": [{"id": -(2**31), "payloads": LIMIT}]},
    ],
)
def test_what_is_just_within_its_bounds_is_taken(changes: dict[str, Any]) -> None:
    assert read_event(event_object(**changes)).event_id == "event-1"


def test_of_the_types_left_out_the_first_eight_are_named_once_each() -> None:
    unknown = [{"type": f"T{number}", "values": [1]} for number in (1, 1, 2, 3, 4, 5, 6, 7, 8, 9)]
    event = read_event(event_object(intervals=[{"id": 0, "payloads": LIMIT + unknown}]))
    assert event.left_out == tuple(f"T{number}" for number in range(1, 9))


def test_as_many_intervals_as_may_be_are_taken() -> None:
    period = {"start": "2026-11-21T12:10:00Z", "duration": "PT5M"}
    entries = [{"id": number, "payloads": LIMIT} for number in range(MAX_INTERVALS)]
    event = read_event(event_object(intervalPeriod=period, intervals=entries))
    assert [interval.id for interval in event.intervals] == list(range(MAX_INTERVALS))


@pytest.mark.parametrize("body", ["[]", '"object"'])
def test_what_is_no_object_is_named(body: str) -> None:
    document = f'{{"objectType": "EVENT", "operation": "CREATE", "object": {body}}}'
    assert refusal_of(document.encode()).detail == "object"
    assert refusal_of(body.encode()).detail == "notification"


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        ([], RefusalReason.MALFORMED, "answer"),
        ({"events": []}, RefusalReason.MALFORMED, "correlation"),
        ({"correlation": "c", "events": {}}, RefusalReason.MALFORMED, "events"),
        ({"correlation": "c", "events": [None] * 201}, RefusalReason.TOO_MANY_EVENTS, "201 at once"),
    ],
)
def test_an_answer_that_cannot_be_read_says_why(answer: Any, reason: RefusalReason, detail: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_open_events(json.dumps(answer).encode(), ven_id=VEN_ID, now=NOW, random=lambda _: 0.0)
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


def test_an_event_of_a_group_is_asked_of_it_and_each_event_is_spread_by_its_own_id() -> None:
    asked: list[str] = []

    def spread(event_id: str) -> float:
        asked.append(event_id)
        return 0.0

    told = read(message(event_object(targets=["cellar"])), group_ids=frozenset({"cellar", "garage"}))
    assert told.event is not None
    assert told.event.scope == Scope(ScopeKind.GROUP, "cellar")
    read(message(EVENT), random=spread)
    assert asked == ["event-1"]


def test_events_of_the_grid_operators_programs_are_the_grid_operators() -> None:
    programs = frozenset({"flex"})
    told = read(message(EVENT), grid_operator_programs=programs)
    assert told.event is not None
    assert (told.event.source, told.event.program_id) == (Source.GRID_OPERATOR, "flex")

"""Events that are asked of a group of the home's devices instead of the site at its meter."""

import json
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.events.book import EventBook
from custom_components.home_flex.core.events.model import Event, EventStatus, PayloadType
from custom_components.home_flex.core.events.outcome import StatusChanged
from custom_components.home_flex.core.events.refusal import RefusalReason
from custom_components.home_flex.core.events.reports import status_report
from custom_components.home_flex.core.events.schedule import commands_at
from custom_components.home_flex.core.events.wire import Notification, parse_open_events
from custom_components.home_flex.core.model import SITE, Scope, ScopeKind
from tests.asyncapi import validate

from .samples import (
    MINUTE,
    NOW,
    VEN_ID,
    created,
    event_object,
    make_event,
    make_record,
    message,
    read_event,
    refusal_of,
    tally_of,
    with_payload,
)

GROUPS = frozenset({"cellar", "cars"})
CELLAR, CARS = Scope(ScopeKind.GROUP, "cellar"), Scope(ScopeKind.GROUP, "cars")
START = NOW + 10 * MINUTE


def of(scope: Scope, event_id: str = "event-1", **changes: Any) -> Event:
    return replace(make_event(event_id, **changes), scope=scope)


@pytest.mark.parametrize(
    ("targets", "scope"),
    [
        (None, SITE),
        ([VEN_ID], SITE),
        ([VEN_ID, "feeder-7"], SITE),
        (["cellar"], CELLAR),
        ([VEN_ID, "cellar"], CELLAR),
        (["feeder-7", "cars", "cars"], CARS),
    ],
)
def test_a_group_among_the_targets_is_what_the_event_is_asked_of(targets: Any, scope: Scope) -> None:
    assert read_event(event_object(targets=targets), group_ids=GROUPS).scope == scope


def test_a_list_of_open_events_names_groups_as_well() -> None:
    answer = json.dumps({"correlation": "c", "events": [event_object(targets=["cars"])]})
    opened = parse_open_events(
        answer.encode(), ven_id=VEN_ID, now=NOW, random=lambda _: 0.0, group_ids=GROUPS
    )
    (told,) = opened.items
    assert isinstance(told, Notification)
    assert told.event is not None
    assert told.event.scope == CARS


@pytest.mark.parametrize("targets", [["attic"], ["Cellar"], ["feeder-7"]])
def test_an_event_for_no_group_of_this_home_and_not_for_it_is_refused(targets: Any) -> None:
    refused = refusal_of(message(event_object(targets=targets)), group_ids=GROUPS)
    assert refused.reason is RefusalReason.NOT_FOR_THIS_VEN


def test_an_event_for_two_groups_is_refused() -> None:
    refused = refusal_of(message(event_object(targets=["cellar", "cars"])), group_ids=GROUPS)
    assert refused.reason is RefusalReason.WRONG_TARGET


@pytest.mark.parametrize(
    ("kind", "units", "is_taken"),
    [
        ("IMPORT_CAPACITY_LIMIT", "KW", True),
        ("EXPORT_CAPACITY_LIMIT", "KW", True),
        ("DISPATCH_SETPOINT", "KW", True),
        ("DISPATCH_SETPOINT_RELATIVE", "KW", True),
        ("CHARGE_STATE_SETPOINT", "PERCENT", False),
        ("SIMPLE", None, False),
    ],
)
def test_a_group_is_asked_for_power_and_nothing_else(kind: str, units: str | None, is_taken: bool) -> None:
    asked = {**with_payload(kind, 1, units=units), "targets": ["cellar"]}
    if is_taken:
        assert read_event(asked, group_ids=GROUPS).scope == CELLAR
    else:
        refused = refusal_of(message(asked), group_ids=GROUPS)
        assert refused.reason is RefusalReason.WRONG_TARGET
    assert read_event({**asked, "targets": [VEN_ID]}, group_ids=GROUPS).scope == SITE


def test_a_group_is_asked_for_all_powers_together() -> None:
    kinds = (
        "IMPORT_CAPACITY_LIMIT",
        "EXPORT_CAPACITY_LIMIT",
        "DISPATCH_SETPOINT",
        "DISPATCH_SETPOINT_RELATIVE",
    )
    payloads = [{"type": kind, "values": [1]} for kind in kinds]
    asked = event_object(targets=["cellar"], intervals=[{"id": 0, "payloads": payloads}])
    assert read_event(asked, group_ids=GROUPS).scope == CELLAR


def test_the_site_and_each_group_have_a_command_of_their_own() -> None:
    events = [
        of(SITE, "site", start=NOW, value=9000.0),
        of(CELLAR, "wide", start=NOW, value=4000.0),
        of(CELLAR, "tight", start=NOW, value=1000.0),
        of(CARS, "cars", start=NOW, value=7000.0),
    ]
    book = EventBook(records={event.event_id: make_record(event) for event in events})
    commands = commands_at(book, NOW)
    assert {command.scope: command.event_id for command in commands} == {
        SITE: "site",
        CELLAR: "tight",
        CARS: "cars",
    }


def test_a_newer_version_for_another_group_settles_what_was_and_begins_anew() -> None:
    book, _ = EventBook().receive(created(of(CELLAR)), NOW, participating=True)
    book, _ = book.advance(START)
    book = book.with_records([replace(book.records["event-1"], baseline_w=3000.0, tally=tally_of(70.0))])
    moved = of(CARS, modified=NOW + MINUTE)
    book, (outcome,) = book.receive(created(moved), START + MINUTE, participating=True)
    assert isinstance(outcome, StatusChanged)
    assert outcome.first_part is not None
    assert (outcome.first_part.status, outcome.first_part.reason) == (EventStatus.ABORTED, "moved")
    assert (outcome.first_part.event.scope, outcome.first_part.tally.energy_wh) == (CELLAR, 70.0)
    assert (outcome.record.baseline_w, outcome.record.tally.energy_wh) == (None, 0.0)
    book, _ = book.advance(START + MINUTE)
    assert book.records["event-1"].status is EventStatus.STARTED
    assert [command.scope for command in commands_at(book, START + MINUTE)] == [CARS]


def test_open_events_of_a_group_that_is_gone_end_and_the_others_stay() -> None:
    events = [of(SITE, "site"), of(CELLAR, "kept"), of(CARS, "gone")]
    records = {event.event_id: make_record(event) for event in events}
    ended = make_record(of(CARS, "ended"), status=EventStatus.SUCCEEDED)
    book, outcomes = EventBook(records={**records, "ended": ended}).end_without_group({"cellar"}, NOW)
    assert len(outcomes) == 1
    assert {key: record.status for key, record in book.records.items()} == {
        "site": EventStatus.ACCEPTED,
        "kept": EventStatus.ACCEPTED,
        "gone": EventStatus.ABORTED,
        "ended": EventStatus.SUCCEEDED,
    }
    assert (book.records["gone"].reason, book.records["gone"].ended) == ("group_gone", NOW)


def test_what_is_asked_of_a_group_is_reported_of_that_group() -> None:
    record = make_record(
        of(CELLAR, kind=PayloadType.DISPATCH_SETPOINT), status=EventStatus.SUCCEEDED, started=NOW, ended=START
    )
    report: Any = status_report(record, previous=None, ven_id=VEN_ID, at=START)
    validate("reports/create", report)
    (resource,) = report["object"]["resources"]
    assert resource["resourceName"] == "cellar"

"""What each change of the book says: when, why, and what the resident's word was."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from custom_components.home_flex.core.events.book import Change, EventBook
from custom_components.home_flex.core.events.model import EventRecord, EventStatus, Source
from custom_components.home_flex.core.events.outcome import AlreadyKnown, Known, StatusChanged, StatusReason
from custom_components.home_flex.core.model import Scope, ScopeKind

from .samples import MINUTE, NOW, created, deleted, make_event, make_record

LATER = NOW + MINUTE
CELLAR = Scope(ScopeKind.GROUP, "cellar")
OPEN_ONE = EventBook(records={"event-1": make_record()})
LEFT_ONE = EventBook(records={"event-1": make_record(opted_out=True)})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: OPEN_ONE.cancel("event-1", LATER), StatusReason.CANCELLED),
        (lambda: OPEN_ONE.withdraw_all_but(frozenset(), LATER), StatusReason.WITHDRAWN),
        (
            lambda: OPEN_ONE.receive(deleted(modified=LATER), LATER, participating=True),
            StatusReason.DELETED,
        ),
        # Its creation was never heard of.
        (
            lambda: EventBook().receive(deleted(modified=LATER), LATER, participating=True),
            StatusReason.DELETED,
        ),
    ],
)
def test_what_is_taken_back_says_why_and_when(change: Callable[[], Change], reason: StatusReason) -> None:
    book, _ = change()
    record = book.records["event-1"]
    assert (record.status, record.reason, record.ended) == (EventStatus.REVOKED, reason, LATER)


def test_a_deletion_keeps_its_own_time_so_that_no_older_version_comes_back() -> None:
    book, _ = OPEN_ONE.receive(deleted(modified=LATER), LATER, participating=True)
    older = replace(make_event(), modified=NOW + MINUTE / 2)
    again, (outcome,) = book.receive(created(older), 2 * MINUTE + NOW, participating=True)
    assert again is book
    assert outcome == AlreadyKnown(record=book.records["event-1"], reason=Known.OLDER_MODIFICATION)


def test_the_deletion_of_an_unknown_event_is_one_empty_moment() -> None:
    book, _ = EventBook().receive(deleted(modified=NOW), LATER, participating=True)
    event = book.records["event-1"].event
    assert (event.start, event.end) == (LATER, LATER)


def test_a_deletion_of_what_has_ended_is_no_news() -> None:
    ended = make_record(status=EventStatus.SUCCEEDED, ended=NOW)
    book = EventBook(records={"event-1": ended})
    again, (outcome,) = book.receive(deleted(modified=LATER), LATER, participating=True)
    assert (again, outcome) == (book, AlreadyKnown(record=ended, reason=Known.ALREADY_ENDED))


@pytest.mark.parametrize(
    ("record", "is_ended"),
    [
        (make_record(replace(make_event(), scope=CELLAR)), True),
        (make_record(replace(make_event(), scope=CELLAR), status=EventStatus.STARTED), True),
        (make_record(replace(make_event(), scope=CELLAR), status=EventStatus.REVOKED), False),
        (make_record(replace(make_event(), scope=Scope(ScopeKind.GROUP, "garage"))), False),
        (make_record(), False),
    ],
)
def test_events_of_a_group_that_is_gone_end(record: EventRecord, is_ended: bool) -> None:
    book = EventBook(records={"event-1": record})
    changed, outcomes = book.end_without_group({"garage"}, LATER)
    if not is_ended:
        assert (changed, outcomes) == (book, ())
        return
    after = replace(record, status=EventStatus.ABORTED, reason=StatusReason.GROUP_GONE, ended=LATER)
    assert changed.records == {"event-1": after}
    assert outcomes == (StatusChanged(record=after, previous=record.status),)


AHEAD, RUNNING = NOW + 10 * MINUTE, NOW


@pytest.mark.parametrize(
    ("source", "start", "changes", "says_no"),
    [
        (Source.AGGREGATOR, RUNNING, {}, True),
        (Source.AGGREGATOR, AHEAD, {}, True),
        (Source.AGGREGATOR, AHEAD, {"status": EventStatus.SUCCEEDED}, False),
        (Source.AGGREGATOR, AHEAD, {"opted_out": True}, False),
        # The resident's own may begin after the pause.
        (Source.RESIDENT, RUNNING, {}, True),
        (Source.RESIDENT, AHEAD, {}, False),
        (Source.GRID_OPERATOR, RUNNING, {}, False),
    ],
)
def test_to_stay_out_is_a_no_to_each_event_that_would_run(
    source: Source, start: object, changes: dict[str, object], says_no: bool
) -> None:
    record = make_record(make_event(source=source, start=start), **changes)  # type: ignore[arg-type] # a table
    book, outcomes = EventBook(records={"event-1": record}).stay_out(NOW)
    assert book.consents == ({"event-1": False} if says_no else {})
    assert book.records["event-1"].opted_out is (says_no or record.opted_out)
    assert len(outcomes) == says_no


def test_a_yes_said_before_the_pause_is_over_also_where_the_event_is_left() -> None:
    said_yes = replace(LEFT_ONE, consents={"event-1": True})
    assert said_yes.stay_out(NOW)[0].consents == {"event-1": False}
    assert LEFT_ONE.stay_out(NOW) == (LEFT_ONE, ())


def test_to_take_part_in_none_forgets_each_yes_and_keeps_each_no() -> None:
    both = EventBook(
        records={key: make_record(make_event(key)) for key in ("yes", "no")},
        consents={"yes": True, "no": False},
    )
    assert both.participate(participating=False)[0].consents == {"no": False}
    assert both.participate(participating=True)[0].consents == {"yes": True, "no": False}


OVER = make_event(start=NOW - 20 * MINUTE)
MISSED = {"status": EventStatus.ABORTED, "reason": StatusReason.MISSED, "ended": OVER.end}


@pytest.mark.parametrize(
    ("record", "moment", "changes"),
    [
        (make_record(OVER, status=EventStatus.STARTED), OVER.end, MISSED),
        (make_record(OVER, status=EventStatus.STARTED), LATER, MISSED),
        (make_record(OVER, status=EventStatus.STARTED, seen=OVER.end), LATER, None),
        (make_record(OVER, status=EventStatus.STARTED), OVER.end - MINUTE, None),
        (make_record(OVER), LATER, None),
        (make_record(OVER, status=EventStatus.SUCCEEDED, ended=OVER.end), LATER, None),
    ],
    ids=["at its end", "later", "seen to its end", "it still runs", "it never started", "it has ended"],
)
def test_a_running_event_whose_end_the_home_slept_through_was_missed(
    record: EventRecord, moment: datetime, changes: dict[str, Any] | None
) -> None:
    book = EventBook(records={"event-1": record})
    changed, outcomes = book.end_unseen(moment)
    if changes is None:
        assert (changed, outcomes) == (book, ())
        return
    after = replace(record, **changes)
    assert changed.records == {"event-1": after}
    assert outcomes == (StatusChanged(record=after, previous=EventStatus.STARTED),)


TWO = EventBook(
    records={
        "event-1": make_record(spared=frozenset({"battery"})),
        "event-2": make_record(make_event("event-2")),
    }
)


@pytest.mark.parametrize(
    ("device_id", "spared", "expected"),
    [
        ("car", True, {"battery", "car"}),
        ("battery", False, set()),
        ("battery", True, None),
        ("car", False, None),
    ],
    ids=["kept out", "let in again", "kept out already", "let in already"],
)
def test_a_device_is_kept_out_of_one_event(
    device_id: str, expected: set[str] | None, *, spared: bool
) -> None:
    book, outcomes = TWO.spare("event-1", device_id, spared=spared)
    assert book.records["event-1"].spared == ({"battery"} if expected is None else expected)
    assert book.records["event-2"] == TWO.records["event-2"]
    assert len(outcomes) == (expected is not None)


def test_no_device_is_kept_out_of_a_grid_operators_event() -> None:
    book = EventBook(records={"event-1": make_record(make_event(source=Source.GRID_OPERATOR))})
    assert book.spare("event-1", "car", spared=True) == (book, ())


def test_who_joins_partly_has_said_yes_to_that_part_until_all_of_it_is_joined() -> None:
    part = make_event(value=3000.0).intervals
    book, (outcome,) = TWO.join_partly("event-1", part)
    assert isinstance(outcome, StatusChanged)
    assert (outcome.record.eased, outcome.record.opted_out) == (part, False)
    assert book.consents == {"event-1": True}
    assert book.records["event-2"] == TWO.records["event-2"]

    left, _ = book.opt_out("event-1")
    assert (left.records["event-1"].eased, left.consents) == (part, {"event-1": False})
    joined, _ = left.opt_in("event-1")
    assert (joined.records["event-1"].eased, joined.consents) == ((), {"event-1": True})

"""What each change of the book says: when, why, and what the resident's word was."""

from collections.abc import Callable
from dataclasses import replace

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

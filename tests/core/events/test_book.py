"""The life of an event."""

from datetime import timedelta

import pytest

from custom_components.home_flex.core.events.book import (
    MAX_RECORDS,
    AlreadyKnown,
    EventBook,
    Known,
    Outcome,
    StatusChanged,
)
from custom_components.home_flex.core.events.model import Event, EventStatus, Source
from custom_components.home_flex.core.events.schedule import commands_at

from .samples import MINUTE, NOW, created, deleted, make_event, make_record

START = NOW + 10 * MINUTE
END = NOW + 25 * MINUTE
ID = "event-1"


def _received(*events: Event, participating: bool = True) -> EventBook:
    book = EventBook()
    for event in events:
        book, _ = book.receive(created(event), NOW, participating=participating)
    return book


def _changes(outcomes: tuple[Outcome, ...]) -> list[tuple[EventStatus | None, EventStatus]]:
    """Return each change as the status before and after."""
    return [(each.previous, each.record.status) for each in outcomes if isinstance(each, StatusChanged)]


def test_an_event_is_accepted_started_and_succeeds() -> None:
    book, outcomes = EventBook().receive(created(make_event()), NOW, participating=True)
    assert _changes(outcomes) == [(None, EventStatus.ACCEPTED)]
    book, outcomes = book.advance(START)
    assert _changes(outcomes) == [(EventStatus.ACCEPTED, EventStatus.STARTED)]
    book, outcomes = book.advance(END)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.SUCCEEDED)]
    record = book.records[ID]
    assert (record.received, record.started, record.ended) == (NOW, START, END)


def test_nothing_happens_while_nothing_is_due() -> None:
    book = _received(make_event())
    assert book.advance(START - timedelta(microseconds=1)) == (book, ())


def test_an_event_that_passed_while_the_home_was_away_is_aborted_as_missed() -> None:
    book, outcomes = _received(make_event()).advance(END)
    assert _changes(outcomes) == [(EventStatus.ACCEPTED, EventStatus.ABORTED)]
    assert book.records[ID].reason == "missed"


def test_an_event_that_ended_while_the_home_was_away_but_had_started_succeeds_at_its_end() -> None:
    book, _ = _received(make_event()).advance(START)
    book, outcomes = book.advance(END + timedelta(hours=3))
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.SUCCEEDED)]
    assert book.records[ID].ended == END


def test_the_same_message_again_changes_nothing() -> None:
    book = _received(make_event())
    again, outcomes = book.receive(created(make_event()), NOW + MINUTE, participating=True)
    assert again == book
    assert outcomes == (AlreadyKnown(record=book.records[ID], reason=Known.SAME_MODIFICATION),)


def test_an_older_message_changes_nothing() -> None:
    book = _received(make_event(modified=NOW))
    again, outcomes = book.receive(
        created(make_event(value=9000, modified=NOW - MINUTE)), NOW, participating=True
    )
    assert again == book
    assert outcomes == (AlreadyKnown(record=book.records[ID], reason=Known.OLDER_MODIFICATION),)


def test_a_newer_version_of_a_running_event_keeps_it_running_and_what_was_measured() -> None:
    book, _ = _received(make_event()).advance(START)
    book = book.with_measurement(ID, baseline_w=3000.0, energy_wh=12.0)
    newer = make_event(value=1000, length=30 * MINUTE, modified=NOW + MINUTE)
    book, outcomes = book.receive(created(newer), START + MINUTE, participating=True)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.STARTED)]
    record = book.records[ID]
    assert (record.event, record.started, record.baseline_w, record.energy_wh) == (newer, START, 3000.0, 12.0)


def test_a_newer_version_that_starts_later_waits_again() -> None:
    book, _ = _received(make_event()).advance(START)
    later = make_event(start=START + timedelta(hours=1), modified=NOW + MINUTE)
    book, outcomes = book.receive(created(later), START, participating=True)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.ACCEPTED)]
    assert commands_at(book, START) == ()


@pytest.mark.parametrize("moment", [NOW, START])
def test_a_deleted_event_is_revoked_before_and_while_it_runs(moment: object) -> None:
    book, _ = _received(make_event()).advance(START if moment is START else NOW)
    book, outcomes = book.receive(deleted(), START, participating=True)
    assert [status for _, status in _changes(outcomes)] == [EventStatus.REVOKED]
    assert commands_at(book, START) == ()


def test_an_event_deleted_before_it_arrived_does_not_run() -> None:
    book, outcomes = EventBook().receive(deleted(modified=NOW), NOW, participating=True)
    assert _changes(outcomes) == [(None, EventStatus.REVOKED)]
    book, outcomes = book.receive(created(make_event(modified=NOW)), NOW, participating=True)
    assert [type(each) for each in outcomes] == [AlreadyKnown]
    assert book.advance(START) == (book, ())


def test_a_deletion_older_than_the_event_does_not_end_it() -> None:
    book, outcomes = _received(make_event(modified=NOW)).receive(
        deleted(modified=NOW - MINUTE), NOW, participating=True
    )
    assert [type(each) for each in outcomes] == [AlreadyKnown]
    assert book.records[ID].status is EventStatus.ACCEPTED


def test_a_deletion_after_the_end_leaves_what_became_of_the_event() -> None:
    book, _ = _received(make_event()).advance(START)
    book, _ = book.advance(END)
    book, outcomes = book.receive(deleted(modified=NOW + MINUTE), END, participating=True)
    assert [type(each) for each in outcomes] == [AlreadyKnown]
    assert book.records[ID].status is EventStatus.SUCCEEDED


def test_the_aggregator_can_neither_delete_nor_replace_the_residents_own_event() -> None:
    book = _received(make_event(source=Source.RESIDENT))
    for message in (
        deleted(modified=NOW + MINUTE),
        created(make_event(modified=NOW + MINUTE)),
    ):
        again, outcomes = book.receive(message, NOW, participating=True)
        assert again == book
        assert outcomes == (AlreadyKnown(record=book.records[ID], reason=Known.NOT_THE_AGGREGATORS),)


def test_an_opted_out_event_gives_no_commands_until_it_is_opted_in_again() -> None:
    book, _ = _received(make_event()).advance(START)
    book, outcomes = book.opt_out(ID, START)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.STARTED)]
    assert book.records[ID].opted_out
    assert commands_at(book, START) == ()
    book, outcomes = book.opt_in(ID, START + MINUTE)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.STARTED)]
    assert [command.event_id for command in commands_at(book, START + MINUTE)] == [ID]
    book, _ = book.advance(END)
    assert book.records[ID].status is EventStatus.SUCCEEDED


def test_an_event_opted_out_of_to_its_end_is_aborted() -> None:
    book, _ = _received(make_event()).opt_out(ID, NOW)
    book, _ = book.advance(START)
    assert book.records[ID].status is EventStatus.STARTED
    book, _ = book.advance(END)
    assert (book.records[ID].status, book.records[ID].reason) == (EventStatus.ABORTED, "opted_out")


def test_opting_out_of_all_leaves_the_grid_operators_and_the_residents_events() -> None:
    book = _received(*(make_event(source, source=source) for source in Source))
    book, _ = book.opt_out(None, NOW)
    assert [event_id for event_id, record in book.records.items() if record.opted_out] == ["aggregator"]


def test_nobody_opts_out_of_or_cancels_a_grid_operators_event() -> None:
    book = _received(make_event(source=Source.GRID_OPERATOR), participating=False)
    assert not book.records[ID].opted_out
    assert book.opt_out(ID, NOW) == (book, ())
    assert book.cancel(ID, NOW) == (book, ())


def test_opting_out_twice_is_told_once() -> None:
    book, _ = _received(make_event()).opt_out(ID, NOW)
    assert book.opt_out(ID, NOW) == (book, ())


def test_an_event_that_comes_while_the_home_does_not_participate_waits_opted_out() -> None:
    book = _received(make_event(), participating=False)
    record = book.records[ID]
    assert (record.status, record.opted_out, record.reason) == (EventStatus.ACCEPTED, True, "opted_out")


def test_an_opt_out_stays_when_a_newer_version_comes() -> None:
    book, _ = _received(make_event()).opt_out(ID, NOW)
    book, _ = book.receive(created(make_event(modified=NOW + MINUTE)), NOW, participating=True)
    assert book.records[ID].opted_out


def test_a_cancelled_event_is_revoked() -> None:
    book, outcomes = _received(make_event(source=Source.RESIDENT)).cancel(ID, NOW)
    assert _changes(outcomes) == [(EventStatus.ACCEPTED, EventStatus.REVOKED)]
    assert book.records[ID].reason == "cancelled"
    assert book.cancel(ID, NOW) == (book, ())


def test_an_event_the_home_cannot_follow_is_rejected_before_it_starts_only() -> None:
    book = _received(make_event())
    rejected, outcomes = book.refuse(ID, NOW)
    assert _changes(outcomes) == [(EventStatus.ACCEPTED, EventStatus.REJECTED)]
    assert commands_at(rejected, START) == ()
    running, _ = book.advance(START)
    assert running.refuse(ID, START) == (running, ())


def test_the_next_change_is_each_start_and_end_of_an_interval_and_now_when_something_is_due() -> None:
    book = _received(make_event())
    assert book.next_change(NOW) == START
    assert book.next_change(START) == START
    running, _ = book.advance(START)
    assert running.next_change(START) == END
    ended, _ = running.advance(END)
    assert ended.next_change(END) is None


def test_what_ended_long_ago_is_forgotten_and_what_is_open_is_kept() -> None:
    book = _received(make_event("short"), make_event("long", length=timedelta(days=2)))
    book, _ = book.advance(START)
    book, _ = book.advance(END)
    assert set(book.prune(END + MINUTE, timedelta(hours=1)).records) == {"short", "long"}
    assert set(book.prune(END + timedelta(hours=1), timedelta(hours=1)).records) == {"long"}


def test_a_full_book_forgets_the_oldest_ended_event_and_rejects_when_all_are_open() -> None:
    records = {str(number): make_record(make_event(str(number))) for number in range(MAX_RECORDS)}
    full = EventBook(records=records)
    same, outcomes = full.receive(created(make_event("new")), NOW, participating=True)
    assert same == full
    assert _changes(outcomes) == [(None, EventStatus.REJECTED)]
    assert outcomes[0].record.reason == "too_many_events"

    full, _ = full.cancel("7", NOW)
    full, outcomes = full.receive(created(make_event("new")), NOW, participating=True)
    assert _changes(outcomes) == [(None, EventStatus.ACCEPTED)]
    assert len(full.records) == MAX_RECORDS
    assert "7" not in full.records

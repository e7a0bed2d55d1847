"""The life of an event."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from custom_components.home_flex.core.events.book import (
    EventBook,
)
from custom_components.home_flex.core.events.model import Event, EventStatus, PayloadType, Source
from custom_components.home_flex.core.events.outcome import (
    AlreadyKnown,
    Known,
    Outcome,
    StatusChanged,
    TurnedAway,
)
from custom_components.home_flex.core.events.possible import SiteEnvelope
from custom_components.home_flex.core.events.refusal import RefusalReason
from custom_components.home_flex.core.events.room import (
    KEPT_INTERVALS,
    KEPT_RECORDS,
    MAX_INTERVALS,
    MAX_RECORDS,
)
from custom_components.home_flex.core.events.schedule import commands_at
from custom_components.home_flex.core.events.wire import Notification

from .samples import MINUTE, NOW, created, deleted, make_event, make_record, tally_of

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
    book = book.with_records([replace(book.records[ID], baseline_w=3000.0, tally=tally_of(12.0))])
    newer = make_event(value=1000, length=30 * MINUTE, modified=NOW + MINUTE)
    book, outcomes = book.receive(created(newer), START + MINUTE, participating=True)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.STARTED)]
    record = book.records[ID]
    assert (record.event, record.started, record.baseline_w, record.tally.energy_wh) == (
        newer,
        START,
        3000.0,
        12.0,
    )


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
    book, outcomes = book.opt_out(ID)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.STARTED)]
    assert book.records[ID].opted_out
    assert commands_at(book, START) == ()
    book, outcomes = book.opt_in(ID)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.STARTED)]
    assert [command.event_id for command in commands_at(book, START + MINUTE)] == [ID]
    book, _ = book.advance(END)
    assert book.records[ID].status is EventStatus.SUCCEEDED


def test_an_event_opted_out_of_to_its_end_is_aborted() -> None:
    book, _ = _received(make_event()).opt_out(ID)
    book, _ = book.advance(START)
    assert book.records[ID].status is EventStatus.STARTED
    book, _ = book.advance(END)
    assert (book.records[ID].status, book.records[ID].reason) == (EventStatus.ABORTED, "opted_out")


def test_opting_out_of_all_leaves_the_grid_operators_and_the_residents_events() -> None:
    book = _received(*(make_event(source, source=source) for source in Source))
    book, _ = book.opt_out(None)
    assert [event_id for event_id, record in book.records.items() if record.opted_out] == ["aggregator"]


def test_nobody_opts_out_of_or_cancels_a_grid_operators_event() -> None:
    book = _received(make_event(source=Source.GRID_OPERATOR), participating=False)
    assert not book.records[ID].opted_out
    assert book.opt_out(ID) == (book, ())
    assert book.cancel(ID, NOW) == (book, ())


def test_opting_out_twice_is_told_once() -> None:
    book, _ = _received(make_event()).opt_out(ID)
    assert book.opt_out(ID) == (book, ())


def test_an_event_that_comes_while_the_home_does_not_participate_waits_opted_out() -> None:
    book = _received(make_event(), participating=False)
    record = book.records[ID]
    assert (record.status, record.opted_out, record.reason) == (EventStatus.ACCEPTED, True, "opted_out")


def test_an_opt_out_stays_when_a_newer_version_comes() -> None:
    book, _ = _received(make_event()).opt_out(ID)
    book, _ = book.receive(created(make_event(modified=NOW + MINUTE)), NOW, participating=True)
    assert book.records[ID].opted_out


def test_a_cancelled_event_is_revoked() -> None:
    book, outcomes = _received(make_event(source=Source.RESIDENT)).cancel(ID, NOW)
    assert _changes(outcomes) == [(EventStatus.ACCEPTED, EventStatus.REVOKED)]
    assert book.records[ID].reason == "cancelled"
    assert book.cancel(ID, NOW) == (book, ())


def test_the_next_change_is_each_start_and_end_of_an_interval() -> None:
    book = _received(make_event())
    assert book.next_change(NOW) == START
    assert book.next_change(START) == END
    assert book.next_change(END) is None
    ended, _ = book.advance(END)
    assert ended.next_change(NOW) is None


def test_what_ended_long_ago_is_forgotten_and_what_is_open_is_kept() -> None:
    book = _received(make_event("short"), make_event("long", length=timedelta(days=2)))
    book, _ = book.advance(START)
    book, _ = book.advance(END)
    assert set(book.prune(END + MINUTE, timedelta(hours=1)).records) == {"short", "long"}
    assert set(book.prune(END + timedelta(hours=1), timedelta(hours=1)).records) == {"long"}


def test_a_full_book_forgets_the_oldest_ended_event_and_turns_away_when_all_are_open() -> None:
    number_of = MAX_RECORDS - KEPT_RECORDS
    records = {str(number): make_record(make_event(str(number))) for number in range(number_of)}
    full = EventBook(records=records)
    same, outcomes = full.receive(created(make_event("new")), NOW, participating=True)
    assert same == full
    assert outcomes == (TurnedAway(event_id="new", modified=NOW, reason=RefusalReason.TOO_MANY_EVENTS),)

    full, _ = full.cancel("7", NOW)
    full, outcomes = full.receive(created(make_event("new")), NOW, participating=True)
    assert _changes(outcomes) == [(None, EventStatus.ACCEPTED)]
    assert len(full.records) == number_of
    assert "7" not in full.records


def long_event(event_id: str, intervals: int, *, source: Source = Source.AGGREGATOR) -> Event:
    """Return an event of so many intervals of a minute."""
    (first,) = make_event(length=MINUTE).intervals
    chain = tuple(
        replace(first, id=number, start=START + number * MINUTE, end=START + (number + 1) * MINUTE)
        for number in range(intervals)
    )
    return replace(make_event(event_id, source=source), intervals=chain)


def test_events_are_weighed_by_their_intervals_and_the_grid_operator_has_room_kept() -> None:
    half = (MAX_INTERVALS - KEPT_INTERVALS) // 2
    book = _received(long_event("one", half), long_event("two", half))
    assert set(book.records) == {"one", "two"}
    _, outcomes = book.receive(created(make_event("three")), NOW, participating=True)
    assert [type(each) for each in outcomes] == [TurnedAway]
    limit = long_event("limit", KEPT_INTERVALS, source=Source.GRID_OPERATOR)
    book, outcomes = book.receive(created(limit), NOW, participating=True)
    assert _changes(outcomes) == [(None, EventStatus.ACCEPTED)]


def test_a_newer_version_takes_the_room_of_the_one_before_it_and_is_turned_away_when_it_needs_more() -> None:
    half = (MAX_INTERVALS - KEPT_INTERVALS) // 2
    book = _received(long_event("one", half), long_event("two", half))
    newer = replace(long_event("two", half), modified=NOW + MINUTE)
    book, outcomes = book.receive(created(newer), NOW, participating=True)
    assert _changes(outcomes) == [(EventStatus.ACCEPTED, EventStatus.ACCEPTED)]
    larger = replace(long_event("two", half + 1), modified=NOW + 2 * MINUTE)
    again, outcomes = book.receive(created(larger), NOW, participating=True)
    assert again == book
    assert [type(each) for each in outcomes] == [TurnedAway]


@pytest.mark.parametrize("end", ["succeeds", "is opted out of", "is deleted", "is missed", "is withdrawn"])
def test_an_event_that_has_ended_stays_ended_whatever_comes_later(end: str) -> None:
    book = _received(make_event())
    if end != "is missed":
        book, _ = book.advance(START)
    if end == "is opted out of":
        book, _ = book.opt_out(ID)
    if end == "is deleted":
        book, _ = book.receive(deleted(modified=NOW + MINUTE), START, participating=True)
    if end == "is withdrawn":
        book, _ = book.withdraw_all_but(frozenset(), START)
    book, _ = book.advance(END)
    assert book.records[ID].ended is not None
    newer = make_event(length=timedelta(hours=2), modified=NOW + 5 * MINUTE)
    again, outcomes = book.receive(created(newer), END, participating=True)
    assert again == book
    assert outcomes == (TurnedAway(event_id=ID, modified=newer.modified, reason=RefusalReason.ALREADY_ENDED),)
    assert book.receive(deleted(modified=NOW + 9 * MINUTE), END, participating=True)[0] == book


def in_the_past(event: Event) -> Notification:
    return replace(created(event), out_of_bounds=RefusalReason.IN_THE_PAST)


def test_an_event_that_is_known_is_looked_up_before_its_time_is_judged() -> None:
    book, _ = _received(make_event()).advance(END)
    again, outcomes = book.receive(in_the_past(make_event()), END, participating=True)
    assert again == book
    assert [type(each) for each in outcomes] == [AlreadyKnown]
    _, outcomes = EventBook().receive(in_the_past(make_event()), END, participating=True)
    assert outcomes == (TurnedAway(event_id=ID, modified=NOW, reason=RefusalReason.IN_THE_PAST),)


def test_a_newer_version_that_is_over_ends_a_running_event_now() -> None:
    book, _ = _received(make_event()).advance(START)
    over = make_event(length=3 * MINUTE, modified=NOW + MINUTE)
    book, outcomes = book.receive(in_the_past(over), START + 5 * MINUTE, participating=True)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.SUCCEEDED)]
    assert book.records[ID].ended == START + 5 * MINUTE
    assert commands_at(book, START + 5 * MINUTE) == ()


@pytest.mark.parametrize("reason", [RefusalReason.TOO_FAR_AHEAD, RefusalReason.TOO_LONG])
def test_a_newer_version_out_of_bounds_leaves_the_event_as_it_was(reason: RefusalReason) -> None:
    book = _received(make_event())
    newer = replace(created(make_event(modified=NOW + MINUTE)), out_of_bounds=reason)
    again, outcomes = book.receive(newer, NOW, participating=True)
    assert again == book
    assert outcomes == (TurnedAway(event_id=ID, modified=NOW + MINUTE, reason=reason),)


def test_a_running_event_that_is_moved_ahead_leaves_a_first_part_to_settle() -> None:
    book, _ = _received(make_event()).advance(START)
    book = book.with_records([replace(book.records[ID], baseline_w=3000.0, tally=tally_of(12.0))])
    later = make_event(start=START + timedelta(hours=1), modified=NOW + MINUTE)
    book, outcomes = book.receive(created(later), START + MINUTE, participating=True)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.ACCEPTED)]
    (outcome,) = outcomes
    assert isinstance(outcome, StatusChanged)
    assert outcome.first_part is not None
    first = outcome.first_part
    assert (first.status, first.reason, first.ended) == (EventStatus.ABORTED, "moved", START + MINUTE)
    assert (first.tally.energy_wh, first.baseline_w) == (12.0, 3000.0)
    assert (book.records[ID].tally.energy_wh, book.records[ID].baseline_w) == (0.0, None)


def test_what_the_site_cannot_do_is_turned_away_and_not_kept() -> None:
    small = SiteEnvelope(low_w=-5000, high_w=5000, storage_wh=None)
    event = make_event(kind=PayloadType.DISPATCH_SETPOINT, value=-500_000)
    book, outcomes = EventBook().receive(created(event), NOW, participating=True, envelope=small)
    assert book == EventBook()
    assert outcomes == (TurnedAway(event_id=ID, modified=NOW, reason=RefusalReason.NOT_POSSIBLE),)


def test_the_list_of_open_events_ends_those_of_the_aggregator_that_it_does_not_hold() -> None:
    book = _received(
        make_event("kept"),
        make_event("gone"),
        make_event("limit", source=Source.GRID_OPERATOR),
        make_event("own", source=Source.RESIDENT),
    )
    book, _ = book.advance(START)
    book, outcomes = book.withdraw_all_but({"kept"}, START)
    assert _changes(outcomes) == [(EventStatus.STARTED, EventStatus.REVOKED)] * 2
    assert {key: record.reason for key, record in book.records.items()} == {
        "kept": None,
        "gone": "withdrawn",
        "limit": "withdrawn",
        "own": None,
    }


def test_a_no_outlives_the_record_it_was_said_to() -> None:
    book, _ = _received(make_event()).opt_out(ID)
    forgotten = EventBook(consents=book.consents)
    again, _ = forgotten.receive(created(make_event(modified=NOW + MINUTE)), NOW, participating=True)
    assert again.records[ID].opted_out


def test_the_switch_takes_no_single_answer_back() -> None:
    book = _received(make_event("left"), make_event("joined"), make_event("unanswered"))
    book, _ = book.opt_out("left")
    book, _ = book.participate(participating=False)
    assert all(record.opted_out for record in book.records.values())
    book, _ = book.opt_in("joined")
    assert not book.records["joined"].opted_out
    book, _ = book.participate(participating=True)
    assert [key for key, record in book.records.items() if record.opted_out] == ["left"]


def test_a_yes_is_remembered_also_where_it_changes_nothing() -> None:
    book, outcomes = _received(make_event()).opt_in(ID)
    assert outcomes == ()
    assert book.consents == {ID: True}


def test_to_take_part_in_nothing_is_the_newer_word_than_a_yes() -> None:
    book, _ = _received(make_event()).opt_in(ID)
    book, _ = book.participate(participating=False)
    assert book.records[ID].opted_out


def test_no_event_ends_by_a_clock_that_cannot_be_trusted() -> None:
    book = _received(make_event("running"), make_event("ahead", start=END, length=MINUTE))
    book, _ = book.advance(START)
    book, outcomes = book.advance(END + timedelta(hours=1), may_end=False)
    assert outcomes == ()
    book, _ = book.advance(START + MINUTE, may_end=False)
    assert [record.status for record in book.records.values()] == [
        EventStatus.STARTED,
        EventStatus.ACCEPTED,
    ]


def test_what_was_measured_stands_in_the_records_of_known_events_and_leaves_the_others() -> None:
    book = _received(make_event(), make_event("other"))
    measured = replace(book.records[ID], tally=tally_of(9.0))
    assert book.with_records([measured]).records == {**book.records, ID: measured}
    assert book.with_records([]) is book
    with pytest.raises(KeyError, match="unknown"):
        book.with_records([measured, make_record(make_event("unknown"))])


def test_of_what_the_resident_said_the_newest_is_kept_and_all_about_events_that_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.home_flex.core.events.book.MAX_CONSENTS", 3)
    said = {ID: False, "a": False, "b": True, "c": False, "d": False}
    book = EventBook(records={ID: make_record()}, consents=said)
    assert book.prune(NOW, MINUTE).consents == {ID: False, "c": False, "d": False}
    few = replace(book, consents={"a": False, "b": True, "c": False})
    assert few.prune(NOW, MINUTE) is few


def test_an_event_that_was_taken_back_is_kept_from_that_moment_on() -> None:
    book = EventBook(records={ID: make_record(status=EventStatus.REVOKED, ended=NOW)})
    assert book.prune(NOW + MINUTE - timedelta(seconds=1), MINUTE).records
    assert not book.prune(NOW + MINUTE, MINUTE).records


@pytest.mark.parametrize(
    ("before", "after"),
    [(Source.AGGREGATOR, Source.GRID_OPERATOR), (Source.GRID_OPERATOR, Source.AGGREGATOR)],
)
@pytest.mark.parametrize("moment", [NOW, START])
def test_no_newer_version_moves_an_event_to_another_program(
    before: Source, after: Source, moment: datetime
) -> None:
    book, _ = _received(make_event(source=before)).advance(moment)
    book, _ = book.opt_out(ID)
    moved = replace(make_event(source=after, modified=NOW + MINUTE), program_id="another")
    again, outcomes = book.receive(created(moved), moment, participating=True)
    assert again == book
    assert outcomes == (TurnedAway(event_id=ID, modified=NOW + MINUTE, reason=RefusalReason.PROGRAM_CHANGED),)


def test_a_newer_version_of_another_program_that_is_over_does_not_end_a_running_event() -> None:
    book, _ = _received(make_event()).advance(START)
    over = replace(make_event(length=MINUTE, modified=NOW + MINUTE), program_id="another")
    again, _ = book.receive(created(over), START + 2 * MINUTE, participating=True)
    assert again == book

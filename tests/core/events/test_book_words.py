"""Which events of the book a word of the resident, a list or a moment is about, and which it leaves alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.events.book import Change, EventBook
from custom_components.home_flex.core.events.consent import JoinRule
from custom_components.home_flex.core.events.house_rules import HouseRules
from custom_components.home_flex.core.events.model import EventRecord, EventStatus, Source

from .samples import MINUTE, NOW, created, make_event, make_record

ACCEPTED, STARTED, SUCCEEDED = EventStatus.ACCEPTED, EventStatus.STARTED, EventStatus.SUCCEEDED
AGGREGATOR, GRID_OPERATOR, RESIDENT = Source.AGGREGATOR, Source.GRID_OPERATOR, Source.RESIDENT


def of(source: Source, status: EventStatus = ACCEPTED, name: str = "event-1", **changes: Any) -> EventRecord:
    return make_record(make_event(name, source=source), status=status, **changes)


def book_of(*records: EventRecord, **words: Any) -> EventBook:
    return EventBook(records={record.event.event_id: record for record in records}, **words)


def leave_one(book: EventBook) -> Change:
    return book.opt_out("event-1")


def leave_all(book: EventBook) -> Change:
    return book.opt_out(None)


def leave_another(book: EventBook) -> Change:
    return book.opt_out("event-2")


def cancel(book: EventBook) -> Change:
    return book.cancel("event-1", NOW)


def withdraw_all(book: EventBook) -> Change:
    return book.withdraw_all_but(frozenset(), NOW)


def withdraw_others(book: EventBook) -> Change:
    return book.withdraw_all_but({"event-1"}, NOW)


def take_part_in_none(book: EventBook) -> Change:
    return book.participate(participating=False)


@pytest.mark.parametrize("status", [ACCEPTED, STARTED, SUCCEEDED])
@pytest.mark.parametrize(
    ("say", "about"),
    [
        (leave_one, {AGGREGATOR, RESIDENT}),
        (leave_all, {AGGREGATOR}),
        (leave_another, set()),
        (cancel, {AGGREGATOR, RESIDENT}),
        (withdraw_all, {AGGREGATOR, GRID_OPERATOR}),
        (withdraw_others, set()),
        (take_part_in_none, {AGGREGATOR}),
    ],
)
@pytest.mark.parametrize("source", Source)
def test_a_word_is_about_open_events_of_these_sources(
    say: Callable[[EventBook], Change], about: set[Source], source: Source, status: EventStatus
) -> None:
    book = book_of(of(source, status))
    changed, outcomes = say(book)
    is_about = source in about and status is not SUCCEEDED
    assert (changed.records != book.records) is is_about
    assert len(outcomes) == is_about


@pytest.mark.parametrize(
    ("record", "has_its_place"),
    [
        (of(AGGREGATOR), True),
        (of(AGGREGATOR, STARTED), True),
        (of(AGGREGATOR, SUCCEEDED), True),
        (of(AGGREGATOR, EventStatus.ABORTED), False),
        (of(AGGREGATOR, EventStatus.REVOKED), False),
        (of(AGGREGATOR, opted_out=True), False),
        (of(GRID_OPERATOR), False),
        (of(RESIDENT), False),
    ],
)
def test_what_the_home_takes_or_took_part_in_has_its_place_in_the_week(
    record: EventRecord, *, has_its_place: bool
) -> None:
    joined = book_of(record).words(participating=True).joined
    assert joined == ({"event-1": record.event.start} if has_its_place else {})


def test_a_place_that_is_taken_is_full_also_for_what_is_heard_of_later() -> None:
    book = book_of(of(AGGREGATOR, SUCCEEDED), house=HouseRules(most_a_week=1))
    later = make_event("event-2", start=NOW + 60 * MINUTE)
    book, _ = book.receive(created(later), NOW, participating=True)
    assert book.records["event-2"].opted_out


def test_never_takes_back_each_yes_to_its_own_programme_alone() -> None:
    said = {"event-1": True, "event-2": False, "elsewhere": True}
    book, _ = book_of(of(AGGREGATOR), of(AGGREGATOR, name="event-2"), consents=said).with_rule(
        "flex", JoinRule.NEVER, participating=True
    )
    assert book.consents == {"event-2": False, "elsewhere": True}
    asked, _ = book_of(of(AGGREGATOR), consents=said).with_rule("flex", JoinRule.ASK, participating=True)
    assert asked.consents == said


def test_where_the_home_takes_part_in_none_a_rule_joins_nothing() -> None:
    left = book_of(of(AGGREGATOR, opted_out=True))
    for participating in (True, False):
        by_rule, _ = left.with_rule("flex", JoinRule.AUTOMATIC, participating=participating)
        by_house, _ = left.with_house(HouseRules(), participating=participating)
        for book in (by_rule, by_house):
            assert book.records["event-1"].opted_out is not participating


def test_the_next_change_is_also_where_a_part_that_was_joined_changes() -> None:
    part = make_event(start=NOW + 12 * MINUTE, length=MINUTE).intervals
    book = book_of(of(AGGREGATOR, eased=part))
    assert [book.next_change(NOW + minute * MINUTE) for minute in (10, 12, 13)] == [
        NOW + 12 * MINUTE,
        NOW + 13 * MINUTE,
        NOW + 25 * MINUTE,
    ]


@pytest.mark.parametrize(
    ("record", "is_kept"),
    [
        (of(AGGREGATOR), True),
        (of(AGGREGATOR, SUCCEEDED), False),
        (of(AGGREGATOR, SUCCEEDED, ended=NOW + timedelta(days=2)), True),
    ],
    ids=["open", "over by its last interval", "over later than that"],
)
def test_what_is_over_is_forgotten_by_when_it_ended(record: EventRecord, *, is_kept: bool) -> None:
    assert bool(book_of(record).prune(NOW + timedelta(days=2), timedelta(days=1)).records) is is_kept

"""What may start while a list of open events is awaited: what was not agreed before it was asked for."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from custom_components.home_flex.core.events.awaited_list import may_start
from custom_components.home_flex.core.events.book import EventBook
from custom_components.home_flex.core.events.model import EventRecord, EventStatus, Source
from custom_components.home_flex.core.events.schedule import commands_at

from .samples import MINUTE, NOW, make_event, make_record

MADE = NOW
BEFORE, AT, AFTER = NOW - MINUTE, NOW, NOW + MINUTE
START = NOW + 10 * MINUTE
RULE = [
    pytest.param(Source.AGGREGATOR, EventStatus.ACCEPTED, None, True, id="no list is awaited"),
    pytest.param(Source.AGGREGATOR, EventStatus.ACCEPTED, AFTER, False, id="agreed before the home asked"),
    pytest.param(Source.AGGREGATOR, EventStatus.ACCEPTED, AT, True, id="made when the home asked"),
    pytest.param(
        Source.AGGREGATOR,
        EventStatus.ACCEPTED,
        AT + timedelta(seconds=0.9),
        True,
        id="made in that second, by a stamp of whole seconds",
    ),
    pytest.param(
        Source.AGGREGATOR, EventStatus.ACCEPTED, AT + timedelta(seconds=1), False, id="made the second before"
    ),
    pytest.param(Source.AGGREGATOR, EventStatus.ACCEPTED, BEFORE, True, id="made after the home asked"),
    pytest.param(Source.AGGREGATOR, EventStatus.STARTED, AFTER, True, id="it runs already"),
    pytest.param(Source.GRID_OPERATOR, EventStatus.ACCEPTED, AFTER, True, id="a grid operator's limit"),
    pytest.param(Source.RESIDENT, EventStatus.ACCEPTED, AFTER, True, id="the resident's own"),
]


def known(source: Source, status: EventStatus) -> EventRecord:
    event = make_event(start=START, length=15 * MINUTE, modified=MADE, source=source)
    return make_record(event, status=status)


@pytest.mark.parametrize(("source", "status", "asked", "expected"), RULE)
def test_what_may_start(
    source: Source, status: EventStatus, asked: datetime | None, *, expected: bool
) -> None:
    assert may_start(known(source, status), asked) is expected


@pytest.mark.parametrize(("source", "status", "asked", "expected"), RULE)
def test_what_may_not_start_neither_starts_nor_asks_anything(
    source: Source, status: EventStatus, asked: datetime | None, *, expected: bool
) -> None:
    record = known(source, status)
    book = EventBook(records={record.event.event_id: record})

    assert bool(commands_at(book, START, asked=asked)) is expected
    book, _ = book.advance(START, asked=asked)
    (now,) = book.records.values()
    assert (now.status is EventStatus.STARTED) is expected


def test_what_waits_in_vain_until_its_end_was_missed() -> None:
    record = known(Source.AGGREGATOR, EventStatus.ACCEPTED)
    book, _ = EventBook(records={"event-1": record}).advance(record.event.end, asked=AFTER)
    assert book.records["event-1"].status is EventStatus.ABORTED


def test_what_has_waited_starts_when_no_list_is_awaited_any_more() -> None:
    record = known(Source.AGGREGATOR, EventStatus.ACCEPTED)
    book, _ = EventBook(records={"event-1": record}).advance(START, asked=AFTER)
    book, _ = book.advance(START + MINUTE)
    assert book.records == {
        "event-1": replace(record, status=EventStatus.STARTED, started=START + MINUTE),
    }

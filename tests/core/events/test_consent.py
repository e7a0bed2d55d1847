"""Which word of the resident decides whether the home takes part, and what a yes was said to."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from custom_components.home_flex.core.events.book import EventBook
from custom_components.home_flex.core.events.consent import Answer, Consent, JoinRule
from custom_components.home_flex.core.events.house_rules import Household, HouseRules, QuietHours
from custom_components.home_flex.core.events.model import Event, EventStatus, Source
from custom_components.home_flex.core.events.outcome import StatusReason
from custom_components.home_flex.core.events.prices import paid_at
from custom_components.home_flex.core.events.wire import Notification, Operation

from .samples import MINUTE, NOW, make_event, make_record

IN, OUT, UNANSWERED = Answer(opted_out=False), Answer(opted_out=True), Answer(opted_out=True, unanswered=True)
A, ASK, NEVER = JoinRule.AUTOMATIC, JoinRule.ASK, JoinRule.NEVER
PROGRAM = make_event().program_id


@pytest.mark.parametrize(
    ("said", "participating", "rule", "answer"),
    [
        (None, True, None, IN),
        (None, True, A, IN),
        (None, True, ASK, UNANSWERED),
        (None, True, NEVER, OUT),
        (None, False, None, OUT),
        (None, False, A, OUT),
        (None, False, ASK, OUT),
        (True, False, NEVER, IN),
        (True, True, ASK, IN),
        (False, True, A, OUT),
        (False, True, ASK, OUT),
    ],
)
def test_the_word_on_an_event_comes_first_then_that_on_all_then_the_programmes_rule(
    said: bool | None, participating: bool, rule: JoinRule | None, answer: Answer
) -> None:
    consent = Consent(
        said={} if said is None else {"event-1": said},
        rules={} if rule is None else {PROGRAM: rule},
        participating=participating,
    )
    assert consent.to(make_event("event-1")) == answer


@pytest.mark.parametrize("source", [Source.GRID_OPERATOR, Source.RESIDENT])
def test_a_rule_is_about_the_aggregators_events_alone(source: Source) -> None:
    consent = Consent(said={}, rules={PROGRAM: NEVER}, participating=True)
    assert consent.to(replace(make_event(), source=source)) == IN


HOUSE = HouseRules(
    quiet=QuietHours(start=time(22), end=time(23)),
    most_a_week=1,
    never_away=True,
    household=Household(is_away=True, away_until=NOW + 60 * MINUTE),
)
EVENING = NOW.replace(hour=22, minute=30) + timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "joined", "held"),
    [
        (NOW + 30 * MINUTE, {}, StatusReason.AWAY),
        (EVENING, {}, StatusReason.QUIET_HOURS),
        (EVENING - 40 * MINUTE, {}, StatusReason.QUIET_HOURS),
        (EVENING - 60 * MINUTE, {"another": EVENING - 120 * MINUTE}, StatusReason.WEEK_FULL),
        (EVENING - 60 * MINUTE, {"event-1": EVENING - 60 * MINUTE}, None),
        (EVENING - 60 * MINUTE, {}, None),
    ],
    ids=["nobody is there", "quiet", "until into quiet hours", "the week is full", "its own place", "free"],
)
def test_a_rule_of_the_house_lets_an_event_wait_for_a_yes(
    start: datetime, joined: dict[str, datetime], held: StatusReason | None
) -> None:
    consent = Consent(said={}, rules={}, participating=True, house=HOUSE, joined=joined)
    is_held = held is not None
    assert consent.to(make_event(start=start)) == Answer(opted_out=is_held, unanswered=is_held, held=held)


def test_what_was_joined_partly_is_asked_anew_when_it_asks_otherwise() -> None:
    event = make_event()
    consent = Consent(said={"event-1": True}, rules={}, participating=True)
    known = make_record(event, eased=event.intervals)
    anew = consent.on(more(event), known)
    assert (anew.said, anew.rules) == ({}, {PROGRAM: ASK})
    assert consent.on(more(event), replace(known, eased=())) == consent
    assert consent.on(event, known) == consent


def told(event: Event, modified_min: int = 0) -> Notification:
    newer = replace(event, modified=event.modified + modified_min * MINUTE)
    return Notification(
        operation=Operation.UPDATE, event=newer, event_id=event.event_id, modified=newer.modified
    )


def asked(event: Event) -> EventBook:
    """Return the book of a home whose resident was asked about an event, and said yes."""
    book, _ = EventBook(rules={PROGRAM: ASK}).receive(told(event), NOW, participating=True)
    return book.opt_in(event.event_id)[0]


def more(event: Event) -> Event:
    (interval,) = event.intervals
    return replace(event, intervals=(replace(interval, end=interval.end + 60 * MINUTE),))


def less_paid(event: Event) -> Event:
    (interval,) = event.intervals
    return replace(event, intervals=(replace(interval, pays_per_kwh=0.01),))


@pytest.mark.parametrize("changed", [more, less_paid])
def test_a_yes_is_not_one_to_what_asks_or_pays_otherwise(changed: object) -> None:
    event = make_event("event-1")
    book, _ = asked(event).receive(told(changed(event), 1), NOW, participating=True)  # type: ignore[operator]
    record = book.records["event-1"]
    assert (record.opted_out, record.reason) == (True, StatusReason.NOT_ANSWERED)
    assert book.consents == {}


def test_a_yes_stands_for_a_newer_version_that_asks_the_same() -> None:
    event = make_event("event-1")
    book, _ = asked(event).receive(told(replace(event, name="Peak"), 1), NOW, participating=True)
    assert not book.records["event-1"].opted_out


def test_a_no_stands_whatever_a_newer_version_asks() -> None:
    event = make_event("event-1")
    left, _ = asked(event).opt_out("event-1")
    book, _ = left.receive(told(more(event), 1), NOW, participating=True)
    assert book.records["event-1"].reason is StatusReason.OPTED_OUT


def test_an_event_nobody_answered_ends_as_such() -> None:
    event = make_event("event-1")
    book, _ = EventBook(rules={PROGRAM: ASK}).receive(told(event), NOW, participating=True)
    ended, _ = book.advance(event.end)
    record = ended.records["event-1"]
    assert (record.status, record.reason) == (EventStatus.ABORTED, StatusReason.NOT_ANSWERED)


@pytest.mark.parametrize(
    ("said", "rule", "opted_out"),
    [
        (None, NEVER, True),
        (None, ASK, True),
        (None, A, False),
        # Never is the newer word; asking is about those that nothing was said of.
        (True, NEVER, True),
        (True, ASK, False),
        (False, A, True),
    ],
)
def test_a_new_rule_is_about_open_events_that_nothing_newer_was_said_of(
    said: bool | None, rule: JoinRule, opted_out: bool
) -> None:
    book, _ = EventBook().receive(told(make_event("event-1")), NOW, participating=True)
    if said is not None:
        book, _ = book.opt_in("event-1") if said else book.opt_out("event-1")
    book, _ = book.with_rule(PROGRAM, rule, participating=True)
    assert book.records["event-1"].opted_out is opted_out
    assert book.rules == {PROGRAM: rule}


def test_a_rule_of_one_programme_leaves_others_events_alone() -> None:
    book, _ = EventBook().receive(told(make_event("event-1")), NOW, participating=True)
    book, outcomes = book.with_rule("another", NEVER, participating=True)
    assert (book.records["event-1"].opted_out, outcomes) == (False, ())


@pytest.mark.parametrize(
    ("told_per_kwh", "currency", "agreed", "paid"),
    [
        (0.3, "EUR", 0.1, 0.3),
        (0.3, None, 0.1, 0.3),
        (0.0, "EUR", 0.1, 0.0),
        # Another money is not reckoned with.
        (0.3, "USD", 0.1, 0.1),
        (0.3, "USD", None, None),
        (None, "EUR", 0.1, 0.1),
        (None, None, None, None),
    ],
)
def test_an_event_pays_what_it_says_else_what_was_agreed(
    told_per_kwh: float | None, currency: str | None, agreed: float | None, paid: float | None
) -> None:
    event = replace(make_event(), currency=currency)
    (interval,) = event.intervals
    event = replace(event, intervals=(replace(interval, pays_per_kwh=told_per_kwh),))
    assert paid_at(event, event.start, currency="EUR", agreed_per_kwh=agreed) == paid
    assert paid_at(event, event.end, currency="EUR", agreed_per_kwh=agreed) is None

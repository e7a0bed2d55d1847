"""Joining an event partly: half of what the home would have to give, moment by moment."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.events.book import EventBook
from custom_components.home_flex.core.events.codec import record_from_json, record_to_json
from custom_components.home_flex.core.events.consent import JoinRule
from custom_components.home_flex.core.events.easing import Expected, eased, eased_w, is_easable
from custom_components.home_flex.core.events.model import Event, Interval, Payload, PayloadType
from custom_components.home_flex.core.events.outcome import StatusReason
from custom_components.home_flex.core.events.schedule import commands_at, spared_at
from custom_components.home_flex.core.model import Scope, ScopeKind

from .samples import MINUTE, NOW, created, make_event, make_record

IMPORT, EXPORT = PayloadType.IMPORT_CAPACITY_LIMIT, PayloadType.EXPORT_CAPACITY_LIMIT
SETPOINT, RELATIVE = PayloadType.DISPATCH_SETPOINT, PayloadType.DISPATCH_SETPOINT_RELATIVE
powers = st.floats(-20_000, 20_000)


def expected(power_w: float, start: datetime = NOW, length: timedelta = timedelta(hours=1)) -> Expected:
    return Expected(start=start, end=start + length, power_w=power_w)


def values(intervals: tuple[Interval, ...]) -> list[float]:
    return [payload.value for interval in intervals for payload in interval.payloads]


@pytest.mark.parametrize(
    ("kind", "asked_w", "expected_w", "half_w"),
    [
        (IMPORT, 2000.0, 6000.0, 4000.0),
        (IMPORT, 2000.0, 1500.0, 2000.0),
        (IMPORT, 0.0, -500.0, 0.0),
        (EXPORT, 0.0, -3000.0, 1500.0),
        (EXPORT, 1000.0, 400.0, 1000.0),
        (SETPOINT, -2000.0, 1000.0, -500.0),
        (SETPOINT, 5000.0, 1000.0, 3000.0),
        (RELATIVE, -3000.0, 1000.0, -1500.0),
    ],
)
def test_half_lies_in_the_middle_between_what_is_asked_and_what_would_be_drawn(
    kind: PayloadType, asked_w: float, expected_w: float, half_w: float
) -> None:
    event = make_event(kind=kind, value=asked_w)
    assert values(eased(event, [expected(expected_w)])) == [half_w]


@given(asked_w=st.floats(0, 20_000), expected_w=powers)
def test_an_eased_limit_is_never_tighter_than_the_one_that_is_asked(
    asked_w: float, expected_w: float
) -> None:
    for kind in (IMPORT, EXPORT):
        (value,) = values(eased(make_event(kind=kind, value=asked_w), [expected(expected_w)]))
        assert value >= round(asked_w)


def test_it_is_cut_where_another_power_is_expected_and_as_asked_where_none_is() -> None:
    event = make_event(value=2000.0, start=NOW, length=30 * MINUTE)
    steps = [expected(4000.0, NOW, 10 * MINUTE), expected(6000.0, NOW + 10 * MINUTE, 10 * MINUTE)]
    parts = eased(event, steps)
    assert eased(event, reversed(steps)) == parts
    assert [(part.start, part.end) for part in parts] == [
        (NOW, NOW + 10 * MINUTE),
        (NOW + 10 * MINUTE, NOW + 20 * MINUTE),
        (NOW + 20 * MINUTE, NOW + 30 * MINUTE),
    ]
    assert values(parts) == [3000.0, 4000.0, 2000.0]


def test_what_is_alike_stays_one_part() -> None:
    steps = [expected(4000.0, NOW + minute * MINUTE, MINUTE) for minute in range(40)]
    (part,) = eased(make_event(value=2000.0), steps)
    assert (part.start, part.end) == (NOW + 10 * MINUTE, NOW + 25 * MINUTE)


def of_a_group(event: Event) -> Event:
    return replace(event, scope=Scope(ScopeKind.GROUP, "cellar"))


@pytest.mark.parametrize(
    "event",
    [
        make_event(kind=PayloadType.SIMPLE, value=2.0),
        make_event(kind=PayloadType.CHARGE_STATE_SETPOINT, value=0.8),
        of_a_group(make_event()),
        replace(make_event(), intervals=(replace(make_event().intervals[0], payloads=()),)),
    ],
    ids=["simple", "charge state", "group", "nothing asked"],
)
def test_of_what_is_no_power_of_the_whole_home_there_is_no_half(event: Event) -> None:
    assert not is_easable(event)
    with pytest.raises(ValueError, match=r"^Of this event there is no half$"):
        eased(event, [expected(5000.0)])


def joined_partly(event: Event | None = None, rule: JoinRule = JoinRule.AUTOMATIC) -> EventBook:
    event = event or make_event(value=2000.0)
    book, _ = EventBook(rules={event.program_id: rule}).receive(created(event), NOW, participating=True)
    book, _ = book.join_partly(event.event_id, eased(event, [expected(6000.0)]))
    return book


def limit_w(book: EventBook, minute: int = 12) -> float:
    (command,) = commands_at(book, NOW + minute * MINUTE)
    return command.value


def test_what_is_joined_partly_commands_what_is_eased_also_after_a_restart() -> None:
    book = joined_partly()
    assert limit_w(book) == 4000.0
    record = record_from_json(record_to_json(book.records["event-1"]))
    assert limit_w(EventBook(records={"event-1": record})) == 4000.0


def test_joining_wholly_skipping_and_coming_back_are_other_words() -> None:
    book, _ = joined_partly().opt_in("event-1")
    assert limit_w(book) == 2000.0
    book, _ = joined_partly().opt_out("event-1")
    assert commands_at(book, NOW + 12 * MINUTE) == ()
    # What undoes a skip finds the part that was joined before.
    assert book.records["event-1"].eased


def test_a_version_that_asks_the_same_leaves_the_part_and_one_that_asks_otherwise_asks_anew() -> None:
    event = make_event(value=2000.0)
    renamed = replace(event, name="Peak", modified=NOW + MINUTE)
    book, _ = joined_partly(event).receive(created(renamed), NOW, participating=True)
    assert limit_w(book) == 4000.0
    tighter = replace(make_event(value=500.0), modified=NOW + 2 * MINUTE)
    book, _ = book.receive(created(tighter), NOW, participating=True)
    record = book.records["event-1"]
    assert (record.opted_out, record.reason) == (True, StatusReason.NOT_ANSWERED)
    assert record.eased == ()
    # The programme's own rule is what it was.
    assert book.rules == {event.program_id: JoinRule.AUTOMATIC}


def test_a_device_that_is_kept_out_of_an_event_is_so_while_that_runs_and_the_home_takes_part() -> None:
    book, _ = EventBook().receive(created(make_event()), NOW, participating=True)
    book, outcomes = book.spare("event-1", "car", spared=True)
    assert len(outcomes) == 1
    assert [spared_at(book, NOW + minute * MINUTE) for minute in (9, 12, 25)] == [
        frozenset(),
        frozenset({"car"}),
        frozenset(),
    ]
    newer = replace(make_event(value=500.0), modified=NOW + MINUTE)
    book, _ = book.receive(created(newer), NOW, participating=True)
    assert spared_at(book, NOW + 12 * MINUTE) == {"car"}
    left, _ = book.opt_out("event-1")
    assert spared_at(left, NOW + 12 * MINUTE) == frozenset()
    book, _ = book.spare("event-1", "car", spared=False)
    assert spared_at(book, NOW + 12 * MINUTE) == frozenset()
    assert book.spare("event-1", "car", spared=False)[1] == ()


def test_what_an_event_with_a_spared_device_keeps_survives_a_restart() -> None:
    record = make_record(make_event(), spared=frozenset({"car", "boiler"}))
    assert record_from_json(record_to_json(record)).spared == {"car", "boiler"}


def test_an_interval_without_a_length_stays_what_it_is() -> None:
    event = make_event(length=timedelta(0))
    (part,) = eased(event, [expected(9000.0)])
    assert (part.start, part.end, part.payloads) == (
        event.start,
        event.end,
        (Payload(type=IMPORT, value=2000.0),),
    )


def test_what_is_expected_before_an_event_or_after_it_changes_nothing() -> None:
    event = make_event(value=2000.0)
    around = [
        expected(9000.0, event.start - 2 * MINUTE, 2 * MINUTE),
        expected(6000.0, event.start, event.end - event.start),
        expected(9000.0, event.end, MINUTE),
    ]
    assert values(eased(event, around)) == [4000.0]


def test_what_is_expected_only_from_the_middle_on_leaves_the_beginning_as_asked() -> None:
    event = make_event(value=2000.0, start=NOW, length=30 * MINUTE)
    parts = eased(event, [expected(6000.0, NOW + 10 * MINUTE, 20 * MINUTE)])
    assert [(part.start, part.end) for part in parts] == [
        (NOW, NOW + 10 * MINUTE),
        (NOW + 10 * MINUTE, NOW + 30 * MINUTE),
    ]
    assert values(parts) == [2000.0, 4000.0]


@pytest.mark.parametrize(
    ("sign", "expected_w", "bound_w"),
    [(1.0, 6000.0, 4000.0), (1.0, 1000.0, 2000.0), (-1.0, 1000.0, 1500.0), (-1.0, 6000.0, 2000.0)],
    ids=["drawn too much", "drawn less than may be", "drawn too little", "drawn more than must be"],
)
def test_a_bound_gives_way_where_it_binds(sign: float, expected_w: float, bound_w: float) -> None:
    assert eased_w(2000.0, expected_w, sign) == bound_w


def test_half_can_be_said_of_all_powers_together() -> None:
    event = make_event()
    (interval,) = event.intervals
    payloads = tuple(Payload(type=kind, value=1000.0) for kind in (IMPORT, EXPORT, SETPOINT, RELATIVE))
    assert is_easable(replace(event, intervals=(replace(interval, payloads=payloads),)))

"""Which commands are in force when events overlap."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.events.book import EventBook
from custom_components.home_flex.core.events.model import (
    Event,
    EventRecord,
    EventStatus,
    Payload,
    PayloadType,
    Source,
)
from custom_components.home_flex.core.events.schedule import commands_at, spared_at
from custom_components.home_flex.core.model import SITE, Scope, ScopeKind

from .samples import MINUTE, NOW, make_event, make_record

LIMIT = PayloadType.IMPORT_CAPACITY_LIMIT
SETPOINT = PayloadType.DISPATCH_SETPOINT


def _book(*events: Event) -> EventBook:
    return EventBook(records={event.event_id: make_record(event) for event in events})


def _winners(*events: Event) -> list[str]:
    return [command.event_id for command in commands_at(_book(*events), NOW)]


def test_a_command_is_in_force_from_the_start_until_just_before_the_end() -> None:
    book = _book(make_event(start=NOW, length=MINUTE))
    moments = [NOW - timedelta(microseconds=1), NOW, NOW + MINUTE - timedelta(microseconds=1), NOW + MINUTE]
    assert [len(commands_at(book, moment)) for moment in moments] == [0, 1, 1, 0]


def test_a_command_says_where_it_comes_from_and_until_when_it_holds() -> None:
    (command,) = commands_at(_book(make_event(start=NOW, length=MINUTE, priority=3, value=1500.0)), NOW)
    assert (command.event_id, command.source, command.priority) == ("event-1", Source.AGGREGATOR, 3)
    assert (command.type, command.value, command.interval_end) == (LIMIT, 1500.0, NOW + MINUTE)


@pytest.mark.parametrize(
    ("kind", "baseline_w", "target_w"),
    [
        (SETPOINT, None, -1500.0),
        (SETPOINT, 4000.0, -1500.0),
        (PayloadType.DISPATCH_SETPOINT_RELATIVE, 4000.0, 2500.0),
        (PayloadType.DISPATCH_SETPOINT_RELATIVE, None, None),
        (LIMIT, 4000.0, None),
    ],
)
def test_a_setpoint_says_which_power_it_asks_for_from_the_record_s_baseline(
    kind: PayloadType, baseline_w: float | None, target_w: float | None
) -> None:
    event = make_event(start=NOW, kind=kind, value=-1500.0)
    record = make_record(event, baseline_w=baseline_w, status=EventStatus.STARTED)
    (command,) = commands_at(EventBook(records={"event-1": record}), NOW)
    assert (command.baseline_w, command.target_w) == (baseline_w, target_w)


def test_only_accepted_and_started_events_that_are_not_opted_out_command() -> None:
    event = make_event(start=NOW)
    for status in EventStatus:
        record = make_record(event, status=status)
        in_force = status in {EventStatus.ACCEPTED, EventStatus.STARTED}
        assert bool(commands_at(EventBook(records={"event-1": record}), NOW)) is in_force
        opted_out = replace(record, opted_out=True)
        assert commands_at(EventBook(records={"event-1": opted_out}), NOW) == ()


def test_of_setpoints_the_lower_priority_number_wins_and_none_comes_last() -> None:
    # By name they are in another order.
    events = [
        make_event(name, kind=SETPOINT, start=NOW, priority=priority)
        for name, priority in (("c", 7), ("d", 0), ("a", None), ("b", 10))
    ]
    assert _winners(*events) == ["d"]
    assert _winners(events[0], *events[2:]) == ["c"]
    assert _winners(*events[2:]) == ["b"]


def test_of_setpoints_with_equal_priority_the_newest_wins() -> None:
    older = make_event("older", kind=SETPOINT, start=NOW, priority=1, modified=NOW - MINUTE)
    newer = make_event("newer", kind=SETPOINT, start=NOW, priority=1, modified=NOW)
    assert _winners(older, newer) == _winners(newer, older) == ["newer"]


def test_what_is_left_or_not_in_force_hides_nothing_that_comes_after_it() -> None:
    early = make_event("early", kind=SETPOINT, start=NOW - 15 * MINUTE)
    both = replace(early, intervals=(*early.intervals, *make_event(start=NOW, kind=SETPOINT).intervals))
    left = make_record(make_event("left", start=NOW), opted_out=True)
    book = EventBook(records={"left": left, "early": make_record(both)})
    assert [command.event_id for command in commands_at(book, NOW)] == ["early"]


def test_a_command_tells_its_unit_and_its_scope_and_commands_come_in_one_order() -> None:
    cellar = Scope(ScopeKind.GROUP, "cellar")
    energy = Payload(type=PayloadType.CHARGE_STATE_SETPOINT, value=5000.0, is_energy=True)
    event = make_event("energy", start=NOW)
    stored = replace(event, intervals=(replace(event.intervals[0], payloads=(energy,)),))
    grouped = replace(make_event("group", start=NOW), scope=cellar)
    first = commands_at(_book(stored, grouped), NOW)
    assert {(each.event_id, each.is_energy, each.scope) for each in first} == {
        ("energy", True, SITE),
        ("group", False, cellar),
    }
    assert first == commands_at(_book(grouped, stored), NOW)


def test_limits_of_two_scopes_stand_beside_one_another() -> None:
    cellar, roof = Scope(ScopeKind.GROUP, "cellar"), Scope(ScopeKind.GROUP, "roof")
    events = [replace(make_event(scope.id, start=NOW), scope=scope) for scope in (roof, cellar)]
    assert _winners(*events) == ["cellar", "roof"]


def test_of_setpoints_the_priority_decides_and_not_the_size() -> None:
    large = make_event("large", kind=SETPOINT, start=NOW, priority=1, value=3000.0)
    small = make_event("small", kind=SETPOINT, start=NOW, priority=2, value=-1000.0)
    assert _winners(large, small) == ["large"]


def test_what_waits_for_the_list_of_open_events_hides_nothing_that_does_not() -> None:
    before = make_event("before", kind=SETPOINT, start=NOW, priority=0, modified=NOW - MINUTE)
    since = make_event("since", kind=SETPOINT, start=NOW, priority=1, modified=NOW)
    book = _book(before, since)
    assert [command.event_id for command in commands_at(book, NOW, asked=NOW)] == ["since"]


SPARING = make_record(make_event(start=NOW, length=MINUTE), spared=frozenset({"car"}))


@pytest.mark.parametrize(
    ("record", "moment", "is_spared"),
    [
        (SPARING, NOW, True),
        (replace(SPARING, status=EventStatus.STARTED), NOW + MINUTE - timedelta(seconds=1), True),
        (SPARING, NOW - timedelta(seconds=1), False),
        (SPARING, NOW + MINUTE, False),
        (replace(SPARING, opted_out=True), NOW, False),
        (replace(SPARING, status=EventStatus.REVOKED), NOW, False),
        (replace(SPARING, spared=frozenset()), NOW, False),
    ],
    ids=["at its start", "to its end", "before", "afterwards", "left", "taken back", "nothing is spared"],
)
def test_a_device_is_spared_while_the_event_that_spares_it_is_in_force(
    record: EventRecord, moment: datetime, *, is_spared: bool
) -> None:
    assert spared_at(EventBook(records={"event-1": record}), moment) == ({"car"} if is_spared else set())


def test_the_smallest_limit_caps_whatever_its_priority() -> None:
    wide = make_event("wide", start=NOW, priority=0, value=5000.0)
    tight = make_event("tight", start=NOW, priority=9, value=1000.0)
    assert _winners(wide, tight) == ["tight"]


def test_each_source_and_each_type_has_its_own_command() -> None:
    events = [
        make_event("operator", start=NOW, source=Source.GRID_OPERATOR),
        make_event("aggregator", start=NOW),
        make_event("resident", start=NOW, source=Source.RESIDENT, kind=SETPOINT),
        make_event("export", start=NOW, kind=PayloadType.EXPORT_CAPACITY_LIMIT),
    ]
    assert sorted(_winners(*events)) == ["aggregator", "export", "operator", "resident"]


EVENTS = st.builds(
    make_event,
    st.uuids().map(str),
    kind=st.sampled_from([LIMIT, PayloadType.EXPORT_CAPACITY_LIMIT, SETPOINT]),
    value=st.floats(0, 1e6),
    start=st.integers(-30, 30).map(lambda minutes: NOW + minutes * MINUTE),
    priority=st.none() | st.integers(0, 3),
    source=st.sampled_from(Source),
)


@given(events=st.lists(EVENTS, max_size=8), another=EVENTS)
def test_another_event_never_loosens_a_limit(events: list[Event], another: Event) -> None:
    before = commands_at(_book(*events), NOW)
    after = commands_at(_book(*events, another), NOW)
    for limit in before:
        if limit.type is not SETPOINT:
            assert any(
                (each.type, each.source) == (limit.type, limit.source) and each.value <= limit.value
                for each in after
            )


@given(events=st.lists(EVENTS, max_size=8), data=st.data())
def test_the_order_of_events_does_not_matter(events: list[Event], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(events))
    assert commands_at(_book(*events), NOW) == commands_at(_book(*shuffled), NOW)

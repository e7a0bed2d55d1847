"""What the home takes from the aggregator, and what it refuses."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.events.model import Interval, Payload, PayloadType, Source
from custom_components.home_flex.core.events.refusal import SENTENCES
from custom_components.home_flex.core.events.wire import (
    Notification,
    OpenEvents,
    Operation,
    Refusal,
    RefusalReason,
    parse_open_events,
)
from tests.asyncapi import is_valid

from .samples import (
    EVENT,
    MINUTE,
    NOW,
    VEN_ID,
    event_object,
    message,
    read,
    read_event,
    refusal_of,
    with_payload,
)


def test_an_event_becomes_absolute_times_and_watts() -> None:
    event = read_event(EVENT)
    assert event.event_id == "event-1"
    assert event.name == "evening peak"
    assert event.source is Source.AGGREGATOR
    assert event.priority == 5
    assert event.intervals == (
        Interval(
            id=0,
            start=NOW + 10 * MINUTE,
            end=NOW + 25 * MINUTE,
            payloads=(Payload(type=PayloadType.IMPORT_CAPACITY_LIMIT, value=2000.0),),
        ),
    )


def test_an_event_of_a_grid_operators_program_is_the_grid_operators() -> None:
    event = read_event(EVENT, grid_operator_programs=frozenset({"flex"}))
    assert event.source is Source.GRID_OPERATOR


@pytest.mark.parametrize("targets", [..., None, [], [VEN_ID], ["group-1", VEN_ID]])
def test_an_event_without_targets_or_with_this_home_among_them_is_taken(targets: Any) -> None:
    assert read_event(event_object(targets=targets)).event_id == "event-1"


@pytest.mark.parametrize(
    ("kind", "value", "units", "expected", "is_energy"),
    [
        ("IMPORT_CAPACITY_LIMIT", 0, None, 0.0, False),
        ("EXPORT_CAPACITY_LIMIT", 1000, "KW", 1e6, False),
        ("DISPATCH_SETPOINT", -3.5, "KW", -3500.0, False),
        ("DISPATCH_SETPOINT_RELATIVE", 1.25, None, 1250.0, False),
        ("CHARGE_STATE_SETPOINT", 0.8, "PERCENT", 0.8, False),
        ("CHARGE_STATE_SETPOINT", 7.5, "KWH", 7500.0, True),
        ("SIMPLE", 3, None, 3.0, False),
    ],
)
def test_values_are_converted_at_the_edge(
    kind: str, value: float, units: str | None, expected: float, is_energy: bool
) -> None:
    (payload,) = read_event(with_payload(kind, value, units=units)).intervals[0].payloads
    assert payload == Payload(type=PayloadType(kind), value=expected, is_energy=is_energy)


def test_a_deletion_needs_only_the_id_and_the_modification() -> None:
    fields = {
        "id": "event-1",
        "objectType": "EVENT",
        "modificationDateTime": "2026-11-21T12:00:00+00:00",
    }
    assert read(message(fields, "DELETE"), operation=Operation.DELETE) == Notification(
        operation=Operation.DELETE, event=None, event_id="event-1", modified=NOW
    )


NOT_EVENTS = {
    b"": RefusalReason.NOT_JSON,
    b"{": RefusalReason.NOT_JSON,
    b"\xff\xfe": RefusalReason.NOT_JSON,
    b'{"objectType": NaN}': RefusalReason.NOT_JSON,
    b'{"objectType": -Infinity}': RefusalReason.NOT_JSON,
    b"[" * 60_000: RefusalReason.NOT_JSON,
    b"9" * 5_000: RefusalReason.NOT_JSON,
    b"{" + b" " * 65_536 + b"}": RefusalReason.TOO_LARGE,
    b"x" * 1_000_000: RefusalReason.TOO_LARGE,
    b"[]": RefusalReason.MALFORMED,
    b"{}": RefusalReason.WRONG_OBJECT_TYPE,
    b'{"objectType":"PROGRAM","operation":"CREATE","object":{}}': RefusalReason.WRONG_OBJECT_TYPE,
    b'{"objectType":"EVENT","operation":"READ","object":{}}': RefusalReason.WRONG_OPERATION,
    b'{"objectType":"EVENT","operation":["CREATE"],"object":{}}': RefusalReason.WRONG_OPERATION,
    b'{"objectType":"EVENT","operation":"CREATE","object":[]}': RefusalReason.MALFORMED,
    b'{"objectType":"EVENT","operation":"CREATE","object":{}}': RefusalReason.WRONG_OBJECT_TYPE,
}


@pytest.mark.parametrize(("payload", "reason"), NOT_EVENTS.items(), ids=range(len(NOT_EVENTS)))
def test_what_is_no_notification_of_an_event_is_refused(payload: bytes, reason: RefusalReason) -> None:
    assert refusal_of(payload).reason is reason


def _interval(**fields: Any) -> dict[str, Any]:
    return {"id": 0, "payloads": [{"type": "SIMPLE", "values": [1]}], **fields}


def _period(**fields: Any) -> dict[str, Any]:
    return {"start": "2026-11-21T12:10:00Z", "duration": "PT15M", **fields}


REFUSED_EVENTS = [
    (event_object(id=...), RefusalReason.MALFORMED),
    (event_object(id=7), RefusalReason.MALFORMED),
    (event_object(id="a/b"), RefusalReason.MALFORMED),
    (event_object(id="x" * 129), RefusalReason.MALFORMED),
    (event_object(programID=...), RefusalReason.MALFORMED),
    (event_object(eventName="x" * 129), RefusalReason.MALFORMED),
    (event_object(eventName="two\nlines"), RefusalReason.MALFORMED),
    (event_object(eventName="\ud800"), RefusalReason.MALFORMED),
    (event_object(priority=-1), RefusalReason.MALFORMED),
    (event_object(priority=True), RefusalReason.MALFORMED),
    (event_object(priority=1.5), RefusalReason.MALFORMED),
    (event_object(priority=1_000_001), RefusalReason.MALFORMED),
    (event_object(objectType="PROGRAM"), RefusalReason.WRONG_OBJECT_TYPE),
    (event_object(targets=["another-home"]), RefusalReason.NOT_FOR_THIS_VEN),
    (event_object(targets=[{"type": "VEN_NAME", "values": [VEN_ID]}]), RefusalReason.MALFORMED),
    (event_object(targets=VEN_ID), RefusalReason.MALFORMED),
    (event_object(createdDateTime=...), RefusalReason.WRONG_TIME),
    (event_object(modificationDateTime=...), RefusalReason.WRONG_TIME),
    (event_object(modificationDateTime="2026-11-21T12:00:00"), RefusalReason.WRONG_TIME),
    (event_object(modificationDateTime="2026-11-21"), RefusalReason.WRONG_TIME),
    (event_object(modificationDateTime="2100-01-01T00:00:00Z"), RefusalReason.WRONG_TIME),
    (event_object(modificationDateTime="0001-01-01T00:00:00+14:00"), RefusalReason.WRONG_TIME),
    (event_object(modificationDateTime=1_700_000_000), RefusalReason.WRONG_TIME),
    (event_object(intervalPeriod=None), RefusalReason.NO_START),
    (event_object(intervalPeriod=_period(start="9999-12-31T23:59:59Z")), RefusalReason.WRONG_TIME),
    (event_object(intervalPeriod=_period(start="2026-02-30T00:00:00Z")), RefusalReason.WRONG_TIME),
    (event_object(intervalPeriod={"start": "2026-11-21T12:10:00Z"}), RefusalReason.NO_END),
    (event_object(intervalPeriod=_period(duration="PT0S")), RefusalReason.NO_END),
    (event_object(intervalPeriod=_period(duration="P9999Y")), RefusalReason.NO_END),
    (event_object(intervalPeriod=_period(duration="P1M")), RefusalReason.WRONG_DURATION),
    (event_object(intervalPeriod=_period(duration="-PT5M")), RefusalReason.WRONG_DURATION),
    (event_object(intervalPeriod=_period(duration="PT")), RefusalReason.WRONG_DURATION),
    (event_object(intervalPeriod=_period(duration=900)), RefusalReason.WRONG_DURATION),
    (event_object(intervalPeriod=_period(duration="P999999999W")), RefusalReason.TOO_LONG),
    (event_object(intervalPeriod=[]), RefusalReason.MALFORMED),
    (event_object(duration="PT30M"), RefusalReason.LOOP_NOT_SUPPORTED),
    (event_object(intervals=...), RefusalReason.MALFORMED),
    (event_object(intervals=[]), RefusalReason.TOO_MANY_INTERVALS),
    (event_object(intervals=[_interval()] * 289), RefusalReason.TOO_MANY_INTERVALS),
    (event_object(intervals=[_interval(id="0")]), RefusalReason.MALFORMED),
    (event_object(intervals=[_interval(id=2**31)]), RefusalReason.MALFORMED),
    (event_object(intervals=[_interval(payloads=[])]), RefusalReason.MALFORMED),
    (
        event_object(intervals=[_interval(payloads=[{"type": "SIMPLE", "values": [1]}] * 2)]),
        RefusalReason.DUPLICATE_PAYLOAD_TYPE,
    ),
    (
        event_object(intervals=[_interval(), _interval(intervalPeriod=_period())]),
        RefusalReason.OVERLAPPING_INTERVALS,
    ),
    (with_payload("PRICE", 0.2), RefusalReason.UNKNOWN_PAYLOAD_TYPE),
    (with_payload("IMPORT_CAPACITY_LIMIT", 2, units="KWH"), RefusalReason.WRONG_UNIT),
    (with_payload("IMPORT_CAPACITY_LIMIT", 2, units="W"), RefusalReason.WRONG_UNIT),
    (with_payload("CHARGE_STATE_SETPOINT", 0.5), RefusalReason.WRONG_UNIT),
    (with_payload("SIMPLE", 1, units="KW"), RefusalReason.WRONG_UNIT),
    (with_payload("IMPORT_CAPACITY_LIMIT"), RefusalReason.WRONG_VALUE),
    (with_payload("IMPORT_CAPACITY_LIMIT", 1, 2), RefusalReason.WRONG_VALUE),
    (with_payload("IMPORT_CAPACITY_LIMIT", True), RefusalReason.WRONG_VALUE),
    (with_payload("IMPORT_CAPACITY_LIMIT", "2"), RefusalReason.WRONG_VALUE),
    (with_payload("IMPORT_CAPACITY_LIMIT", None), RefusalReason.WRONG_VALUE),
    (with_payload("IMPORT_CAPACITY_LIMIT", -0.001), RefusalReason.OUT_OF_RANGE),
    (with_payload("IMPORT_CAPACITY_LIMIT", 1000.001), RefusalReason.OUT_OF_RANGE),
    (with_payload("IMPORT_CAPACITY_LIMIT", 10**400), RefusalReason.OUT_OF_RANGE),
    (with_payload("DISPATCH_SETPOINT", -1000.001), RefusalReason.OUT_OF_RANGE),
    (with_payload("CHARGE_STATE_SETPOINT", 1.01, units="PERCENT"), RefusalReason.OUT_OF_RANGE),
    (with_payload("CHARGE_STATE_SETPOINT", -1, units="KWH"), RefusalReason.OUT_OF_RANGE),
    (with_payload("SIMPLE", 4), RefusalReason.OUT_OF_RANGE),
    (with_payload("SIMPLE", 1.5), RefusalReason.OUT_OF_RANGE),
]


OUT_OF_BOUNDS = [
    (event_object(intervalPeriod=_period(start="2100-01-01T00:00:00Z")), RefusalReason.TOO_FAR_AHEAD),
    (event_object(intervalPeriod=_period(start="2026-12-22T12:00:01Z")), RefusalReason.TOO_FAR_AHEAD),
    (event_object(intervalPeriod=_period(start="2026-11-21T11:45:00Z")), RefusalReason.IN_THE_PAST),
    (event_object(intervalPeriod=_period(duration="P7DT1S")), RefusalReason.TOO_LONG),
    (event_object(intervalPeriod=_period(randomizeStart="P7D")), RefusalReason.TOO_LONG),
    (event_object(), None),
]


@pytest.mark.parametrize(("event", "reason"), OUT_OF_BOUNDS, ids=range(len(OUT_OF_BOUNDS)))
def test_an_event_whose_time_is_none_for_a_new_one_is_read_and_says_so(
    event: dict[str, Any], reason: RefusalReason | None
) -> None:
    assert read(message(event)).out_of_bounds is reason


def test_unknown_payloads_beside_a_known_one_are_left_out_and_named() -> None:
    known = {"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}
    price = {"type": "PRICE", "values": [0.3, "EUR"]}
    intervals = [
        _interval(payloads=[price, known, {"type": "X_REWARD", "values": []}]),
        _interval(payloads=[price]),
    ]
    event = read_event(event_object(intervals=intervals))
    assert event.left_out == ("PRICE", "X_REWARD")
    assert [len(interval.payloads) for interval in event.intervals] == [1, 0]


PRICED = {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": "PRICE", "units": "KWH"}


@pytest.mark.parametrize(
    ("values", "descriptor", "pays"),
    [
        ([0.25], {**PRICED, "currency": "EUR"}, 0.25),
        ([-0.1], PRICED, -0.1),
        ([0], PRICED, 0.0),
        ([0.25], {**PRICED, "units": None}, 0.25),
        ([250], {**PRICED, "units": "MWH"}, None),
        ([0.25, 0.3], PRICED, None),
        (["0.25"], PRICED, None),
        ([True], PRICED, None),
        ([1e9], PRICED, None),
        ([], PRICED, None),
    ],
)
def test_a_price_beside_a_command_is_what_a_kwh_of_it_pays(
    values: list[object], descriptor: dict[str, object], pays: float | None
) -> None:
    known = {"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}
    intervals = [_interval(payloads=[known, {"type": "PRICE", "values": values}])]
    event = read_event(event_object(intervals=intervals, payloadDescriptors=[descriptor]))
    assert event.intervals[0].pays_per_kwh == pays
    # What cannot be read is named, and the command holds all the same.
    assert event.left_out == (() if pays is not None else ("PRICE",))
    assert [payload.value for payload in event.intervals[0].payloads] == [2000.0]


@pytest.mark.parametrize(("said", "currency"), [("EUR", "EUR"), ("euro", None), (None, None), (5, None)])
def test_the_currency_of_what_is_paid_is_that_of_its_descriptor(said: object, currency: str | None) -> None:
    event = read_event(event_object(payloadDescriptors=[{**PRICED, "currency": said}]))
    assert event.currency == currency


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u2028", "\u2029"])
def test_a_name_that_would_turn_or_break_its_line_is_refused(character: str) -> None:
    refusal = refusal_of(message(event_object(eventName=f"a{character}b")))
    assert refusal.reason is RefusalReason.MALFORMED


@pytest.mark.parametrize(("event", "reason"), REFUSED_EVENTS, ids=range(len(REFUSED_EVENTS)))
def test_an_event_that_is_not_in_order_is_refused_with_its_reason(
    event: dict[str, Any], reason: RefusalReason
) -> None:
    assert refusal_of(message(event)).reason is reason


def test_a_number_too_large_for_a_float_is_refused() -> None:
    payload = message(with_payload("IMPORT_CAPACITY_LIMIT", 12345)).replace(b"12345", b"1e999")
    assert refusal_of(payload).reason is RefusalReason.WRONG_VALUE


def test_ten_thousand_intervals_are_refused() -> None:
    event = event_object(intervals=[{}] * 10_000)
    assert refusal_of(message(event)).reason is RefusalReason.TOO_MANY_INTERVALS


def test_the_operation_must_be_that_of_the_topic() -> None:
    refusal = refusal_of(message(EVENT, "CREATE"), operation=Operation.UPDATE)
    assert refusal.reason is RefusalReason.WRONG_OPERATION
    assert refusal.event_id == "event-1"


def test_a_refusal_names_the_event_and_modification_it_could_read_and_what_was_wrong() -> None:
    refusal = refusal_of(message(with_payload("PRICE", 1)))
    assert refusal.event_id == "event-1"
    assert refusal.modification == "2026-11-21T11:59:00Z"
    assert refusal.message == f"{SENTENCES[RefusalReason.UNKNOWN_PAYLOAD_TYPE]}: PRICE"


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(RefusalReason)


def test_of_the_open_events_each_is_read_or_refused_on_its_own() -> None:
    events = [EVENT, event_object(id="event-2", intervals=[]), event_object(id="event-3")]
    answer = _open_events(json.dumps({"correlation": "c-1", "events": events}).encode())
    assert answer.correlation == "c-1"
    assert [item.event_id for item in answer.items] == ["event-1", "event-2", "event-3"]
    assert [isinstance(item, Refusal) for item in answer.items] == [False, True, False]
    assert answer.complete
    assert answer.event_ids == {"event-1", "event-2", "event-3"}
    assert answer.items[0] == read(message(EVENT, "CREATE"))


def test_a_list_with_an_event_that_has_no_id_is_not_complete() -> None:
    answer = _open_events(json.dumps({"correlation": "c-1", "events": [EVENT, "no event"]}).encode())
    assert not answer.complete
    assert answer.event_ids == {"event-1"}


NOT_LISTS = [b"", b"[]", b"{}", b'{"events": []}', b'{"correlation": "c", "events": {}}', b" " * 65_537]


@pytest.mark.parametrize(
    "payload", [*NOT_LISTS, json.dumps({"correlation": "c", "events": [0] * 201}).encode()]
)
def test_an_answer_that_cannot_be_read_is_refused(payload: bytes) -> None:
    with pytest.raises(Refusal):
        _open_events(payload)


def _open_events(payload: bytes) -> OpenEvents:
    return parse_open_events(payload, ven_id=VEN_ID, now=NOW, random=lambda _: 0.5)


def test_an_answer_holds_two_hundred_open_events_and_no_more() -> None:
    for count, is_read in [(200, True), (201, False)]:
        payload = json.dumps({"correlation": "c", "events": [1] * count}).encode()
        if is_read:
            assert len(_open_events(payload).items) == count
        else:
            with pytest.raises(Refusal) as refused:
                _open_events(payload)
            assert refused.value.reason is RefusalReason.TOO_MANY_EVENTS


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["EVENT", "CREATE", "DELETE", "PT1H", "P9999Y", "0001-01-01", "2026-11-21T13:00:00Z", "KW"]
    )
)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(EVENT)), inner)
)


@given(payload=st.binary(max_size=300) | DOCUMENTS.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_nothing_but_a_refusal_is_raised(payload: bytes) -> None:
    assert isinstance(refusal_of(payload), Refusal)
    with contextlib.suppress(Refusal):
        assert all(isinstance(item, Refusal) for item in _open_events(payload).items)


@given(
    field=st.sampled_from([*EVENT, "duration"]),
    value=DOCUMENTS,
    interval=st.dictionaries(st.sampled_from(["id", "intervalPeriod", "payloads"]), DOCUMENTS),
    period=st.dictionaries(st.sampled_from(["start", "duration", "randomizeStart"]), SCALARS),
    payload=st.fixed_dictionaries({"type": st.sampled_from(list(PayloadType)), "values": st.lists(SCALARS)}),
    operation=st.sampled_from(Operation),
)
def test_an_event_with_anything_in_its_fields_is_read_as_documented_or_refused(
    field: str, value: Any, interval: Any, period: Any, payload: Any, operation: Operation
) -> None:
    variants = [
        event_object(**{field: value}),
        event_object(intervals=[_interval(**interval)]),
        event_object(intervals=[_interval(intervalPeriod=period)]),
        event_object(intervals=[_interval(payloads=[payload])], payloadDescriptors=None),
    ]
    for event in variants:
        payload_bytes = message(event, operation)
        try:
            notification = read(payload_bytes, fraction=0.3)
        except Refusal:
            continue
        assert is_valid(f"events/{operation.lower()}", json.loads(payload_bytes))
        past = notification.out_of_bounds is RefusalReason.IN_THE_PAST
        assert notification.event is None or past or notification.event.end > NOW

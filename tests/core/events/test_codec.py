"""A record survives a restart exactly, and another release as far as it can."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.events.codec import record_from_json, record_to_json
from custom_components.home_flex.core.events.model import (
    Event,
    EventRecord,
    EventStatus,
    Interval,
    Payload,
    PayloadType,
    Source,
)
from custom_components.home_flex.core.events.outcome import StatusReason
from custom_components.home_flex.core.model import SITE, DeviceKind, Scope, ScopeKind
from custom_components.home_flex.core.settlement.rerun import Cover, Rest
from custom_components.home_flex.core.settlement.tally import Before, Part, PlannedStep, Tally

from .samples import make_event, make_record

FINITE = st.floats(-1e9, 1e9)
IDS = st.from_regex(r"[a-zA-Z0-9_-]{1,128}", fullmatch=True)
TIMES = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 # hypothesis adds the zone
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001 # hypothesis adds the zone
    timezones=st.just(UTC),
)
INTERVALS = st.builds(
    lambda number, start, length, payloads, pays: Interval(
        id=number, start=start, end=start + length, payloads=tuple(payloads), pays_per_kwh=pays
    ),
    st.integers(-(2**31), 2**31 - 1),
    TIMES,
    st.timedeltas(timedelta(0), timedelta(days=7)),
    st.lists(
        st.builds(Payload, type=st.sampled_from(PayloadType), value=FINITE, is_energy=st.booleans()),
        max_size=3,
    ),
    st.none() | FINITE,
)
EVENTS = st.builds(
    Event,
    event_id=IDS,
    program_id=IDS,
    name=st.none() | st.text(max_size=128),
    source=st.sampled_from(Source),
    priority=st.none() | st.integers(0, 1_000_000),
    created=TIMES,
    modified=TIMES,
    intervals=st.lists(INTERVALS, min_size=1, max_size=3).map(tuple),
    left_out=st.lists(st.text(min_size=1, max_size=20), max_size=2).map(tuple),
    currency=st.none() | st.sampled_from(["EUR", "CZK"]),
    asks_metering=st.booleans(),
    scope=st.just(SITE) | st.builds(Scope, st.sampled_from(ScopeKind), st.text(min_size=1, max_size=20)),
)
WHOLE = st.integers(-(10**12), 10**12)
DEVICES = st.dictionaries(st.text(min_size=1, max_size=9), WHOLE, max_size=2)
PARTS = st.builds(
    Part,
    start_ms=WHOLE,
    covered_ms=WHOLE,
    energy_w_ms=WHOLE,
    low_w=st.none() | WHOLE,
    high_w=st.none() | WHOLE,
    devices=DEVICES,
    heard_ms=DEVICES,
    plugged=DEVICES,
    plugged_ms=DEVICES,
    moved_ms=DEVICES,
)
RULES = st.sampled_from(
    [None, Cover(), Cover(with_cars=True), Cover(takes=False), Cover(gives=False), Rest()]
)
PLANNED = st.builds(
    PlannedStep,
    device_id=st.text(min_size=1, max_size=9),
    start_ms=WHOLE,
    end_ms=WHOLE,
    rule=RULES,
    power_w=WHOLE,
)
TALLIES = st.builds(
    Tally,
    parts=st.lists(PARTS, max_size=2).map(tuple),
    until_ms=st.none() | WHOLE,
    import_wh=st.none() | FINITE,
    export_wh=st.none() | FINITE,
    before=st.lists(
        st.builds(
            Before,
            device_id=st.text(max_size=9),
            kind=st.sampled_from(DeviceKind),
            power_w=WHOLE,
            stored_wh=WHOLE,
            told_w=st.none() | WHOLE,
            is_plugged=st.booleans(),
            arrives_w=WHOLE,
        ),
        max_size=2,
    ).map(tuple),
    planned=st.none() | st.lists(PLANNED, max_size=2).map(tuple),
    steered=st.frozensets(st.text(min_size=1, max_size=9), max_size=2),
    others_steered=st.booleans(),
)
RECORDS = st.builds(
    EventRecord,
    event=EVENTS,
    status=st.sampled_from(EventStatus),
    opted_out=st.booleans(),
    reason=st.none() | st.sampled_from(StatusReason),
    received=TIMES,
    started=st.none() | TIMES,
    ended=st.none() | TIMES,
    baseline_w=st.none() | FINITE,
    tally=TALLIES,
    is_settled=st.booleans(),
    seen=st.none() | TIMES,
    eased=st.lists(INTERVALS, max_size=2).map(tuple),
    spared=st.frozensets(st.text(min_size=1, max_size=9), max_size=2),
)


@given(record=RECORDS)
def test_a_record_written_and_read_is_the_same_record(record: EventRecord) -> None:
    assert record_from_json(record_to_json(record)) == record


def test_times_of_another_offset_stay_the_same_moment_and_are_read_in_utc() -> None:
    received = datetime(2026, 11, 21, 13, tzinfo=timezone(timedelta(hours=1)))
    read = record_from_json(record_to_json(make_record(received=received))).received
    assert read == received
    assert read.tzinfo is UTC


def test_a_record_has_no_blanks_between_its_fields() -> None:
    assert " " not in record_to_json(make_record())


def test_the_empty_moment_of_a_deleted_event_is_kept() -> None:
    record = make_record(make_event(length=timedelta(0)))
    assert record_from_json(record_to_json(record)) == record


def test_what_is_no_number_in_json_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        record_to_json(make_record(baseline_w=float("nan")))


def changed(document: Any, path: str, value: Any) -> str:
    """Return the document with one field changed; ``...`` leaves it out."""
    *parents, name = path.split(".")
    inner = document
    for parent in parents:
        inner = inner[int(parent)] if isinstance(inner, list) else inner[parent]
    if value is ...:
        del inner[name]
    else:
        inner[name] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    "path",
    [
        "version",
        "opted_out",
        "reason",
        "received",
        "started",
        "ended",
        "baseline_w",
        "tally",
        "tally.parts",
        "tally.until_ms",
        "tally.import_wh",
        "tally.before",
        "tally.steered",
        "tally.others_steered",
        "is_settled",
        "seen",
        "eased",
        "spared",
        "event.name",
        "event.priority",
        "event.created",
        "event.left_out",
        "event.currency",
        "event.asks_metering",
        "event.intervals.0.id",
        "event.intervals.0.pays_per_kwh",
        "event.intervals.0.payloads.0.is_energy",
    ],
)
def test_what_another_release_did_not_write_has_its_default(path: str) -> None:
    document = json.loads(record_to_json(make_record()))
    assert record_from_json(changed(document, path, ...)) == make_record()


def test_without_what_may_be_asked_a_record_asks_nothing_and_has_no_programme() -> None:
    document = json.loads(record_to_json(make_record(status=EventStatus.SUCCEEDED)))
    del document["event"]["program_id"], document["event"]["intervals"][0]["payloads"]
    del document["is_settled"]
    record = record_from_json(json.dumps(document))
    assert (record.event.program_id, record.event.intervals[0].payloads) == ("", ())
    # What an older release ended it also settled.
    assert record.is_settled


@pytest.mark.parametrize(
    "path", ["new", "event.new", "event.intervals.0.new", "event.intervals.0.payloads.0.new", "tally.new"]
)
def test_what_a_newer_release_added_is_passed_over(path: str) -> None:
    record = make_record()
    document = json.loads(record_to_json(record))
    assert record_from_json(changed(document, path, {"much": ["more"]})) == record


def test_a_payload_of_a_newer_release_is_left_out() -> None:
    document = json.loads(record_to_json(make_record()))
    document["event"]["intervals"][0]["payloads"].append({"type": "PRICE", "value": "0.30"})
    assert record_from_json(json.dumps(document)) == make_record()


@pytest.mark.parametrize("path", ["status", "event", "event.event_id", "event.source", "event.modified"])
def test_a_record_without_what_it_cannot_do_without_is_a_value_error(path: str) -> None:
    document = json.loads(record_to_json(make_record()))
    with pytest.raises(ValueError, match="record"):
        record_from_json(changed(document, path, ...))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"event": 1}', '{"event": {"intervals": 5}}'])
def test_what_is_no_record_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # the json module's own or ours
        record_from_json(text)


INTERVAL, PAYLOAD = "event.intervals.0", "event.intervals.0.payloads.0"
HERE, NOWHERE, NEVER = "2026-11-21T12:00:00+01:00", "2026-11-21T12:00:00", "0001-01-01T00:00:00+14:00"
NONSENSE: list[tuple[str, object]] = [
    *[(path, NOWHERE) for path in ("received", "started", "ended", "event.created", "event.modified")],
    *[(f"{INTERVAL}.{name}", time) for name in ("start", "end") for time in (NOWHERE, NEVER, 5, None)],
    *[("tally.import_wh", value) for value in ("1", True, float("nan"))],
    *[("tally.until_ms", value) for value in (1.5, "1", True)],
    ("tally.steered", [5]),
    ("tally.parts", [{"energy_w_ms": 1}]),
    ("tally.parts", [{"start_ms": 1.5}]),
    ("tally.before", [{"kind": "battery"}]),
    *[(f"{PAYLOAD}.value", value) for value in (float("nan"), float("inf"), 10**400, "2", None)],
    *[("baseline_w", value) for value in (float("nan"), "1", True)],
    *[("event.priority", value) for value in ("high", [1], float("nan"))],
    *[("event.event_id", value) for value in (None, 7, ["e"])],
    *[(path, {}) for path in ("reason", "event.name", "event.program_id")],
    ("event.left_out", [5]),
    (f"{INTERVAL}.id", "first"),
    (f"{INTERVAL}.end", "2026-11-21T12:09:59Z"),
    ("event.modified", NEVER),
]


@pytest.mark.parametrize(("path", "value"), NONSENSE)
def test_what_nobody_can_work_with_is_no_record(path: str, value: object) -> None:
    document = json.loads(record_to_json(make_record()))
    with pytest.raises(ValueError):  # noqa: PT011 # the json module's own or ours
        record_from_json(changed(document, path, value))


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("event", ..., "This is not the record of an event"),
        ("event.intervals", [], "An event has at least one interval"),
        (f"{INTERVAL}.end", "2026-11-21T12:09:59Z", "An interval ends after it starts"),
        ("received", NOWHERE, "A time of nowhere"),
        ("baseline_w", "1", "No number to reckon with"),
    ],
)
def test_what_is_no_record_says_what_is_wrong_with_it(path: str, value: object, sentence: str) -> None:
    document = json.loads(record_to_json(make_record()))
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        record_from_json(changed(document, path, value))


@pytest.mark.parametrize("path", ["started", "event.modified", f"{INTERVAL}.start"])
def test_a_time_with_an_offset_can_be_worked_with(path: str) -> None:
    document = json.loads(record_to_json(make_record()))
    assert record_from_json(changed(document, path, HERE)).event.event_id == "event-1"


def test_nesting_without_end_is_no_record() -> None:
    with pytest.raises(ValueError, match="record"):
        record_from_json('{"event":' + "[" * 100_000)


def test_an_event_of_an_older_release_is_asked_of_the_site() -> None:
    document = json.loads(record_to_json(make_record()))
    del document["event"]["scope"]
    assert record_from_json(json.dumps(document)).event.scope == SITE


@pytest.mark.parametrize(
    "scope", [{"kind": "room", "id": "attic"}, {"kind": "group"}, {"id": "g"}, "group", 7]
)
def test_what_an_event_is_asked_of_is_never_guessed(scope: Any) -> None:
    document = json.loads(record_to_json(make_record()))
    document["event"]["scope"] = scope
    with pytest.raises(ValueError, match=r"."):
        record_from_json(json.dumps(document))

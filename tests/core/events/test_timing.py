"""When the intervals of an event are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.events.model import Event
from custom_components.home_flex.core.events.refusal import Refusal, RefusalReason
from custom_components.home_flex.core.events.timing import (
    MAX_AHEAD,
    MAX_LENGTH,
    Window,
    out_of_bounds,
    parse_duration,
    parse_stamp,
    parse_time,
    resolve_windows,
)

from .samples import MINUTE, NOW, event_object, message, read_event, refusal_of

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def _interval(**period: Any) -> dict[str, Any]:
    interval: dict[str, Any] = {"id": 0, "payloads": [{"type": "SIMPLE", "values": [1]}]}
    return {**interval, "intervalPeriod": period} if period else interval


def _stamp(value: object, name: str) -> datetime:
    return parse_stamp(value, name, NOW)


def _offsets(event: Event) -> list[tuple[float, float]]:
    """Return the intervals as minutes after NOW."""
    return [((each.start - NOW) / MINUTE, (each.end - NOW) / MINUTE) for each in event.intervals]


def test_intervals_without_their_own_start_follow_one_another() -> None:
    event = event_object(intervals=[_interval(), _interval(duration="PT5M"), _interval()])
    assert _offsets(read_event(event)) == [(10, 25), (25, 30), (30, 45)]


def test_an_intervals_own_start_leaves_a_gap_and_the_next_follows_it() -> None:
    event = event_object(intervals=[_interval(), _interval(start="2026-11-21T13:00:00Z"), _interval()])
    assert _offsets(read_event(event)) == [(10, 25), (60, 75), (75, 90)]


def test_intervals_may_be_listed_in_any_order() -> None:
    event = event_object(
        intervals=[_interval(start="2026-11-21T13:00:00Z"), _interval(start="2026-11-21T12:30:00Z")]
    )
    assert _offsets(read_event(event)) == [(30, 45), (60, 75)]


@pytest.mark.parametrize("start", ["0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z"])
def test_year_one_means_now(start: str) -> None:
    event = event_object(intervalPeriod={"start": start, "duration": "PT15M"})
    assert _offsets(read_event(event)) == [(0, 15)]


def test_an_event_that_began_before_but_has_not_ended_is_taken() -> None:
    event = event_object(intervalPeriod={"start": "2026-11-21T11:50:00Z", "duration": "PT15M"})
    assert _offsets(read_event(event)) == [(-10, 5)]


def test_a_duration_equal_to_that_of_the_intervals_is_no_loop() -> None:
    assert _offsets(read_event(event_object(duration="PT30M", intervals=[_interval()] * 2))) == [
        (10, 25),
        (25, 40),
    ]


def test_the_random_start_moves_the_whole_chain() -> None:
    period = {"start": "2026-11-21T12:10:00Z", "duration": "PT15M", "randomizeStart": "PT10M"}
    event = event_object(intervalPeriod=period, intervals=[_interval()] * 2)
    assert _offsets(read_event(event, fraction=0.5)) == [(15, 30), (30, 45)]


def test_the_random_start_is_asked_for_by_event_id_and_stays_the_same() -> None:
    period = {"start": "2026-11-21T12:10:00Z", "duration": "PT15M", "randomizeStart": "PT10M"}
    event = event_object(intervalPeriod=period)
    assert read_event(event, fraction=0.7) == read_event(event, fraction=0.7)
    assert read_event(event, fraction=0.7) != read_event(event, fraction=0.2)


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_intervals_that_could_overlap_by_chance_are_refused_whatever_chance_says(fraction: float) -> None:
    event = event_object(
        intervals=[
            _interval(start="2026-11-21T12:10:00Z", randomizeStart="PT10M"),
            _interval(start="2026-11-21T12:30:00Z"),
        ]
    )
    assert refusal_of(message(event), fraction=fraction).reason is RefusalReason.OVERLAPPING_INTERVALS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT15M", timedelta(minutes=15)),
        ("P1DT2H3M4.5S", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("P1W", timedelta(weeks=1)),
        ("PT604800S", timedelta(weeks=1)),
        ("PT0S", timedelta(0)),
    ],
)
def test_durations_are_iso_8601(text: str, expected: timedelta) -> None:
    assert parse_duration(text, "duration") == expected


@given(
    local=st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 # hypothesis adds the zone
        max_value=datetime(2099, 1, 1),  # noqa: DTZ001 # hypothesis adds the zone
        timezones=st.just(AMSTERDAM),
        allow_imaginary=False,
    )
)
def test_a_time_with_any_offset_is_the_same_moment_in_utc(local: datetime) -> None:
    parsed = parse_time(local.isoformat(), "start")
    assert parsed == local.astimezone(UTC)
    assert parsed.tzinfo is UTC


def test_an_event_over_the_change_to_winter_time_keeps_its_length() -> None:
    now = datetime(2026, 10, 24, 20, tzinfo=UTC)
    event = event_object(
        createdDateTime="2026-10-24T20:00:00Z",
        modificationDateTime="2026-10-24T20:00:00Z",
        intervalPeriod={"start": "2026-10-25T02:30:00+02:00", "duration": "PT1H"},
        intervals=[_interval(), _interval(start="2026-10-25T02:30:00+01:00")],
    )
    first, second = read_event(event, now=now).intervals
    assert first.end == second.start == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert first.start.astimezone(AMSTERDAM).hour == second.start.astimezone(AMSTERDAM).hour == 2


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=20),
    spread=st.integers(0, 600),
    fraction=st.floats(0, 1),
    offset=st.integers(-14, 14),
)
def test_a_chain_has_no_gap_no_overlap_and_its_full_length(
    lengths: list[int], spread: int, fraction: float, offset: int
) -> None:
    start = (NOW + MINUTE).astimezone(timezone(timedelta(hours=offset)))
    event = read_event(
        event_object(
            intervalPeriod={"start": start.isoformat(), "randomizeStart": f"PT{spread}S"},
            intervals=[_interval(duration=f"PT{length}M") for length in lengths],
        ),
        fraction=fraction,
    )
    assert NOW + MINUTE <= event.start <= NOW + MINUTE + timedelta(seconds=spread)
    assert [(each.end - each.start) / MINUTE for each in event.intervals] == pytest.approx(lengths)
    assert all(one.end == two.start for one, two in zip(event.intervals, event.intervals[1:], strict=False))


@pytest.mark.parametrize(
    ("stamp", "is_read"),
    [
        ("2026-11-22T12:00:00Z", True),
        ("2026-11-22T12:00:01Z", False),
        ("2000-01-01T00:00:00Z", True),
        ("1999-12-31T23:59:59Z", False),
        ("2027-03-01T12:00:00Z", False),
    ],
)
def test_a_stamp_is_at_most_a_day_ahead_and_not_of_the_last_century(stamp: str, *, is_read: bool) -> None:
    if is_read:
        assert parse_stamp(stamp, "modificationDateTime", NOW) == datetime.fromisoformat(stamp)
    else:
        with pytest.raises(Refusal) as refused:
            parse_stamp(stamp, "modificationDateTime", NOW)
        assert refused.value.reason is RefusalReason.WRONG_TIME


@pytest.mark.parametrize(
    ("time", "is_read"), [("9000-01-01T00:00:00Z", True), ("9000-01-01T00:00:01Z", False)]
)
def test_a_time_is_not_after_the_year_9000(time: str, *, is_read: bool) -> None:
    if is_read:
        assert parse_time(time, "start") == datetime.fromisoformat(time)
    else:
        with pytest.raises(Refusal):
            parse_time(time, "start")


@pytest.mark.parametrize(("duration", "is_read"), [("P400D", True), ("P400DT1S", False)])
def test_a_duration_is_at_most_four_hundred_days(duration: str, *, is_read: bool) -> None:
    if is_read:
        assert parse_duration(duration, "duration") == timedelta(days=400)
    else:
        with pytest.raises(Refusal) as refused:
            parse_duration(duration, "duration")
        assert refused.value.reason is RefusalReason.TOO_LONG


WRONG = {
    "no text": (parse_time, 12, RefusalReason.WRONG_TIME),
    "no time": (parse_time, "noon", RefusalReason.WRONG_TIME),
    "no such day": (parse_time, "2026-02-30T12:00:00Z", RefusalReason.WRONG_TIME),
    "too late a time": (parse_time, "9001-01-01T00:00:00Z", RefusalReason.WRONG_TIME),
    "a stamp that is no text": (_stamp, None, RefusalReason.WRONG_TIME),
    "a stamp too far ahead": (_stamp, "2027-11-21T12:00:00Z", RefusalReason.WRONG_TIME),
    "no end": (parse_duration, "P9999Y", RefusalReason.NO_END),
    "a duration that is no text": (parse_duration, 15, RefusalReason.WRONG_DURATION),
    "no duration": (parse_duration, "an hour", RefusalReason.WRONG_DURATION),
    "too long a duration": (parse_duration, "P401D", RefusalReason.TOO_LONG),
}


@pytest.mark.parametrize(("parse", "value", "reason"), WRONG.values(), ids=WRONG)
def test_what_is_refused_is_told_with_its_reason_and_the_name_of_its_field(
    parse: Callable[[object, str], object], value: object, reason: RefusalReason
) -> None:
    with pytest.raises(Refusal) as refused:
        parse(value, "field")
    assert (refused.value.reason, refused.value.detail) == (reason, "field")


NOTHING = timedelta(0)
SECOND = timedelta(seconds=1)


def window(start: datetime, length: timedelta, spread: timedelta = NOTHING) -> Window:
    return Window(start=start, end=start + length, range=spread)


BOUNDS = {
    "it ends after now": ([window(NOW - MINUTE, MINUTE + SECOND)], None),
    "it ends now": ([window(NOW - MINUTE, MINUTE)], RefusalReason.IN_THE_PAST),
    "its last interval ends after now": (
        [window(NOW - 2 * MINUTE, MINUTE), window(NOW - MINUTE, 2 * MINUTE)],
        None,
    ),
    "it starts as far ahead as may be": ([window(NOW + MAX_AHEAD, MINUTE)], None),
    "it starts a second later": ([window(NOW + MAX_AHEAD + SECOND, MINUTE)], RefusalReason.TOO_FAR_AHEAD),
    "chance may move it so far": ([window(NOW + MAX_AHEAD - MINUTE, MINUTE, MINUTE)], None),
    "chance may move it further": (
        [window(NOW + MAX_AHEAD - MINUTE, MINUTE, MINUTE + SECOND)],
        RefusalReason.TOO_FAR_AHEAD,
    ),
    "only its first interval counts there": (
        [window(NOW + MAX_AHEAD, MINUTE), window(NOW + MAX_AHEAD + MINUTE, MINUTE)],
        None,
    ),
    "it lasts as long as may be": ([window(NOW, MAX_LENGTH)], None),
    "it lasts a second longer": ([window(NOW, MAX_LENGTH + SECOND)], RefusalReason.TOO_LONG),
    "chance may make it so long": ([window(NOW, MAX_LENGTH - MINUTE, MINUTE)], None),
    "chance may make it longer": (
        [window(NOW, MAX_LENGTH - MINUTE, MINUTE + SECOND)],
        RefusalReason.TOO_LONG,
    ),
    "it lasts from its first interval to its last": (
        [window(NOW, MINUTE), window(NOW + MAX_LENGTH, SECOND)],
        RefusalReason.TOO_LONG,
    ),
}


@pytest.mark.parametrize(("windows", "reason"), BOUNDS.values(), ids=BOUNDS)
def test_an_event_lies_within_the_bounds_of_time(windows: list[Window], reason: RefusalReason | None) -> None:
    assert out_of_bounds(windows, NOW) is reason


@pytest.mark.parametrize(
    ("fraction", "minutes"), [(0.0, (0, 10)), (0.25, (5, 15)), (1.0, (20, 30))], ids=["no", "part", "all"]
)
def test_chance_moves_start_and_end_alike(fraction: float, minutes: tuple[int, int]) -> None:
    start, end = window(NOW, 10 * MINUTE, 20 * MINUTE).shifted(fraction)
    assert (start, end) == (NOW + minutes[0] * MINUTE, NOW + minutes[1] * MINUTE)


def resolved(*intervals: dict[str, Any], **event: Any) -> list[tuple[float, float, float]]:
    """Return start, end and range of each interval in minutes after NOW."""
    return [
        ((each.start - NOW) / MINUTE, (each.end - NOW) / MINUTE, each.range / MINUTE)
        for each in resolve_windows(event, intervals, NOW)
    ]


def test_ranges_add_up_until_an_interval_has_its_own_start() -> None:
    default = {"start": "2026-11-21T12:10:00Z", "duration": "PT5M", "randomizeStart": "PT2M"}
    intervals = (
        _interval(),
        _interval(randomizeStart="PT3M"),
        _interval(),
        _interval(start="2026-11-21T13:00:00Z", randomizeStart="PT4M"),
        _interval(start="0001-01-01"),
    )
    assert resolved(*intervals[:4], intervalPeriod=default) == [
        (10, 15, 2),
        (15, 20, 5),
        (20, 25, 5),
        (60, 65, 4),
    ]
    assert resolved(intervals[4], intervalPeriod=default) == [(0, 5, 0)]


HALF_PAST = {"start": "2026-11-21T12:30:00Z", "duration": "PT10M"}


@pytest.mark.parametrize(
    ("second", "fits"),
    [
        ({"start": "2026-11-21T12:40:00Z"}, True),
        ({"start": "2026-11-21T12:39:59Z"}, False),
        ({"start": "2026-11-21T12:20:00Z"}, True),
        ({"start": "2026-11-21T12:20:01Z"}, False),
        # The second is moved further than the first, or less far.
        ({"start": "2026-11-21T12:20:00Z", "randomizeStart": "PT1S"}, False),
        ({"start": "2026-11-21T12:40:00Z", "randomizeStart": "PT1S"}, True),
    ],
)
def test_intervals_meet_but_do_not_overlap(second: dict[str, str], *, fits: bool) -> None:
    intervals = (_interval(**HALF_PAST), _interval(duration="PT10M", **second))
    if fits:
        assert len(resolve_windows({}, intervals, NOW)) == 2
    else:
        with pytest.raises(Refusal) as refused:
            resolve_windows({}, intervals, NOW)
        assert refused.value.reason is RefusalReason.OVERLAPPING_INTERVALS


@pytest.mark.parametrize(
    ("first_range", "second_range", "fits"),
    [
        ("PT1M", "PT0S", True),
        ("PT2M", "PT0S", False),
        ("PT2M", "PT1M", True),
        ("PT3M", "PT1M", False),
    ],
)
def test_chance_moves_the_first_not_into_the_second(
    first_range: str, second_range: str, *, fits: bool
) -> None:
    intervals = (
        _interval(**HALF_PAST, randomizeStart=first_range),
        _interval(start="2026-11-21T12:41:00Z", duration="PT1M", randomizeStart=second_range),
    )
    if fits:
        assert len(resolve_windows({}, intervals, NOW)) == 2
    else:
        with pytest.raises(Refusal):
            resolve_windows({}, intervals, NOW)


TOLD = {
    "no start": ({}, [_interval(**HALF_PAST), _interval(duration="PT5M")], None),
    "no start at all": ({}, [_interval(duration="PT5M")], (RefusalReason.NO_START, "interval 0")),
    "no end": (
        {},
        [_interval(**HALF_PAST), _interval(start="2026-11-21T13:30:00Z")],
        (RefusalReason.NO_END, "interval 1"),
    ),
    "an empty length": (
        {"intervalPeriod": {"start": "2026-11-21T12:30:00Z", "duration": "PT0S"}},
        [_interval()],
        (RefusalReason.NO_END, "interval 0"),
    ),
    "a period that is none": (
        {"intervalPeriod": "noon"},
        [_interval()],
        (RefusalReason.MALFORMED, "intervalPeriod"),
    ),
    "a start that is none": (
        {"intervalPeriod": HALF_PAST | {"start": "noon"}},
        [_interval()],
        (RefusalReason.WRONG_TIME, "intervalPeriod.start"),
    ),
    "a length that is none": (
        {"intervalPeriod": HALF_PAST | {"duration": "long"}},
        [_interval()],
        (RefusalReason.WRONG_DURATION, "intervalPeriod.duration"),
    ),
    "a range that is none": (
        {"intervalPeriod": HALF_PAST | {"randomizeStart": "wide"}},
        [_interval()],
        (RefusalReason.WRONG_DURATION, "intervalPeriod.randomizeStart"),
    ),
    "a whole length that is none": (
        {"intervalPeriod": HALF_PAST, "duration": "long"},
        [_interval()],
        (RefusalReason.WRONG_DURATION, "duration"),
    ),
    "a loop": (
        {"intervalPeriod": HALF_PAST, "duration": "PT20M"},
        [_interval()],
        (RefusalReason.LOOP_NOT_SUPPORTED, ""),
    ),
    "no whole length": ({"intervalPeriod": HALF_PAST, "duration": "PT0S"}, [_interval()], None),
    "a whole length with its gap": (
        {"duration": "PT40M"},
        [_interval(**HALF_PAST), _interval(start="2026-11-21T13:00:00Z", duration="PT10M")],
        None,
    ),
}


@pytest.mark.parametrize(("event", "intervals", "told"), TOLD.values(), ids=TOLD)
def test_windows_that_cannot_be_are_refused_with_what_is_wrong(
    event: dict[str, Any], intervals: list[dict[str, Any]], told: tuple[RefusalReason, str] | None
) -> None:
    if told is None:
        assert len(resolve_windows(event, intervals, NOW)) == len(intervals)
        return
    with pytest.raises(Refusal) as refused:
        resolve_windows(event, intervals, NOW)
    assert (refused.value.reason, refused.value.detail) == told

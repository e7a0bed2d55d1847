"""Civil periods: days as long as they are, weeks from Monday, and nothing between two periods."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import (
    CounterReading,
    Grouping,
    Period,
    civil_period,
    count,
    fuse_rule,
    midnight,
    periods,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
ZONES = [
    "Europe/Brussels",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/New_York",
    "UTC",
]


def local_day(day: date, zone: ZoneInfo = BRUSSELS) -> Period:
    return civil_period(midnight(day, zone), Grouping.DAY, zone)


@pytest.mark.parametrize(
    ("day", "zone", "quarters"),
    [
        (date(2026, 3, 29), "Europe/Brussels", 92),
        (date(2026, 10, 25), "Europe/Brussels", 100),
        (date(2026, 6, 1), "Europe/Brussels", 96),
        (date(2026, 4, 5), "Australia/Lord_Howe", 98),  # 24.5 hours
    ],
)
def test_a_day_has_as_many_quarter_hours_as_its_clock_says(day: date, zone: str, quarters: int) -> None:
    found = local_day(day, ZoneInfo(zone))

    assert len(found.slots(900)) == quarters


def test_the_hour_that_comes_twice_in_autumn_is_two_hours() -> None:
    day = local_day(date(2026, 10, 25))
    hours = periods(day.start, day.end, Grouping.HOUR, BRUSSELS)

    assert len(hours) == 25
    assert [hour.start.astimezone(BRUSSELS).hour for hour in hours[:5]] == [0, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("first_weekday", "start"), [(0, date(2026, 3, 23)), (6, date(2026, 3, 22)), (2, date(2026, 3, 25))]
)
def test_a_week_begins_on_the_day_that_is_asked_for(first_weekday: int, start: date) -> None:
    moment = datetime(2026, 3, 25, tzinfo=UTC)

    week = civil_period(moment, Grouping.WEEK, BRUSSELS, first_weekday=first_weekday)

    assert week == Period(start=midnight(start, BRUSSELS), end=midnight(start + timedelta(days=7), BRUSSELS))
    assert week.start <= moment < week.end
    same = civil_period(moment, Grouping.MONTH, BRUSSELS)
    assert civil_period(moment, Grouping.MONTH, BRUSSELS, first_weekday=first_weekday) == same


def test_a_week_with_the_spring_change_has_167_hours() -> None:
    week = civil_period(datetime(2026, 3, 25, tzinfo=UTC), Grouping.WEEK, BRUSSELS)

    assert week.start.astimezone(BRUSSELS).date() == date(2026, 3, 23)
    assert week.end - week.start == timedelta(hours=167)


def test_hours_of_a_zone_of_quarters_begin_with_its_clock() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    start = datetime(2026, 1, 1, tzinfo=UTC)

    assert [
        one.start.minute for one in periods(start, start + timedelta(hours=2), Grouping.HOUR, kathmandu)
    ] == [
        0,
        15,
        15,
    ]


@given(
    st.sampled_from(ZONES),
    st.sampled_from(list(Grouping)),
    st.integers(1_577_836_800, 1_893_456_000).map(lambda time_s: datetime.fromtimestamp(time_s, UTC)),
    st.integers(900, 40 * 86_400),
)
def test_periods_cover_a_range_without_gap_or_overlap(
    zone: str, grouping: Grouping, start: datetime, length_s: int
) -> None:
    found = periods(start, start + timedelta(seconds=length_s), grouping, ZoneInfo(zone))

    assert found[0].start <= start
    for before, after in pairwise(found):
        assert before.end == after.start
    assert all(period.start < period.end for period in found)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=-1), timedelta(days=4_000)])
def test_a_range_without_length_or_end_is_refused(length: timedelta) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="range"):
        periods(start, start + length, Grouping.QUARTER_HOUR, BRUSSELS)


def test_no_calendar_has_a_whole_quarter_hour() -> None:
    with pytest.raises(ValueError, match="calendar"):
        civil_period(datetime(2026, 1, 1, tzinfo=UTC), Grouping.QUARTER_HOUR, BRUSSELS)


@pytest.mark.parametrize(
    ("day", "quarters", "day_wh", "night_h"),
    [(date(2026, 3, 29), 92, 9_200, 8), (date(2026, 10, 25), 100, 10_000, 10)],
)
def test_days_on_which_the_clock_changes_at_a_steady_400_w(
    day: date, quarters: int, day_wh: int, night_h: int
) -> None:
    start, end = midnight(day, BRUSSELS), midnight(day + timedelta(days=1), BRUSSELS)
    counter = (
        CounterReading(time_s=int(start.timestamp()) + at_s, value=at_s // 9)  # 400 W
        for at_s in range(0, int((end - start).total_seconds()) + 1, 900)
    )

    counted = count(counter, fuse_rule(25, 3), slot_s=900)

    found = periods(start, end, Grouping.QUARTER_HOUR, BRUSSELS)
    assert (len(found), counted.series.total) == (quarters, day_wh)
    assert {value for value in counted.series.values if value is not None} == {100}
    evening = datetime(day.year, day.month, day.day - 1, 22, tzinfo=BRUSSELS).astimezone(UTC)
    morning = datetime(day.year, day.month, day.day, 7, tzinfo=BRUSSELS).astimezone(UTC)
    night = periods(evening, morning, Grouping.HOUR, BRUSSELS)
    assert len(night) == night_h

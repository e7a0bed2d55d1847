"""Times that people name by the clock on the wall, also where the clock jumps."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.wishes.local_time import end_of, instant, next_time, next_weekday
from custom_components.home_flex.core.wishes.model import Weekday, WishError

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
CAIRO = ZoneInfo("Africa/Cairo")
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)  # a Saturday


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        ("2026-11-28 07:00", AMSTERDAM, "2026-11-28 06:00"),
        ("2026-07-01 07:00", AMSTERDAM, "2026-07-01 05:00"),
        ("2026-03-29 01:59:59", AMSTERDAM, "2026-03-29 00:59:59"),
        ("2026-03-29 02:00", AMSTERDAM, "2026-03-29 01:00"),
        ("2026-03-29 02:30", AMSTERDAM, "2026-03-29 01:00"),
        ("2026-03-29 02:59:59.5", AMSTERDAM, "2026-03-29 01:00"),
        ("2026-03-29 03:00", AMSTERDAM, "2026-03-29 01:00"),
        ("2026-10-25 02:00", AMSTERDAM, "2026-10-25 00:00"),
        ("2026-10-25 02:30", AMSTERDAM, "2026-10-25 00:30"),
        ("2026-10-25 03:00", AMSTERDAM, "2026-10-25 02:00"),
        ("2026-10-04 02:15", LORD_HOWE, "2026-10-03 15:30"),
        ("2026-04-24 00:30", CAIRO, "2026-04-23 22:00"),
    ],
)
def test_a_local_time_is_one_instant(local: str, zone: ZoneInfo, expected: str) -> None:
    assert instant(datetime.fromisoformat(local), zone) == utc(expected)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 # local times
    st.sampled_from([AMSTERDAM, LORD_HOWE, CAIRO, ZoneInfo("America/New_York"), ZoneInfo("UTC")]),
)
def test_by_the_clock_an_instant_never_comes_before_the_time_that_was_named(
    local: datetime, zone: ZoneInfo
) -> None:
    shown = instant(local, zone).astimezone(zone).replace(tzinfo=None)
    assert shown == local or local < shown <= local + timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "day", "expected"),
    [
        ("2026-11-28 12:00", Weekday.MONDAY, "2026-11-29 23:00"),
        ("2026-11-28 12:00", Weekday.SATURDAY, "2026-12-04 23:00"),
        ("2026-11-29 23:00", Weekday.MONDAY, "2026-12-06 23:00"),
        ("2026-11-29 22:59", Weekday.MONDAY, "2026-11-29 23:00"),
        ("2026-03-28 12:00", Weekday.MONDAY, "2026-03-29 22:00"),
        ("2026-10-24 12:00", Weekday.MONDAY, "2026-10-25 23:00"),
    ],
)
def test_until_a_day_means_the_midnight_with_which_it_begins_next(
    now: str, day: Weekday, expected: str
) -> None:
    assert next_weekday(day, utc(now), AMSTERDAM) == utc(expected)


@pytest.mark.parametrize(
    ("now", "at", "expected"),
    [
        ("2026-11-28 05:59", time(7), "2026-11-28 06:00"),
        ("2026-11-28 06:00", time(7), "2026-11-29 06:00"),
        ("2026-03-28 06:00", time(7), "2026-03-29 05:00"),
        ("2026-10-25 00:45", time(2, 30), "2026-10-26 01:30"),
    ],
)
def test_a_time_of_day_is_the_next_one(now: str, at: time, expected: str) -> None:
    assert next_time(at, utc(now), AMSTERDAM) == utc(expected)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, None),
        ({"lasts": timedelta(hours=2)}, "2026-11-28 14:00"),
        ({"until": datetime(2026, 11, 29, 8)}, "2026-11-29 07:00"),  # noqa: DTZ001 # local
        ({"until": datetime(2026, 11, 29, 8, tzinfo=UTC)}, "2026-11-29 08:00"),
        ({"until": time(8)}, "2026-11-29 07:00"),
        ({"until": Weekday.MONDAY}, "2026-11-29 23:00"),
        ({"lasts": timedelta(days=400)}, "2028-01-02 12:00"),
    ],
)
def test_an_end_is_an_instant_a_time_a_day_or_a_length(
    asked: dict[str, object], expected: str | None
) -> None:
    end = end_of(NOON, AMSTERDAM, **asked)  # type: ignore[arg-type] # as the table says
    assert end == (utc(expected) if expected else None)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"until": time(8), "lasts": timedelta(hours=1)}, "until_and_for"),
        ({"until": NOON}, "until_past"),
        ({"lasts": timedelta()}, "until_past"),
        ({"lasts": timedelta(hours=-1)}, "until_past"),
        ({"until": NOON + timedelta(days=400, seconds=1)}, "until_too_far"),
        ({"lasts": timedelta.max}, "until_too_far"),
    ],
)
def test_an_end_that_cannot_be_is_refused(asked: dict[str, object], reason: str) -> None:
    with pytest.raises(WishError) as refusal:
        end_of(NOON, AMSTERDAM, **asked)  # type: ignore[arg-type] # as the table says
    assert refusal.value.reason == reason

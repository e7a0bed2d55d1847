"""The quarter-hours of a day as UFTP counts them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from community_hub.grid.isps import Day, IspError, Stretch, stretches
from hypothesis import given
from hypothesis import strategies as st

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def day(text: str) -> Day:
    return Day(date=dt.date.fromisoformat(text), zone=AMSTERDAM)


@pytest.mark.parametrize(("date", "count"), [("2026-11-30", 96), ("2026-03-29", 92), ("2026-10-25", 100)])
def test_a_day_has_as_many_isps_as_it_has_quarter_hours(date: str, count: int) -> None:
    assert day(date).count == count


def test_isps_are_counted_from_one_at_local_midnight_through_the_change_of_the_clock() -> None:
    spring = day("2026-03-29")

    assert spring.start_of(1) == dt.datetime(2026, 3, 28, 23, 0, tzinfo=dt.UTC)
    assert spring.start_of(9).astimezone(AMSTERDAM).hour == 3
    assert spring.start_of(93) == spring.ends_at


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([], "ISPs out of bounds"),
        ([(0, 1)], "ISPs out of bounds"),
        ([(96, 2)], "ISPs out of bounds"),
        ([(97, 1)], "ISPs out of bounds"),
        ([(1, 0)], "ISPs out of bounds"),
        ([(1, -1)], "ISPs out of bounds"),
        ([(1, 10**12)], "ISPs out of bounds"),
        ([(1, 4), (2, 1)], "ISP conflict"),
        ([(5, 1), (5, 1)], "ISP conflict"),
    ],
)
def test_what_a_day_does_not_have_and_what_is_named_twice_is_refused(
    parts: list[tuple[int, int]], reason: str
) -> None:
    with pytest.raises(IspError, match=reason):
        day("2026-11-30").numbers(parts)


def test_stretches_are_named_in_the_order_they_were_given() -> None:
    assert day("2026-11-30").numbers([(5, 2), (1, 4)]) == [range(5, 7), range(1, 5)]


@given(st.dictionaries(st.integers(1, 96), st.integers(-3, 3), min_size=1))
def test_power_in_stretches_is_the_same_power(power_w: dict[int, int]) -> None:
    found = stretches(power_w)
    numbers = day("2026-11-30").numbers((each.start, each.duration) for each in found)

    assert {
        number: each.power_w for each, group in zip(found, numbers, strict=True) for number in group
    } == power_w
    assert len(found) <= len(power_w)


def test_one_power_is_one_stretch() -> None:
    assert stretches({3: 5, 2: 5, 4: 5, 6: 5}) == [Stretch(5, 2, 3), Stretch(5, 6, 1)]

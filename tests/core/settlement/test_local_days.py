"""Days have receipts without a gap and none twice, also where the time zone was changed."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.settlement.local_days import NEAR, LocalDay, local_days
from custom_components.home_flex.core.settlement.receipt import Receipt
from custom_components.home_flex.core.statistics import Period

BRUSSELS, LONDON = ZoneInfo("Europe/Brussels"), ZoneInfo("Europe/London")
FIRST = datetime(2026, 3, 20, tzinfo=UTC)
A_DAY = timedelta(days=1)
ZONES = ("Europe/Brussels", "Europe/London", "Pacific/Honolulu", "Pacific/Kiritimati", "Asia/Kathmandu")


def block(number: int) -> Period:
    """Return a UTC day."""
    return Period(start=FIRST + number * A_DAY, end=FIRST + (number + 1) * A_DAY)


def issued(day: LocalDay) -> Receipt:
    told = {
        "date": day.date.isoformat(),
        "start": day.period.start.isoformat(),
        "end": day.period.end.isoformat(),
        "zone": day.zone,
    }
    return Receipt(document={"day": told}, inputs={})


def near(days: Iterable[LocalDay], stretch: Period) -> list[Receipt]:
    first, last = stretch.start - NEAR, stretch.end + NEAR
    return [issued(day) for day in days if first <= day.period.start < last]


def lived(zones: list[ZoneInfo]) -> dict[date, LocalDay]:
    """Return the days of a home that was in these zones, one block each: a day is issued once it is over."""
    found: dict[date, LocalDay] = {}
    for number, zone in enumerate(zones):
        for day in local_days(block(number), zone, near(found.values(), block(number))):
            if day.period.end <= block(number).end:
                found[day.date] = day
    return found


def test_a_day_is_that_of_the_home_s_clock() -> None:
    days = local_days(block(0), BRUSSELS, [])
    assert [(day.date.day, day.zone) for day in days] == [(20, "Europe/Brussels"), (21, "Europe/Brussels")]
    assert days[0].period.start == FIRST - timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "after", "hours"), [(BRUSSELS, LONDON, 25), (LONDON, BRUSSELS, 23), (BRUSSELS, BRUSSELS, 24)]
)
def test_the_day_of_a_change_of_zone_is_longer_or_shorter(
    before: ZoneInfo, after: ZoneInfo, hours: int
) -> None:
    days = lived([before] * 3 + [after] * 3)
    lengths = {day.period.end - day.period.start for day in days.values()}
    assert lengths == {A_DAY, timedelta(hours=hours)}


def test_what_comes_late_of_a_day_before_the_change_is_of_that_day_as_it_was() -> None:
    days = lived([BRUSSELS] * 4 + [LONDON] * 2)
    late = local_days(block(1), LONDON, near(days.values(), block(1)))
    assert [(day.date.day, day.zone) for day in late] == [(21, "Europe/Brussels"), (22, "Europe/Brussels")]
    assert [day.period for day in late] == [days[day.date].period for day in late]
    assert all(day.receipt is not None for day in late)


def test_a_day_that_a_change_over_the_date_line_left_out_has_no_receipt() -> None:
    west = LocalDay(
        date=date(2026, 3, 20),
        period=Period(start=FIRST + timedelta(hours=10), end=FIRST + timedelta(hours=34)),
        zone="Pacific/Honolulu",
    )
    days = local_days(block(0), ZoneInfo("Pacific/Kiritimati"), [issued(west)])
    assert date(2026, 3, 21) not in {day.date for day in days}


@given(st.lists(st.sampled_from(ZONES).map(ZoneInfo), min_size=2, max_size=20))
def test_each_moment_is_in_one_day_wherever_the_home_was(zones: list[ZoneInfo]) -> None:
    days = sorted(lived(zones).values(), key=lambda day: day.date)
    for one, other in pairwise(days):
        assert other.period.start >= one.period.end
        if other.date - one.date == A_DAY:
            assert other.period.start == one.period.end

"""When a car that is away is back, by when it was plugged in on such days."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from custom_components.home_flex.core.forecast import DayMark, DayMarks, History, back_at

# A Monday, in winter time.
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WEEKEND = 5


def plugged(there: Callable[[datetime], float], days: int = 60, now: datetime = NOW) -> History:
    start = now - timedelta(days=days)
    steps = [start + timedelta(minutes=30) * step for step in range(48 * days)]
    return History(start=start, step_s=1800, values_w=np.array([there(step) for step in steps]))


def nightly(comes_h: float, leaves_h: float = 7.0) -> Callable[[datetime], float]:
    """Return a car that is there from one hour of the night on until another."""

    def there(step: datetime) -> float:
        hour = step.hour + step.minute / 60
        return min(1.0, max(0.0, (hour + 0.5 - comes_h) / 0.5)) if hour >= leaves_h else 1.0

    return there


def test_a_car_that_comes_at_one_hour_is_expected_then() -> None:
    assert back_at(plugged(nightly(18.0)), UTC, {}, NOW) == NOW.replace(hour=18)


def test_a_car_that_comes_within_a_half_hour_is_expected_within_it() -> None:
    assert back_at(plugged(nightly(18.2)), UTC, {}, NOW) == NOW.replace(hour=18, minute=12)


def test_what_counts_is_when_it_was_back_on_three_of_four_days() -> None:
    # On every fourth day at 17:00, on two of four at 18:00, and on the fourth at 22:00.
    def there(step: datetime) -> float:
        comes_h = (17.0, 18.0, 18.0, 22.0)[step.toordinal() % 4]
        return nightly(comes_h)(step)

    back = back_at(plugged(there), UTC, {}, NOW)
    assert back is not None
    assert back.hour == 18


def test_days_of_the_same_weekday_count_most() -> None:
    back_on = {True: nightly(22.0), False: nightly(17.0)}
    there = plugged(lambda step: back_on[step.weekday() >= WEEKEND](step))
    saturday = NOW - timedelta(days=2)
    assert back_at(there, UTC, {}, NOW) == NOW.replace(hour=17)
    assert back_at(there, UTC, {}, saturday) == saturday.replace(hour=22)


def test_it_is_the_local_hour_that_counts_across_a_change_of_the_clocks() -> None:
    # The clocks went back on 25 October: in UTC the same local hour is another.
    now = datetime(2026, 10, 28, 12, tzinfo=UTC)
    there = plugged(lambda step: nightly(18.0)(step.astimezone(AMSTERDAM)), now=now)
    assert back_at(there, AMSTERDAM, {}, now) == now.replace(hour=17)


def test_a_car_that_is_later_than_usual_is_expected_as_on_the_days_that_were_late() -> None:
    def there(step: datetime) -> float:
        return nightly(21.0 if step.toordinal() % 3 == 0 else 18.0)(step)

    late = NOW.replace(hour=19)
    assert back_at(plugged(there, now=late), UTC, {}, late) == NOW.replace(hour=21)


def test_a_holiday_is_lived_like_a_sunday() -> None:
    back_on = {True: nightly(22.0), False: nightly(17.0)}
    there = plugged(lambda step: back_on[step.weekday() >= WEEKEND](step))
    marks: DayMarks = {NOW.date(): frozenset({DayMark.HOLIDAY})}
    assert back_at(there, UTC, marks, NOW) == NOW.replace(hour=22)


@pytest.mark.parametrize(
    ("name", "there", "days"),
    [
        ("nothing is known", lambda _step: float("nan"), 60),
        ("three days tell", nightly(18.0), 3),
        ("it is always there", lambda _step: 1.0, 60),
        ("it never comes", lambda _step: 0.0, 60),
        ("it mostly stays away", lambda step: nightly(18.0)(step) * (step.toordinal() % 3 == 0), 60),
    ],
)
def test_a_car_is_not_expected_where(name: str, there: Callable[[datetime], float], days: int) -> None:
    assert back_at(plugged(there, days), UTC, {}, NOW) is None, name


def test_an_arrival_that_nobody_saw_is_not_taken_for_a_late_one() -> None:
    def there(step: datetime) -> float:
        return float("nan") if 17 <= step.hour < 20 and step.toordinal() % 2 else nightly(18.0)(step)

    assert back_at(plugged(there), UTC, {}, NOW) == NOW.replace(hour=18)

"""What is special about days, and what someone else said of the sun."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from custom_components.home_flex.core.forecast import DayMark, History
from custom_components.home_flex.core.model import quarter_hours
from custom_components.home_flex.core.wishes import SiteWishes
from custom_components.home_flex.runtime.planning.day_marks import day_marks
from custom_components.home_flex.runtime.planning.measured import LOAD, Measured
from custom_components.home_flex.runtime.planning.outside import half_hours

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 11, 29), date(2026, 11, 30)
GRID = quarter_hours(NOON, 48)
AWAY = frozenset({DayMark.AWAY})


def away(*shares: float) -> History:
    """Return a history of days before today with a share of each spent away."""
    start = datetime(2026, 11, 29, tzinfo=UTC) - timedelta(days=len(shares))
    return History(start=start, step_s=1800, values_w=np.repeat(np.array(shares), 48))


def test_holidays_are_marked() -> None:
    assert day_marks([TOMORROW], None, SiteWishes(), GRID, UTC) == {TOMORROW: frozenset({DayMark.HOLIDAY})}


def test_a_day_of_which_half_was_spent_away_was_one_away() -> None:
    marks = day_marks([], away(1.0, 0.5, 0.4), SiteWishes(), GRID, UTC)

    assert marks == {date(2026, 11, 26): AWAY, date(2026, 11, 27): AWAY}


def test_an_absence_without_an_end_lasts_as_long_as_the_plan_looks() -> None:
    marks = day_marks([], None, SiteWishes(away=True), GRID, UTC)

    assert marks == {TODAY: AWAY, TOMORROW: AWAY, date(2026, 12, 1): AWAY}


def test_of_an_absence_with_an_end_the_days_before_it_count() -> None:
    until = datetime(2026, 11, 30, 18, tzinfo=UTC)

    marks = day_marks([], None, SiteWishes(away=True, away_until=until), GRID, UTC)

    assert marks == {TODAY: AWAY, TOMORROW: AWAY}


def test_a_day_is_one_of_the_clock_on_the_wall() -> None:
    auckland = ZoneInfo("Pacific/Auckland")

    marks = day_marks([], away(1.0), SiteWishes(), GRID, auckland)

    # 24 hours of UTC are 13 of one day there and 11 of the next: of both nothing else is known.
    assert set(marks) == {date(2026, 11, 28), date(2026, 11, 29)}


def test_a_holiday_away_is_both() -> None:
    marks = day_marks([TODAY], None, SiteWishes(away=True), GRID, UTC)

    assert marks[TODAY] == {DayMark.HOLIDAY, DayMark.AWAY}


def test_energy_of_hours_is_power_of_half_hours() -> None:
    found = half_hours({NOON: 1200.0, NOON + timedelta(hours=1): 600.0}, NOON)

    first = int(NOON.timestamp()) // 1800
    assert found == {first: 1200.0, first + 1: 1200.0, first + 2: 600.0, first + 3: 600.0}


def test_quarter_hours_are_put_together_and_what_is_half_covered_is_left_out() -> None:
    quarter = timedelta(minutes=15)

    found = half_hours({NOON: 100.0, NOON + quarter: 300.0, NOON + 2 * quarter: 200.0}, NOON)

    first = int(NOON.timestamp()) // 1800
    # The last is taken to last an hour, from 12:30 on.
    assert found == {first: 800.0, first + 1: 200.0, first + 2: 200.0}


@pytest.mark.parametrize("told", [{}, {NOON + timedelta(minutes=10): 500.0}])
def test_nothing_is_made_up_where_nothing_whole_was_told(told: Mapping[datetime, float]) -> None:
    found = half_hours(told, NOON)

    assert int(NOON.timestamp()) // 1800 not in found


@pytest.mark.parametrize("year", [1, 1970, 2026, 2200, 9999])
def test_what_is_said_of_other_years_is_left_out(year: int) -> None:
    other = datetime(year, 12, 31, 23, 30, tzinfo=UTC)
    first = int(NOON.timestamp()) // 1800

    assert half_hours({NOON: 1200.0, other: 1200.0}, NOON) == {first: 1200.0, first + 1: 1200.0}


class Documents:
    def put_document(self, key: str, document: Mapping[str, Any]) -> None: ...


def measured(now: list[datetime]) -> Measured:
    return Measured(None, documents=Documents(), clock=lambda: now[0], monotonic_s=lambda: 0.0)


def test_what_was_said_is_kept_as_it_was_some_hours_before() -> None:
    now = [NOON]
    kept, later = measured(now), int(NOON.timestamp()) // 1800 + 10
    kept.keep_said({later: 1000.0})
    # Three hours before it the last word is spoken, as far as its error is concerned.
    now[0] = NOON + timedelta(hours=4)
    kept.keep_said({later: 3000.0})
    said = kept.said({later: 3000.0})
    assert said is not None
    assert said.values_w[-1] == 3000.0

    now[0] = NOON + timedelta(hours=6)
    past = kept.said({})

    assert past is not None
    assert past.values_w.tolist() == [1000.0]


def test_energy_since_a_time_counts_the_half_hour_that_runs() -> None:
    now, seconds = [NOON], [0.0]
    home = Measured(None, documents=Documents(), clock=lambda: now[0], monotonic_s=lambda: seconds[0])
    for second in range(45 * 60 + 1):
        now[0], seconds[0] = NOON + timedelta(seconds=second), float(second)
        home.note({LOAD: 1000.0})

    assert home.energy_wh(LOAD, NOON) == pytest.approx(750.0, abs=1.0)
    assert home.energy_wh(LOAD, NOON + timedelta(minutes=30)) == pytest.approx(250.0, abs=1.0)
    assert home.energy_wh("nobody", NOON) == 0.0

"""What the home will draw."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from custom_components.home_flex.core.forecast import DayMark, DayMarks, History
from custom_components.home_flex.core.forecast.load import LoadDays
from custom_components.home_flex.core.forecast.outlook import Outlook

from .made_up import MONDAY, history

BERLIN = ZoneInfo("Europe/Berlin")


def ahead(known: History, steps: int = 96, marks: DayMarks | None = None) -> Outlook:
    outlook = LoadDays.of(known, BERLIN, marks or {}).at(len(known), steps)
    assert outlook is not None
    return outlook


def local_hour(power_w: Callable[[int], float]) -> Callable[[datetime], float]:
    return lambda time: power_w(time.astimezone(BERLIN).hour)


def test_a_day_like_all_others_is_foreseen() -> None:
    known = history(local_hour(lambda hour: 100.0 * hour), 28)
    outlook = ahead(known)
    expected = [
        100.0 * (MONDAY + timedelta(days=28, minutes=30 * k)).astimezone(BERLIN).hour for k in range(96)
    ]
    assert outlook.expected_w == pytest.approx(expected)
    assert outlook.quantiles_w[0.1] == pytest.approx(expected)


def test_the_same_weekday_counts_most() -> None:
    known = history(lambda time: 1000.0 if time.astimezone(BERLIN).weekday() == 5 else 100.0, 28)
    friday = known.until(48 * 26 - 4)
    saturday, sunday, monday = (ahead(friday, 148).expected_w[hour * 2] for hour in (12, 36, 60))
    assert saturday > 1.5 * sunday > 1.5 * 1.5 * monday


def test_a_holiday_is_lived_like_a_sunday() -> None:
    known = history(lambda time: 900.0 if time.astimezone(BERLIN).weekday() == 6 else 100.0, 27)
    monday = date(2026, 6, 29)
    holiday = ahead(known, 96, {monday: frozenset({DayMark.HOLIDAY})}).expected_w[70]
    sunday = ahead(known.until(48 * 26)).expected_w[70]
    assert holiday == pytest.approx(sunday, rel=0.1)
    assert holiday > 2 * ahead(known).expected_w[70]


def test_days_on_which_nobody_is_at_home_say_little_of_others() -> None:
    away = frozenset(date(2026, 6, day) for day in range(22, 29))
    known = history(lambda time: 80.0 if time.astimezone(BERLIN).date() in away else 1000.0, 28)
    marks: DayMarks = dict.fromkeys(away, frozenset({DayMark.AWAY}))
    home_again = ahead(known, marks=marks).expected_w
    still_away = ahead(
        known,
        marks={**marks, **dict.fromkeys((date(2026, 6, 29), date(2026, 6, 30)), frozenset({DayMark.AWAY}))},
    ).expected_w
    assert home_again[40:90].min() > 900
    assert still_away[40:90].max() < 300


def test_a_spell_of_three_days_goes_on_less_and_less() -> None:
    usual = history(lambda _time: 500.0, 28)
    spell = usual.values_w.copy()
    spell[-3 * 48 :] = 1000.0
    more = ahead(History(start=MONDAY, step_s=1800, values_w=spell), 144).expected_w - 500
    # By then what the last two hours missed is forgotten: half of it is left in a day, a quarter in two.
    assert more[47] == pytest.approx(250, rel=0.3)
    assert more[95] == pytest.approx(more[47] / 2, rel=0.2)


def test_no_more_than_the_double_is_expected_after_days_of_many_times_what_is_usual() -> None:
    usual = history(lambda _time: 500.0, 28)
    absurd = usual.values_w.copy()
    absurd[-3 * 48 : -4] = 9000.0
    assert ahead(History(start=MONDAY, step_s=1800, values_w=absurd)).expected_w[47] < 2500


def test_how_the_last_two_hours_missed_is_carried_on_less_and_less() -> None:
    usual = history(lambda _time: 500.0, 28)
    today = usual.values_w.copy()
    today[-4:] = 1500.0
    more = ahead(History(start=MONDAY, step_s=1800, values_w=today)).expected_w - 500
    assert more[0] == pytest.approx(700, rel=0.2)
    assert all(later < sooner for sooner, later in pairwise(more[:20]))


def test_what_runs_since_a_half_hour_counts_more_than_what_ran_two_hours_ago() -> None:
    usual = history(lambda _time: 500.0, 28)
    now, before = usual.values_w.copy(), usual.values_w.copy()
    now[-1] = before[-4] = 1500.0
    runs, ended = (
        ahead(History(start=MONDAY, step_s=1800, values_w=each)).expected_w - 500 for each in (now, before)
    )
    assert runs[0] > 400
    assert ended[0] < 50


def test_a_gap_at_the_end_leaves_what_was_missed_before_it() -> None:
    usual = history(lambda _time: 500.0, 28)
    gap = usual.values_w.copy()
    gap[-4:-1], gap[-1] = 1500.0, np.nan
    more = ahead(History(start=MONDAY, step_s=1800, values_w=gap)).expected_w - 500
    assert more[0] == pytest.approx(700, rel=0.2)


def test_nothing_that_was_measured_later_is_known() -> None:
    rng = np.random.default_rng(1)
    values = rng.uniform(0, 3000, 48 * 28)
    whole = LoadDays.of(History(start=MONDAY, step_s=1800, values_w=values), BERLIN, {})
    first = 48 * 20 + 17
    cut = LoadDays.of(History(start=MONDAY, step_s=1800, values_w=values[:first]), BERLIN, {})
    then, now = cut.at(first, 96), whole.at(first, 96)
    assert then is not None
    assert now is not None
    assert then.expected_w == pytest.approx(now.expected_w)


@pytest.mark.parametrize("day", [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 9, 27, tzinfo=UTC)])
def test_habits_follow_the_clock_when_it_changes(day: datetime) -> None:
    """The clocks change on 29 March and on 25 October, after four weeks: breakfast stays at seven."""
    known = history(local_hour(lambda hour: 2000.0 if hour == 7 else 100.0), 28, day)
    expected = ahead(known, 48).expected_w
    at = [(known.end + timedelta(minutes=30 * k)).astimezone(BERLIN).hour for k in range(48)]
    assert [hour for hour, power_w in zip(at, expected, strict=True) if power_w > 1000] == [7, 7]


def test_gaps_are_bridged_by_other_days() -> None:
    known = history(lambda _time: 500.0, 28)
    values = known.values_w.copy()
    values[48 * 20 : 48 * 27] = np.nan
    assert ahead(History(start=MONDAY, step_s=1800, values_w=values)).expected_w == pytest.approx(500)


def test_quantiles_are_in_order_around_what_happens() -> None:
    rng = np.random.default_rng(2)
    known = History(start=MONDAY, step_s=1800, values_w=rng.uniform(0, 1000, 48 * 56))
    found = ahead(known).quantiles_w
    assert (found[0.1] <= found[0.5]).all()
    assert (found[0.5] <= found[0.9]).all()
    assert found[0.1].mean() == pytest.approx(100, abs=70)
    assert found[0.9].mean() == pytest.approx(900, abs=70)


@pytest.mark.parametrize("days", [0, 1])
def test_too_little_history_says_nothing(days: int) -> None:
    known = history(lambda _time: 500.0, days + 1).until(48 * days + 20)
    assert LoadDays.of(known, BERLIN, {}).at(len(known), 96) is None


def test_a_level_of_which_half_is_not_known_lifts_nothing() -> None:
    usual = history(lambda _: 500.0, 28)
    values = usual.values_w.copy()
    values[-144:] = np.nan
    values[-60:-40] = 1000.0
    known = History(start=MONDAY, step_s=1800, values_w=values)
    assert ahead(known).expected_w[20:48] == pytest.approx(
        ahead(usual.until(48 * 25)).expected_w[20:48], rel=0.1
    )

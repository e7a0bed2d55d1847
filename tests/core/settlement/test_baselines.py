"""Each rule against days whose baseline was reckoned by hand."""

from datetime import date, timedelta

import pytest

from custom_components.home_flex.core.settlement.baselines import (
    HISTORY_RULES,
    Baseline,
    Missing,
    half_width_wh,
    with_half_width,
)
from custom_components.home_flex.core.settlement.days import UseDay

from .days_of import TODAY, asked, day, past


def _use(name: str, today: UseDay, days: tuple[UseDay, ...], **more: object) -> tuple[int, ...] | Missing:
    answer = HISTORY_RULES[name](asked(today, days, **more))  # type: ignore[arg-type] # handed on
    return answer.use_wh if isinstance(answer, Baseline) else answer


# Three weeks back from Wednesday 25 November: fifteen working days.
def test_three_weeks_are_the_mean_of_working_days_and_know_no_older_one() -> None:
    older = past([9000] * 7 + [0] * 21)
    assert _use("three_weeks", day(TODAY, 0), older) == (0, 0)
    levels = [100 if index < 14 else 400 for index in range(21)]  # ten working days of 100, five of 400
    assert _use("three_weeks", day(TODAY, 0), past(levels)) == (200, 200)


@pytest.mark.parametrize("mark", ["held_event", "is_away"])
def test_three_weeks_leave_out_days_that_tell_nothing(mark: str) -> None:
    days = list(past([100] * 21))
    days[-1] = day(days[-1].date, 5000, **{mark: True})
    days[-2] = day(days[-2].date, [None, *[5000] * 23])
    assert _use("three_weeks", day(TODAY, 0), tuple(days)) == (100, 100)


def test_three_weeks_take_a_holiday_for_no_working_day() -> None:
    days = list(past([100] * 21))
    days[-1] = day(days[-1].date, 5000, is_working=False)
    assert _use("three_weeks", day(TODAY, 0), tuple(days)) == (100, 100)


def test_from_four_days_three_weeks_tell_nothing() -> None:
    assert _use("three_weeks", day(TODAY, 0), past([100] * 6)) is Missing.TOO_FEW_DAYS


# Ten working days before: 13 to 24 November without the weekends. Each hour 500; today 13 to 15 h had 800.
def test_ten_working_days_rise_with_the_hours_until_an_hour_before() -> None:
    today = day(TODAY, [0] * 13 + [800, 800, 800, 9999] + [0] * 7)
    assert _use("ten_working_days", today, past([7] * 10 + [500] * 14)) == (800, 800)


def test_ten_working_days_are_not_adjusted_by_hours_of_another_event() -> None:
    today = day(TODAY, [0] * 13 + [800, 800, 900, 9999] + [0] * 7)
    days = past([500] * 14)
    assert _use("ten_working_days", today, days, disturbed=frozenset({15})) == (800, 800)
    assert _use("ten_working_days", today, days, disturbed=frozenset({14, 15})) == (500, 500)


def test_on_a_sunday_the_middle_two_of_four_count() -> None:
    sunday = date(2026, 11, 22)
    # Saturdays and Sundays before: 21 (900), 15 (100), 14 (300), 8 (200): the middle two are 300 and 200.
    levels = {21: 900, 15: 100, 14: 300, 8: 200, 7: 5000}
    days = tuple(day(date(2026, 11, number), levels.get(number, 1)) for number in range(1, 22))
    today = day(sunday, [250] * 24)
    answer = HISTORY_RULES["ten_working_days"](asked(today, days))
    assert isinstance(answer, Baseline)
    assert answer.days == (date(2026, 11, 14), date(2026, 11, 8))
    assert answer.use_wh == (250, 250)


def test_the_five_highest_of_ten_working_days() -> None:
    # The working days of 11 to 24 November have 100, 200 ... 1000: the five highest have a mean of 800.
    levels, step = [], 0
    for number in range(11, 25):
        is_working = date(2026, 11, number).weekday() < 5
        step += is_working
        levels.append(step * 100 if is_working else 9000)
    today = day(TODAY, 800)
    assert _use("high_5_of_10", today, past(levels)) == (800, 800)


@pytest.mark.parametrize(
    ("before_wh", "expected_wh"), [(500, 500), (600, 600), (2000, 700), (100, 300)], ids=str
)
def test_the_highest_days_are_scaled_within_four_tenths(before_wh: int, expected_wh: int) -> None:
    today = day(TODAY, [0] * 13 + [before_wh] * 2 + [0] * 2 + [None] * 7)
    assert _use("high_5_of_10", today, past([500] * 14)) == (expected_wh, expected_wh)


def test_the_hour_before_is_held() -> None:
    today = day(TODAY, [0] * 16 + [1234] + [9999] * 7)
    assert _use("last_in", today, ()) == (1234, 1234)
    assert _use("last_in", today, (), disturbed=frozenset({16})) is Missing.NOT_MEASURED_BEFORE
    assert _use("last_in", today, (), first=0, last=1) is Missing.NOT_MEASURED_BEFORE


def test_a_line_is_drawn_from_before_to_after() -> None:
    today = day(TODAY, [0] * 16 + [1000, 7, 7, 400] + [0] * 4)
    assert _use("before_and_after", today, ()) == (800, 600)
    assert _use("before_and_after", today, (), disturbed=frozenset({19})) is Missing.NOT_MEASURED_AFTER
    assert _use("before_and_after", today, (), first=22, last=24) is Missing.NOT_MEASURED_AFTER


@pytest.mark.parametrize("name", ["three_weeks", "ten_working_days", "high_5_of_10"])
def test_on_a_day_of_25_hours_other_days_tell_nothing(name: str) -> None:
    autumn = date(2026, 10, 25)
    today = day(autumn, [0] * 25)
    assert _use(name, today, past([100] * 40, autumn)) is Missing.CLOCK_CHANGE


@pytest.mark.parametrize("name", sorted(HISTORY_RULES))
def test_what_happened_in_the_window_itself_moves_no_baseline(name: str) -> None:
    days = past([300 + 10 * (index % 4) for index in range(30)])
    quiet = day(TODAY, [200] * 24)
    loud = day(TODAY, [200] * 17 + [9000, -9000] + [200] * 5)
    assert _use(name, quiet, days) == _use(name, loud, days)


# Residuals 1 to 9: the ninth of nine holds nine of ten windows; of nineteen it is the eighteenth, of fourteen
# what lies halfway from the thirteenth to the fourteenth, of twenty nine tenths from the 18th to the 19th.
@pytest.mark.parametrize(
    ("residuals", "expected"),
    [
        (range(1, 9), None),
        (range(1, 10), 9),
        (range(-19, 0), 18),
        (range(0, 1400, 100), 1250),
        (range(0, 200, 10), 179),
        ([0] * 30, 0),
    ],
    ids=str,
)
def test_nine_of_ten_windows_lie_within(residuals: range, expected: int | None) -> None:
    assert half_width_wh(residuals) == expected


def test_a_rule_is_tried_on_days_on_which_nothing_was_asked() -> None:
    days = past([1000 if index % 2 else 1100 for index in range(60)])
    answer = with_half_width(HISTORY_RULES["three_weeks"], asked(day(TODAY, 0), days))
    assert isinstance(answer, Baseline)
    assert answer.half_width_wh is not None
    assert 80 <= answer.half_width_wh <= 140


def test_days_with_an_event_are_no_trial_of_a_rule() -> None:
    days = [day(TODAY - timedelta(days=back), 1000) for back in range(60, 0, -1)]
    days[-1] = day(days[-1].date, 9000, held_event=True)
    answer = with_half_width(HISTORY_RULES["last_in"], asked(day(TODAY, 1000), days))
    assert isinstance(answer, Baseline)
    assert answer.half_width_wh == 0

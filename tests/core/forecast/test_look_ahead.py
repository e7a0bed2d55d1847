"""One round of forecasting."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.forecast import (
    Forecast,
    History,
    LookAhead,
    When,
    load_ahead,
    on_steps,
    production_ahead,
)
from custom_components.home_flex.core.model import even, tiers

from .made_up import MONDAY, PLACE, history, sunny

BERLIN = ZoneInfo("Europe/Berlin")
# Seven minutes into the 57th day.
NOW = MONDAY + timedelta(days=56, minutes=7)
AHEAD = When(now=NOW, grid=tiers(NOW))


def habits(time: datetime) -> float:
    return 1500.0 if time.astimezone(BERLIN).hour in {7, 19, 20} else 200.0


def forecast_of(found: LookAhead) -> Forecast:
    assert found.forecast is not None
    return found.forecast


def test_a_home_of_habits_is_foreseen_on_the_plans_steps() -> None:
    found = load_ahead(history(habits, 56), BERLIN, {}, AHEAD)
    forecast = forecast_of(found)
    assert forecast.source == "weighted_days"
    assert forecast.expected_w == pytest.approx([habits(step.start) for step in AHEAD.grid])
    assert set(forecast.quantiles_w) == {0.1, 0.5, 0.9}
    assert len(forecast.error_paths_w) == 14
    assert found.qualities["weighted_days"].mae_w == pytest.approx(0, abs=1)
    assert found.rejected == ()


def test_what_does_worse_than_yesterday_is_not_used_and_said() -> None:
    """Each day is a little more than the one before: the mean of the past is always behind."""
    found = load_ahead(history(lambda time: 100.0 + 50 * (time - MONDAY).days, 56), BERLIN, {}, AHEAD)
    assert found.rejected == ("weighted_days",)
    assert forecast_of(found).source == "yesterday"
    assert found.qualities["weighted_days"].is_worse_than_naive


def test_a_home_of_a_day_says_nothing() -> None:
    found = load_ahead(history(habits, 1).until(20), BERLIN, {}, When(now=MONDAY, grid=tiers(MONDAY)))
    assert found.forecast is None
    assert found.qualities == {}


def test_a_home_of_three_days_is_foreseen_though_nothing_is_proved() -> None:
    now = MONDAY + timedelta(days=3)
    found = load_ahead(history(habits, 3), BERLIN, {}, When(now=now, grid=tiers(now)))
    assert forecast_of(found).source == "weighted_days"
    assert found.qualities == {}
    assert forecast_of(found).error_paths_w == ()


def test_a_meter_that_was_silent_for_a_day_leaves_a_forecast() -> None:
    found = load_ahead(history(habits, 55), BERLIN, {}, AHEAD)
    assert forecast_of(found).expected_w == pytest.approx([habits(step.start) for step in AHEAD.grid], abs=60)


def test_the_next_round_says_the_same_with_less_to_do() -> None:
    known = sunny(57, lambda day: 0.4 + 0.1 * (day % 6))
    later = When(now=NOW + timedelta(hours=5), grid=tiers(NOW + timedelta(hours=5)))
    before = production_ahead(known, PLACE, None, AHEAD)
    again = forecast_of(production_ahead(known, PLACE, None, later, before))
    fresh = forecast_of(production_ahead(known, PLACE, None, later))
    assert again.expected_w == pytest.approx(fresh.expected_w)
    assert again.quantiles_w[0.9] == pytest.approx(fresh.quantiles_w[0.9])


def test_what_is_known_later_is_not_used() -> None:
    known = sunny(60)
    assert forecast_of(production_ahead(known, PLACE, None, AHEAD)).expected_w == pytest.approx(
        forecast_of(production_ahead(known.until(48 * 56), PLACE, None, AHEAD)).expected_w
    )


def test_an_outside_forecast_that_knows_the_weather_is_blended_in() -> None:
    rng = np.random.default_rng(4)
    shares = rng.uniform(0.1, 1.0, 60)
    truth = sunny(60, lambda day: float(shares[day]))
    said = History(start=MONDAY, step_s=1800, values_w=truth.values_w * 1.3)
    blend = forecast_of(production_ahead(truth, PLACE, said, AHEAD))
    roof = forecast_of(production_ahead(truth, PLACE, None, AHEAD))
    real_w = on_steps(truth.values_w[48 * 56 :], MONDAY + timedelta(days=56), 1800, AHEAD.grid)
    assert (blend.source, roof.source) == ("blend", "roof")
    assert np.abs(blend.expected_w - real_w).mean() < 0.5 * np.abs(roof.expected_w - real_w).mean()


def test_an_outside_forecast_alone_is_taken_as_it_is() -> None:
    nothing = History(start=NOW.replace(minute=0), step_s=1800, values_w=np.array([]))
    said = sunny(60)
    found = production_ahead(nothing, PLACE, said, AHEAD)
    assert forecast_of(found).source == "outside"
    real_w = on_steps(said.values_w[48 * 56 :], MONDAY + timedelta(days=56), 1800, AHEAD.grid)
    assert forecast_of(found).expected_w == pytest.approx(real_w)


@pytest.mark.parametrize("most_w", [11_000])
def test_ten_megawatts_are_not_believed(most_w: float) -> None:
    known = sunny(56)
    values = known.values_w.copy()
    values[100], values[200] = 1e7, -50
    believed, left_out = History(start=MONDAY, step_s=1800, values_w=values).believed(most_w)
    assert left_out == 2
    assert np.isnan(believed.values_w[[100, 200]]).all()


@given(
    values=st.lists(st.floats(min_value=0, max_value=5000), min_size=98, max_size=98),
    minutes=st.integers(min_value=0, max_value=29),
)
def test_energy_is_kept_on_the_steps_of_the_plan(values: list[float], minutes: int) -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    grid = even(start + timedelta(minutes=minutes), 300, 576)
    powers = on_steps(np.array(values), start, 1800, grid)
    covered = np.interp(
        [(bound - start).total_seconds() for bound in (grid.start, grid.end)],
        np.arange(99) * 1800.0,
        np.concatenate(([0.0], np.cumsum(np.array(values) * 1800.0))),
    )
    assert (powers * np.array(grid.lengths_s)).sum() == pytest.approx(covered[1] - covered[0], abs=1)
    assert powers.min() >= min(values) - 1e-6
    assert powers.max() <= max(values) + 1e-6


@pytest.mark.parametrize(
    ("start", "step_s"), [(MONDAY.replace(tzinfo=None), 1800), (MONDAY, 700), (MONDAY.replace(minute=7), 900)]
)
def test_a_history_that_no_clock_shows_is_refused(start: datetime, step_s: int) -> None:
    with pytest.raises(ValueError, match="history"):
        History(start=start, step_s=step_s, values_w=np.zeros(3))


def test_a_forecast_has_a_number_for_each_step() -> None:
    with pytest.raises(ValueError, match="each step"):
        Forecast(grid=AHEAD.grid, expected_w=np.zeros(3), made_at=NOW, source="roof")


def test_what_may_come_instead_is_never_below_zero() -> None:
    grid = even(NOW, 900, 3)
    forecast = Forecast(
        grid=grid,
        expected_w=np.array([100.0, 100.0, 100.0]),
        made_at=NOW,
        source="roof",
        error_paths_w=(np.array([-300.0, 0.0, 50.0]),),
    )
    assert forecast.paths_w()[0].tolist() == [0, 100, 150]

"""What the roof will give."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from custom_components.home_flex.core.forecast import History, Place, clear_sky
from custom_components.home_flex.core.forecast.outlook import Outlook
from custom_components.home_flex.core.forecast.roof import Roof, _envelope

from .made_up import MONDAY, PLACE, sunny


def ahead(known: History, steps: int = 96) -> Outlook:
    outlook = Roof.of(known, PLACE).at(len(known), steps)
    assert outlook is not None
    return outlook


def clear_ahead_w(known: History, steps: int = 96) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    clear = clear_sky(known.middle_s(len(known), steps), PLACE)
    return np.asarray(4.0 * clear).reshape(steps)


def test_clear_days_are_followed_by_a_clear_day() -> None:
    known = sunny(28)
    assert ahead(known).expected_w == pytest.approx(clear_ahead_w(known), rel=0.1, abs=150)


def test_dull_weeks_are_followed_by_a_dull_day() -> None:
    known = sunny(28, lambda day: 0.3 if day >= 3 else 1.0)
    expected = ahead(known).expected_w.sum()
    assert expected == pytest.approx(0.35 * clear_ahead_w(known).sum(), rel=0.1)


def test_after_a_dull_day_the_weather_returns_to_its_mean() -> None:
    known = sunny(28, lambda day: 0.3 if day == 27 else 1.0)
    usual = np.maximum(ahead(sunny(28)).expected_w, 1.0)
    share = ahead(known).expected_w / usual
    tomorrow_noon, noon_after = share[24], share[72]
    assert tomorrow_noon == pytest.approx(0.8, abs=0.05)
    assert noon_after == pytest.approx(0.92, abs=0.03)


def test_the_little_light_of_a_morning_tells_little() -> None:
    values = sunny(28).values_w.copy()
    first = 48 * 27 + int(np.flatnonzero(values[48 * 27 :] > 0)[0])
    dark = np.concatenate((values[:first], (0.0,)))
    usual = ahead(History(start=MONDAY, step_s=1800, values_w=values[: first + 1]), 24).expected_w.sum()
    assert ahead(History(start=MONDAY, step_s=1800, values_w=dark), 24).expected_w.sum() > 0.9 * usual


def test_a_sky_that_has_cleared_counts_for_the_next_hours_most() -> None:
    known = sunny(28, lambda day: 0.2 if day >= 24 else 1.0).until(48 * 27 + 22)
    values = known.values_w.copy()
    values[-4:] *= 5
    cleared = ahead(History(start=MONDAY, step_s=1800, values_w=values), 48).expected_w
    dull = ahead(known, 48).expected_w
    assert cleared[0] > 3 * dull[0]
    assert cleared[40] < 1.6 * dull[40]


def test_clouds_of_the_last_half_hour_count_more_than_those_of_two_hours_ago() -> None:
    known = sunny(28).until(48 * 27 + 26)
    now, before = known.values_w.copy(), known.values_w.copy()
    now[-1] *= 0.2
    before[-4] *= 0.2
    clouded, cleared = (
        ahead(History(start=MONDAY, step_s=1800, values_w=each), 8).expected_w[0] for each in (now, before)
    )
    usual = ahead(known, 8).expected_w[0]
    assert clouded < 0.7 * usual
    assert cleared > 0.95 * usual


def test_a_shadow_in_the_morning_stays_there() -> None:
    known = sunny(28)
    hours = np.arange(len(known)) % 48 / 2
    shaded = History(
        start=MONDAY, step_s=1800, values_w=known.values_w * np.where((hours >= 7) & (hours < 9), 0.2, 1)
    )
    expected = ahead(shaded, 48).expected_w / np.maximum(clear_ahead_w(known, 48), 1)
    assert expected[15:17].max() < 0.4
    assert expected[22] > 0.8


def test_the_night_gives_nothing_whatever_the_weather() -> None:
    found = ahead(sunny(28))
    at_night = clear_ahead_w(sunny(28)) == 0
    assert at_night.sum() > 20
    for power_w in (found.expected_w, *found.quantiles_w.values()):
        assert power_w[at_night] == pytest.approx(0)


def test_the_polar_night_begins_and_there_is_a_forecast_of_nothing() -> None:
    north = Place(latitude_deg=69.6, longitude_deg=18.9)
    bare = History(start=datetime(2025, 11, 8, tzinfo=UTC), step_s=1800, values_w=np.zeros(48 * 28))
    lit = History(start=bare.start, step_s=1800, values_w=4.0 * clear_sky(bare.middle_s(0, len(bare)), north))
    outlook = Roof.of(lit, north).at(len(lit), 48)
    assert lit.values_w[:48].max() > 100
    assert lit.values_w[-48:].max() == 0
    assert outlook is not None
    assert outlook.expected_w == pytest.approx(np.zeros(48))


def test_what_nobody_measured_at_night_is_no_gap() -> None:
    known = sunny(28)
    gaps = History(start=MONDAY, step_s=1800, values_w=np.where(known.values_w > 0, known.values_w, np.nan))
    assert ahead(gaps).expected_w == pytest.approx(ahead(known).expected_w)


def test_nothing_that_was_measured_later_is_known() -> None:
    known = sunny(28, lambda day: 0.2 + 0.03 * day)
    first = 48 * 20 + 23
    then, now = Roof.of(known.until(first), PLACE).at(first, 96), Roof.of(known, PLACE).at(first, 96)
    assert then is not None
    assert now is not None
    assert then.expected_w == pytest.approx(now.expected_w)


def test_too_little_history_says_nothing() -> None:
    assert Roof.of(sunny(1), PLACE).at(48, 96) is None


def test_the_season_moves_on_with_the_sun() -> None:
    """What was learned in May holds in June, when the sun is higher."""
    known = sunny(28, start=MONDAY - timedelta(days=60))
    assert ahead(known).expected_w.sum() == pytest.approx(clear_ahead_w(known).sum(), rel=0.1)


def test_the_best_of_a_roof_is_what_nine_days_in_ten_gave_less_than() -> None:
    known = sunny(28, lambda day: 1.0 if day % 4 == 0 else 0.4)
    clear = clear_sky(known.middle_s(48 * 27, 48), PLACE)
    produced, sky = (
        each.reshape(-1, 48) for each in (known.values_w, clear_sky(known.middle_s(0, 48 * 28), PLACE))
    )
    noon = int(clear.argmax())
    assert _envelope(produced, sky)[noon] == pytest.approx(4.0, rel=0.05)

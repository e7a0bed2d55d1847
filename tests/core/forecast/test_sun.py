"""Where the sun stands, against almanacs."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.forecast import Place, clear_sky, sine_of_elevation

PARIS = Place(latitude_deg=48.8566, longitude_deg=2.3522)


def elevation_deg(time: datetime, place: Place) -> float:
    return math.degrees(math.asin(float(sine_of_elevation(np.array([time.timestamp()]), place)[0])))


@pytest.mark.parametrize(
    ("time", "place", "expected_deg"),
    [
        (datetime(2026, 6, 21, 11, 53, tzinfo=UTC), PARIS, 90 - 48.8566 + 23.44),
        (datetime(2026, 12, 21, 11, 49, tzinfo=UTC), PARIS, 90 - 48.8566 - 23.44),
        (datetime(2026, 3, 20, 12, 7, tzinfo=UTC), Place(latitude_deg=0, longitude_deg=0), 90),
        (datetime(2026, 12, 21, 2, 0, tzinfo=UTC), Place(latitude_deg=-33.9, longitude_deg=151.2), 79.4),
    ],
)
def test_the_sun_is_as_high_at_noon_as_the_season_says(
    time: datetime, place: Place, expected_deg: float
) -> None:
    assert elevation_deg(time, place) == pytest.approx(expected_deg, abs=0.8)


@pytest.mark.parametrize(
    ("sunrise", "sunset"),
    [
        (datetime(2026, 6, 21, 3, 47, tzinfo=UTC), datetime(2026, 6, 21, 19, 58, tzinfo=UTC)),
        (datetime(2026, 12, 21, 7, 42, tzinfo=UTC), datetime(2026, 12, 21, 15, 56, tzinfo=UTC)),
    ],
)
def test_the_sun_rises_and_sets_when_the_almanac_says(sunrise: datetime, sunset: datetime) -> None:
    """The almanac's rising is that of the upper edge, refracted: 0.83 degrees below."""
    for time in (sunrise, sunset):
        assert elevation_deg(time, PARIS) == pytest.approx(-0.83, abs=0.8)


@given(
    hours=st.integers(min_value=0, max_value=10 * 8766),
    latitude=st.floats(min_value=-90, max_value=90),
    longitude=st.floats(min_value=-180, max_value=180),
)
def test_no_sky_sends_less_than_nothing_or_more_than_the_sun(
    hours: int, latitude: float, longitude: float
) -> None:
    time_s = np.array([(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)).timestamp()])
    assert 0 <= clear_sky(time_s, Place(latitude_deg=latitude, longitude_deg=longitude))[0] < 1361


def test_a_place_off_the_globe_is_refused() -> None:
    with pytest.raises(ValueError, match="No place"):
        Place(latitude_deg=91, longitude_deg=0)

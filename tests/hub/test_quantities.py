"""What people type on flexctl's command line."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta

import pytest
from community_hub.flexctl.quantities import duration, iso_duration, iso_time, power_kw, start_time
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(("text", "kw"), [("2kW", 2), ("500 W", 0.5), ("-1.5kw", -1.5), ("0kW", 0)])
def test_a_power_is_read_in_its_unit(text: str, kw: float) -> None:
    assert power_kw(text) == kw


@pytest.mark.parametrize("text", ["2", "kW", "2kWh", "nan kW", "1e9kW", "two kW"])
def test_a_power_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="write 2kW"):
        power_kw(text)


@given(hours=st.integers(0, 99), minutes=st.integers(0, 99), seconds=st.integers(1, 99))
def test_a_duration_is_the_sum_of_its_parts(hours: int, minutes: int, seconds: int) -> None:
    length = duration(f"{hours}h{minutes}m{seconds}s")
    assert length == timedelta(hours=hours, minutes=minutes, seconds=seconds)
    assert iso_duration(length) == f"PT{hours * 3600 + minutes * 60 + seconds}S"


@pytest.mark.parametrize("text", ["", "0m", "15", "m", "1d", "-5m"])
def test_a_duration_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a duration"):
        duration(text)


def test_a_start_is_now_or_relative_or_absolute() -> None:
    assert start_time("now", NOW) == NOW
    assert start_time("+1m", NOW) == NOW + timedelta(minutes=1)
    assert start_time("2026-11-21T18:30+01:00", NOW) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize("text", ["tomorrow", "2026-11-21T18:00"])
def test_a_start_that_could_mean_two_moments_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        start_time(text, NOW)


def test_times_on_the_wire_are_utc() -> None:
    assert iso_time(NOW) == "2026-11-21T17:00:00Z"

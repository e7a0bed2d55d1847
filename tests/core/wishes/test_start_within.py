"""Within which time an appliance is to start."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.policy import LeaveAlone, StartWithin
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds.appliance import ApplianceReading, ApplianceStatus, programme
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.wishes import Wishes, started_within, with_device

EVENING = datetime(2026, 11, 29, 21, tzinfo=UTC)
NOW_S = 5000.0
SEVEN = time(7, 0)


def washer(status: ApplianceStatus = ApplianceStatus.READY, hours: float = 2.0) -> DeviceState:
    reading = ApplianceReading(
        time=EVENING, power_w=0.0, status=status, programme_power_w=2000.0, programme_s=hours * 3600.0
    )
    return DeviceState(
        device_id="washer", kind=DeviceKind.APPLIANCE, wired_phases=(), reading=reading, heard_s=NOW_S
    )


def within(now: datetime, state: DeviceState, *, wanted: bool = True) -> DeviceState:
    wishes = with_device(Wishes(), "washer", starts_planned=wanted, finish_by=SEVEN)
    return started_within(state, wishes, now, NOW_S, UTC)


def test_a_programme_is_to_start_so_that_it_ends_by_its_time() -> None:
    assert within(EVENING, washer()).policy == StartWithin(earliest_s=NOW_S, latest_s=NOW_S + 8 * 3600.0)


@pytest.mark.parametrize(
    "state", [washer(ApplianceStatus.OFF), washer(ApplianceStatus.RUNNING), washer(ApplianceStatus.FINISHED)]
)
def test_only_one_that_may_be_started_is_started(state: DeviceState) -> None:
    assert within(EVENING, state).policy == LeaveAlone()


def test_nobody_starts_what_the_resident_starts() -> None:
    assert within(EVENING, washer(), wanted=False).policy == LeaveAlone()


def test_one_that_could_not_be_started_in_time_is_started_late() -> None:
    late = EVENING + timedelta(hours=8, minutes=30)

    assert within(late, washer()).policy == StartWithin(earliest_s=NOW_S, latest_s=NOW_S - 1800.0)


def test_one_that_is_loaded_much_too_late_is_for_tomorrow() -> None:
    late = EVENING + timedelta(hours=9, minutes=30)

    assert within(late, washer()).policy == StartWithin(earliest_s=NOW_S, latest_s=NOW_S + 22.5 * 3600.0)


@given(minutes=st.integers(0, 7 * 1440), hours=st.floats(0.25, 23.0))
def test_the_latest_start_is_never_more_than_an_hour_past_nor_a_day_and_an_hour_ahead(
    minutes: int, hours: float
) -> None:
    policy = within(EVENING + timedelta(minutes=minutes), washer(hours=hours)).policy

    assert isinstance(policy, StartWithin)
    assert -3600.0 <= policy.latest_s - NOW_S <= 24 * 3600.0


@pytest.mark.parametrize(
    ("told", "power_w", "length_s"),
    [
        ({"programme_energy_wh": 1000.0, "programme_s": 3600.0}, 1000.0, 3600.0),
        ({"programme_energy_wh": 1000.0}, 2000.0, 1800.0),
        ({"programme_s": 3600.0}, 2000.0, 3600.0),
        ({}, 2000.0, 3 * 3600.0),
        ({"programme_energy_wh": float("nan"), "programme_s": -5.0}, 2000.0, 3 * 3600.0),
    ],
)
def test_what_a_programme_does_not_tell_is_taken_to_be_long(
    told: dict[str, float], power_w: float, length_s: float
) -> None:
    reading = ApplianceReading(
        time=EVENING, power_w=0.0, status=ApplianceStatus.READY, programme_power_w=2000.0, **told
    )

    found = programme(reading)

    assert found.power_w == pytest.approx(power_w)
    assert found.length_s == pytest.approx(length_s)

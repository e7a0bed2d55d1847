"""Which charging profile wins, and when: OCPP 1.6 section 3.13."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from home_simulator.charging_profiles import ProfileStore, parse_profile

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATION, DEFAULT, SESSION = "ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"


def store(*profiles: dict[str, Any]) -> ProfileStore:
    installed = ProfileStore()
    for number, profile in enumerate(profiles):
        connector = profile.pop("connector", 1)
        installed.install(parse_profile(connector, {"chargingProfileId": number, **profile}, NOW))
    return installed


def profile(purpose: str, limit: float, level: int = 0, **changes: Any) -> dict[str, Any]:
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
    return {
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "stackLevel": level,
        "chargingSchedule": {**schedule, **changes.pop("schedule", {})},
        **changes,
    }


def current(profiles: ProfileStore, at: datetime = NOW, started: datetime | None = NOW) -> float | None:
    limit = profiles.limit_at(at, started)
    return None if limit is None else limit.current_a


def test_nothing_limits_without_profiles() -> None:
    assert current(store()) is None


def test_the_higher_stack_level_wins_within_a_purpose() -> None:
    assert current(store(profile(DEFAULT, 6, 0), profile(DEFAULT, 14, 3), profile(DEFAULT, 8, 1))) == 14


def test_a_lower_level_takes_over_when_the_higher_one_has_ended() -> None:
    profiles = store(profile(DEFAULT, 6, 0), profile(DEFAULT, 14, 3, schedule={"duration": 60}))
    assert current(profiles, NOW + timedelta(seconds=59)) == 14
    assert current(profiles, NOW + timedelta(seconds=60)) == 6


def test_the_same_purpose_and_level_replaces() -> None:
    profiles = store(profile(DEFAULT, 6), profile(DEFAULT, 9))
    assert current(profiles) == 9
    assert len(profiles.profiles) == 1


def test_a_session_profile_overrules_the_default_only_during_a_session() -> None:
    profiles = store(profile(DEFAULT, 6), profile(SESSION, 12))
    assert current(profiles) == 12
    assert current(profiles, started=None) == 6
    profiles.end_transaction()
    assert current(profiles) == 6


@pytest.mark.parametrize(("station", "session", "expected"), [(10, 12, 10), (12, 10, 10)])
def test_the_station_caps_the_session(station: float, session: float, expected: float) -> None:
    assert current(store(profile(STATION, station, connector=0), profile(SESSION, session))) == expected


def test_a_connectors_default_overrules_the_stations_default() -> None:
    assert current(store(profile(DEFAULT, 6, 5, connector=0), profile(DEFAULT, 9, 0, connector=1))) == 9


def test_a_relative_schedule_runs_from_the_sessions_start() -> None:
    periods = [{"startPeriod": 0, "limit": 8}, {"startPeriod": 600, "limit": 16}]
    profiles = store(
        profile(DEFAULT, 0, chargingProfileKind="Relative", schedule={"chargingSchedulePeriod": periods})
    )
    assert current(profiles, NOW, NOW - timedelta(seconds=599)) == 8
    assert current(profiles, NOW, NOW - timedelta(seconds=600)) == 16


def test_a_daily_schedule_comes_back() -> None:
    profiles = store(
        profile(
            DEFAULT,
            7,
            chargingProfileKind="Recurring",
            recurrencyKind="Daily",
            schedule={"duration": 3600, "startSchedule": "2026-11-01T12:00:00Z"},
        )
    )
    assert current(profiles, NOW) == 7
    assert current(profiles, NOW + timedelta(hours=2)) is None
    assert current(profiles, NOW + timedelta(days=5)) == 7


def test_a_schedule_of_the_future_does_not_limit_yet() -> None:
    profiles = store(profile(DEFAULT, 7, schedule={"startSchedule": "2026-11-21T12:00:10Z"}))
    assert current(profiles) is None
    assert current(profiles, NOW + timedelta(seconds=10)) == 7


def test_watts_are_divided_over_the_phases() -> None:
    period = {"startPeriod": 0, "limit": 2300, "numberPhases": 1}
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": [period]}
    assert current(store(profile(DEFAULT, 0, schedule=schedule))) == 10


def test_clearing_takes_what_matches_every_criterion() -> None:
    profiles = store(profile(DEFAULT, 6, 0), profile(DEFAULT, 7, 1), profile(SESSION, 8, 1))
    assert profiles.clear({"chargingProfilePurpose": DEFAULT, "stackLevel": 1})
    assert [kept.profile_id for kept in profiles.profiles] == [0, 2]
    assert not profiles.clear({"id": 1})
    assert profiles.clear({})
    assert not profiles.profiles

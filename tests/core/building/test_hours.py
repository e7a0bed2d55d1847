"""Days of a building out of the hours that its sensors and counters showed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.building.days import BuildingDay
from custom_components.home_flex.core.building.hours import BuildingHours, building_days

ZONE = ZoneInfo("Europe/Amsterdam")
DAY = date(2025, 11, 3)
_BEGIN = datetime(2025, 10, 1, tzinfo=UTC)
_HOURS = [_BEGIN + timedelta(hours=index) for index in range(24 * 200)]


def steady(value: float) -> dict[datetime, float]:
    return dict.fromkeys(_HOURS, value)


def rising(per_hour: float, start: float = 1000.0) -> dict[datetime, float]:
    """Return a counter's readings at the end of each hour."""
    return {hour: start + per_hour * (index + 1) for index, hour in enumerate(_HOURS)}


def told(**values: object) -> BuildingHours:
    usual = BuildingHours(
        indoor=[steady(20.0)],
        outdoor=steady(5.0),
        heating=[rising(2000.0)],
        heat_factor=0.9,
        hot_water_wh_a_day=6000.0,
        electricity=[rising(300.0)],
        people=2.0,
        sun=steady(100.0),
    )
    return replace(usual, **values)  # type: ignore[arg-type] # fields by name


def day_of(hours: BuildingHours, day: date = DAY) -> BuildingDay | None:
    found = building_days(hours, start=day, end=day + timedelta(days=1), zone=ZONE)
    return found[0] if found else None


def test_a_day_is_the_mean_of_its_sensors_and_the_sum_of_its_counters() -> None:
    day = day_of(told())
    assert day is not None
    assert (day.indoor_c, day.outdoor_c, day.indoor_change_k, day.hours) == (20.0, 5.0, 0.0, 24)
    assert day.heating_wh == pytest.approx(24 * 2000 * 0.9 - 6000)
    assert day.electricity_wh == pytest.approx(24 * 300)
    assert day.people_wh == pytest.approx(2 * 75 * 24 * 0.65)
    assert day.sun_wh_per_m2 == pytest.approx(2400)


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 10, 26), 25), (date(2026, 3, 29), 23)])
def test_days_of_a_clock_change_have_their_hours(day: date, hours: int) -> None:
    found = day_of(told(), day)
    assert found is not None
    assert found.hours == hours
    assert found.electricity_wh == pytest.approx(hours * 300)


def hour_of(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)


def without(values: dict[datetime, float], *hours: int) -> dict[datetime, float]:
    missing = {hour_of(DAY, hour) for hour in hours}
    return {key: value for key, value in values.items() if key not in missing}


@pytest.mark.parametrize(
    "hours",
    [
        told(outdoor=without(steady(5.0), 3, 4, 5)),
        told(indoor=[steady(20.0), {}]),
        told(indoor=[]),
        told(heating=[without(rising(2000.0), 23)]),
        told(electricity=[rising(300.0), {}]),
        told(electricity=[{hour: -value for hour, value in rising(300.0).items()}]),
        told(sun={}),
        told(sun=None, sun_counters=[{}]),
    ],
    ids=["outdoor", "one room", "no room", "heat", "one counter", "falling counter", "sun", "roof"],
)
def test_a_day_of_which_something_is_not_known_is_left_out(hours: BuildingHours) -> None:
    assert day_of(hours) is None


def test_hours_missing_within_a_day_cost_a_counter_nothing() -> None:
    day = day_of(told(heating=[without(rising(2000.0), 7, 8, 9, 10, 11)], outdoor=without(steady(5.0), 7)))
    assert day is not None
    assert day.heating_wh == pytest.approx(24 * 2000 * 0.9 - 6000)


def test_rooms_count_alike_and_their_change_is_from_the_first_hour_to_the_last() -> None:
    warming = {hour: 18.0 + 0.1 * hour.astimezone(ZONE).hour for hour in _HOURS}
    day = day_of(told(indoor=[steady(20.0), warming]))
    assert day is not None
    assert day.indoor_c == pytest.approx((20.0 + 18.0 + 0.1 * 11.5) / 2)
    assert day.indoor_change_k == pytest.approx(2.3 / 2)


def test_nobody_gives_off_heat_on_a_day_away() -> None:
    day = day_of(told(away=frozenset({DAY})))
    assert day is not None
    assert day.people_wh == 0.0


def test_unknown_hot_water_stays_unknown() -> None:
    day = day_of(told(hot_water_wh_a_day=None))
    assert day is not None
    assert day.hot_water_wh is None


def test_a_roof_stands_in_for_a_sensor_of_the_sun_by_its_best_day() -> None:
    yields = rising(0.0)
    total = 1000.0
    for hour in _HOURS:
        local = hour.astimezone(ZONE)
        total += {3: 100.0, 4: 400.0}.get(local.day, 0.0) if local.month == 11 else 0.0
        yields[hour] = total
    found = building_days(
        told(sun=None, sun_counters=[yields]), start=date(2025, 11, 3), end=date(2025, 11, 5), zone=ZONE
    )
    assert [day.sun_wh_per_m2 for day in found] == [pytest.approx(1000.0), pytest.approx(4000.0)]

"""A file of a meter's portal: its columns, its clock, its numbers, and what of it is refused."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.statistics import CounterRule, Mark
from custom_components.home_flex.core.statistics.backfill import Checked, Refusal, Unit
from custom_components.home_flex.core.statistics.meter_file import (
    FileLayout,
    MeterFileError,
    read_meter_file,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
RULE = CounterRule(most_per_h=17_250)


def read(lines: Iterable[str], **layout: Any) -> Checked:
    given = {"time": "Time", "columns": {"import": "Used"}, "unit": "kWh", "zone": BRUSSELS, **layout}
    return read_meter_file(lines, FileLayout(**given), {"import": RULE})["import"]


def at(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp()) // 3600


def test_a_file_with_offsets_needs_no_zone() -> None:
    checked = read(
        ["Time,Used", "2026-06-01T00:00:00+02:00,0.4", "2026-06-01T01:00:00+02:00,0.25"], zone=None
    )

    first = at("2026-06-01T00:00:00+02:00")
    assert checked.known == {first: (400, Mark.MEASURED), first + 1: (250, Mark.MEASURED)}


def test_a_file_of_a_portal_with_semicolons_decimal_commas_and_days_first() -> None:
    checked = read(
        [
            "\ufeffMeter;Time;Used",
            "1;01-06-2026 00:00;0,400",
            "1;01-06-2026 01:00;1,25",
            "1;01-06-2026 02:00;",
        ]
    )

    first = at("2026-06-01T00:00:00+02:00")
    assert checked.known == {first: (400, Mark.MEASURED), first + 1: (1_250, Mark.MEASURED)}
    assert checked.refused == {Refusal.NOT_A_NUMBER: 1}


def test_a_time_without_offset_or_zone_is_refused() -> None:
    with pytest.raises(MeterFileError) as refused:
        read(["Time,Used", "2026-06-01 00:00,0.4", "2026-06-01 01:00,0.4"], zone=None)

    assert (refused.value.reason, refused.value.detail) == ("no_zone", "2026-06-01 00:00:00")


def local_hours(day: datetime, hours: int) -> list[str]:
    """Return the wall times of the hours of a day as a portal writes them, twice what comes twice."""
    start = day.astimezone(UTC)
    return [
        (start + timedelta(hours=hour)).astimezone(BRUSSELS).strftime("%Y-%m-%d %H:%M")
        for hour in range(hours)
    ]


def test_the_hour_that_comes_twice_in_autumn_is_two_hours() -> None:
    times = local_hours(datetime(2026, 10, 25, tzinfo=BRUSSELS), 25)

    checked = read(["Time,Used", *(f"{time},0.4" for time in times)])

    assert len(times) == 25
    assert len(checked.known) == 25
    assert not checked.refused


def test_the_hour_that_comes_twice_and_is_there_once_is_nobodys() -> None:
    times = dict.fromkeys(local_hours(datetime(2026, 10, 25, tzinfo=BRUSSELS), 25))

    checked = read(["Time,Used", *(f"{time},0.4" for time in times)])

    assert len(checked.known) == 23
    assert checked.refused == {Refusal.WHICH_HOUR: 1}


def test_an_hour_that_the_clock_skipped_is_refused() -> None:
    checked = read(["Time,Used", *(f"2026-03-29 0{hour}:00,0.4" for hour in (0, 1, 2, 3))])

    assert len(checked.known) == 3
    assert checked.refused == {Refusal.NO_SUCH_TIME: 1}


def test_a_row_may_tell_the_end_of_its_interval() -> None:
    checked = read(["Time,Used", "2026-06-01 01:00,0.4", "2026-06-01 02:00,0.5"], tells_end=True)

    assert min(checked.known) == at("2026-06-01T00:00:00+02:00")


def test_readings_of_a_counter_become_what_was_used_between_them() -> None:
    lines = ["Time,Used", *(f"2026-06-01 {hour:02}:00,{1000 + hour * 0.4:.3f}" for hour in range(24))]

    checked = read(lines, is_register=True)

    assert sum(amount for amount, _ in checked.known.values()) == 23 * 400
    assert {mark for _, mark in checked.known.values()} == {Mark.MEASURED}


def test_a_counter_that_jumps_is_refused_where_it_does() -> None:
    values = [1000.0, 1000.4, 5000.4, 5000.8]
    lines = ["Time,Used", *(f"2026-06-01 0{hour}:00,{value}" for hour, value in enumerate(values))]

    checked = read(lines, is_register=True)

    assert sum(amount for amount, _ in checked.known.values()) == 800
    assert checked.refused == {"jump": 1}


def test_watt_hours_for_kilowatt_hours_are_named() -> None:
    lines = ["Time,Used", *(f"2026-06-01 {hour:02}:00,400" for hour in range(24))]

    checked = read(lines)

    assert (checked.looks_like, checked.known) == (Unit.WH, {})


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "no_column"),
        (["Time,Other", "2026-06-01 00:00,1"], "no_column"),
        (["Time,Used,Used", "2026-06-01 00:00,1,1"], "no_column"),
        (["Time,Used"], "nothing_readable"),
        (["Time,Used", "yesterday,1"], "nothing_readable"),
        (["Time,Used", "2026-06-01 00:00,1", "2026-06-02 00:00,1"], "interval"),
        (["Time,Used", "2026-06-01 00:00,1", "2026-06-01 00:01,1"], "interval"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(lines: list[str], reason: str) -> None:
    with pytest.raises(MeterFileError) as refused:
        read(lines)

    assert refused.value.reason == reason


@pytest.mark.parametrize("date", ["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y-%m-%d"])
def test_a_meter_that_was_read_at_each_midnight_counts_also_the_longest_day(date: str) -> None:
    # The 25th of October has 25 hours.
    days = [datetime(2026, 10, 23) + timedelta(days=each) for each in range(5)]  # noqa: DTZ001 # of the home's zone
    lines = ["day;meter", *(f"{day:{date}};{1_000 + 10 * index},0" for index, day in enumerate(days))]
    layout = FileLayout(
        time="day",
        columns={"import": "meter"},
        unit="kWh",
        zone=ZoneInfo("Europe/Brussels"),
        is_register=True,
    )
    found = read_meter_file(lines, layout, {"import": RULE})["import"]
    assert (sum(amount for amount, _ in found.known.values()), len(found.known)) == (40_000, 97)
    assert found.refused == {}

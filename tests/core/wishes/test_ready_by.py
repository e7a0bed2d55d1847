"""When a car has to be ready: weekly or once, across clock changes, until its target is reached."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.wishes.ends import plugged, settled, unplugged
from custom_components.home_flex.core.wishes.model import (
    ChargerWishes,
    ReadyBy,
    ReadyOnce,
    Target,
    Weekday,
    WeeklyRow,
    WishError,
    Wishes,
)
from custom_components.home_flex.core.wishes.ready_by import Goal, goals, next_instant
from custom_components.home_flex.core.wishes.ready_by_changes import (
    clear,
    next_row,
    set_next_time,
    set_once,
    set_target,
    set_weekly,
    single_instant,
    switch_weekly,
)

ZONE = ZoneInfo("Europe/Amsterdam")
EVENING = datetime(2026, 11, 27, 19, tzinfo=UTC)  # a Friday, 20:00 local
DAILY = tuple(Weekday)
WORKDAYS = DAILY[:5]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def first(charger: ChargerWishes, now: datetime, *, away: bool = False) -> Goal:
    return goals(charger, now, ZONE, away=away)[0]


def weekly(*rows: WeeklyRow, settled: datetime | None = None) -> ChargerWishes:
    return ChargerWishes(ready_by=ReadyBy(weekly_on=True, weekly=rows, settled=settled))


SEVEN = WeeklyRow(days=DAILY, at=time(7))
HALF_PAST_TWO = WeeklyRow(days=DAILY, at=time(2, 30))


@pytest.mark.parametrize(
    ("row", "now", "expected"),
    [
        (SEVEN, "2026-11-27 19:00", "2026-11-28 06:00"),
        (replace(SEVEN, days=WORKDAYS), "2026-11-27 19:00", "2026-11-30 06:00"),
        (replace(SEVEN, days=(Weekday.FRIDAY,)), "2026-11-27 19:00", "2026-12-04 06:00"),
        (SEVEN, "2026-03-28 19:00", "2026-03-29 05:00"),
        (HALF_PAST_TWO, "2026-03-28 19:00", "2026-03-29 01:00"),
        (HALF_PAST_TWO, "2026-03-29 19:00", "2026-03-30 00:30"),
        (HALF_PAST_TWO, "2026-10-24 19:00", "2026-10-25 00:30"),
        (HALF_PAST_TWO, "2026-10-25 00:45", "2026-10-26 01:30"),
    ],
)
def test_a_weekly_time_is_reckoned_afresh_each_day(row: WeeklyRow, now: str, expected: str) -> None:
    charger = weekly(row)
    assert next_instant(charger.ready_by, utc(now), ZONE) == utc(expected)


def test_nothing_is_due_without_a_wish() -> None:
    assert goals(ChargerWishes(), EVENING, ZONE) == ()
    assert next_instant(ReadyBy(), EVENING, ZONE) is None


def test_the_deadline_and_its_target_come_from_the_nearest_row() -> None:
    charger = weekly(
        SEVEN, WeeklyRow(days=DAILY, at=time(6), target=Target(energy_wh=5_000.0)), settled=EVENING
    )
    found = first(charger, EVENING)
    assert (found.at, found.soc, found.energy_wh) == (utc("2026-11-28 05:00"), None, 5_000.0)
    assert found.left_s(EVENING) == 10 * 3600


def test_each_target_counts_from_its_first_instant_on() -> None:
    charger = weekly(SEVEN, WeeklyRow(days=DAILY, at=time(12), target=Target(soc=0.9)), settled=EVENING)
    charger = replace(
        charger,
        target_soc=0.4,
        ready_by=replace(
            charger.ready_by, once=ReadyOnce(at=utc("2026-12-20 06:00"), target=Target(soc=1.0))
        ),
    )
    assert [(found.at, found.soc) for found in goals(charger, EVENING, ZONE)] == [
        (utc("2026-11-28 06:00"), 0.4),
        (utc("2026-11-28 11:00"), 0.9),
        (utc("2026-12-20 06:00"), 1.0),
    ]


def test_a_single_instant_takes_the_place_of_a_weekly_one_at_the_same_time() -> None:
    charger = weekly(SEVEN, settled=EVENING)
    once = ReadyOnce(at=utc("2026-11-28 06:00"), target=Target(soc=1.0))
    charger = replace(charger, ready_by=replace(charger.ready_by, once=once))
    assert [(found.at, found.soc) for found in goals(charger, EVENING, ZONE)] == [
        (utc("2026-11-28 06:00"), 1.0),
        (utc("2026-11-29 06:00"), 0.8),
    ]


def test_what_has_passed_and_the_next_instant_may_settle_and_no_later_one() -> None:
    charger = weekly(SEVEN, WeeklyRow(days=DAILY, at=time(12), target=Target(soc=0.9)), settled=EVENING)
    assert [found.may_settle for found in goals(charger, EVENING, ZONE)] == [True, False]
    assert [found.may_settle for found in goals(charger, utc("2026-11-28 06:30"), ZONE)] == [True, True]
    reached = settled(charger, utc("2026-11-28 06:00"))
    assert [found.may_settle for found in goals(reached, EVENING, ZONE)] == [False, False]


def test_a_row_without_a_target_takes_the_chargers() -> None:
    charger = replace(weekly(SEVEN, settled=EVENING), target_soc=0.7, target_energy_wh=12_000.0)
    found = first(charger, EVENING)
    assert (found.soc, found.energy_wh) == (0.7, 12_000.0)


def test_the_target_ends_the_charging_not_the_hour() -> None:
    charger = weekly(SEVEN, settled=EVENING)
    late = utc("2026-11-28 06:30")
    found = first(charger, late)
    assert (found.at, found.left_s(late)) == (utc("2026-11-28 06:00"), -1800)
    reached = first(settled(charger, found.at), late)
    assert reached.at == utc("2026-11-29 06:00")


@pytest.mark.parametrize(
    ("hours", "due"), [(11.9, "2026-11-28 06:00"), (12.1, "2026-11-29 06:00"), (24, "2026-11-29 06:00")]
)
def test_what_is_overdue_gives_up_in_the_evening(hours: float, due: str) -> None:
    found = first(weekly(SEVEN), utc("2026-11-28 06:00") + timedelta(hours=hours))
    assert found.at == utc(due)


@pytest.mark.parametrize("over", [plugged, unplugged])
def test_a_car_that_came_or_left_since_is_not_overdue(over: object) -> None:
    late = utc("2026-11-28 06:30")
    found = first(over(weekly(SEVEN), late), late)  # type: ignore[operator] # one of two functions
    assert found.at == utc("2026-11-29 06:00")


def test_a_target_that_is_met_skips_only_that_day() -> None:
    charger = settled(weekly(SEVEN, settled=EVENING), utc("2026-11-28 06:00"))
    found = first(charger, EVENING)
    assert found.at == utc("2026-11-29 06:00")


def test_while_away_only_the_single_instant_counts() -> None:
    charger = weekly(SEVEN, settled=EVENING)
    assert goals(charger, EVENING, ZONE, away=True) == ()
    once = replace(charger, ready_by=replace(charger.ready_by, once=ReadyOnce(at=utc("2026-12-01 06:00"))))
    found = first(once, EVENING, away=True)
    assert found.at == utc("2026-12-01 06:00")


def test_a_wish_that_is_made_after_the_hour_is_for_the_next_day() -> None:
    now = utc("2026-11-28 07:00")
    wishes = set_weekly(Wishes(), "car", SEVEN, now)
    found = first(wishes.charger("car"), now)
    assert found.at == utc("2026-11-29 06:00")


def test_a_weekly_wish_takes_its_days_from_the_others() -> None:
    wishes = set_weekly(Wishes(), "car", WeeklyRow(days=WORKDAYS, at=time(7)), EVENING)
    wishes = set_weekly(wishes, "car", WeeklyRow(days=(Weekday.FRIDAY,), at=time(6)), EVENING)
    assert wishes.charger("car").ready_by.weekly == (
        WeeklyRow(days=WORKDAYS[:4], at=time(7)),
        WeeklyRow(days=(Weekday.FRIDAY,), at=time(6)),
    )


def test_a_weekly_wish_replaces_rows_that_were_not_in_force() -> None:
    wishes = set_weekly(Wishes(), "car", WeeklyRow(days=WORKDAYS, at=time(7)), EVENING)
    assert wishes.charger("car").ready_by.weekly == (WeeklyRow(days=WORKDAYS, at=time(7)),)


def test_a_weekly_wish_needs_a_day() -> None:
    with pytest.raises(WishError, match="day"):
        set_weekly(Wishes(), "car", WeeklyRow(days=(), at=time(7)), EVENING)


def test_off_keeps_the_rows_for_the_next_on() -> None:
    wishes = set_weekly(Wishes(), "car", WeeklyRow(days=WORKDAYS, at=time(7)), EVENING)
    wishes = set_once(wishes, "car", utc("2026-12-01 06:00"), EVENING)
    off = switch_weekly(wishes, "car", EVENING, on=False)
    assert not off.charger("car").ready_by.on
    on = switch_weekly(off, "car", EVENING, on=True)
    assert on.charger("car").ready_by.weekly == (WeeklyRow(days=WORKDAYS, at=time(7)),)
    assert on.charger("car").ready_by.once is None


def test_clearing_days_leaves_the_others() -> None:
    wishes = set_weekly(Wishes(), "car", SEVEN, EVENING)
    wishes = set_once(wishes, "car", utc("2026-11-28 06:00"), EVENING)  # a Saturday
    wishes = clear(wishes, "car", EVENING, ZONE, days=(Weekday.SATURDAY, Weekday.SUNDAY))
    ready_by = wishes.charger("car").ready_by
    assert ready_by.weekly == (WeeklyRow(days=WORKDAYS, at=time(7)),)
    assert ready_by.once is None
    assert not clear(wishes, "car", EVENING, ZONE, days=WORKDAYS).charger("car").ready_by.on
    assert not clear(wishes, "car", EVENING, ZONE).charger("car").ready_by.on


def test_a_new_target_counts_though_the_former_was_reached() -> None:
    wishes = Wishes(chargers={"car": settled(weekly(SEVEN), utc("2026-11-28 06:00"))})
    changed = set_target(wishes, "car", EVENING, target_soc=1.0).charger("car")
    assert (first(changed, EVENING).at, first(changed, EVENING).soc) == (utc("2026-11-28 06:00"), 1.0)


def test_a_new_target_does_not_bring_back_what_has_passed_nor_give_up_what_is_late() -> None:
    late = utc("2026-11-28 06:30")
    reached = Wishes(chargers={"car": settled(weekly(SEVEN), utc("2026-11-28 06:00"))})
    assert first(set_target(reached, "car", late, target_soc=1.0).charger("car"), late).at == utc(
        "2026-11-29 06:00"
    )
    missed = Wishes(chargers={"car": weekly(SEVEN)})
    assert first(set_target(missed, "car", late, target_energy_wh=30e3).charger("car"), late).at == utc(
        "2026-11-28 06:00"
    )


def test_reached_targets_take_the_single_instant_with_them() -> None:
    once = ReadyOnce(at=utc("2026-11-28 05:00"))
    charger = replace(weekly(SEVEN), ready_by=replace(weekly(SEVEN).ready_by, once=once))
    assert settled(charger, utc("2026-11-28 04:00")).ready_by.once == once
    assert settled(charger, utc("2026-11-28 05:00")).ready_by.once is None
    assert settled(charger, utc("2026-11-28 06:00")).ready_by.once is None


def test_the_time_that_is_shown_and_changed_is_the_next_one() -> None:
    workdays, weekend = WeeklyRow(days=WORKDAYS, at=time(7)), WeeklyRow(days=DAILY[5:], at=time(9))
    wishes = set_weekly(set_weekly(Wishes(), "car", workdays, EVENING), "car", weekend, EVENING)
    assert next_row(wishes.charger("car").ready_by, EVENING, ZONE) == weekend
    changed = set_next_time(wishes, "car", time(8), EVENING, ZONE)
    assert changed.charger("car").ready_by.weekly == (workdays, replace(weekend, at=time(8)))


def test_a_time_can_be_set_where_there_was_no_row() -> None:
    wishes = Wishes(chargers={"car": ChargerWishes(ready_by=ReadyBy(weekly=()))})
    changed = set_next_time(wishes, "car", time(8), EVENING, ZONE)
    assert changed.charger("car").ready_by.weekly == (replace(SEVEN, at=time(8)),)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"by": time(7)}, "2026-11-28 06:00"),
        ({"by": time(7), "days": (Weekday.MONDAY, Weekday.TUESDAY)}, "2026-11-30 06:00"),
        ({"by": time(21), "days": (Weekday.FRIDAY,)}, "2026-11-27 20:00"),
        ({"by": time(19), "days": (Weekday.FRIDAY,)}, "2026-12-04 18:00"),
        ({"at": datetime(2026, 12, 1, 7)}, "2026-12-01 06:00"),  # noqa: DTZ001 # local
    ],
)
def test_a_single_instant_is_named_by_time_and_days_or_whole(asked: dict[str, object], expected: str) -> None:
    assert single_instant(EVENING, ZONE, **asked) == utc(expected)  # type: ignore[arg-type] # as the table says


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "time_or_at"),
        ({"by": time(7), "at": EVENING}, "time_or_at"),
        ({"at": EVENING, "days": (Weekday.MONDAY,)}, "time_or_at"),
        ({"at": EVENING}, "until_past"),
        ({"at": EVENING + timedelta(days=401)}, "until_too_far"),
    ],
)
def test_an_instant_that_cannot_be_is_refused(asked: dict[str, object], reason: str) -> None:
    with pytest.raises(WishError) as refusal:
        single_instant(EVENING, ZONE, **asked)  # type: ignore[arg-type] # as the table says
    assert refusal.value.reason == reason

"""What the wishes for a charger mean for charging."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.charging import ChargerInput
from custom_components.home_flex.core.model import ChargerReading, ChargerStatus
from custom_components.home_flex.core.wishes import (
    ChargeMode,
    ChargerWishes,
    PhaseWish,
    ReadyBy,
    Target,
    Weekday,
    WeeklyRow,
    Wishes,
    set_away,
)
from custom_components.home_flex.core.wishes.charging import charger_input

EVENING = datetime(2026, 11, 27, 19, tzinfo=UTC)  # 20:00 local
SEVEN = ReadyBy(weekly_on=True, weekly=(WeeklyRow(days=tuple(Weekday), at=time(7)),), settled=EVENING)
READING = ChargerReading(
    time=EVENING,
    power_w=4140.0,
    status=ChargerStatus.CHARGING,
    phases=3,
    min_current_a=6.0,
    max_current_a=16.0,
    session_energy_wh=5000.0,
)


def charging(
    wished: ChargerWishes, *, reading: ChargerReading = READING, has_pv: bool = True, away: bool = False
) -> ChargerInput:
    return charger_input(
        "car",
        reading,
        set_away(Wishes(chargers={"car": wished}), away=away),
        now=EVENING,
        zone=ZoneInfo("Europe/Amsterdam"),
        has_pv=has_pv,
        wired_phases=(1, 2, 3),
    )


@pytest.mark.parametrize(
    ("mode", "charge_now", "has_pv", "expected"),
    [
        (None, False, True, ChargeMode.SURPLUS),
        (None, False, False, ChargeMode.FAST),
        (ChargeMode.OFF, False, True, ChargeMode.OFF),
        (ChargeMode.OFF, True, True, ChargeMode.FAST),
        (ChargeMode.MINIMUM_SURPLUS, False, False, ChargeMode.MINIMUM_SURPLUS),
    ],
)
def test_the_mode_is_the_chosen_one_else_what_the_home_has(
    mode: ChargeMode | None, charge_now: bool, has_pv: bool, expected: ChargeMode
) -> None:
    assert charging(ChargerWishes(mode=mode, charge_now=charge_now), has_pv=has_pv).mode is expected


@pytest.mark.parametrize(
    ("may_slow", "charge_now", "expected"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_what_is_charged_now_may_not_be_slowed(may_slow: bool, charge_now: bool, expected: bool) -> None:
    assert charging(ChargerWishes(may_slow=may_slow, charge_now=charge_now)).may_slow is expected


@pytest.mark.parametrize(
    ("target", "charged_wh", "left_wh"),
    [
        (None, 5000.0, 15_000.0),
        (Target(energy_wh=8000.0), 5000.0, 3000.0),
        (Target(energy_wh=4000.0), 5000.0, 0.0),
        (Target(soc=0.8), 5000.0, 15_000.0),
        (None, None, 20_000.0),
    ],
)
def test_a_deadline_is_for_the_energy_that_is_missing(
    target: Target | None, charged_wh: float | None, left_wh: float
) -> None:
    (row,) = SEVEN.weekly
    wished = ChargerWishes(ready_by=replace(SEVEN, weekly=(replace(row, target=target),)))
    found = charging(wished, reading=replace(READING, session_energy_wh=charged_wh))
    assert (found.target_left_wh, found.deadline_s) == (left_wh, 11 * 3600)


def test_without_a_deadline_nothing_is_promised() -> None:
    for found in (charging(ChargerWishes()), charging(ChargerWishes(ready_by=SEVEN), away=True)):
        assert (found.target_left_wh, found.deadline_s) == (None, None)


@pytest.mark.parametrize(("limit_wh", "left_wh"), [(None, None), (7000.0, 2000.0), (3000.0, 0.0)])
def test_a_sessions_limit_leaves_what_was_not_charged(limit_wh: float | None, left_wh: float | None) -> None:
    assert charging(ChargerWishes(session_limit_wh=limit_wh)).session_left_wh == left_wh


@pytest.mark.parametrize(
    ("wish", "phases"), [(PhaseWish.AUTOMATIC, None), (PhaseWish.ONE, 1), (PhaseWish.THREE, 3)]
)
def test_phases_are_wished_by_number(wish: PhaseWish, phases: int | None) -> None:
    assert charging(ChargerWishes(phases=wish)).phases_wish == phases


@pytest.mark.parametrize(
    ("min_a", "max_a", "expected"),
    [
        (None, None, (6.0, 16.0)),
        (8.0, 10.0, (8.0, 10.0)),
        (None, 32.0, (6.0, 16.0)),
        (32.0, None, (16.0, 16.0)),
        (8.0, 7.0, (7.0, 7.0)),
    ],
)
def test_currents_are_the_chargers_own_narrowed(
    min_a: float | None, max_a: float | None, expected: tuple[float, float]
) -> None:
    found = charging(ChargerWishes(min_current_a=min_a, max_current_a=max_a))
    assert (found.min_current_a, found.max_current_a) == expected


@given(st.none() | st.floats(6.0, 80.0), st.none() | st.floats(6.0, 80.0))
def test_currents_never_leave_what_the_charger_can(min_a: float | None, max_a: float | None) -> None:
    found = charging(ChargerWishes(min_current_a=min_a, max_current_a=max_a))
    assert READING.min_current_a <= found.min_current_a <= found.max_current_a <= READING.max_current_a

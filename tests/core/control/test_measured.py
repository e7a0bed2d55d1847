"""What a meter says of the sum that a guard is about."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.demand import Scope, ScopeKind
from custom_components.home_flex.core.control.measured import currents_a, measured
from custom_components.home_flex.core.control.network import Guard, Unit
from custom_components.home_flex.core.control.phase_currents import Bounds
from custom_components.home_flex.core.model import Circuit, GridKind, MeterReading, Owner

from .guarded_home import NOW


def near(value: Any) -> Any:
    return pytest.approx(value)


MAIN = Circuit(circuit_id="main", fuse_a=(25.0,) * 3, meter_id="meter")
LINES = replace(MAIN, grid=GridKind.IT_3P)
TWO_LINES = replace(LINES, phases=(2, 3), fuse_a=(25.0, 25.0))
TOLD = MeterReading(time=NOW, power_w=3450.0, phase_power_w=(2300.0, 1150.0, 0.0))
GUARD = Guard(
    owner=Owner.FUSE,
    reason="main_fuse",
    scope=Scope(ScopeKind.CIRCUIT, "main"),
    coefficients={"car": 1.0},
    low=-25.0,
    high=25.0,
    unit=Unit.A,
    phase=1,
)


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        (GUARD, Bounds(10.0, 10.0)),
        (replace(GUARD, phase=2), Bounds(5.0, 5.0)),
        (replace(GUARD, phase=None), Bounds(3450.0, 3450.0)),
        (replace(GUARD, unit=Unit.W), Bounds(3450.0, 3450.0)),
        (replace(GUARD, legs=(1, 2)), None),
    ],
)
def test_a_guard_is_about_a_phase_or_about_the_power(guard: Guard, expected: Bounds | None) -> None:
    assert measured(guard, MAIN, TOLD) == expected


def test_of_a_meter_that_tells_no_phases_nothing_is_known_of_them() -> None:
    assert measured(GUARD, MAIN, MeterReading(time=NOW, power_w=3450.0)) is None


def test_currents_without_sign_go_both_ways_only_where_something_feeds_in() -> None:
    told = MeterReading(time=NOW, power_w=2000.0, phase_current_a=(5.0, 5.0, 5.0))
    assert measured(GUARD, MAIN, told) == Bounds(-6.0, 6.0)
    assert measured(GUARD, MAIN, told, produces=False) == Bounds(near(2.0), 6.0)


def test_without_neutral_a_power_that_is_no_number_tells_nothing() -> None:
    told = MeterReading(time=NOW, power_w=float("nan"), phase_current_a=(5.0, 5.0, 5.0))
    assert currents_a(LINES, told) == {}


@pytest.mark.parametrize(
    ("power_w", "currents", "expected"),
    [
        (2300.0, (), Bounds(10.0, 10.0)),
        (2300.0, (12.0, 11.0), Bounds(near(10.0 - 44.0**0.5), 12.0)),
        (2300.0, (11.0, -12.0), Bounds(near(10.0 - 44.0**0.5), 12.0)),
        (-2300.0, (0.0, 0.0), Bounds(-10.0, -10.0)),
    ],
)
def test_two_lines_are_one_leg_of_which_the_larger_current_counts(
    power_w: float, currents: tuple[float, ...], expected: Bounds
) -> None:
    told = MeterReading(time=NOW, power_w=power_w, phase_current_a=currents, phase_voltage_v=(231.0, 230.0))
    found = currents_a(TWO_LINES, told)
    assert list(found.values()) == [expected]
    assert list(found) == [(2,)]


@pytest.mark.parametrize(
    ("currents", "volts", "third_is_told"),
    [
        ((10.0, 10.0, 0.0), (231.0, 0.0, 0.0), False),
        ((10.0, 10.0, 0.0), (231.0, 230.0, 232.0), True),
        ((10.0, 10.0, 0.0), (), False),
        ((10.0, 10.0, 8.0), (), True),
    ],
)
def test_a_line_of_which_neither_current_nor_voltage_is_told_is_left_out(
    currents: tuple[float, ...], volts: tuple[float, ...], *, third_is_told: bool
) -> None:
    told = MeterReading(time=NOW, power_w=2300.0, phase_current_a=currents, phase_voltage_v=volts)
    zero = replace(told, phase_current_a=currents, phase_voltage_v=(231.0, 230.0, 232.0))
    assert (currents_a(LINES, told) == currents_a(LINES, zero)) is third_is_told

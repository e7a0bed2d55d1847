"""What a meter tells of its phases, and what is reckoned with where it does not tell."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.phase_currents import (
    Bounds,
    line_current_a,
    looks_without_neutral,
    phase_currents_a,
    phase_voltages_v,
    signs_unknown,
    worst_split_a,
)
from custom_components.home_flex.core.model import Circuit, GridKind, MeterReading

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TN = Circuit(circuit_id="main", fuse_a=(25.0, 25.0, 25.0))
IT = Circuit(circuit_id="main", fuse_a=(25.0, 25.0, 25.0), grid=GridKind.IT_3P)
ONE = Circuit(circuit_id="main", fuse_a=(25.0,), phases=(1,), grid=GridKind.ONE_PHASE)


def told(power_w: float = 0.0, **values: Any) -> MeterReading:
    return MeterReading(time=NOW, power_w=power_w, **values)


def close(found: tuple[Bounds, ...], expected: list[tuple[float, float]]) -> bool:
    return [(bounds.low, bounds.high) for bounds in found] == [
        pytest.approx(pair, abs=0.01) for pair in expected
    ]


def test_power_per_phase_is_signed_current() -> None:
    currents = phase_currents_a(TN, told(1150.0, phase_power_w=(2300.0, -1150.0, 0.0)))
    assert close(currents, [(10, 10), (-5, -5), (0, 0)])


def test_a_current_beyond_the_power_counts_as_a_load_with_a_poor_power_factor_makes_it() -> None:
    currents = phase_currents_a(TN, told(phase_power_w=(0.0, 4994.0, 0.0), phase_current_a=(0.0, 27.14, 0.0)))
    assert currents[1].high == 27.14


def test_a_power_beyond_the_current_counts_where_the_current_is_told_in_whole_amperes() -> None:
    currents = phase_currents_a(TN, told(phase_power_w=(4738.0, 0.0, 0.0), phase_current_a=(20.0, 0.0, 0.0)))
    assert currents[0].high == pytest.approx(20.6)


@pytest.mark.parametrize(
    "phases",
    [
        {"phase_power_w": (0.0, 0.0, 0.0)},
        {"phase_current_a": (0.0, 0.0, 0.0)},
        {"phase_current_a": (-0.1, 0.0, 0.1)},
    ],
)
def test_what_the_phases_do_not_explain_of_the_total_may_flow_on_any_of_them(phases: dict[str, Any]) -> None:
    drawn = phase_currents_a(TN, told(9500.0, **phases))
    assert min(bounds.high for bounds in drawn) >= 8700.0 / 230.0
    fed_in = phase_currents_a(TN, told(-9500.0, **phases))
    assert max(bounds.low for bounds in fed_in) <= -8700.0 / 230.0


def test_phases_and_total_of_one_telegram_may_be_a_moment_apart() -> None:
    currents = phase_currents_a(TN, told(3700.0, phase_power_w=(1150.0, 1150.0, 1150.0)))
    assert close(currents, [(5, 5), (5, 5), (5, 5)])


@given(active=st.floats(-40, 40), idle=st.floats(-30, 30), more=st.floats(0, 60))
def test_power_added_never_makes_more_current_than_the_bound_and_what_was_added(
    active: float, idle: float, more: float
) -> None:
    power_w = active * 230.0
    size = math.hypot(active, idle)
    reading = told(power_w, phase_power_w=(power_w,), phase_current_a=(size,))
    bounds = phase_currents_a(ONE, reading)[0]
    assert (bounds.high if active >= 0 else -bounds.low) == pytest.approx(max(size, abs(active)))
    if active + more >= 0:
        assert math.hypot(active + more, idle) <= bounds.high + more + 1e-6
    if active - more <= 0:
        assert math.hypot(active - more, idle) <= -(bounds.low - more) + 1e-6


def test_signs_are_found_that_fit_the_total_power() -> None:
    """Sun on the first phase: 7, 2 and 1 A cannot be 1,228 W of export with the first as import."""
    currents = phase_currents_a(
        TN,
        told(-1228.0, phase_current_a=(7.0, 2.0, 1.0), phase_voltage_v=(241.9, 236.3, 237.1)),
    )
    assert currents[0].high < 0
    assert currents[1].high >= 2
    assert currents[2].high >= 1


def test_the_sun_elsewhere_does_not_make_a_loaded_phase_export() -> None:
    """11 kW of sun on the first and third phase, 36 A of load on the second, 1.5 kW of export in all."""
    currents = phase_currents_a(TN, told(-2760.0, phase_current_a=(24.2, 36.4, 24.2)))
    assert currents[1].low > 0
    assert currents[1].high >= 36.4
    assert currents[0].high < 0
    assert currents[2].high < 0


def test_a_current_whose_sign_is_open_may_be_both() -> None:
    currents = phase_currents_a(TN, told(0.0, phase_current_a=(10.0, 10.0, 10.0)))
    assert close(currents, [(-11, 11)] * 3)
    assert signs_unknown(currents)


def test_no_sign_fits_then_every_one_may() -> None:
    currents = phase_currents_a(TN, told(7600.0, phase_current_a=(10.5, 10.5, 10.5)))
    assert close(currents, [(-10.6, 10.6)] * 3)


def test_where_nothing_can_feed_in_currents_are_import() -> None:
    currents = phase_currents_a(TN, told(6900.0, phase_current_a=(10.0, 10.0, 10.0)), produces=False)
    assert close(currents, [(9, 11)] * 3)
    assert not signs_unknown(currents)


def test_a_meter_that_tells_negative_currents_tells_signs() -> None:
    currents = phase_currents_a(TN, told(-1035.0, phase_current_a=(-7.5, 2.0, 1.0)))
    assert close(currents, [(-7.5, -7.5), (2, 2), (1, 1)])


@given(
    st.lists(st.floats(-40, 40).filter(lambda a: abs(a) > 0.2), min_size=3, max_size=3),
    st.floats(0.72, 1.0),
    st.booleans(),
)
def test_the_true_current_lies_within_the_bounds_whatever_the_signs(
    true_a: list[float], power_factor: float, whole: bool
) -> None:
    sizes = tuple(float(math.floor(abs(a))) if whole else abs(a) for a in true_a)
    total_w = sum(a * 230.0 * power_factor for a in true_a)
    for bounds, a in zip(phase_currents_a(TN, told(total_w, phase_current_a=sizes)), true_a, strict=True):
        assert bounds.low - 1e-9 <= a <= bounds.high + 1e-9


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"phase_current_a": (math.nan, 1.0, 1.0)},
        {"phase_power_w": (math.inf, 1.0, 1.0)},
        {"phase_current_a": (1.0,)},
    ],
)
def test_a_meter_that_tells_nothing_of_its_phases_says_so(values: dict[str, Any]) -> None:
    assert phase_currents_a(TN, told(6000.0, **values)) == ()


def test_with_one_phase_the_total_is_the_phase() -> None:
    assert close(phase_currents_a(ONE, told(-4600.0)), [(-20, -20)])
    assert close(phase_currents_a(ONE, told(-4600.0, phase_current_a=(22.0,))), [(-22, -20 + 9.165)])


def test_a_circuit_of_one_phase_reads_its_own_of_a_meter_with_three() -> None:
    socket = Circuit(circuit_id="socket", fuse_a=(16.0,), phases=(2,), grid=GridKind.ONE_PHASE)
    reading = told(phase_power_w=(0.0, 2300.0, 0.0), phase_voltage_v=(230.0, 200.0, 230.0))
    assert phase_voltages_v(socket, reading) == (200.0,)
    assert close(phase_currents_a(socket, reading), [(11.5, 11.5)])


@pytest.mark.parametrize(
    ("volts", "expected"),
    [
        ((), (230.0, 230.0, 230.0)),
        ((236.0, 0.0, 400.0), (236.0, 230.0, 230.0)),
        ((180.0, 270.0, 179.9), (180.0, 270.0, 230.0)),
        ((math.nan, 230.0, 230.0), (230.0, 230.0, 230.0)),
    ],
)
def test_a_voltage_is_believed_where_it_can_be(volts: tuple[float, ...], expected: tuple[float, ...]) -> None:
    assert phase_voltages_v(TN, told(phase_voltage_v=volts)) == expected


def test_a_load_of_which_no_phase_is_known_may_be_on_each_and_relieves_none() -> None:
    assert close(worst_split_a(Bounds(2300.0, 4600.0), (230.0, 230.0, 230.0)), [(0, 20)] * 3)
    assert close(worst_split_a(Bounds(-2300.0, -1150.0), (230.0, 230.0, 230.0)), [(-10, 0)] * 3)


@given(st.lists(st.floats(0, 9000), min_size=3, max_size=3))
def test_no_split_of_a_load_is_worse_than_the_worst(parts: list[float]) -> None:
    total = sum(parts)
    for part, bounds in zip(parts, worst_split_a(Bounds(total, total), (230.0,) * 3), strict=True):
        assert bounds.low <= part / 230.0 <= bounds.high


LEGS = [
    ((16, 0, 0), (16.0, 16.0, 0.0)),
    ((16, 16, 0), (16.0, 27.7, 16.0)),
    ((32, 16, 0), (32.0, 42.3, 16.0)),
    ((10, 10, 10), (17.3, 17.3, 17.3)),
    ((16, 10, 6), (19.7, 22.7, 14.0)),
]


@pytest.mark.parametrize(("legs", "lines"), LEGS)
def test_two_legs_without_neutral_make_the_current_of_the_line_where_they_meet(
    legs: tuple[float, ...], lines: tuple[float, ...]
) -> None:
    one, two, three = legs
    found = (line_current_a(one, three), line_current_a(one, two), line_current_a(two, three))
    assert found == pytest.approx(lines, abs=0.05)


@given(st.floats(-60, 60), st.floats(-60, 60))
def test_the_linear_bound_of_a_line_is_safe_and_at_most_15_percent_high(a: float, c: float) -> None:
    exact, bound = line_current_a(a, c), max(abs(a + c), abs(a), abs(c))
    assert exact <= bound + 1e-9
    assert bound <= 1.1548 * exact + 1e-9


def test_without_neutral_lines_are_not_phases() -> None:
    assert phase_currents_a(IT, told(6000.0, phase_current_a=(16.0, 9.0, 12.0))) == ()


@pytest.mark.parametrize(
    ("volts", "looks"),
    [
        ((231.0, 0.0, 232.0), True),
        ((133.8, 128.5, 128.5), True),
        ((231.0, 230.0, 232.0), False),
        ((231.0, 0.0, 0.0), False),
        ((133.8, 128.5, 230.0), False),
        ((121.0, 120.0, 122.0), False),
        ((), False),
    ],
)
def test_a_telegram_without_neutral_is_seen_by_its_voltages(volts: tuple[float, ...], looks: bool) -> None:
    assert looks_without_neutral(told(phase_voltage_v=volts)) is looks

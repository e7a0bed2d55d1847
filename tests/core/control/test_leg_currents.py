"""Without neutral, what hangs between the lines is found from their currents and the power."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.leg_currents import LEGS_OF_LINE, leg_currents_a
from custom_components.home_flex.core.control.measured import currents_a, measured
from custom_components.home_flex.core.control.network import Wiring, fuse_guards
from custom_components.home_flex.core.control.phase_currents import Bounds, line_current_a
from custom_components.home_flex.core.model import Circuit, GridKind, MeterReading, Network

from .parts import part_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAIN = Circuit(
    circuit_id="main",
    fuse_a=(25.0, 25.0, 25.0),
    grid=GridKind.IT_3P,
    meter_id="meter",
    device_ids=("car",),
)


def lines_a(legs: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(line_current_a(legs[one - 1], legs[other - 1]) for one, other in LEGS_OF_LINE.values())


def holds(bounds: Bounds, value: float) -> bool:
    return bounds.low - 1e-6 <= value <= bounds.high + 1e-6


KNOWN = [(16, 0, 0), (16, 16, 0), (32, 16, 0), (10, 10, 10), (16, 10, 6), (-16, 5, 3), (-8, -9, -10)]


@pytest.mark.parametrize("legs", KNOWN)
def test_three_lines_and_the_power_tell_every_leg(legs: tuple[float, ...]) -> None:
    lines = tuple(current + 0.001 for current in lines_a(legs))
    found = leg_currents_a(lines, sum(legs) * 230.0, 230.0)
    for leg, current in enumerate(legs, start=1):
        assert (found[leg,].low + found[leg,].high) / 2 == pytest.approx(current, abs=0.2)
        assert found[leg,].high - found[leg,].low < 3.0


def test_a_balanced_house_of_which_one_line_is_not_told_is_seen_as_balanced_where_nothing_feeds_in() -> None:
    found = leg_currents_a((17.33, None, 17.33), 30 * 230.0, 230.0, produces=False)
    assert found[1, 2].high == pytest.approx(20, abs=2)


LEG = st.floats(-40, 40)
LEGS = st.tuples(LEG, LEG, LEG)
TOLD = st.sampled_from([(), (0,), (1,), (2,)])


@given(LEGS, TOLD, st.sampled_from([None, 1.0, 0.1]))
def test_the_true_legs_and_sums_lie_within_their_bounds(
    legs: tuple[float, ...], untold: tuple[int, ...], step_a: float | None
) -> None:
    lines = [math.floor(line / step_a) * step_a if step_a else line for line in lines_a(legs)]
    read = [None if index in untold else line for index, line in enumerate(lines)]
    produces = min(legs) < 0
    found = leg_currents_a(read, sum(legs) * 230.0, 230.0, produces=produces)
    for key, bounds in found.items():
        assert holds(bounds, sum(legs[leg - 1] for leg in key))


@given(LEGS, st.floats(0.7, 1.0))
def test_a_line_is_never_thought_to_carry_less_than_it_tells(
    legs: tuple[float, ...], power_factor: float
) -> None:
    """Idle current makes the power too small for the lines; the bounds then widen, never narrow."""
    lines = lines_a(legs)
    found = leg_currents_a(lines, sum(legs) * 230.0 * power_factor, 230.0)
    for line, pair in LEGS_OF_LINE.items():
        one, other = ((leg,) for leg in pair)
        most = max(max(-found[key].low, found[key].high) for key in (pair, one, other))
        assert most >= lines[line - 1] - 1e-6


def test_with_two_lines_missing_nothing_is_known() -> None:
    assert leg_currents_a((16.0, None, None), 3000.0, 230.0) == {}


def test_without_power_the_lines_alone_bound_what_hangs_between_them() -> None:
    found = leg_currents_a((10.5, 10.5, 10.5), 0.0, 230.0)
    assert found[1,].high == pytest.approx(10.6 * 2 / math.sqrt(3))
    assert found[1,].low == -found[1,].high


def reading(power_w: float, *lines: float, volts: tuple[float, ...] = ()) -> MeterReading:
    return MeterReading(time=NOW, power_w=power_w, phase_current_a=lines, phase_voltage_v=volts)


def test_a_line_without_current_and_voltage_is_not_told() -> None:
    """The telegram of a Belgian house: nothing of the second line, which carries what the others do."""
    missing = reading(16 * 460.0, 16.01, 0.0, 16.01, volts=(231.0, 0.0, 232.0))
    assert currents_a(MAIN, missing, produces=False)[1, 2].high == pytest.approx(32, abs=1.5)
    idle = reading(16 * 230.0, 16.01, 0.0, 16.01, volts=(231.0, 231.0, 232.0))
    assert currents_a(MAIN, idle)[1, 2].high < 1.5


def test_a_pausing_car_is_not_taken_for_one_that_feeds_in() -> None:
    """A house of 5 A and a car of 16 A between the same lines, with a battery that could feed in."""
    network = Network(circuits=(MAIN,), device_ids=frozenset({"car"}))
    guards = fuse_guards(network, {"car": Wiring(phases=(1, 2), used=1)}, {})
    told = reading(21 * 230.0, 21.01, 21.01, 0.01)
    for guard in guards:
        now = measured(guard, MAIN, told)
        assert now is not None
        rest = Bounds(
            now.low - part_of(guard, {"car": 16 * 230.0}), now.high - part_of(guard, {"car": 16 * 230.0})
        )
        assert guard.low <= rest.low
        assert rest.high <= guard.high


def test_a_guard_of_watts_reads_the_power_and_one_of_a_phase_the_phase() -> None:
    main = Circuit(
        circuit_id="main", fuse_a=(25.0,) * 3, meter_id="meter", power_limit_w=9000.0, device_ids=("car",)
    )
    network = Network(circuits=(main,), device_ids=frozenset({"car"}))
    guards = fuse_guards(network, {"car": Wiring(phases=(2,), used=1)}, {})
    told = MeterReading(time=NOW, power_w=3450.0, phase_power_w=(0.0, 2300.0, 1150.0))
    assert [measured(guard, main, told) for guard in guards] == [Bounds(10, 10), Bounds(3450, 3450)]
    assert measured(guards[0], main, MeterReading(time=NOW, power_w=3450.0)) is None


def test_between_two_lines_the_power_is_the_current() -> None:
    garage = Circuit(circuit_id="garage", fuse_a=(16.0, 16.0), phases=(1, 3), grid=GridKind.IT_3P)
    assert currents_a(garage, reading(2300.0)) == {(3,): Bounds(10, 10)}
    assert currents_a(garage, reading(2300.0, 12.0, 12.0, volts=(231.0, 231.0)))[3,].high == 12
    assert currents_a(garage, reading(math.nan, 12.0, 12.0)) == {}

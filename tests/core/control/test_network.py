"""Every fuse, power limit and group is one linear guard; what is not known of phases adds guards."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.demand import ScopeKind
from custom_components.home_flex.core.control.leg_currents import LINES_OF_LEG
from custom_components.home_flex.core.control.network import (
    Unit,
    Wiring,
    fuse_guards,
    phases_known,
)
from custom_components.home_flex.core.control.phase_currents import Bounds, line_current_a, worst_split_a
from custom_components.home_flex.core.model import Circuit, GridKind, Network, Owner

from .parts import part_of

FUSE = (25.0, 25.0, 25.0)


def home(*device_ids: str, grid: GridKind = GridKind.TN_3P, phases: tuple[int, ...] = (1, 2, 3)) -> Network:
    main = Circuit(
        circuit_id="main",
        fuse_a=(25.0,) * len(phases),
        phases=phases,
        grid=grid,
        meter_id="meter",
        device_ids=device_ids,
    )
    return Network(circuits=(main,), device_ids=frozenset(device_ids))


def guarded(network: Network, wirings: Mapping[str, Wiring]) -> list[tuple[int | None, dict[str, float]]]:
    """Return phase and share of power (A at 230 V) of each guard."""
    return [
        (guard.phase, {key: round(share * 230.0, 3) for key, share in guard.coefficients.items()})
        for guard in fuse_guards(network, wirings, {})
    ]


THIRD = 0.333
WIRINGS = [
    (Wiring(phases=(1, 2, 3), used=3), [(1, THIRD), (2, THIRD), (3, THIRD)]),
    (Wiring(phases=(2, 3, 1), used=1), [(2, 1.0)]),
    (Wiring(phases=(2, 3, 1), used=2), [(2, 0.5), (3, 0.5)]),
    (Wiring(phases=(3,), used=1), [(3, 1.0)]),
    (Wiring(phases=(3,)), [(3, 1.0)]),
    (Wiring(used=3), [(1, THIRD), (2, THIRD), (3, THIRD)]),
    (Wiring(phases=(2, 3)), [(2, 1.0), (3, 1.0)]),
    (Wiring(used=1), [(1, 1.0), (2, 1.0), (3, 1.0)]),
    (Wiring(used=2), [(1, 0.5), (2, 0.5), (3, 0.5)]),
    (Wiring(), [(1, 1.0), (2, 1.0), (3, 1.0)]),
    (Wiring(phases=(7,)), [(1, 1.0), (2, 1.0), (3, 1.0)]),
]


@pytest.mark.parametrize(("wiring", "expected"), WIRINGS)
def test_a_device_counts_on_the_phases_it_uses_and_fully_on_each_where_that_is_not_known(
    wiring: Wiring, expected: list[tuple[int, float]]
) -> None:
    assert guarded(home("car"), {"car": wiring}) == [(phase, {"car": share}) for phase, share in expected]


def test_a_fuse_is_guarded_in_amperes_in_both_directions_at_the_phases_own_voltage() -> None:
    guards = fuse_guards(home("car"), {"car": Wiring(phases=(1, 2, 3), used=3)}, {1: 240.0, 2: 200.0})
    assert [guard.coefficients["car"] * 3 for guard in guards] == [
        pytest.approx(1 / 240),
        pytest.approx(1 / 200),
        pytest.approx(1 / 230),
    ]
    first = guards[0]
    assert (first.owner, first.reason, first.unit, first.low, first.high, first.meter_id, first.rest) == (
        Owner.FUSE,
        "main_fuse",
        Unit.A,
        -25.0,
        25.0,
        "meter",
        None,
    )
    assert (first.scope.kind, first.scope.id) == (ScopeKind.CIRCUIT, "main")


def test_a_device_on_unknown_phases_relieves_nobody_for_sure() -> None:
    """On each phase with and without it: the known car must fit even if the battery gives elsewhere."""
    known = Wiring(phases=(1,), used=1)
    assert guarded(home("battery", "car"), {"car": known}) == [
        (1, {"battery": 1.0, "car": 1.0}),
        (1, {"car": 1.0}),
        (2, {"battery": 1.0}),
        (3, {"battery": 1.0}),
    ]


def test_of_many_unknown_devices_each_alone_and_all_together_are_guarded() -> None:
    ids = ("a", "b", "c", "d")
    sums = [sorted(shares) for phase, shares in guarded(home(*ids), {}) if phase == 1]
    assert sums == [["a", "b", "c", "d"], ["a"], ["b"], ["c"], ["d"]]


def nested(**garage: float) -> Network:
    main = Circuit(circuit_id="main", fuse_a=FUSE, meter_id="meter", device_ids=("battery",))
    sub = Circuit(
        circuit_id="garage",
        fuse_a=(16.0,),
        phases=(2,),
        grid=GridKind.ONE_PHASE,
        parent_id="main",
        device_ids=("car",),
        **garage,  # type: ignore[arg-type]  # keyword values of one kind: ratings
    )
    return Network(circuits=(main, sub), device_ids=frozenset({"battery", "car"}))


def test_a_device_counts_at_every_fuse_up_to_the_main_one_on_the_phases_of_its_circuit() -> None:
    guards = fuse_guards(nested(), {"battery": Wiring(used=3)}, {})
    assert [
        (guard.scope.id, guard.reason, guard.phase, sorted(guard.coefficients), guard.high)
        for guard in guards
    ] == [
        ("main", "main_fuse", 1, ["battery"], 25.0),
        ("main", "main_fuse", 2, ["battery", "car"], 25.0),
        ("main", "main_fuse", 3, ["battery"], 25.0),
        ("garage", "circuit_fuse", 2, ["car"], 16.0),
    ]


def test_an_unmetered_circuit_keeps_room_for_what_is_said_to_hang_there() -> None:
    assert fuse_guards(nested(), {}, {})[-1].rest == Bounds(0.0, 0.0)
    limited = fuse_guards(nested(other_load_a=4.0, power_limit_w=3000.0), {}, {})
    fuse, power = limited[-2:]
    assert (fuse.unit, fuse.rest) == (Unit.A, Bounds(0.0, 4.0))
    assert (power.unit, power.rest, power.phase) == (Unit.W, Bounds(0.0, 920.0), None)
    assert (power.reason, power.low, power.high) == ("circuit_power", -math.inf, 3000.0)
    assert power.coefficients == {"car": 1.0}


def test_a_metered_circuit_takes_its_rest_from_its_meter() -> None:
    main = Circuit(
        circuit_id="main", fuse_a=FUSE, meter_id="meter", power_limit_w=9000.0, device_ids=("car",)
    )
    guards = fuse_guards(Network(circuits=(main,), device_ids=frozenset({"car"})), {}, {})
    assert {(guard.meter_id, guard.rest) for guard in guards} == {("meter", None)}
    assert guards[-1].high == 9000.0


def test_nothing_to_steer_is_no_guard() -> None:
    assert fuse_guards(home(), {}, {}) == ()


def test_a_meter_without_phases_leaves_a_car_only_what_fits_with_the_whole_house_on_its_phase() -> None:
    """A house of 2.2 kW, nobody knows on which phase, and a car of 32 A on the first of 25 A."""
    guard = fuse_guards(home("car"), {"car": Wiring(phases=(1,), used=1)}, {})[0]
    (rest, *_) = worst_split_a(Bounds(2200.0, 2200.0), (230.0, 230.0, 230.0))
    assert rest.high + part_of(guard, {"car": 32 * 230.0}) > guard.high
    assert rest.high + part_of(guard, {"car": 15 * 230.0}) < guard.high


@given(
    powers=st.fixed_dictionaries({"a": st.floats(-9000, 9000), "b": st.floats(-9000, 9000)}),
    on=st.fixed_dictionaries({"a": st.sampled_from([1, 2, 3]), "b": st.sampled_from([1, 2, 3])}),
    known=st.booleans(),
)
def test_guards_that_hold_keep_every_phase_within_its_fuse_wherever_the_devices_hang(
    powers: dict[str, float], on: dict[str, int], known: bool
) -> None:
    wirings = {"a": Wiring(phases=(on["a"],), used=1)} if known else {}
    guards = fuse_guards(home("a", "b"), wirings, {})
    if all(guard.low <= part_of(guard, powers) <= guard.high for guard in guards):
        for phase in (1, 2, 3):
            flows = sum(power for key, power in powers.items() if on[key] == phase) / 230.0
            assert abs(flows) <= 25.0 + 1e-9


LEGS = [
    (Wiring(phases=(1, 2), used=1), {1: {1.0}, 2: {1.0}, 3: set()}),
    (Wiring(phases=(3, 1), used=1), {1: {1.0}, 2: set(), 3: {1.0}}),
    (Wiring(phases=(2, 3, 1), used=1), {1: set(), 2: {1.0}, 3: {1.0}}),
    (Wiring(phases=(1, 2, 3), used=3), {1: {0.667, THIRD}, 2: {0.667, THIRD}, 3: {0.667, THIRD}}),
    (Wiring(phases=(1,)), {1: {1.0}, 2: {1.0}, 3: {1.0}}),
    (Wiring(), {1: {1.0}, 2: {1.0}, 3: {1.0}}),
]


@pytest.mark.parametrize(("wiring", "expected"), LEGS)
def test_without_neutral_a_device_loads_both_lines_it_hangs_between(
    wiring: Wiring, expected: dict[int, set[float]]
) -> None:
    found = guarded(home("car", grid=GridKind.IT_3P), {"car": wiring})
    assert {
        line: {shares["car"] for phase, shares in found if phase == line} for line in (1, 2, 3)
    } == expected


def test_without_neutral_a_circuit_of_two_lines_is_one_leg() -> None:
    network = home("car", grid=GridKind.IT_3P, phases=(1, 3))
    assert guarded(network, {"car": Wiring(used=3)}) == [(1, {"car": 1.0}), (3, {"car": 1.0})]
    assert phases_known(network.root, Wiring())


def test_two_cars_between_neighbouring_lines_are_too_much_where_they_meet() -> None:
    network = home("one", "two", grid=GridKind.IT_3P)
    wirings = {"one": Wiring(phases=(1, 2), used=1), "two": Wiring(phases=(2, 3), used=1)}
    powers = {"one": 16 * 230.0, "two": 16 * 230.0}
    broken = {
        guard.phase for guard in fuse_guards(network, wirings, {}) if part_of(guard, powers) > guard.high
    }
    assert broken == {2}


@given(
    st.fixed_dictionaries(
        {name: st.floats(-9000, 9000) for name in ("on 12", "on 23", "on 31", "on all", "anywhere")}
    ),
    st.sampled_from([1, 2, 3]),
)
def test_without_neutral_guards_that_hold_keep_every_line_within_its_fuse(
    powers: dict[str, float], leg: int
) -> None:
    wirings = {
        "on 12": Wiring(phases=(1, 2), used=1),
        "on 23": Wiring(phases=(2, 3), used=1),
        "on 31": Wiring(phases=(3, 1), used=1),
        "on all": Wiring(phases=(1, 2, 3), used=3),
    }
    guards = fuse_guards(home(*powers, grid=GridKind.IT_3P), wirings, {})
    worst = max(
        max(part_of(guard, powers) / guard.high, part_of(guard, powers) / guard.low) for guard in guards
    )
    scaled = {key: power / worst if worst > 0 else power for key, power in powers.items()}
    legs = {
        index: (scaled[f"on {a}{b}"] + scaled["on all"] / 3 + (scaled["anywhere"] if index == leg else 0))
        / 230.0
        for index, (a, b) in LINES_OF_LEG.items()
    }
    for one, other in ((1, 3), (1, 2), (2, 3)):
        assert line_current_a(legs[one], legs[other]) <= 25.0 + 1e-6

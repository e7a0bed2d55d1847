"""What chargers fall back to by themselves fits every fuse, and is nothing rather than too little."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.lasting_default import DefaultCharger, lasting_defaults_a
from custom_components.home_flex.core.control.network import Wiring
from custom_components.home_flex.core.model import Circuit, Network


def charger(device_id: str, priority: int = 5, max_current_a: float = 32.0) -> DefaultCharger:
    return DefaultCharger(
        device_id=device_id, priority=priority, min_current_a=6.0, max_current_a=max_current_a
    )


def home(fuse_a: float, *device_ids: str, other_load_a: float | None = None) -> Network:
    main = Circuit(circuit_id="main", fuse_a=(fuse_a,) * 3, device_ids=device_ids, other_load_a=other_load_a)
    return Network(circuits=(main,), device_ids=frozenset(device_ids))


SHARES = [
    # fuse, number of chargers -> their defaults, by priority
    (25.0, 1, [22]),
    (25.0, 2, [11, 11]),
    (25.0, 3, [7, 7, 7]),
    (25.0, 4, [7, 7, 7, 0]),
    (16.0, 2, [7, 7]),
    (16.0, 3, [7, 7, 0]),
    (6.0, 1, [0]),
    (63.0, 1, [32]),
]


@pytest.mark.parametrize(("fuse_a", "count", "expected"), SHARES)
def test_what_the_house_leaves_of_the_fuse_is_shared_and_the_last_get_nothing(
    fuse_a: float, count: int, expected: list[int]
) -> None:
    ids = [f"car {number}" for number in range(count)]
    chargers = [charger(device_id, priority) for priority, device_id in enumerate(ids, start=1)]
    found = lasting_defaults_a(home(fuse_a, *ids), {}, chargers)
    assert [found[device_id] for device_id in ids] == expected


def test_a_charger_that_may_never_do_its_smallest_current_gets_nothing() -> None:
    assert lasting_defaults_a(home(25.0, "a"), {}, [charger("a", max_current_a=5.9)]) == {"a": 0}


def test_a_charger_on_a_phase_of_its_own_shares_with_nobody() -> None:
    wirings = {"a": Wiring(phases=(1,)), "b": Wiring(phases=(2,)), "c": Wiring(phases=(2,))}
    found = lasting_defaults_a(home(25.0, "a", "b", "c"), wirings, [charger(key) for key in "abc"])
    assert found == {"a": 22, "b": 11, "c": 11}


def test_a_tight_sub_circuit_takes_only_from_those_on_it() -> None:
    main = Circuit(circuit_id="main", fuse_a=(35.0,) * 3, device_ids=("house",))
    garage = Circuit(circuit_id="garage", fuse_a=(6.0,) * 3, parent_id="main", device_ids=("garage car",))
    network = Network(circuits=(main, garage), device_ids=frozenset({"house", "garage car"}))
    found = lasting_defaults_a(network, {}, [charger("house", 9), charger("garage car", 1)])
    assert found == {"house": 31, "garage car": 0}


def test_what_is_known_to_hang_there_is_kept_free_if_it_is_more() -> None:
    assert lasting_defaults_a(home(25.0, "a", other_load_a=10.0), {}, [charger("a")]) == {"a": 15}
    assert lasting_defaults_a(home(25.0, "a", other_load_a=1.0), {}, [charger("a")]) == {"a": 22}


@given(
    st.floats(5, 100),
    st.floats(5, 100),
    st.lists(
        st.tuples(
            st.integers(1, 9),
            st.sampled_from([(), (1,), (2,), (3,), (1, 2, 3)]),
            st.booleans(),
            st.floats(6, 32),
        ),
        max_size=6,
    ),
)
def test_together_they_fit_every_fuse_in_any_order(
    fuse_a: float, garage_a: float, cars: list[tuple[int, tuple[int, ...], bool, float]]
) -> None:
    ids = [str(number) for number in range(len(cars))]
    inside = tuple(key for key, car in zip(ids, cars, strict=True) if car[2])
    outside = tuple(key for key in ids if key not in inside)
    network = Network(
        circuits=(
            Circuit(circuit_id="main", fuse_a=(fuse_a,) * 3, device_ids=outside),
            Circuit(circuit_id="garage", fuse_a=(garage_a,) * 3, parent_id="main", device_ids=inside),
        ),
        device_ids=frozenset(ids),
    )
    wirings = {key: Wiring(phases=car[1]) for key, car in zip(ids, cars, strict=True)}
    chargers = [charger(key, car[0], car[3]) for key, car in zip(ids, cars, strict=True)]
    found = lasting_defaults_a(network, wirings, chargers)
    assert lasting_defaults_a(network, wirings, chargers[::-1]) == found
    drawn: Counter[tuple[str, int]] = Counter()
    for one in chargers:
        current = found[one.device_id]
        assert current == 0 or one.min_current_a <= current <= one.max_current_a
        for phase in wirings[one.device_id].phases or (1, 2, 3):
            drawn["main", phase] += current
            drawn["garage", phase] += current if one.device_id in inside else 0
    for (circuit_id, _), current in drawn.items():
        assert current <= 0.9 * (fuse_a if circuit_id == "main" else garage_a) + 1e-6

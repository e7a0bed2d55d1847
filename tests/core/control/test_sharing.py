"""Stores share by energy; what fairness leaves over, a limit gets from whoever has room."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.sharing import as_stores, shared, sharing_after, spread
from custom_components.home_flex.core.control.stores import SharingMemory

from .parts import battery, car


def parts(total_w: float, *devices: Flexibility, memory: SharingMemory | None = None) -> dict[str, float]:
    ranges = {one.device_id: (one.low_w, one.high_w) for one in devices}
    return dict(shared(total_w, devices, ranges, memory or SharingMemory(), 0.0))


FULL, LOW = battery("full", soc=0.9), battery("low", soc=0.3)
SHARED = {
    "by what they hold": (-4000, (FULL, LOW), {"full": -3000, "low": -1000}),
    "by what they can still take": (4000, (FULL, LOW), {"full": 500, "low": 3500}),
    "nothing is nothing": (0, (FULL, LOW), {"full": 0, "low": 0}),
    "one alone does what is little": (-900, (FULL, LOW), {"full": -900, "low": 0}),
    "the other does what one cannot": (
        -4000,
        (battery("full", soc=0.9, low_w=-1000.0), LOW),
        {"full": -1000, "low": -3000},
    ),
    "no more than all can": (-20000, (FULL, LOW), {"full": -5000, "low": -5000}),
    "an empty one gives when a limit needs it": (
        -7000,
        (FULL, battery("empty", soc=0.0)),
        {"full": -5000, "empty": -2000},
    ),
    "a full one takes when a limit needs it": (
        7000,
        (LOW, battery("brim", soc=1.0)),
        {"low": 5000, "brim": 2000},
    ),
    "one that must charge does no more than it must": (
        3000,
        (FULL, battery("must", low_w=1000.0)),
        {"full": 2000, "must": 1000},
    ),
    "and more when a limit needs it": (
        8000,
        (FULL, battery("must", low_w=1000.0)),
        {"full": 5000, "must": 3000},
    ),
    "and the others give what it must not take": (
        -1000,
        (FULL, battery("must", low_w=1000.0)),
        {"full": -2000, "must": 1000},
    ),
    "no capacity told counts as an hour's": (
        -4000,
        (battery("a", capacity_wh=0.0), battery("b", capacity_wh=15000.0)),
        {"a": -1000, "b": -3000},
    ),
}


@pytest.mark.parametrize(("total_w", "devices", "powers"), SHARED.values(), ids=SHARED)
def test_how_stores_share(total_w: float, devices: tuple[Flexibility, ...], powers: dict[str, float]) -> None:
    assert parts(total_w, *devices) == pytest.approx(powers)


def test_a_limit_does_not_wait_for_the_sign() -> None:
    found = parts(-4000, FULL, LOW, memory=SharingMemory(sign=1))
    assert found == pytest.approx({"full": -3000, "low": -1000})


def test_a_trace_of_the_other_sign_is_done_too() -> None:
    found = parts(-40, FULL, LOW, memory=SharingMemory(sign=1))
    assert found == pytest.approx({"full": -20, "low": -20})


def test_a_store_is_told_with_its_energy_and_rating() -> None:
    (store,) = as_stores([battery(soc=0.3)], {"battery": (-1000.0, 2000.0)})
    assert (store.to_full_wh, store.above_reserve_wh) == pytest.approx((7000, 3000))
    assert (store.low_w, store.high_w, store.rated_w) == (-1000, 2000, 5000)


@pytest.mark.parametrize(("low_w", "high_w"), [(-6000.0, 5000.0), (-5000.0, 6000.0)])
def test_the_rating_is_what_it_can_in_its_better_direction(low_w: float, high_w: float) -> None:
    device = replace(battery(), declared_low_w=low_w, declared_high_w=high_w)
    (store,) = as_stores([device], {"battery": (low_w, high_w)})
    assert store.rated_w == 6000


def test_half_a_watt_is_found_where_only_a_full_battery_is_left() -> None:
    assert parts(0.5, battery(soc=1.0, low_w=-1.0)) == {"battery": 0.5}


def test_a_sum_of_the_other_sign_is_remembered_at_once() -> None:
    memory = sharing_after((FULL, LOW), {"full": -2000.0, "low": -2000.0}, SharingMemory(sign=1), 5.0)
    assert memory == SharingMemory(sign=-1)


def test_who_worked_alone_goes_on_and_cars_have_no_part() -> None:
    devices = (FULL, LOW, car())
    powers = {"full": -500.0, "low": 0.0, "car": 11040.0}
    memory = sharing_after(devices, powers, SharingMemory(), 5.0)
    assert memory == SharingMemory(sign=-1, alone="full", alone_since_s=5.0)
    assert sharing_after(devices, powers, memory, 6.0) == memory


def test_who_cannot_go_on_alone_by_its_range_is_relieved() -> None:
    devices = (battery("full", soc=0.9, low_w=-400.0), LOW)
    memory = sharing_after(devices, {"full": -250.0, "low": -250.0}, SharingMemory(), 5.0)
    assert memory.alone == "low"


@pytest.mark.parametrize(
    ("total_w", "room", "found"),
    [
        (300, {"a": 200, "b": 400}, {"a": 100, "b": 200}),
        (900, {"a": 200, "b": 400}, {"a": 200, "b": 400}),
        (0, {"a": 200}, {"a": 0}),
        (300, {"a": 0, "b": 0}, {"a": 0, "b": 0}),
        (300, {"a": 0.25, "b": 0.25}, {"a": 0.25, "b": 0.25}),
        (300, {}, {}),
    ],
)
def test_power_is_spread_by_room(total_w: float, room: dict[str, float], found: dict[str, float]) -> None:
    assert spread(total_w, room) == found


STORES = st.lists(st.tuples(st.floats(0, 1), st.floats(-5000, 0), st.floats(0, 5000)), min_size=1, max_size=4)


@given(st.floats(-20000, 20000), STORES, st.sampled_from([-1, 0, 1]))
def test_all_that_can_be_done_is_done_with_one_sign(
    total_w: float, stores: list[tuple[float, float, float]], sign: int
) -> None:
    devices = [
        battery(str(key), soc=soc, low_w=low, high_w=high) for key, (soc, low, high) in enumerate(stores)
    ]
    found = parts(total_w, *devices, memory=SharingMemory(sign=sign))
    most_w = math.fsum(one.high_w if total_w > 0 else one.low_w for one in devices)
    expected_w = min(total_w, most_w) if total_w > 0 else max(total_w, most_w)
    assert math.fsum(found.values()) == pytest.approx(expected_w, abs=1e-3)
    assert min(found.values()) >= -1e-6 or max(found.values()) <= 1e-6
    assert all(one.low_w - 1e-6 <= found[one.device_id] <= one.high_w + 1e-6 for one in devices)

"""Stores never work against each other, share by energy, and one alone does what is little."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.stores import (
    SharingMemory,
    Store,
    not_into_the_car_w,
    share,
    water_filled,
)


def store(device_id: str, soc: float, **values: float) -> Store:
    """Return a store of 10 kWh and 5 kW with a reserve of 10 %."""
    given_values = {
        "to_full_wh": (1 - soc) * 10000,
        "above_reserve_wh": (soc - 0.1) * 10000,
        "low_w": -5000.0,
        "high_w": 5000.0,
        "rated_w": 5000.0,
        **values,
    }
    return Store(device_id=device_id, state_of_charge=soc, **given_values)


FULL, LOW = store("full", 0.9), store("low", 0.2)
CHARGING = SharingMemory(sign=1)
DISCHARGING = SharingMemory(sign=-1)


def test_energy_is_shared_so_that_all_reach_the_end_together() -> None:
    charged, _ = share(4500.0, [FULL, LOW], SharingMemory(), 0.0)
    assert charged == pytest.approx({"full": 500, "low": 4000})
    given_back, _ = share(-4500.0, [FULL, LOW], SharingMemory(), 0.0)
    assert given_back == pytest.approx({"full": -4000, "low": -500})


def test_what_one_cannot_take_the_other_does() -> None:
    powers, _ = share(4500.0, [FULL, replace(LOW, high_w=3000.0)], SharingMemory(), 0.0)
    assert powers == pytest.approx({"full": 1500, "low": 3000})


def test_what_nobody_can_take_is_left_over() -> None:
    powers, _ = share(20000.0, [FULL, LOW], SharingMemory(), 0.0)
    assert powers == {"full": 5000, "low": 5000}


def test_a_store_at_its_reserve_gives_nothing_and_the_other_carries_on() -> None:
    powers, _ = share(-3000.0, [FULL, replace(LOW, above_reserve_wh=-50.0)], SharingMemory(), 0.0)
    assert powers == {"full": -3000, "low": 0}


def test_a_forced_store_is_part_of_the_total_and_alone_may_have_the_other_sign() -> None:
    forced = replace(LOW, low_w=1000.0)
    powers, _ = share(-2000.0, [FULL, forced], SharingMemory(), 0.0)
    assert powers == {"full": -3000, "low": 1000}
    powers, _ = share(500.0, [FULL, replace(LOW, low_w=-5000.0, high_w=-1000.0)], SharingMemory(), 0.0)
    assert powers == {"full": 1500, "low": -1000}


def test_the_sum_changes_its_sign_only_when_it_has_asked_so_for_ten_seconds() -> None:
    memory, found = CHARGING, []
    for second in range(12):
        powers, memory = share(-2000.0, [FULL, LOW], memory, float(second))
        found.append(round(math.fsum(powers.values())))
    assert found == [0] * 10 + [-2000] * 2


def test_a_small_or_short_need_of_the_other_sign_starts_anew() -> None:
    memory = CHARGING
    for second in range(40):
        total_w = -40.0 if second % 9 == 8 else -2000.0
        powers, memory = share(total_w, [FULL, LOW], memory, float(second))
        assert set(powers.values()) == {0.0}


def test_less_than_a_watt_is_power_too() -> None:
    powers, _ = share(0.5, [FULL, LOW], SharingMemory(), 0.0)
    assert math.fsum(powers.values()) == pytest.approx(0.5)
    powers, _ = share(2.0, [replace(LOW, low_w=0.5)], SharingMemory(), 0.0)
    assert powers == {"low": 0.5}
    powers, _ = share(3000.0, [FULL, replace(LOW, high_w=0.5)], SharingMemory(), 0.0)
    assert powers == {"full": 2999.5, "low": 0.5}


@pytest.mark.parametrize(("total_w", "since_s"), [(-50.0, None), (-50.5, 7.0)])
def test_a_need_within_the_dead_band_is_not_counted(total_w: float, since_s: float | None) -> None:
    assert share(total_w, [FULL, LOW], CHARGING, 7.0)[1].other_since_s == since_s


def test_a_changed_sign_waits_anew_for_the_next_change() -> None:
    _, memory = share(-2000.0, [FULL, LOW], replace(CHARGING, other_since_s=0.0), 10.0)
    assert memory == SharingMemory(sign=-1)


def test_a_limit_need_not_wait_for_the_sign() -> None:
    powers, memory = share(-2000.0, [FULL, LOW], CHARGING, 0.0, at_once=True)
    assert math.fsum(powers.values()) == pytest.approx(-2000)
    assert memory.sign == -1


def test_little_power_is_the_work_of_one_alone() -> None:
    powers, memory = share(-900.0, [FULL, LOW], SharingMemory(), 0.0)
    assert powers == {"full": -900, "low": 0}
    assert memory.alone == "full"
    powers, _ = share(900.0, [FULL, LOW], SharingMemory(), 0.0)
    assert powers == {"full": 0, "low": 900}


def test_a_tenth_of_all_ratings_is_shared_and_one_alone_may_use_its_whole_range() -> None:
    powers, _ = share(-1000.0, [FULL, LOW], SharingMemory(), 0.0)
    assert powers["low"] < 0
    powers, _ = share(-900.0, [replace(FULL, low_w=-900.0), LOW], SharingMemory(), 0.0)
    assert powers == {"full": -900, "low": 0}
    powers, _ = share(-900.0, [replace(FULL, low_w=-899.0), LOW], SharingMemory(), 0.0)
    assert powers == {"full": 0, "low": -900}


def test_who_works_alone_does_so_until_there_is_clearly_more_to_do() -> None:
    _, memory = share(-900.0, [FULL, LOW], SharingMemory(), 0.0)
    powers, memory = share(-1400.0, [FULL, LOW], memory, 1.0)
    assert powers["low"] == 0
    powers, memory = share(-1600.0, [FULL, LOW], memory, 2.0)
    assert powers["low"] < 0
    powers, _ = share(-1400.0, [FULL, LOW], memory, 3.0)
    assert powers["low"] < 0


@pytest.mark.parametrize(
    ("now_s", "other_soc", "works"),
    [(1799.0, 0.6, "a"), (1800.0, 0.54, "a"), (1800.0, 0.56, "b")],
)
def test_another_takes_over_after_half_an_hour_and_five_percent(
    now_s: float, other_soc: float, works: str
) -> None:
    memory = SharingMemory(sign=-1, alone="a", alone_since_s=0.0)
    _, memory = share(-300.0, [store("a", 0.5), store("b", other_soc)], memory, now_s)
    assert memory.alone == works


def test_the_half_hour_begins_when_one_takes_over() -> None:
    memory = SharingMemory(sign=-1, alone="a", alone_since_s=1000.0)
    stores = [store("a", 0.5), store("b", 0.6)]
    assert share(-300.0, stores, memory, 2799.0)[1].alone == "a"
    assert share(-300.0, stores, memory, 2800.0)[1] == replace(memory, alone="b", alone_since_s=2800.0)


def test_one_that_cannot_go_on_is_relieved_at_once() -> None:
    memory = SharingMemory(sign=-1, alone="a", alone_since_s=0.0)
    empty = store("a", 0.1)
    powers, memory = share(-300.0, [empty, store("b", 0.12)], memory, 5.0)
    assert powers == {"a": 0, "b": -300}


def test_nothing_asked_chooses_nobody() -> None:
    powers, memory = share(0.0, [FULL, LOW], SharingMemory(), 0.0)
    assert powers == {"full": 0, "low": 0}
    assert memory == SharingMemory()


WEIGHTS = st.dictionaries(
    st.sampled_from("abcde"), st.tuples(st.just(0.0) | st.floats(0.1, 20000), st.floats(0, 5000)), min_size=1
)


@given(st.floats(0, 30000), WEIGHTS)
def test_parts_add_up_within_what_each_can_and_in_proportion(
    total: float, stores: dict[str, tuple[float, float]]
) -> None:
    weights = {key: weight for key, (weight, _) in stores.items()}
    most = {key: limit for key, (_, limit) in stores.items()}
    parts = water_filled(total, weights, most)
    able = math.fsum(most[key] for key, weight in weights.items() if weight > 0)
    assert math.fsum(parts.values()) == pytest.approx(min(total, able), rel=1e-6, abs=1e-6)
    assert all(-1e-9 <= parts[key] <= most[key] + 1e-6 for key in parts)
    level = max((parts[key] / weights[key] for key in parts if weights[key] > 0), default=0.0)
    for key, part in parts.items():
        assert part == pytest.approx(min(most[key], level * weights[key]), rel=1e-6, abs=1e-6)


@given(st.floats(0, 30000), WEIGHTS)
def test_parts_do_not_depend_on_the_order(total: float, stores: dict[str, tuple[float, float]]) -> None:
    weights = {key: weight for key, (weight, _) in stores.items()}
    most = {key: limit for key, (_, limit) in stores.items()}
    backwards = dict(reversed(weights.items()))
    assert water_filled(total, weights, most) == water_filled(total, backwards, most)


@given(
    st.floats(-15000, 15000),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
    st.sampled_from([SharingMemory(), CHARGING, DISCHARGING, SharingMemory(sign=1, alone="0")]),
)
def test_stores_stay_within_their_ranges_have_one_sign_and_never_do_more_than_asked(
    total_w: float, socs: list[float], memory: SharingMemory
) -> None:
    stores = [store(str(index), soc) for index, soc in enumerate(socs)]
    powers, _ = share(total_w, stores, memory, 0.0)
    assert set(powers) == {one.device_id for one in stores}
    assert all(one.low_w <= powers[one.device_id] <= one.high_w for one in stores)
    assert min(powers.values()) >= 0 or max(powers.values()) <= 0
    done_w = math.fsum(powers.values())
    assert done_w == 0 or ((done_w > 0) is (total_w > 0) and abs(done_w) <= abs(total_w) + 1e-6)
    assert share(total_w, stores[::-1], memory, 0.0)[0] == powers


@pytest.mark.parametrize(
    ("house_w", "pv_w", "bridge_w", "low_w"),
    [
        # A house of 500 W at night beside a car: the battery gives 500 W and not 4,600.
        (500, 0, 0, -500),
        (500, -300, 0, -200),
        (500, -3000, 0, 0),
        (500, 0, 400, -900),
    ],
)
def test_a_battery_that_is_not_for_the_car_gives_what_the_house_needs(
    house_w: float, pv_w: float, bridge_w: float, low_w: float
) -> None:
    assert not_into_the_car_w(house_w, pv_w, bridge_w) == low_w


def test_nothing_is_lent_to_the_car_unless_the_resident_says_so() -> None:
    assert not_into_the_car_w(500, 0) == -500

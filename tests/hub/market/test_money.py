"""A whole is parted and rounded without anything lost."""

import numpy as np
import pytest
from community_hub.market.money import in_smallest_unit, parted
from hypothesis import given
from hypothesis import strategies as st

WEIGHTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=20)


def _parts(total: int, weights: list[int], turn: int = 0) -> list[int]:
    parts: list[int] = parted(np.array([total]), np.array([weights]), first_turn=turn)[0].tolist()
    return parts


@given(total=st.integers(-(10**15), 10**15), weights=WEIGHTS, turn=st.integers(0, 99))
def test_parts_are_the_whole_and_each_is_its_share_within_one(
    total: int, weights: list[int], turn: int
) -> None:
    if not any(weights):
        weights[0] = 1
    parts = _parts(total, weights, turn)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        least, rest = divmod(total * weight, sum(weights))
        assert least <= part <= least + (rest > 0)


@given(total=st.integers(0, 10**6), weights=WEIGHTS)
def test_one_more_to_part_takes_from_nobody_more_than_one(total: int, weights: list[int]) -> None:
    weights[0] += 1
    less, more = _parts(total, weights), _parts(total + 1, weights)
    assert all(after >= before - 1 for before, after in zip(less, more, strict=True))


@given(total=st.integers(0, 10**6), weights=WEIGHTS.filter(any), data=st.data())
def test_the_largest_remainders_come_first(total: int, weights: list[int], data: st.DataObject) -> None:
    rests = [total * weight % sum(weights) for weight in weights]
    got = [
        part - total * weight // sum(weights)
        for part, weight in zip(_parts(total, weights), weights, strict=True)
    ]
    with_one = [rest for rest, one in zip(rests, got, strict=True) if one]
    without = [rest for rest, one in zip(rests, got, strict=True) if not one]
    assert not with_one or not without or min(with_one) >= max(without)


def test_of_equals_each_has_its_turn() -> None:
    parts = parted(np.full(3, 100), np.ones((3, 3), dtype=np.int64), first_turn=7)
    assert parts.tolist() == [[33, 34, 33], [33, 33, 34], [34, 33, 33]]


def test_what_nobody_can_take_is_not_lost_but_refused() -> None:
    assert _parts(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="among weights"):
        _parts(1, [0, 0])
    with pytest.raises(ValueError, match="at least 0"):
        _parts(1, [2, -1])


@given(amounts=st.lists(st.integers(-(10**12), 10**12), max_size=20), places=st.integers(0, 3))
def test_rounded_amounts_sum_to_the_rounded_sum(amounts: list[int], places: int) -> None:
    unit = 10 ** (9 - places)
    rounded = in_smallest_unit(amounts, places)
    assert abs(sum(rounded) * unit - sum(amounts)) * 2 <= unit
    assert all(abs(whole * unit - amount) < unit for whole, amount in zip(rounded, amounts, strict=True))


def test_three_thirds_of_a_cent_are_a_cent() -> None:
    assert in_smallest_unit([3_333_334, 3_333_333, 3_333_333]) == (1, 0, 0)

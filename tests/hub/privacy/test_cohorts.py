"""Which sums may be published, and which beside each other."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from community_hub.privacy.cohorts import (
    FEWEST_HOMES,
    Cohort,
    Withheld,
    gives_away,
    published_together,
    resolution_s,
    withheld,
)
from hypothesis import given
from hypothesis import strategies as st

MONTH = date(2026, 11, 1)


def _homes(first: int, end: int) -> frozenset[str]:
    return frozenset(f"home-{number:03}" for number in range(first, end))


def _cohort(first: int, end: int, name: str = "north") -> Cohort:
    return Cohort(id=name, month=MONTH, homes=_homes(first, end))


def _withheld(
    cohort: Cohort, *, before: Cohort | None = None, largest: int = 1, known: bool = True
) -> Withheld | None:
    energy = np.ones((len(cohort.homes), 24), dtype=np.int64)
    energy[0] = largest
    return withheld(cohort, before, energy, np.full(energy.shape, known))


def test_fifteen_complete_homes_of_which_none_stands_out_are_published() -> None:
    assert _withheld(_cohort(0, 15)) is None
    assert _withheld(_cohort(0, 14)) is Withheld.TOO_FEW_HOMES
    assert _withheld(_cohort(0, 15), known=False) is Withheld.INCOMPLETE


def test_a_home_may_be_a_quarter_of_a_sum_and_no_more() -> None:
    assert _withheld(_cohort(0, 31), largest=10) is None
    assert _withheld(_cohort(0, 31), largest=11) is Withheld.ONE_STANDS_OUT


def test_members_change_at_a_months_end_only() -> None:
    before = _cohort(0, 20)
    assert _withheld(_cohort(0, 21), before=before) is Withheld.NOT_FROZEN
    assert _withheld(replace(_cohort(0, 21), month=date(2026, 12, 1)), before=before) is None


@pytest.mark.parametrize(("homes", "slot_s"), [(14, None), (15, 3600), (49, 3600), (50, 900)])
def test_larger_cohorts_are_published_in_shorter_slots(homes: int, slot_s: int | None) -> None:
    assert resolution_s(homes) == slot_s


@pytest.mark.parametrize(
    ("sums", "given_away"),
    [
        ([_homes(0, 40)], None),
        ([_homes(0, 40), _homes(0, 20)], None),
        # One home less.
        ([_homes(0, 40), _homes(1, 40)], _homes(0, 1)),
        # What is left of the whole is too small.
        ([_homes(0, 40), _homes(0, 26)], _homes(26, 40)),
        # Each pair differs by many: only all three together tell of four homes.
        ([_homes(0, 40), _homes(0, 20), _homes(24, 40)], _homes(20, 24)),
        # Half the sum of three overlapping ones is all of them, but for two homes.
        ([_homes(0, 40), _homes(20, 60), _homes(0, 20) | _homes(40, 60), _homes(0, 58)], _homes(58, 60)),
        ([], None),
    ],
)
def test_sums_together_tell_of_fewer_than_fifteen(
    sums: list[frozenset[str]], given_away: frozenset[str] | None
) -> None:
    assert gives_away(sums) == given_away


@given(st.lists(st.tuples(st.integers(0, 45), st.integers(15, 60)), min_size=1, max_size=5))
def test_whatever_is_wanted_what_is_published_gives_nobody_away(spans: list[tuple[int, int]]) -> None:
    wanted = [_cohort(first, first + length, f"c{number}") for number, (first, length) in enumerate(spans)]
    free, held = published_together(wanted)
    assert gives_away([each.homes for each in free]) is None
    assert len(free) + len(held) == len(wanted)
    for cohort in held:
        assert gives_away([*(each.homes for each in free), cohort.homes]) is not None


def test_more_small_parts_than_can_be_tried_are_held_back() -> None:
    wanted = [_cohort(first, first + 40, f"c{first}") for first in range(0, 24, 2)]
    assert gives_away([each.homes for each in wanted]) is not None
    assert [each.id for each in published_together(wanted)[0]] == ["c0", "c8", "c16"]


def test_what_was_published_before_is_part_of_what_is_told() -> None:
    free, held = published_together([_cohort(1, 40, "new")], [_cohort(0, 40, "old")])
    assert (free, [each.id for each in held]) == ([], ["new"])
    assert len(_homes(0, FEWEST_HOMES)) == 15

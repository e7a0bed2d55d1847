"""Counters: every way in which a register misbehaves, and what of it ends in which slot."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.statistics import (
    Counted,
    CounterReading,
    CounterRule,
    Mark,
    MeterSwap,
    Problem,
    count,
    counter_reading,
    fuse_rule,
    shares,
)

QUARTER_S = 900
M, BETWEEN, E, GONE = Mark
HOME = CounterRule(most_per_h=17_250)
FUSE_25_A = fuse_rule(25.0, 3)
READINGS_S = st.lists(st.integers(1, 4_000), min_size=1, max_size=40)


def readings(*pairs: tuple[int, int]) -> list[CounterReading]:
    return [CounterReading(time_s=time_s, value=value) for time_s, value in pairs]


def counted(*pairs: tuple[int, int], rule: CounterRule = HOME, swap: MeterSwap | None = None) -> Counted:
    return count(readings(*pairs), rule, () if swap is None else (swap,), QUARTER_S)


def problems(found: Counted) -> list[Problem]:
    return [finding.problem for finding in found.findings]


class Case(NamedTuple):
    """Two readings or more, and what comes out for the quarter-hours they cover."""

    pairs: tuple[tuple[int, int], ...]
    values: tuple[int | None, ...]
    marks: tuple[Mark, ...]
    problems: tuple[Problem, ...] = ()
    rule: CounterRule = HOME
    swap: MeterSwap | None = None


ROLLS = CounterRule(most_per_h=17_250, modulus=1 << 32)
ENTERED = MeterSwap(time_s=400, end_value=12_345_960, start_value=870_900)
WRONG = MeterSwap(time_s=400, end_value=12_345_960, start_value=870_000_000)
DAY_S = 86_400
CASES = {
    "between the edges of one slot": Case(((0, 100), (900, 400)), (300,), (M,)),
    "within one slot, which is not wholly covered": Case(((300, 100), (600, 400)), (300,), (BETWEEN,)),
    "near enough to the edges": Case(((9, 0), (909, 90), (1791, 180)), (89, 91), (M, M)),
    "too far from the edges": Case(((0, 0), (911, 911), (1800, 1800)), (900, 900), (BETWEEN, BETWEEN)),
    "the most a fuse lets through and a step": Case(((0, 0), (900, 4_314)), (4_314,), (M,)),
    "one step more": Case(((0, 0), (900, 4_315)), (None,), (GONE,), (Problem.JUMP,)),
    "over two slots": Case(((0, 0), (1800, 601)), (301, 300), (BETWEEN, BETWEEN)),
    "over an hour": Case(((0, 0), (3600, 400)), (100,) * 4, (BETWEEN,) * 4),
    "over more than an hour": Case(((0, 0), (4500, 500)), (100,) * 5, (E,) * 5),
    "over a day": Case(((0, 0), (DAY_S, 9_600)), (100,) * 96, (E,) * 96),
    "over the longest day": Case(((0, 0), (DAY_S + 3600, 10_000)), (100,) * 100, (E,) * 100),
    "over more than the longest day": Case(
        ((0, 0), (DAY_S + 4500, 10_100)), (None,) * 101, (GONE,) * 101, (Problem.UNALLOCATED,)
    ),
    "nothing while it starts, then where it stood": Case(
        ((0, 35_600), (100, 0), (200, 0), (300, 35_600), (900, 35_620)),
        (20,),
        (E,),
        (Problem.RESET, Problem.DIP),
    ),
    "nothing so long that it could have counted there": Case(
        ((0, 2_000), (900, 0), (1800, 2_010)), (0, 10), (E, E), (Problem.RESET, Problem.DIP)
    ),
    "from nothing below where it stood it began anew": Case(
        ((0, 2_000), (900, 0), (1800, 300), (2700, 2_010)), (0, 300, 1_710), (E, M, M), (Problem.RESET,)
    ),
    "another's value while it starts": Case(
        ((0, 5_688_566), (900, 5_213_928), (1800, 5_688_570)),
        (0, 4),
        (E, E),
        (Problem.METER_CHANGED, Problem.DIP),
    ),
    "a little less than it told, and up again past it": Case(
        ((0, 1_200_500), (900, 1_198_200), (1800, 1_199_000), (2700, 1_202_000)),
        (0, 0, 1_500),
        (E, M, M),
        (Problem.DIP,),
    ),
    "a step of 100 Wh back and forth": Case(
        ((0, 215_600), (900, 215_700), (910, 215_600), (1800, 215_700), (2700, 215_800)),
        (100, 0, 100),
        (M, E, M),
        (Problem.DIP,),
    ),
    "another meter that stands an hour's worth lower": Case(
        ((0, 1_200_000), (900, 1_182_748), (1800, 1_182_800)),
        (None, 52),
        (GONE, M),
        (Problem.METER_CHANGED,),
    ),
    "off for two days, and as it was": Case(
        ((0, 1_000), (900, 1_010), (900 + 2 * 86_400, 1_010)),
        (10, *[0] * 192),
        (M, *[BETWEEN] * 192),
    ),
    "the same again": Case(((0, 0), (900, 90), (900, 90)), (90,), (M,)),
    "another value at the same time": Case(
        ((0, 0), (900, 90), (900, 80), (1800, 180)), (80, 100), (E, E), (Problem.CONFLICT,)
    ),
    "a dip of ten steps": Case(((0, 1000), (900, 990), (1800, 1100)), (0, 100), (M, M), (Problem.DIP,)),
    "a dip that lasts": Case(
        ((0, 1000), (900, 995), (1800, 996), (2700, 1004)),
        (0, 0, 4),
        (M, M, M),
        (Problem.DIP,),
    ),
    "back by eleven steps is no noise": Case(
        ((0, 100_000), (900, 99_989), (1800, 99_999)), (0, 0), (E, M), (Problem.DIP,)
    ),
    "it rolls over": Case((((0, (1 << 32) - 50)), (900, 70)), (120,), (M,), (), ROLLS),
    "it would roll over, if anybody had told": Case(
        ((0, (1 << 32) - 50), (900, 70)), (70,), (E,), (Problem.RESET,)
    ),
    "it starts anew": Case(((0, 5200), (900, 110)), (110,), (E,), (Problem.RESET,)),
    "too high for a new start": Case(((0, 50_000), (900, 5_000)), (None,), (GONE,), (Problem.METER_CHANGED,)),
    "another meter, its values entered": Case(
        ((0, 12_345_900), (900, 871_000)), (160,), (M,), (), HOME, ENTERED
    ),
    "another meter, what was entered cannot be": Case(
        ((0, 12_345_900), (900, 871_000)),
        (None,),
        (GONE,),
        (Problem.SWAP_REFUSED, Problem.METER_CHANGED),
        HOME,
        WRONG,
    ),
    "a jump ahead counts nothing, and what follows counts from there": Case(
        ((0, 0), (900, 50_000), (1800, 50_100)), (None, 100), (GONE, M), (Problem.JUMP,), FUSE_25_A
    ),
    "a jump in the middle takes the slot, and what is known of it is told": Case(
        ((0, 0), (450, 50), (460, 50_000), (900, 50_040)),
        (None,),
        (GONE,),
        (Problem.JUMP, Problem.UNALLOCATED),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_readings_become_slots(case: Case) -> None:
    found = counted(*case.pairs, rule=case.rule, swap=case.swap)

    assert (found.series.first_slot, found.series.values, found.series.marks) == (0, case.values, case.marks)
    assert tuple(problems(found)) == case.problems


def test_another_meter_is_known_by_its_number_even_when_it_counts_on() -> None:
    new = CounterReading(time_s=900, value=1_010, meter_id="new")

    found = count([*readings((0, 1_000)), new], HOME, (), QUARTER_S)

    assert (found.series.values, problems(found)) == ((None,), [Problem.METER_CHANGED])


def test_a_reading_of_a_clock_that_jumped_is_no_measurement() -> None:
    doubtful = CounterReading(time_s=900, value=90, is_time_certain=False)

    assert count([*readings((0, 0)), doubtful], HOME, (), QUARTER_S).series.marks == (BETWEEN,)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -1.0, 1e300])
def test_what_is_no_number_of_a_counter_is_no_reading(value: float | None) -> None:
    assert counter_reading(0.0, value) is None


@given(st.integers(0, 10**10))
def test_a_whole_step_that_is_told_in_thousands_comes_to_itself(step: int) -> None:
    for told in (float(f"{step / 1000:.3f}") * 1e3, 1000 * (step / 1000), float(step), step + 0.7):
        found = counter_reading(0.0, told)
        assert found is not None
        assert found.value == step


def test_readings_off_the_grid() -> None:
    found = counted((437, 1000), (1337, 1300), (2237, 1500), (3137, 1900))

    # 300 as 154 + 146, 200 as 103 + 97, 400 as 206 + 194.
    assert found.series.values == (154, 146 + 103, 97 + 206, 194)
    assert found.series.total == 900
    assert set(found.series.marks) == {BETWEEN}


def test_a_counter_that_starts_anew_at_14_37() -> None:
    half_past_s = 14 * 3600 + 1800
    found = counted(
        (half_past_s, 5200), (half_past_s + 410, 5290), (half_past_s + 420, 0), (half_past_s + 900, 110)
    )

    assert (found.series.values, found.series.marks) == ((200,), (E,))
    lost = next(finding for finding in found.findings if finding.problem is Problem.RESET)
    assert (lost.amount, lost.end_s - lost.start_s) == (48, 10)  # 17,250 W for 10 s


def test_a_gap_of_six_hours_keeps_its_total() -> None:
    assert counted((900, 250), (22_500, 6_250)).series.values == (250,) * 24

    with_one_more = counted((900, 250), (22_500, 6_251)).series.values
    assert sorted(value or 0 for value in with_one_more) == [250] * 23 + [251]


def test_a_dip_is_not_counted_twice() -> None:
    found = counted((0, 1000), (900, 1100), (1800, 1099), (2700, 1200))

    assert found.series.values == (100, 0, 100)


def test_what_was_counted_without_a_slot_is_told() -> None:
    found = counted((0, 0), (450, 50), (460, 50_000), (900, 50_040))

    assert found.unallocated == 90
    assert counted((0, 7), (DAY_S + 4500, 10_107)).unallocated == 10_100


def series_of_readings(gaps_s: list[int], seed: int) -> list[CounterReading]:
    """Return a counter that never does anything odd."""
    chance = random.Random(seed)  # noqa: S311 # a house, no secret
    time_s, value, found = 0, 1_000, []
    for gap_s in gaps_s:
        time_s += gap_s
        value += chance.randint(0, HOME.most_in(gap_s))
        found.append(CounterReading(time_s=time_s, value=value))
    return found


@given(READINGS_S, st.integers())
def test_no_watt_hour_is_lost_or_invented(gaps_s: list[int], seed: int) -> None:
    made = series_of_readings(gaps_s, seed)

    found = count(made, HOME)

    assert found.series.total + found.unallocated == made[-1].value - made[0].value
    assert found.findings == ()


wild = st.lists(
    st.builds(
        CounterReading,
        time_s=st.integers(0, 6_000),
        value=st.integers(-5, 300) | st.integers(0, 1 << 33),
        meter_id=st.sampled_from(["", "", "", "b"]),
        is_time_certain=st.booleans(),
    ),
    max_size=25,
)


@given(wild, st.randoms(use_true_random=False))
def test_order_and_repetition_of_what_arrives_never_matter(
    made: list[CounterReading], chance: random.Random
) -> None:
    shuffled = [*made, *made[::2]]
    chance.shuffle(shuffled)

    assert count(shuffled, ROLLS) == count(made, ROLLS)


@given(wild)
def test_readings_that_are_kept_tell_the_same(made: list[CounterReading]) -> None:
    found = count(made, ROLLS)
    again = count(found.kept, ROLLS)

    assert again.series == found.series
    assert (again.unallocated, again.last) == (found.unallocated, found.last)
    assert again.fallen_from == found.fallen_from


@given(READINGS_S, st.integers(), st.integers(1, 39))
def test_counting_goes_on_where_it_ended(gaps_s: list[int], seed: int, at: int) -> None:
    made = series_of_readings(gaps_s, seed)
    first = count(made[:at], HOME)
    assert first.last is not None

    rest = count([first.last, *made[at:]], HOME)

    whole = count(made, HOME)
    assert first.series.total + first.unallocated + rest.series.total + rest.unallocated == (
        whole.series.total + whole.unallocated
    )


@given(st.integers(-10_000, 10_000), st.lists(st.integers(0, 900), min_size=1).filter(any))
def test_shares_sum_to_the_total_and_none_is_off_by_more_than_one(total: int, weights: list[int]) -> None:
    found = list(shares(total, weights))

    assert sum(found) == total
    whole = sum(weights)
    for share, weight in zip(found, weights, strict=True):
        assert abs(share * whole - total * weight) <= whole


def test_nothing_can_be_shared_by_no_weight() -> None:
    with pytest.raises(ValueError, match="weights"):
        list(shares(1, [0, 0]))


@pytest.mark.parametrize(
    "wrong", [{"most_per_h": 0}, {"resolution": 0}, {"modulus": 0}, {"edge_s": -1}], ids=str
)
def test_a_rule_of_no_counter_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="counter"):
        CounterRule(**{"most_per_h": 1, **wrong})

"""A total of energy: it only grows, rolls over with its counter, and does not leap with a broken one."""

from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.energy import EnergyCounter

RATED_W = 5000.0


def totals(*readings: tuple[float, float], every_s: float = 1.0) -> list[float | None]:
    """Return the totals for counters and the seconds each is read for, once a second."""
    counter, now_s, told = EnergyCounter(), 0.0, []
    for counter_wh, seconds in readings:
        for _ in range(int(seconds / every_s)):
            told.append(counter.total_wh(counter_wh, now_s=now_s, most_w=RATED_W))
            now_s += every_s
    return told


def test_a_leap_that_the_device_cannot_have_produced_is_passed_over() -> None:
    assert totals((12_345_000, 1), (4_294_000_000, 1), (12_345_010, 1))[-1] == 12_345_010


def test_a_counter_that_begins_anew_and_stays_there_goes_on_counting() -> None:
    told = totals((12_345_000, 5), (10, 100), (30, 1))
    assert told[50] == 12_345_000
    assert told[-1] == 12_345_020


def test_a_counter_that_slips_back_for_a_moment_is_waited_for() -> None:
    assert totals((1000, 1), (990, 1), (1003, 1)) == [1000, 1000, 1003]


def test_what_was_produced_while_nobody_read_counts() -> None:
    counter = EnergyCounter()
    counter.total_wh(1000.0, now_s=0.0, most_w=RATED_W)
    assert counter.total_wh(41_000.0, now_s=8 * 3600.0, most_w=RATED_W) == 41_000.0


def test_a_counter_that_is_not_told_is_no_total() -> None:
    assert EnergyCounter().total_wh(None, now_s=0.0, most_w=RATED_W) is None


@given(st.lists(st.integers(1, 2**32 - 1), min_size=1, max_size=30))
def test_a_total_never_falls(counts: list[int]) -> None:
    counter = EnergyCounter()
    told = [counter.total_wh(float(count), now_s=second, most_w=1e9) for second, count in enumerate(counts)]
    assert told == sorted(total for total in told if total is not None)


@given(st.integers(1, 2**32 - 1), st.lists(st.integers(0, 2**31 - 2), max_size=20))
def test_a_total_counts_every_step_across_roll_overs(start: int, steps: list[int]) -> None:
    counter, raw, most_w = EnergyCounter(), start, 2.0**31 * 3600
    counter.total_wh(float(start), now_s=0.0, most_w=most_w)
    for second, step in enumerate(steps, start=1):
        raw += step
        counter.total_wh(float(raw % 2**32), now_s=second, most_w=most_w)
    assert counter.total_wh(float(raw % 2**32), now_s=len(steps) + 1, most_w=most_w) == float(raw)

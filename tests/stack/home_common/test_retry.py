"""Waits double up to a limit, are spread, and begin anew after success."""

from home_common.retry import BackOff
from hypothesis import given
from hypothesis import strategies as st


def test_without_jitter_waits_double_up_to_the_limit() -> None:
    back_off = BackOff(1.0, 10.0, jitter=0.0)
    assert [back_off.next_s() for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_after_success_it_begins_with_the_shortest() -> None:
    back_off = BackOff(1.0, 60.0, jitter=0.0)
    waits = [back_off.next_s(), back_off.next_s()]
    back_off.reset()
    assert [*waits, back_off.next_s()] == [1.0, 2.0, 1.0]


def test_two_that_failed_together_do_not_return_together() -> None:
    assert len({BackOff(1.0, 60.0).next_s() for _ in range(50)}) > 40


@given(
    least=st.floats(0.01, 100), most=st.floats(0.01, 1000), jitter=st.floats(0, 1), tries=st.integers(1, 40)
)
def test_no_wait_is_longer_than_its_step_or_the_limit(
    least: float, most: float, jitter: float, tries: int
) -> None:
    back_off = BackOff(least, most, jitter=jitter)
    for count in range(tries):
        step = min(least * 2.0**count, max(least, most))
        assert step * (1 - jitter) * 0.999 <= back_off.next_s() <= step * 1.001

"""Up to where reports are there."""

from community_hub.wire.progress import MOST_BEYOND, MOST_MISSING, Progress
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=12)


@given(NUMBERS)
def test_it_is_the_last_before_the_first_gap_in_whatever_order_they_came(batches: list[list[int]]) -> None:
    progress = Progress(stream="s")
    for batch in batches:
        progress = progress.with_more(batch)

    there = {number for batch in batches for number in batch}
    assert progress.up_to == next(number for number in range(32) if number + 1 not in there)
    assert set(progress.beyond) == {number for number in there if number > progress.up_to}


@given(NUMBERS, st.integers(1, 30))
def test_what_is_missing_is_before_something_that_is_there(batches: list[list[int]], oldest: int) -> None:
    progress = Progress(stream="s")
    for batch in batches:
        progress = progress.with_more(batch, oldest)

    there = {number for batch in batches for number in batch}
    expected = set(range(oldest, max(there, default=0))) - there if batches else set()
    assert set(progress.missing) == expected
    assert progress.up_to >= (oldest - 1 if batches else 0)


def test_what_the_home_does_not_keep_any_more_is_not_waited_for() -> None:
    progress = Progress(stream="s").with_more([1, 2, 7])
    assert (progress.up_to, progress.missing) == (2, [3, 4, 5, 6])

    assert progress.with_more([8], oldest=7) == Progress(stream="s", up_to=8)
    assert progress.with_more([8], oldest=1).up_to == 2


def test_however_far_ahead_a_home_is_only_so_much_is_asked_for() -> None:
    assert Progress(stream="s").with_more([2**62]).missing == list(range(1, MOST_MISSING + 1))


def test_what_is_far_ahead_is_not_remembered_and_never_said_to_be_there() -> None:
    progress = Progress(stream="s").with_more(range(2, 2 * MOST_BEYOND)).with_more([1])

    assert progress.up_to == MOST_BEYOND + 1
    assert progress.beyond == ()

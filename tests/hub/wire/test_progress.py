"""Up to where reports are there."""

from community_hub.wire.progress import MOST_BEYOND, Progress
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


def test_what_is_far_ahead_is_not_remembered_and_never_said_to_be_there() -> None:
    progress = Progress(stream="s").with_more(range(2, 2 * MOST_BEYOND)).with_more([1])

    assert progress.up_to == MOST_BEYOND + 1
    assert progress.beyond == ()

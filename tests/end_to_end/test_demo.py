"""The command of the README's first page does what it says, to its last sentence."""

import pytest

from . import unattended

_LONGEST_S = 900

pytestmark = pytest.mark.timeout(_LONGEST_S + 60)

# What its story ends with, in plain words.
STORY = (
    "the event is over;",
    "the aggregator's receipt:",
    "% of what was taken",
    "your receipt:",
    "it is counted by the meter's own registers",
    "your day ",
    "without the battery it would have cost",
)


async def test_the_demo_runs_unattended_and_ends_with_the_receipts_of_an_event_and_a_day() -> None:
    told, figures = await unattended.run("demo", "--check", longest_s=_LONGEST_S)
    assert [line for line in STORY if line not in told] == []
    assert figures["receipts_hold"]
    assert figures["handed_back"]
    assert figures["limit_kept_share"] >= 0.95
    assert figures["delivered_share"] >= 0.8

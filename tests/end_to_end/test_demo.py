"""The command of the README's first page does what it says, to its last sentence."""

import asyncio
import json
import signal
from typing import Any

import pytest

from scripts.home_stack.processes import ROOT

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
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "demo"),
        "--check",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _LONGEST_S)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
    told = said.decode()
    assert process.returncode == 0, told
    assert [line for line in STORY if line not in told] == []
    figures: Any = json.loads(told.splitlines()[-1])
    assert figures["receipts_hold"]
    assert figures["handed_back"]
    assert figures["limit_kept_share"] >= 0.95
    assert figures["delivered_share"] >= 0.8

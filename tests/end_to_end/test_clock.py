"""A clock that is set while the home runs: what lasts goes by one that cannot be set. All share one home."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from scripts.home_stack.api import wait_until
from scripts.home_stack.fake_clock import FakeClock
from scripts.home_stack.home_assistant import complaints
from scripts.home_stack.house import STEADY
from scripts.home_stack.stack import HomeStack, running_stack

from .looks import (
    FUSE_W,
    REACHED_S,
    issues,
    over_limit_s,
    status_of,
    wait_for_limit,
    wait_for_power,
    wait_until_handed_back,
    wait_until_settled,
)

pytestmark = pytest.mark.timeout(280)

LIMIT_W = 4000
HOUR_S = 3600
TWO_DAYS_S = 2 * 24 * HOUR_S
ONCE = ["ACCEPTED", "STARTED", "SUCCEEDED"]
# The library looks for a new offset each second, the home each second too.
FELT_S = 3.0
HEAVY_LOAD_W = 9000
# No event ends before the clock has run evenly for a minute.
EVEN_S = 60.0


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> FakeClock:
    return FakeClock(tmp_path_factory.mktemp("clock"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> AsyncIterator[HomeStack]:
    async with running_stack(
        tmp_path_factory.mktemp("home"),
        house_options=STEADY,
        home_assistant_environment=clock.environment,
    ) as stack:
        stack.aggregator.answers = True
        yield stack
    assert complaints(stack.home_assistant.log_lines()) == []


async def test_an_event_and_the_fuse_are_kept_over_every_step_of_the_clock(
    home: HomeStack, clock: FakeClock
) -> None:
    await wait_for_power(home, at_least_w=11_000, timeout_s=60)
    event = await home.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=10))
    await wait_for_limit(home, LIMIT_W)
    await home.aggregator.wait_for_status(event.event_id, "STARTED", timeout_s=REACHED_S)

    for offset_s in (HOUR_S, 0, -HOUR_S, -TWO_DAYS_S, 0):
        clock.set(offset_s)
        over_s = await over_limit_s(home, LIMIT_W, for_s=FELT_S + 2)
        assert over_s == 0, f"{over_s} s over the limit with the clock set by {offset_s} s"
    # Log-ins of the right time count only in the right time.
    assert await status_of(home, event) == "STARTED"
    assert (await issues(home)).get("clock") == "clock_stepped"

    await home.aggregator.end(event)
    await home.house.put("/house", {"base_load_w": HEAVY_LOAD_W})
    await asyncio.sleep(FELT_S)
    assert await over_limit_s(home, FUSE_W, for_s=3) == 0
    await home.house.put("/house", {"base_load_w": 500})
    await wait_until_settled(home, event, ONCE)
    await wait_until_handed_back(home, within_s=EVEN_S)


async def test_an_event_that_a_wrong_clock_refused_is_taken_when_the_clock_is_right_again(
    home: HomeStack, clock: FakeClock
) -> None:
    clock.set(-TWO_DAYS_S)
    await asyncio.sleep(FELT_S)
    event = await home.aggregator.dispatch(import_limit_w=LIMIT_W, duration=timedelta(minutes=10))

    async def refused() -> bool:
        return bool(home.aggregator.reports(event.event_id))

    await wait_until(refused, "the refusal", timeout_s=REACHED_S)
    assert "wrong_time" in home.aggregator.told(event.event_id)[0]
    clock.set(0)
    await wait_for_limit(home, LIMIT_W)
    await home.aggregator.end(event)
    await wait_until_settled(home, event, ONCE)

"""What tests look at in a home that runs, and wait for; and how one of them leaves it to the next."""

import asyncio
from pathlib import Path
from time import monotonic

from scripts.home_stack.aggregator import Dispatched
from scripts.home_stack.api import wait_until
from scripts.home_stack.recording import TOLERANCE_W
from scripts.home_stack.stack import HomeStack

REACHED_S = 15.0
HANDED_BACK_S = 60.0
# While the clock is not trusted, for a minute after it jumped, an event is settled a minute after its end.
SETTLED_S = 120.0
# Three phases of 25 A at 230 V.
FUSE_W = 17_250.0


async def wait_for_power(
    stack: HomeStack, *, at_least_w: float = -1e6, at_most_w: float = 1e6, timeout_s: float = REACHED_S
) -> None:
    """Wait until the meter is within these bounds."""

    async def within() -> bool:
        return at_least_w <= (await stack.house.state()).grid_power_w <= at_most_w

    await wait_until(within, f"the meter within {at_least_w}..{at_most_w} W", timeout_s=timeout_s)


async def wait_for_limit(stack: HomeStack, limit_w: float) -> None:
    """Wait until the meter is within a limit."""
    await wait_for_power(stack, at_most_w=limit_w + TOLERANCE_W)


async def over_limit_s(stack: HomeStack, limit_w: float, *, for_s: float) -> float:
    """Watch for some seconds; return in how many of them the meter was above the limit."""
    over_s, began = 0.0, monotonic()
    before = began
    while (now := monotonic()) < began + for_s:
        if (await stack.house.state()).grid_power_w > limit_w + TOLERANCE_W:
            over_s += now - before
        before = now
        await asyncio.sleep(0.1)
    return over_s


async def wait_until_handed_back(stack: HomeStack, *, within_s: float = HANDED_BACK_S) -> None:
    """Wait until every device runs by itself."""

    async def free() -> bool:
        return not (await stack.house.state()).controlled

    await wait_until(free, "every device to run by itself", timeout_s=within_s)


async def wait_until_settled(stack: HomeStack, event: Dispatched, statuses: list[str]) -> None:
    """Wait for the receipt, and see that each state was reported once, and the receipt too."""
    await stack.aggregator.wait_for_settlement(event.event_id, timeout_s=SETTLED_S)
    told = stack.aggregator.told(event.event_id)
    assert stack.aggregator.statuses(event.event_id) == statuses, told
    assert len(stack.aggregator.settlements(event.event_id)) == 1, told


async def bring_to_rest(stack: HomeStack) -> None:
    """Take open events back, and let the house be as it began, with every device by itself."""
    await stack.aggregator.cancel_open()
    await stack.house.set_faults()
    await stack.house.put("/house", {"battery_soc": 0.5, "car_soc": 0.4})
    await wait_until_handed_back(stack)


async def issues(stack: HomeStack) -> dict[str, str]:
    """Return the open repair issues of Home Flex: their wording by their id."""
    found = await stack.home_assistant.api.websocket({"type": "repairs/list_issues"})
    return {
        issue["issue_id"]: issue["translation_key"]
        for issue in found["issues"]
        if issue["domain"] == "home_flex"
    }


async def status_of(stack: HomeStack, event: Dispatched) -> str | None:
    """Return the state of an event as the home holds it."""
    records = (await stack.home_flex.status())["records"]
    states = (one["status"] for one in records if one["event"]["event_id"] == event.event_id)
    return next(states, None)


def store_path(stack: HomeStack) -> Path:
    """Return the file of the home's own store."""
    return stack.home_assistant.folder / ".storage" / f"home_flex.{stack.home_flex.entry_id}.sqlite"

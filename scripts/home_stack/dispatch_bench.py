"""``dispatch`` measures event → setpoint written → confirmed: on the demo house, and with twenty devices.

Each event is a capacity limit that starts at once, published at a moment unrelated to the control's own
seconds, and taken back as soon as the meter is within it. The truth is the simulated house's. Beside it:
the floor, what the broker alone needs to hand the same message to a second listener.
"""

import asyncio
import os
import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic

from . import recording
from .api import wait_until
from .home_assistant import HomeAssistant
from .house import STEADY
from .loads import add_loads, configuration
from .recording import Recorder
from .stack import HomeStack, running_stack

LIMIT_W = 4000
EVENT = timedelta(minutes=5)
LONGEST_S = 30.0
SETTLING_S = 15.0
# Devices are spared: what they may be written is used up by so many events that follow each other so closely.
EVENTS_A_LIFE = 15
# With those of the demo house twenty devices; so many events of each are measured with them.
LOADS = 16
CROWD_PART = 4

SETPOINT_TARGET_MS, CONFIRMED_TARGET_MS, CROWD_TARGET_MS = 50, 500, 100
MEMORY_TARGET_MIB = 60

type Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """One event, in ms after it was published."""

    floor: float
    setpoint: float
    confirmed: float


async def bench_dispatch(events: int, tell: Tell) -> int:
    """Measure ``events`` events and the memory; print a table; return 0 when the targets are met."""
    loads = configuration(LOADS, switched=True)
    with tempfile.TemporaryDirectory(prefix="home-flex-bench-") as name:
        async with running_stack(
            Path(name), house_options=STEADY, set_up=False, more_configuration=loads, tell=tell
        ) as stack:
            bare_mib = await _settled_memory(stack.home_assistant)
            await stack.home_flex.set_up(stack.house, stack.broker, tell=tell)
            version = await stack.home_assistant.version()
            figures = await _measure(stack, events, tell)
            # Both are measured after a start: forms and reloads leave memory behind for a while.
            await stack.home_assistant.restart()
            await stack.home_flex.ready()
            with_mib = await _settled_memory(stack.home_assistant)
            await add_loads(stack.home_flex, LOADS, switched=True)
            devices = len((await stack.home_flex.status())["devices"])
            tell(f"{devices} devices")
            crowd = await _measure(stack, max(1, events // CROWD_PART), tell)
    print(f"Home Assistant {version}, {events} events, import limit {LIMIT_W} W, {os.cpu_count()} cores\n")
    print(f"{'ms after publishing':<34}{'p50':>8}{'p95':>8}{'max':>8}{'target p95':>12}")
    written, confirmed = "event → setpoint written", "event → confirmed at the meter"
    met = [
        _row("floor: broker to a listener", [one.floor for one in figures], None),
        _row(written, [one.setpoint for one in figures], SETPOINT_TARGET_MS),
        _row(confirmed, [one.confirmed for one in figures], CONFIRMED_TARGET_MS),
        _row(f"{written}, {devices} devices", [one.setpoint for one in crowd], CROWD_TARGET_MS),
        _row(f"{confirmed}, {devices}", [one.confirmed for one in crowd], None),
    ]
    print(f"\n{'memory of the process (PSS), MiB':<34}{'without':>8}{'with':>8}{'apart':>8}{'target':>12}")
    apart = with_mib - bare_mib
    memory = f"{bare_mib:>8.1f}{with_mib:>8.1f}{apart:>8.1f}{MEMORY_TARGET_MIB:>12}"
    print(f"{'Home Flex, the demo house':<34}{memory}")
    return 0 if all(met) and apart <= MEMORY_TARGET_MIB else 1


async def _measure(stack: HomeStack, events: int, tell: Tell) -> list[Figures]:
    pauses = random.Random(1)  # noqa: S311 # spreads events over the second, no secret
    figures = []
    recorder = Recorder(stack.house)
    async with recorder.running():
        for number in range(1, events + 1):
            await wait_until(lambda: _at_rest(recorder), "the house to be free again", timeout_s=60)
            await asyncio.sleep(pauses.random())
            figures.append(await _one(stack, recorder))
            if number % EVENTS_A_LIFE == 0:
                await stack.home_flex.reload()
                # Neither full nor empty, so that every event finds the same house.
                await stack.house.put("/house", {"battery_soc": 0.5, "car_soc": 0.4})
                tell(f"{number} of {events} events")
    return figures


async def _at_rest(recorder: Recorder) -> bool:
    return not recorder.now.controlled and recorder.now.grid_power_w > 2 * LIMIT_W


async def _one(stack: HomeStack, recorder: Recorder) -> Figures:
    """Dispatch, wait until the limit is reached, take back."""
    del recorder.samples[:-5]
    sent = await stack.aggregator.dispatch(import_limit_w=LIMIT_W, duration=EVENT)

    async def reached() -> float | None:
        return recording.limit_reached_at(recorder.samples, sent.published, LIMIT_W)

    confirmed = await wait_until(reached, "the limit to be reached", timeout_s=LONGEST_S, every_s=0.01)
    written = recording.setpoint_written_at(recorder.samples, sent.published)
    heard = next(
        heard.at
        for heard in stack.aggregator.heard
        if heard.topic.endswith("/create") and heard.document.get("object", {}).get("id") == sent.event_id
    )
    await stack.aggregator.cancel(sent)
    await stack.aggregator.wait_for_status(sent.event_id, "REVOKED", timeout_s=LONGEST_S)
    return Figures(
        floor=(heard - sent.published) * 1000,
        setpoint=((written or confirmed) - sent.published) * 1000,
        confirmed=(confirmed - sent.published) * 1000,
    )


async def _settled_memory(home_assistant: HomeAssistant) -> float:
    """Return the process' share of memory in MiB, once it has rested; the smallest of its last seconds."""
    end = monotonic() + SETTLING_S
    seen: list[int] = []
    while monotonic() < end:
        await asyncio.sleep(1)
        seen.append(home_assistant.memory_kib()["Pss"])
    return min(seen[-5:]) / 1024


def _row(name: str, values: Sequence[float], target: int | None) -> bool:
    """Print a line of the table; return whether its target is met."""
    cuts = statistics.quantiles(values, n=20, method="inclusive") if len(values) > 1 else [values[0]] * 19
    print(f"{name:<34}{cuts[9]:>8.1f}{cuts[18]:>8.1f}{max(values):>8.1f}{target or '':>12}")
    return target is None or cuts[18] <= target

"""What planning costs the process it runs in: memory, and how late its event loop gets."""

import asyncio
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from custom_components.home_flex.core.planner.planner import Planner

from . import homes

_TICK_S: Final = 0.005
# What a process grows by when it plans and reckons an envelope, numpy being there already.
_GROWS: Final = """
import numpy
def rss_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
import asyncio, datetime, decimal, statistics
from custom_components.home_flex.core.planner import Asked
from scripts.home_stack.planner_bench import homes
before = rss_mb()
from custom_components.home_flex.core.planner.envelope import Envelopes
from custom_components.home_flex.core.planner.planner import Planner
planner, envelopes = Planner(), Envelopes()
for seed in range(20):
    problem = homes.problem(homes.Home(seed=seed), homes.tiered())
    plan = planner.plan(problem)
    envelope = envelopes.envelope(problem, plan, Asked(durations_s=(1800,)))
print(rss_mb() - before)
"""


def grown_mb() -> float:
    """Return by how many MB a new process grows that plans, besides numpy."""
    root = Path(__file__).parents[3]
    told = subprocess.run(  # noqa: S603 # this very interpreter
        [sys.executable, "-c", _GROWS], cwd=root, capture_output=True, text=True, timeout=300, check=True
    )
    return float(told.stdout)


def lags_ms(planning_s: float) -> tuple[list[float], list[float]]:
    """Return how late each tick of an event loop is, alone and while plans are made in its executor."""
    return asyncio.run(_both(planning_s))


async def _both(planning_s: float) -> tuple[list[float], list[float]]:
    idle = await _ticked(planning_s)
    planning = asyncio.create_task(_plans())
    try:
        busy = await _ticked(planning_s)
    finally:
        planning.cancel()
        with suppress(asyncio.CancelledError):
            await planning
    return idle, busy


async def _plans() -> None:
    planner, grid = Planner(), homes.tiered()
    problems = [homes.problem(homes.Home(seed=seed), grid) for seed in range(40)]
    while True:
        for problem in problems:
            await asyncio.to_thread(planner.plan, problem)


async def _ticked(for_s: float) -> list[float]:
    late, until_s = [], time.monotonic() + for_s
    while (began_s := time.monotonic()) < until_s:
        await asyncio.sleep(_TICK_S)
        late.append(1000 * (time.monotonic() - began_s - _TICK_S))
    return late


def p99(values: list[float]) -> float:
    """Return what 99 of 100 values do not exceed."""
    return float(np.percentile(values, 99))

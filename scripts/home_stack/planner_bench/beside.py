"""What planning costs the process it runs in: memory, and how late its event loop gets."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Lags:
    """How late ticks of an event loop are, alone and while plans are made in its executor.

    ``own``: of how much of that the planning thread may be the cause, which computed no longer meanwhile; the
    rest is other processes'.
    """

    idle: list[float]
    busy: list[float]
    own: list[float]


def lags_ms(planning_s: float) -> Lags:
    """Return how late an event loop gets."""
    return asyncio.run(_both(planning_s))


async def _both(planning_s: float) -> Lags:
    idle, _ = await _ticked(planning_s, time.thread_time)
    with ThreadPoolExecutor(max_workers=1) as executor:
        planning = asyncio.create_task(_plans(executor))
        clock = time.pthread_getcpuclockid(await _in(executor, threading.get_ident))
        try:
            busy, own = await _ticked(planning_s, partial(time.clock_gettime, clock))
        finally:
            planning.cancel()
            with suppress(asyncio.CancelledError):
                await planning
    return Lags(idle=idle, busy=busy, own=own)


async def _plans(executor: Executor) -> None:
    planner, grid = Planner(), homes.tiered()
    problems = [homes.problem(homes.Home(seed=seed), grid) for seed in range(40)]
    while True:
        for problem in problems:
            await _in(executor, partial(planner.plan, problem))


async def _in[T](executor: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, work)


async def _ticked(for_s: float, other_s: Callable[[], float]) -> tuple[list[float], list[float]]:
    """Return how late each tick is, and the less of that and of what a thread computed in it."""
    late, own, until_s = [], [], time.monotonic() + for_s
    while (began_s := time.monotonic()) < until_s:
        computed_s = other_s()
        await asyncio.sleep(_TICK_S)
        late_s = time.monotonic() - began_s - _TICK_S
        late.append(1000 * late_s)
        own.append(1000 * min(late_s, other_s() - computed_s))
    return late, own


def p99(values: list[float]) -> float:
    """Return what 99 of 100 values do not exceed."""
    return float(np.percentile(values, 99))

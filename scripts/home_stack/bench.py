"""Figures of the whole thread on this machine: ``dispatch`` measures event → setpoint written → confirmed.

Each event is a capacity limit that starts at once, published at a moment unrelated to the control's own
seconds, and taken back as soon as the meter is within it. The truth is the simulated house's. Beside it:
the floor, what the broker alone needs to hand the same message to a second listener.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from . import recording
from .api import wait_until
from .devices_bench import bench_devices
from .home_assistant import HomeAssistant, complaints
from .house import STEADY
from .ingest_bench import bench_ingest
from .kills import as_json, kills, planned
from .processes import StackError
from .recording import Recorder
from .stack import HomeStack, running_stack

LIMIT_W = 4000
EVENT = timedelta(minutes=5)
LONGEST_S = 30.0
SETTLING_S = 15.0

TARGETS_MS = {"setpoint": 250, "confirmed": 2000}
MEMORY_TARGET_MIB = 60
ROWS_TARGET = 60_000
MB_TARGET = 250
DAYLIGHT = "2026-06-21T11:00"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """One event, in ms after it was published."""

    floor: float
    setpoint: float
    confirmed: float


async def bench_dispatch(events: int) -> int:
    """Measure ``events`` events and the memory; print a table; return 0 when the targets are met."""
    with tempfile.TemporaryDirectory(prefix="home-flex-bench-") as name:
        async with running_stack(Path(name), house_options=STEADY, set_up=False, tell=_note) as stack:
            bare_mib = await _settled_memory(stack.home_assistant)
            await stack.home_flex.set_up(stack.house, stack.broker, tell=_note)
            version = await stack.home_assistant.version()
            figures = await _measure(stack, events)
            with_mib = await _settled_memory(stack.home_assistant)
    print(f"Home Assistant {version}, {events} events, import limit {LIMIT_W} W, {os.cpu_count()} cores\n")
    print(f"{'ms after publishing':<34}{'p50':>8}{'p95':>8}{'max':>8}{'target p95':>12}")
    met = [
        _row("floor: broker to a listener", [one.floor for one in figures], None),
        _row("event → setpoint written", [one.setpoint for one in figures], TARGETS_MS["setpoint"]),
        _row("event → confirmed at the meter", [one.confirmed for one in figures], TARGETS_MS["confirmed"]),
    ]
    print(f"\n{'memory of the process (PSS), MiB':<34}{'without':>8}{'with':>8}{'apart':>8}{'target':>12}")
    apart = with_mib - bare_mib
    print(
        f"{'Home Flex, all devices':<34}{bare_mib:>8.1f}{with_mib:>8.1f}{apart:>8.1f}{MEMORY_TARGET_MIB:>12}"
    )
    return 0 if all(met) and apart <= MEMORY_TARGET_MIB else 1


async def bench_outage(minutes: float, reports_per_s: float) -> int:
    """Cut the line of a deployed home for some minutes, print what was lost; return 0 when nothing was."""
    # What a deployed home needs beside it is not there where only the demo was set up.
    from .deployed.community import Community  # noqa: PLC0415
    from .deployed.outage import outage  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="home-flex-bench-") as name:
        community = Community(Path(name))
        async with community.up():
            working_s = await community.works(timeout_s=180)
            _note(f"from empty volumes to a working home in {working_s:.0f} s")
            result = await outage(community, cut_s=minutes * 60, per_s=reports_per_s, tell=_note)
    print(f"line cut for {result.cut_s:.0f} s; both brokers and Home Assistant killed meanwhile")
    sent, lost, twice = result.reports_sent, result.reports_lost, result.reports_repeated
    print(f"reports          sent {sent}, lost {lost}, came twice {twice}")
    print(f"the event        {' → '.join(result.event_statuses)}, settled {result.settlements} time(s)")
    print(f"measurements     {result.samples} of the meter, longest gap {result.longest_gap_s:.1f} s")
    print(json.dumps({"nothing_lost": result.nothing_lost, **asdict(result)}))
    return 0 if result.nothing_lost else 1


async def bench_kills(count: int, seed: int) -> int:
    """Kill ``count`` times while events run; print one JSON line; return 0 when the targets are met."""
    _note(f"{count} kills, --seed {seed}")
    with tempfile.TemporaryDirectory(prefix="home-flex-bench-") as name:
        async with running_stack(Path(name), house_options=STEADY, tell=_note) as stack:
            result = await kills(stack, planned(count, seed), _note)
            wrong = complaints(stack.home_assistant.log_lines())
    for complaint in wrong:
        _note(f"the log complains: {complaint}")
    print(as_json(result))
    return 0 if result.is_met and not wrong else 1


async def bench_card(minutes: float, at: str) -> int:
    """Watch a deployed home, print what wears its memory card; return 0 when the targets are met.

    ``at`` is the local time of the simulated house at the start: with the sun on its roof more changes.
    """
    # What a deployed home needs beside it is not there where only the demo was set up.
    from .deployed.card import wear  # noqa: PLC0415
    from .deployed.community import Community  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="home-flex-bench-") as name:
        community = Community(Path(name), house={"AT": at})
        async with community.up():
            await community.works(timeout_s=180)
            result = await wear(community, minutes=minutes, tell=_note)
    print(f"rows of the recorder a day, of {minutes:g} minutes; the entities with the most:")
    for entity_id, count in list(result.rows_by_entity.items())[:15]:
        print(f"{count:>10} {entity_id}")
    print("MB a day by threads of Home Assistant:")
    for thread, megabytes in sorted(result.mb_per_day_by_thread.items(), key=lambda each: -each[1])[:8]:
        print(f"{megabytes:>10} {thread}")
    print(f"{result.mb_per_day:.0f} MB are written a day; targets: {ROWS_TARGET} rows, {MB_TARGET} MB")
    print(
        json.dumps(
            {
                "recorder_rows_per_day": result.recorder_rows_per_day,
                "mb_per_day_by_service": result.mb_per_day_by_service,
            }
        )
    )
    return 0 if result.recorder_rows_per_day <= ROWS_TARGET and result.mb_per_day <= MB_TARGET else 1


async def _measure(stack: HomeStack, events: int) -> list[Figures]:
    pauses = random.Random(1)  # noqa: S311 # spreads events over the second, no secret
    figures = []
    recorder = Recorder(stack.house)
    async with recorder.running():
        for number in range(1, events + 1):
            await wait_until(lambda: _at_rest(recorder), "the house to be free again", timeout_s=60)
            await asyncio.sleep(pauses.random())
            figures.append(await _one(stack, recorder))
            if number % 20 == 0:
                # Neither full nor empty, so that every event finds the same house.
                await stack.house.put("/house", {"battery_soc": 0.5, "car_soc": 0.4})
                _note(f"{number} of {events} events")
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


def _note(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Run one bench."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    benches = parser.add_subparsers(dest="bench", required=True)
    dispatch = benches.add_parser("dispatch", help="event → setpoint → confirmed, and memory")
    dispatch.add_argument("--events", type=int, default=200)
    benches.add_parser("devices", help="what devices cost: telegrams, polls, chargers, twelve at once")
    outage = benches.add_parser("outage", help="what a deployed home loses while its line is cut")
    outage.add_argument("--minutes", type=float, default=10)
    outage.add_argument("--reports-per-second", type=float, default=20)
    card = benches.add_parser("card", help="what a deployed home wears its memory card with, in a day")
    card.add_argument("--minutes", type=float, default=10)
    card.add_argument("--at", default=DAYLIGHT, help="the simulated house's local time at the start")
    ingest = benches.add_parser("ingest", help="what a hostile home costs the others at the ingest service")
    ingest.add_argument("--seconds", type=float, default=20)
    killing = benches.add_parser(
        "kills", help="what a kill of Home Assistant, the broker or both leaves behind"
    )
    killing.add_argument("--kills", type=int, default=40)
    killing.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    begin: dict[str, Callable[[], Coroutine[Any, Any, int]]] = {
        "card": lambda: bench_card(arguments.minutes, arguments.at),
        "devices": lambda: bench_devices(_note),
        "dispatch": lambda: bench_dispatch(arguments.events),
        "ingest": lambda: bench_ingest(arguments.seconds),
        "kills": lambda: bench_kills(arguments.kills, arguments.seed),
        "outage": lambda: bench_outage(arguments.minutes, arguments.reports_per_second),
    }
    try:
        return asyncio.run(begin[arguments.bench]())
    except (StackError, OSError) as error:
        print(f"bench: failed: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

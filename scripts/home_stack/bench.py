"""Figures of the whole thread on this machine, each measured here and now."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .devices_bench import bench_devices
from .dispatch_bench import bench_dispatch
from .home_assistant import complaints
from .house import STEADY
from .ingest_bench import bench_ingest
from .kills import as_json, kills, planned
from .processes import StackError
from .stack import running_stack

ROWS_TARGET = 60_000
MB_TARGET = 250
DAYLIGHT = "2026-06-21T11:00"


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
    print(f"caught up        {result.caught_up_s:.0f} s after the line was back")
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


def _note(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Run one bench."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    benches = parser.add_subparsers(dest="bench", required=True)
    dispatch = benches.add_parser(
        "dispatch", help="event → setpoint → confirmed, also with twenty devices, and memory"
    )
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
        "dispatch": lambda: bench_dispatch(arguments.events, _note),
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

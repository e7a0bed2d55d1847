"""Prints what the hub does with homes at protocol level, in one JSON line, and fails when a target is missed.

Homes, broker and workers are on this machine; each event and each report is on the disk (Mosquitto's database
without delay, SQLite with full sync) before it is acknowledged. Killed are, while all homes report, the two
workers three times and the broker once, each as by a power cut.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from community_hub.garbage import collect_seldom

from ..community_bench import clear_bench, settle_bench
from ..processes import StackError
from .caller import Caller
from .centre import most_memory_mb
from .rounds import Rounds, centre

HOMES: Final = 10_000
DISPATCHES: Final = 10
REPORTS_EACH: Final = 10
MOST: Final = {
    "announce_to_all_ack_s": 5.0,
    "announce_mtls_storm_s": 60.0,
    "dispatch_p95_ms": 1500.0,
    "memory_mb": 300.0,
    "lost": 0,
    "counted_twice": 0,
    "settle_10000_homes_30_days_s": 30.0,
    "clear_10000_orders_ms": 20.0,
}
LEAST: Final = {"reports_per_s": 10_000.0}


def main() -> int:
    """Print the line, and say whether the targets were met."""
    parser = argparse.ArgumentParser(prog="scripts/bench hub", description=__doc__)
    parser.add_argument("--homes", type=int, default=HOMES)
    parser.add_argument("--only", choices=list(_PARTS), help="a part alone; its figures are the whole line")
    arguments = parser.parse_args()
    part = arguments.only
    collect_seldom()
    try:
        with tempfile.TemporaryDirectory(prefix="home-flex-hub-") as folder:
            line = asyncio.run(_measured(Path(folder), arguments.homes, part))
    except (StackError, OSError) as error:
        print(f"bench: failed: {error}", file=sys.stderr)
        return 1
    if part is None:
        settled = settle_bench()
        line |= {name: settled[name] for name in settled if name.startswith("settle_")} | clear_bench()
    missed = [f"{name} at most {most:g}" for name, most in MOST.items() if name in line and line[name] > most]
    missed += [
        f"{name} at least {least:g}" for name, least in LEAST.items() if name in line and line[name] < least
    ]
    print("\n".join(f"missed: {each}" for each in missed), file=sys.stderr)
    print(json.dumps(line))
    return 1 if missed else 0


async def _measured(folder: Path, homes: int, part: str | None) -> dict[str, Any]:
    async with centre(folder, f"sqlite:///{folder / 'hub.sqlite'}", homes) as rounds:
        _note("all homes are connected")
        line: dict[str, Any] = {"homes": homes, "cores": 2}
        if part is not None:
            return line | await _PARTS[part](rounds)
        line["announce_to_all_ack_s"] = round(await rounds.announce_s(), 2)
        _note(f"announced to all: {line['announce_to_all_ack_s']} s")
        line |= await _dispatched(rounds)
        line |= await _reported(rounds)
        await rounds.killed(REPORTS_EACH)
        _note("killed, and all is there again")
        line["announce_mtls_storm_s"] = round(await rounds.storm_s(), 1)
        line["lost"], line["counted_twice"] = await rounds.lost_and_twice()
        line |= _memory(rounds)
    return line


async def _dispatched(rounds: Rounds) -> dict[str, Any]:
    """Return the slowest of some dispatches, which is told for the 95th percentile."""
    dispatched = []
    async with Caller.running(rounds.database, [home.ven_id for home in rounds.fleet.homes]) as caller:
        for _ in range(DISPATCHES):
            each = await rounds.dispatched(caller)
            _note(f"dispatched: {each.ms:.0f} ms, {each.homes} homes, {each.processor_ms}")
            dispatched.append(each)
    slowest = max(dispatched, key=lambda each: each.ms)
    return {
        "dispatch_p95_ms": round(slowest.ms),
        "dispatch_homes_called": slowest.homes,
        "dispatch_processor_ms": slowest.processor_ms,
    }


async def _reported(rounds: Rounds) -> dict[str, Any]:
    reports = await rounds.reports(REPORTS_EACH)
    _note(f"reports: {reports.per_s:.0f} a second, each of {reports.processor_us} us")
    return {"reports_per_s": round(reports.per_s), "report_processor_us": reports.processor_us}


_PARTS: Final = {"dispatch": _dispatched, "reports": _reported}


def _memory(rounds: Rounds) -> dict[str, int]:
    for worker in rounds.workers:
        worker.note_memory()
    return {
        "memory_mb": round(max(worker.most_memory_mb for worker in rounds.workers)),
        "broker_memory_mb": round(most_memory_mb(rounds.broker.pid)),
    }


def _note(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

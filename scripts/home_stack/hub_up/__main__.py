"""The community's centre on one machine: hub, broker and simulated homes, until Ctrl-C.

Nothing of it is left behind. The homes are at protocol level: each dials the broker with a certificate of its
own, reports and answers as a real one does. ``--check`` runs one event unattended and ends with one line of
figures; exit code 0 only if it was delivered, the home that lies was found, and a household's line holds.
"""

import argparse
import asyncio
import json
import signal
import socket
import sys
from pathlib import Path
from typing import Final

from ..kept_logs import run_in_folder
from .round import failures, round_of
from .running import Community, running_community

HOMES: Final = 20
USUAL_PORT: Final = 8090


async def run(folder: Path, *, homes: int, check: bool) -> int:
    """Run until a signal, or one round; return the exit code."""
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    story = asyncio.create_task(_story(folder, homes=homes, check=check))
    interrupted = asyncio.create_task(ended.wait())
    await asyncio.wait([story, interrupted], return_when=asyncio.FIRST_COMPLETED)
    if not story.done():
        _tell("cleaning up")
        story.cancel()
    interrupted.cancel()
    try:
        return await story
    except asyncio.CancelledError:
        return 1 if check else 0


async def _story(folder: Path, *, homes: int, check: bool) -> int:
    port = None if check or not _is_free(USUAL_PORT) else USUAL_PORT
    async with running_community(folder, homes=homes, port=port) as community:
        if not check:
            for line in greeting(community):
                _tell(line)
            await asyncio.Event().wait()  # until it is cancelled
        figures = await round_of(community, _tell)
        missed = failures(figures, community.homes)
        for failure in missed:
            _tell(f"NOT as promised: {failure}")
        print(json.dumps(figures), flush=True)
        return 1 if missed else 0


def greeting(community: Community) -> list[str]:
    """Return what somebody needs to begin."""
    first = community.homes[0]
    return [
        f"Console: {community.centre.url}",
        f"First operator's code: {community.first_code}",
        f"{len(community.homes)} homes are members; {community.waiting.ven_id} is there, to be enrolled",
        f"Code for the household of {first.ven_id}: {community.seeded.household_codes[first.ven_id]}",
        f"Receipts that homes keep of events: {community.receipts}",
        "Ctrl-C ends everything",
    ]


def _tell(text: str) -> None:
    print(text, flush=True)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def main() -> int:
    """Run in a folder that goes with it; after a failure its logs stay."""
    parser = argparse.ArgumentParser(prog="scripts/hub up", description=__doc__)
    parser.add_argument("--homes", type=int, default=HOMES, help=f"how many; {HOMES} without")
    parser.add_argument("--check", action="store_true", help="unattended; ends with one line of figures")
    arguments = parser.parse_args()
    return run_in_folder(
        "hub up", "hub", lambda folder: run(folder, homes=arguments.homes, check=arguments.check)
    )


if __name__ == "__main__":
    sys.exit(main())

"""The community's centre on one machine: hub, broker and simulated homes, until Ctrl-C.

Nothing of it is left behind. The homes are at protocol level: each dials the broker with a certificate of its
own, reports and answers as a real one does.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Final

from ..processes import ROOT, StackError
from .running import Community, running_community

HOMES: Final = 20
USUAL_PORT: Final = 8090
EXAMPLE_ROLLOUT: Final = ROOT / "tests" / "hub" / "console" / "rollout.json"


async def run(folder: Path, *, homes: int) -> int:
    """Run until a signal; return the exit code."""
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    port = USUAL_PORT if _is_free(USUAL_PORT) else None
    starting = asyncio.create_task(_until(folder, homes, port, ended))
    await starting
    return 0


async def _until(folder: Path, homes: int, port: int | None, ended: asyncio.Event) -> None:
    async with running_community(folder, homes=homes, port=port) as community:
        for line in greeting(community):
            print(line, flush=True)
        await ended.wait()
        print("cleaning up", flush=True)


def greeting(community: Community) -> list[str]:
    """Return what somebody needs to begin."""
    first = community.homes[0]
    return [
        f"Console: {community.centre.url}",
        f"First operator's code: {community.first_code}",
        f"{len(community.homes)} homes are members; {community.waiting.ven_id} is there, to be enrolled",
        f"Code for the household of {first.ven_id}: {community.seeded.household_codes[first.ven_id]}",
        "Ctrl-C ends everything",
    ]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def main() -> int:
    """Run in a folder that goes with it; after a failure its logs stay."""
    parser = argparse.ArgumentParser(prog="scripts/hub up", description=__doc__)
    parser.add_argument("--homes", type=int, default=HOMES, help=f"how many; {HOMES} without")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="home-flex-hub-"))
    status = 1
    try:
        status = asyncio.run(run(folder, homes=arguments.homes))
    except (StackError, OSError) as error:
        print(f"hub up: failed: {error}", file=sys.stderr)
    if status:
        logs = ROOT / "artifacts" / "hub-logs"
        logs.mkdir(parents=True, exist_ok=True)
        for log in folder.rglob("*.log"):
            shutil.copy(log, logs / log.name)
        print(f"hub up: the logs are in {os.path.relpath(logs)}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())

"""A deployed home on this machine, to look at: ``up`` until Ctrl-C, ``down`` after one that was cut off."""

import argparse
import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path

from ..processes import ROOT, StackError
from .home import DeployedHome

FOLDER = ROOT / "artifacts" / "home"


def tell(text: str) -> None:
    """Say what happens, with the time."""
    print(f"{datetime.now().astimezone():%H:%M:%S}  {text}", flush=True)


async def run(command: str, folder: Path) -> None:
    """Do what was asked. Raises StackError."""
    home = DeployedHome(folder)
    if command == "down":
        await home.network.down()
        return
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    try:
        await home.up(tell=tell)
        tell(
            f"open http://{home.address('nginx')}; the services' logs are in {folder}; Ctrl-C ends everything"
        )
        await ended.wait()
    finally:
        tell("cleaning up; the volumes stay")
        await home.down()


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/home", description=__doc__)
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="holds the volumes and logs")
    arguments = parser.parse_args()
    try:
        asyncio.run(run(arguments.command, arguments.folder))
    except StackError as error:
        print(f"home: failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

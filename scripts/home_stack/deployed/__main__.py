"""A deployed home on this machine, to look at: ``up`` until Ctrl-C, ``down`` after one that was cut off.

``subnet 10.77.5.0/24`` gives the homes of the next release another inner network.

The community's broker stands beside it; InfluxDB is a stand-in unless INFLUXD names a real one.
"""

import argparse
import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path

from ..processes import ROOT, StackError
from . import centre as central
from . import compose
from .community import Community
from .network import Network, need_root
from .slots import Slot
from .subnet import move

FOLDER = ROOT / "artifacts" / "home"


def tell(text: str) -> None:
    """Say what happens, with the time."""
    print(f"{datetime.now().astimezone():%H:%M:%S}  {text}", flush=True)


async def up(folder: Path) -> None:
    """Run a home in ``folder`` until Ctrl-C. Raises StackError."""
    need_root()
    community = Community(folder)
    home = community.home
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with community.up():
        tell(f"started; the services' logs are in {home.folder}")
        working = asyncio.create_task(community.works(timeout_s=180))
        ending = asyncio.create_task(ended.wait())
        await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            _tell_doors(community, await working)
            await ending
        working.cancel()
        tell("cleaning up; the volumes stay")


async def down() -> None:
    """Remove the network of every home that nobody runs any more. Raises StackError."""
    need_root()
    for slot in Slot.free():
        plan = compose.load(compose.DEMO, number=slot.number)
        await Network(plan, {central.NAME: central.address(plan)}, number=slot.number).down()
        slot.close()


def _tell_doors(community: Community, seconds: float) -> None:
    home = community.home
    door = f"http://{home.address('nginx')}"
    secret = home.volume("home_agent") / "operator_secret"
    tell(f"it works after {seconds:.0f} s: reads its meter, is known at the centre, stores points")
    tell(f"Home Assistant    {door}")
    tell(f"operator's page   {door}/status   user operator, password in {secret}")
    tell(f"owner's password  {door}/owner    shown there once")
    tell("Ctrl-C ends everything")


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/home", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("up", help="all services, until Ctrl-C; their volumes stay")
    starting.add_argument(
        "--folder",
        type=Path,
        default=FOLDER,
        help="holds volumes and logs; a home beside another needs one of its own (%(default)s)",
    )
    commands.add_parser("down", help="removes the networks of homes that were cut off")
    moving = commands.add_parser("subnet", help="gives the homes of the next release another inner network")
    moving.add_argument("network", help="256 private addresses, such as 10.77.5.0/24")
    arguments = parser.parse_args()
    try:
        if arguments.command == "subnet":
            (file,) = compose.DEPLOYED
            tell(f"{move(file, arguments.network)} places of {file.name} changed; release it to the homes")
            return 0
        asyncio.run(up(arguments.folder) if arguments.command == "up" else down())
    except StackError as error:
        print(f"home: failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

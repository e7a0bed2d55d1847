"""What flexctl is told on the command line."""

import argparse
import os
from pathlib import Path

from .hub_arguments import add_hub_commands
from .open_events import default_path
from .quantities import duration, power_kw

PAYLOAD_OPTIONS = {
    "import_limit": "IMPORT_CAPACITY_LIMIT",
    "export_limit": "EXPORT_CAPACITY_LIMIT",
    "setpoint": "DISPATCH_SETPOINT",
    "relative": "DISPATCH_SETPOINT_RELATIVE",
    "charge_state": "CHARGE_STATE_SETPOINT",
    "simple": "SIMPLE",
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    options = argparse.ArgumentParser(
        prog="flexctl", description="Dispatch the flexibility of homes over MQTT."
    )
    options.add_argument(
        "--broker", default=os.environ.get("FLEXCTL_BROKER", "localhost:8883"), metavar="HOST:PORT"
    )
    options.add_argument("--prefix", default=os.environ.get("FLEXCTL_PREFIX", "home_flex"))
    options.add_argument("--username", default=os.environ.get("FLEXCTL_USERNAME"))
    options.add_argument("--password-file", type=Path, help="or the variable FLEXCTL_PASSWORD")
    options.add_argument("--ca", metavar="FILE", help="certificate authority to trust")
    options.add_argument("--cert", metavar="FILE", help="own certificate")
    options.add_argument("--key", metavar="FILE", help="its key")
    options.add_argument(
        "--no-tls", action="store_true", help="plain connection: only to a broker on this machine"
    )
    options.add_argument("--state", type=Path, default=default_path(), help="file of the open events")
    commands = options.add_subparsers(dest="command", required=True)

    homes = commands.add_parser("homes", help="list the homes and what they can do")
    homes.add_argument("--json", action="store_true")

    dispatch = commands.add_parser("dispatch", help="send an event to a home and wait for its answer")
    dispatch.add_argument("--ven", required=True)
    dispatch.add_argument("--program", default="flexibility")
    dispatch.add_argument("--import-limit", type=power_kw, metavar="2kW")
    dispatch.add_argument("--export-limit", type=power_kw, metavar="0kW")
    dispatch.add_argument("--setpoint", type=power_kw, metavar="1kW", help="consumption of the home")
    dispatch.add_argument("--relative", type=power_kw, metavar="-1kW", help="change of consumption")
    dispatch.add_argument("--charge-state", type=float, metavar="0.8", help="state of charge, 0 to 1")
    dispatch.add_argument("--simple", type=int, choices=(0, 1, 2, 3))
    dispatch.add_argument("--start", default="now", metavar="now|+1m|TIME")
    dispatch.add_argument("--duration", type=duration, required=True, metavar="15m")
    dispatch.add_argument("--randomize-start", type=duration, metavar="30s")
    dispatch.add_argument("--priority", type=int)
    dispatch.add_argument("--name")
    dispatch.add_argument("--wait", type=float, default=10.0, metavar="SECONDS", help="for the home's answer")
    dispatch.add_argument("--json", action="store_true")

    cancel = commands.add_parser("cancel", help="take an event back")
    cancel.add_argument("event", help="its id, or the beginning of it")
    cancel.add_argument("--wait", type=float, default=10.0, metavar="SECONDS")

    watch = commands.add_parser("watch", help="a live table of what homes say")
    watch.add_argument(
        "--answer",
        action="store_true",
        help="answer homes that ask for their open events with those dispatched here: where no hub does",
    )
    watch.add_argument("--json", action="store_true", help="one line a message instead")
    watch.add_argument("--for", type=duration, dest="length", metavar="10m", help="stop by itself")

    add_hub_commands(commands)
    line = commands.add_parser("verify", help="reckon a household's statement or line again")
    line.add_argument("statement", type=Path, help="the statement, as JSON")
    line.add_argument("--received", type=Path, metavar="FILE", help="own quarter-hours, as CSV: of sharing")
    line.add_argument("--receipt", type=Path, metavar="FILE", help="the home's receipt: of a dispatch")
    canary = commands.add_parser("canary", help="plan homes with two versions; is the newer no worse?")
    canary.add_argument("old", type=Path, help="what homes run: a wheel of scripts/core_wheel, or its folder")
    canary.add_argument("new", type=Path, help="what they are to run")
    canary.add_argument("scenarios", type=Path, nargs="+", help="diagnostics downloads, or folders of them")
    canary.add_argument(
        "--release", required=True, help="the name of the newer, as the fleet tool is told it"
    )
    canary.add_argument("--within", type=duration, metavar="168h", help="only scenarios that are no older")
    canary.add_argument("--report", type=Path, metavar="FILE", help="keep the report, for the fleet tool")
    return options

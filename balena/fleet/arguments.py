"""The words of the command line."""

import argparse
from datetime import timedelta
from pathlib import Path

from .configuration import duration
from .folder import default_folder
from .rings import Health


def parser() -> argparse.ArgumentParser:
    """Return the parser of ``fleet-tool``."""
    root = argparse.ArgumentParser(prog="fleet-tool", description="Runs a fleet of homes through balena.")
    root.add_argument(
        "--folder", type=Path, default=default_folder(), help="the operator's folder (FLEET_FOLDER)"
    )
    commands = root.add_subparsers(dest="command", required=True)

    def command(name: str, text: str, *, changes: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(dry_run=False)
        if changes:
            added.add_argument(
                "--dry-run", action="store_true", help="say what would be done, change nothing"
            )
        return added

    def homes(added: argparse.ArgumentParser, count: str = "+") -> argparse.ArgumentParser:
        added.add_argument("homes", nargs=count, metavar="VEN_ID")
        return added

    authority = command("authority", "make the fleet's certificate authority")
    authority.add_argument("name", help="its common name, such as 'Our community fleet'")
    enrol = command("enrol", "make certificates, one-time codes and job sheets for a batch of homes")
    enrol.add_argument("batch", type=Path, help="CSV or JSON file")
    enrol.add_argument("--new-code", action="store_true", help="issue other one-time codes")
    enrol.add_argument(
        "--replace-device", action="store_true", help="move homes to the gateways in the batch"
    )
    homes(command("variables", "set the variables of homes (all enrolled ones when none is named)"), "*")
    rollout = command("rollout", "roll a release out, ring by ring, or go on with it")
    rollout.add_argument("release", help="version, commit or number")
    for added in (rollout, command("resume", "lift the stop of the current rollout and go on")):
        added.add_argument("--once", action="store_true", help="do the next step and end, for a timer")
        added.add_argument("--despite-freeze", action="store_true", help="also in a dispatch season")
        added.add_argument(
            "--without-canary", metavar="REASON", help="though no canary passed; the reason is kept"
        )
    command("rollback", "return the homes of the current rollout to what they ran before")
    pin = command("pin", "pin homes to a release, outside any rollout")
    pin.add_argument("--release", help="version, commit or number; without it, their fleet's")
    homes(pin)
    command("pin-fleet", "pin what new and unpinned homes run").add_argument("release")
    rotate = homes(command("rotate", "change certificates and tokens without a gap"))
    rotate.add_argument(
        "--wait", type=_duration, default=timedelta(hours=2), help="for heartbeats, such as 2h"
    )
    homes(command("revoke", "take the access of homes away"))
    command("crl", "sign the list of revoked certificates anew, at least monthly")
    erase = command("erase", "erase a home: access, variables, device, central data")
    erase.add_argument("home", metavar="VEN_ID")
    erase.add_argument("--confirm", metavar="VEN_ID", help="instead of typing it")
    key = command("operator-key", "make the key that signs what cannot be undone, once")
    key.add_argument("file", type=Path, help="where to keep it: off-line")
    made = command("command", "make a command for a home's agent, to be published", changes=False)
    made.add_argument("home", metavar="VEN_ID")
    made.add_argument("kind", help="such as backup, restore or factory_erase")
    made.add_argument("arguments", nargs="*", metavar="NAME=VALUE")
    made.add_argument("--key", type=Path, help="what restore and factory_erase are signed with")
    made.add_argument("--valid", type=_duration, default=timedelta(hours=2), help="for so long, such as 2h")
    secret = command("secret", "show what opens a home's pages and its access point", changes=False)
    secret.add_argument("home", metavar="VEN_ID")
    told = command("status", "list homes, releases and health", changes=False)
    told.add_argument("--json", action="store_true", help="for programs")
    told.add_argument("--only", choices=[health.value for health in Health], help="homes of one health")
    return root


def _duration(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error

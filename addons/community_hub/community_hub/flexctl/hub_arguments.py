"""What ``flexctl hub`` is told on the command line."""

import argparse
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from .hub_table import ROUTES
from .quantities import duration, energy_kwh, power_kw


def add_hub_commands(commands: Any) -> None:
    """Add ``hub`` with its own commands to a parser's."""
    hub = commands.add_parser("hub", help="what a community's hub does: offers, invitations, dispatches, …")
    hub.add_argument("--url", default=os.environ.get("FLEXCTL_HUB", "http://127.0.0.1:8090"))
    hub.add_argument("--token-file", type=Path, help="or the variable FLEXCTL_TOKEN")
    hub.add_argument("--json", action="store_true", help="the hub's answer as it is")
    verbs = hub.add_subparsers(dest="verb", required=True)
    for route in ROUTES.values():
        route.add_to(verbs)
    offers = verbs.add_parser("offers", help="what homes offer now, cheapest first")
    _add_group(offers)
    offers.add_argument("--program")
    offers.add_argument("--more", action="store_true", help="to draw more instead of less")

    invite = verbs.add_parser("invite", help="ask homes whether they would")
    _add_call(invite)
    invite.add_argument("--energy", type=energy_kwh, required=True, metavar="10kWh", help="of all together")
    invite.add_argument("--device", action="append", default=[])
    invite.add_argument(
        "--price", type=_price, metavar="0.25", help="what a delivered kWh pays, told to homes"
    )
    invite.add_argument("--currency", type=_currency, default="EUR", metavar="EUR")
    invite.add_argument("--answer-by", metavar="+1h|TIME", help="until when an answer counts")
    answers = verbs.add_parser("answers", help="what homes said to an invitation")
    answers.add_argument("invitation", nargs="?", help="none: invitations that somebody has not answered")
    answers.add_argument("--state", choices=("unanswered", "yes", "partly", "no"))
    willing = verbs.add_parser("call-willing", help="call the homes that said yes to an invitation")
    willing.add_argument("invitation")
    willing.add_argument(
        "--price", type=_price, metavar="0.25", help="paid a kWh; no less than homes were told"
    )
    willing.add_argument("--currency", type=_currency, default="EUR", metavar="EUR")
    willing.add_argument("--name")

    _add_needs(verbs)
    verbs.add_parser("settle", help="settle a dispatch that is over").add_argument("dispatch")
    lines = verbs.add_parser("lines", help="the lines of a settlement; of one home its statement")
    lines.add_argument("settlement")
    lines.add_argument("home", nargs="?")
    _add_requests(verbs)


def _add_requests(verbs: Any) -> None:
    ask = verbs.add_parser("ask", help="ask one home of one's own for something")
    ask.add_argument("home")
    ask.add_argument("--program", required=True)
    ask.add_argument("--start", default="now", metavar="now|+1m|TIME")
    ask.add_argument("--duration", type=duration, required=True, metavar="15m")
    ask.add_argument("--group", help="of the home's devices")
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("--battery", type=power_kw, metavar="2kW", help="charge; below 0 discharge")
    what.add_argument("--level", type=float, metavar="0.8", help="state of charge to reach")
    what.add_argument("--import-limit", type=power_kw, metavar="4kW")
    what.add_argument("--setpoint", type=power_kw, metavar="1kW")
    what.add_argument("--optimise", action="store_true")


def _add_needs(verbs: Any) -> None:
    for name, text in (("dispatch", "meet a need at least cost"), ("rehearse", "try it on copies of homes")):
        need = verbs.add_parser(name, help=text)
        _add_call(need)
        need.add_argument("--need", type=power_kw, required=True, metavar="20kW")
        need.add_argument("--interval", type=duration, metavar="15m")
        need.add_argument("--price", type=_price, metavar="0.25", help="paid a kWh; without it as it clears")
        need.add_argument("--currency", type=_currency, default="EUR", metavar="EUR")
        need.add_argument("--name")
        need.add_argument("--cap", action="append", default=[], type=_cap, metavar="FEEDER=40kW")
        need.add_argument("--all-at-once", action="store_true", help="let homes go all at the end")
        if name == "rehearse":
            need.add_argument("--seed", type=int, default=1, help="the same seed is the same rehearsal")


def _add_group(parser: argparse.ArgumentParser) -> None:
    for name in ("feeder", "postcode", "device-kind"):
        parser.add_argument(f"--{name}", action="append", default=[])


def _add_call(parser: argparse.ArgumentParser) -> None:
    _add_group(parser)
    parser.add_argument("--home", action="append", default=[])
    parser.add_argument("--program", required=True)
    parser.add_argument("--start", default="now", metavar="now|+1m|TIME")
    parser.add_argument("--duration", type=duration, required=True, metavar="1h")
    parser.add_argument("--more", action="store_true", help="to draw more instead of less")


def _price(text: str) -> str:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a price; write 0.25")
    return text


def _currency(text: str) -> str:
    if not (len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a currency; write EUR")
    return text


def _cap(text: str) -> tuple[str, float]:
    feeder, _, power = text.partition("=")
    return feeder, power_kw(power)

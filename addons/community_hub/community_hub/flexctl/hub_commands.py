"""``flexctl hub …``: what a community does from an offer to a statement, by the hub."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from home_common.plain_text import plain
from rich.console import Console
from rich.table import Table

from .hub_client import HubClient, read_token
from .hub_table import ROUTES
from .quantities import iso_time, start_time

type Command = Callable[[HubClient, argparse.Namespace], Any]


def run_hub(arguments: argparse.Namespace) -> int:
    """Run one of them and print what the hub answers. Raises as ``HubClient``, and ValueError."""
    hub = HubClient.of(arguments.url, read_token(arguments.token_file))
    with hub.client:
        told = COMMANDS[arguments.verb](hub, arguments)
    if arguments.json:
        print(json.dumps(told))
    else:
        show(arguments.verb, told, Console())
    return 0


def show(verb: str, told: Any, console: Console) -> None:
    """Print an answer as a table of rows, with what stands beside them above it."""
    document = told if isinstance(told, dict) else {}
    rows = told if isinstance(told, list) else document.get(_ROWS.get(verb, ""), [])
    for name, value in document.items():
        if not isinstance(value, list) or not value or not isinstance(value[0], dict):
            console.print(f"{name}: {_text(value)}", highlight=False, markup=False)
    if rows:
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*(_text(value) for value in row.values()))
        console.print(table, markup=False)
    elif isinstance(told, list):
        console.print("nothing")


_ROWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "offers": "offers",
        "delivery": "by_home",
        "rehearse": "by_home",
        "forecast": "intervals",
        "community-forecast": "slots",
        "battery": "batteries",
    }
)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(_text(each) for each in value)
    return plain(str(value))


def _group(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "feeders": arguments.feeder,
        "postcodes": arguments.postcode,
        "device_kinds": arguments.device_kind,
        "ven_ids": arguments.home,
    }


def _start(arguments: argparse.Namespace) -> str | None:
    return _time(arguments.start)


def _time(text: str | None) -> str | None:
    return None if text is None else iso_time(start_time(text, datetime.now(UTC)))


def _pay(arguments: argparse.Namespace) -> dict[str, str | None]:
    """Return what a kWh pays: text with its currency, which the hub keeps as whole millionths."""
    return {"price_per_kwh": arguments.price, "currency": arguments.currency}


def _minutes(arguments: argparse.Namespace) -> int:
    minutes: float = arguments.duration.total_seconds() / 60
    return round(minutes)


def _direction(arguments: argparse.Namespace) -> str:
    return "more" if arguments.more else "less"


def _offers(hub: HubClient, arguments: argparse.Namespace) -> Any:
    return hub.get(
        "/api/v1/flexibility/current",
        direction=_direction(arguments),
        program_id=arguments.program,
        feeder=arguments.feeder,
        postcode=arguments.postcode,
        device_kind=arguments.device_kind,
    )


def _invite(hub: HubClient, arguments: argparse.Namespace) -> Any:
    body = {
        "program_id": arguments.program,
        "event_time": _start(arguments),
        "load_kwh": arguments.energy,
        "duration_minutes": _minutes(arguments),
        "devices": arguments.device,
        "direction": _direction(arguments),
        "targets": _group(arguments),
        "answer_by": _time(arguments.answer_by),
        **_pay(arguments),
    }
    return hub.post("/api/v1/invitations", body)


def _answers(hub: HubClient, arguments: argparse.Namespace) -> Any:
    if arguments.invitation is None:
        return hub.get("/api/v1/invitations", state="unanswered")
    return hub.get(f"/api/v1/invitations/{arguments.invitation}/answers", state=arguments.state)


def _call_willing(hub: HubClient, arguments: argparse.Namespace) -> Any:
    body = {"name": arguments.name, **_pay(arguments)}
    return hub.post(f"/api/v1/invitations/{arguments.invitation}/dispatch", body)


def _need(arguments: argparse.Namespace) -> dict[str, Any]:
    interval = arguments.interval
    return {
        "program_id": arguments.program,
        "start": _start(arguments),
        "duration_minutes": _minutes(arguments),
        "interval_minutes": None if interval is None else round(interval.total_seconds() / 60),
        "need_kw": arguments.need,
        "direction": _direction(arguments),
        "targets": _group(arguments),
        "feeder_caps_kw": dict(arguments.cap),
        "name": arguments.name,
        **_pay(arguments),
        "shaped": not arguments.all_at_once,
    }


def _dispatch(hub: HubClient, arguments: argparse.Namespace) -> Any:
    return hub.post("/api/v1/dispatches", _need(arguments))


def _rehearse(hub: HubClient, arguments: argparse.Namespace) -> Any:
    return hub.post("/api/v1/rehearsals", _need(arguments), seed=arguments.seed)


def _settle(hub: HubClient, arguments: argparse.Namespace) -> Any:
    return hub.post("/api/v1/settlements", {"dispatch_id": arguments.dispatch})


def _lines(hub: HubClient, arguments: argparse.Namespace) -> Any:
    path = f"/api/v1/settlements/{arguments.settlement}/lines"
    if arguments.home is None:
        return [
            {name: value for name, value in line.items() if name != "statement"} for line in hub.get(path)
        ]
    return hub.get(f"{path}/{arguments.home}")["statement"]


def _ask(hub: HubClient, arguments: argparse.Namespace) -> Any:
    kinds: dict[str, dict[str, Any]] = {
        "battery": {"kind": "battery_power", "power_kw": arguments.battery},
        "level": {"kind": "charge_state", "level": arguments.level},
        "import_limit": {"kind": "power_limit", "import_kw": arguments.import_limit},
        "setpoint": {"kind": "setpoint", "power_kw": arguments.setpoint},
    }
    [what] = [kinds[name] for name in kinds if getattr(arguments, name) is not None] or [{"kind": "optimise"}]
    body = what | {
        "program_id": arguments.program,
        "start": _start(arguments),
        "duration_minutes": _minutes(arguments),
        "group": arguments.group,
    }
    return hub.post(f"/api/v1/homes/{arguments.home}/requests", body)


# Those with code of their own stand above; a row of ``hub_table`` asks what it says.
COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        **{name: route.ask for name, route in ROUTES.items()},
        "offers": _offers,
        "invite": _invite,
        "answers": _answers,
        "call-willing": _call_willing,
        "dispatch": _dispatch,
        "rehearse": _rehearse,
        "settle": _settle,
        "lines": _lines,
        "ask": _ask,
    }
)

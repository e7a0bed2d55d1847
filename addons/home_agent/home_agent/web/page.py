"""The status page: one HTML text without scripts and without anything from elsewhere. Pure."""

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, Final

from ..heartbeat.problems import is_healthy

_STYLE: Final = (Path(__file__).parent / "style.css").read_text()
_STYLE_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

IN_WORDS: Final[Mapping[str, str]] = {
    "home_assistant_down": "Home Assistant does not answer",
    "home_assistant_unreachable": "The agent is not logged in to Home Assistant",
    "mosquitto_down": "The home's message broker does not answer",
    "influxdb_down": "The measurement store does not work",
    "nginx_down": "The web front does not answer",
    "home_flex_missing": "Home Flex is not set up",
    "aggregator_disconnected": "Home Flex does not reach the aggregator's messages",
    "measurements_waiting": "Measurements wait for the store",
    "measurements_dropped": "Measurements were lost",
    "disk_full": "The memory card is nearly full",
    "memory_full": "Hardly any memory is free",
    "hot": "The gateway is too hot",
    "under_voltage": "The power supply of the gateway is too weak",
    "clock_not_synchronized": "The clock is not synchronised",
    "clock_jumped": "The clock was set by some seconds",
    "backup_overdue": "The last backup is too old",
    "log_ins_refused": "Log-ins were refused",
    "watchdog_acted": "The watchdog restarted something in the last day",
    "bridge_down": "The line to the community's broker is down; messages wait",
}
_SERVICES: Final[Mapping[str, str]] = {
    "home_assistant": "Home Assistant",
    "mosquitto": "Message broker",
    "influxdb": "Measurement store",
    "nginx": "Web front",
}
_VERSIONS: Final[Mapping[str, str]] = {
    "agent": "Agent",
    "home_assistant": "Home Assistant",
    "home_flex": "Home Flex",
    "host_os": "System",
    "supervisor": "Supervisor",
    "device_type": "Gateway",
}
KINDS: Final[Mapping[str, str]] = {
    "grid_meter": "Grid meter",
    "sub_meter": "Sub-meter",
    "pv": "Solar inverter",
    "battery": "Battery",
    "ev_charger": "EV charger",
    "switched_load": "Switched load",
    "appliance": "Appliance",
    "heat_pump": "Heat pump",
    "water_heater": "Water heater",
}


def status_page(beat: Mapping[str, Any], notes: Iterable[Mapping[str, Any]], *, password_waits: bool) -> str:
    """Return the page for a heartbeat and the latest lines of audit."""
    machine, queues = beat["machine"], beat["queues"]
    cards = [
        _card(
            "Services",
            (
                (_SERVICES.get(name, name), _good(state == "ok", "works", "fails"))
                for name, state in beat["services"].items()
            ),
        ),
        _card(
            "Devices",
            (
                (KINDS.get(device["kind"], device["kind"]), _good(device["linked"], "linked", "no link"))
                for device in beat["devices"]
            ),
        ),
        _card(
            "Flexibility",
            [
                ("Event", escape(beat["dispatch"]["state"].replace("_", " "))),
                *([("until", _moment(ends))] if (ends := beat["dispatch"]["ends"]) else []),
                ("Aggregator", _known(beat["aggregator_connected"], "connected", "not connected")),
                ("Updates", "kept away" if beat["update_lock_held"] else "allowed"),
            ],
        ),
        _card(
            "Data",
            [
                ("Line to the community", _known(queues["bridge_connected"], "connected", "down")),
                ("Messages kept", _number(queues["messages_kept"])),
                ("Measurements waiting", _number(queues["measurements_waiting"])),
                ("Measurements lost", _number(queues["measurements_dropped"])),
                ("Replication waiting", _bytes((queues["replication"] or {}).get("remaining_bytes"))),
                ("Hours missing at the centre", _number(queues["missing_hours"])),
            ],
        ),
        _card(
            "Gateway",
            [
                ("Runs for", _duration(machine["uptime_s"])),
                ("Temperature", _unit(machine["temperature_c"], "{:.0f} °C")),
                ("Power supply", _known(machine["under_voltage"], "too weak", "good", good_is=False)),
                ("Memory card used", _unit(machine["disk_used"], "{:.0%}")),
                ("Memory free", _bytes(machine["memory_available_bytes"])),
                ("Clock", _known(machine["clock_synchronized"], "synchronised", "not synchronised")),
                ("Access point", _access_point(beat["access_point"])),
            ],
        ),
        _card(
            "Versions",
            [
                ("Release", escape(str(beat["release"] or "unknown")[:12])),
                *(
                    (_VERSIONS[name], escape(str(version)))
                    for name, version in beat["versions"].items()
                    if version
                ),
            ],
        ),
        _card(
            "Backup",
            [
                ("Away from home", "yes" if beat["backup"]["configured"] else "not set up"),
                ("Latest", _moment(beat["backup"]["latest_at"])),
                ("Size", _bytes(beat["backup"]["latest_bytes"])),
            ],
        ),
    ]
    waiting = (
        '<p><a href="/owner">The owner\'s first password waits to be handed over</a></p>'
        if password_waits
        else ""
    )
    return html_page(
        f"Home {beat['home']}",
        f"<header><h1>Home {escape(beat['home'])}</h1>"
        f"<span class=soft>as of {_moment(beat['at'])}</span></header>"
        f"{_verdict(beat['problems'])}{waiting}<div class=cards>{''.join(cards)}{_notes(notes)}</div>"
        '<footer><a href="/status.json">as JSON</a>, '
        '<a href="/status/diagnostics.zip">diagnostics</a></footer>',
        refresh_s=30,
    )


def html_page(title: str, body: str, *, refresh_s: int | None = None, language: str = "en") -> str:
    """Return a whole page in the agent's style."""
    refresh = f'<meta http-equiv="refresh" content="{refresh_s}">' if refresh_s else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _verdict(problems: list[str]) -> str:
    if not problems:
        return '<div class="verdict">All is well.</div>'
    found = "".join(f"<li>{escape(_words(name))}</li>" for name in problems)
    if is_healthy(tuple(problems)):
        return f'<div class="verdict warn">The home works; this asks for a look:<ul>{found}</ul></div>'
    return f'<div class="verdict bad">Something is wrong:<ul>{found}</ul></div>'


def _words(problem: str) -> str:
    if problem.endswith("_link_down"):
        kind = problem.removesuffix("_link_down")
        return f"{KINDS.get(kind, kind)}: no link"
    return IN_WORDS.get(problem, problem.replace("_", " "))


def _card(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in rows)
    return f"<section><h2>{escape(title)}</h2><dl>{lines or '<dt>none</dt><dd></dd>'}</dl></section>"


def _notes(notes: Iterable[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{_moment(note.get('at'))}</td><td>{escape(str(note.get('command')))}</td>"
        f"<td>{escape(str(note.get('status')))}</td></tr>"
        for note in notes
    )
    return f"<section><h2>Operator's doings</h2><table>{rows}</table></section>" if rows else ""


def _good(is_good: bool, yes: str, no: str) -> str:
    return f'<span class="{"good" if is_good else "bad"}">{yes if is_good else no}</span>'


def _known(value: bool | None, yes: str, no: str, *, good_is: bool = True) -> str:
    if value is None:
        return "unknown"
    return f'<span class="{"good" if value is good_is else "warn"}">{yes if value else no}</span>'


def _access_point(told: Mapping[str, str] | None) -> str:
    if told is None:
        return "unknown"
    words = "on" if told["state"] == "on" else escape(f"off: {told['reason']}")
    return f'<span class="warn">{words}</span>' if told["state"] == "disabled" else words


def _moment(text: Any) -> str:
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"
    except TypeError, ValueError:
        return "-"


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _unit(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _bytes(value: int | None) -> str:
    return "-" if value is None else f"{value / 2**20:,.1f} MiB"


def _duration(seconds: int) -> str:
    days, rest = divmod(seconds, 86400)
    return f"{days} d {rest // 3600} h" if days else f"{rest // 3600} h {rest % 3600 // 60} min"

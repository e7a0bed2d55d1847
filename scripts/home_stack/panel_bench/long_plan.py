"""A plan of 48 hours in steps of five minutes, put into what Home Assistant sends of the plan."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from playwright.async_api import WebSocketRoute

_STEPS: Final = 576
_STEP_S: Final = 300
_BLOCK_STEPS: Final = 24


def long_plan(now: datetime) -> dict[str, Any]:
    """Return the plan as the panel is told it: three devices, both forecasts with their bands, a limit."""
    start = now.replace(minute=0, second=0, microsecond=0)
    day = [2 * math.pi * step * _STEP_S / 86_400 for step in range(_STEPS)]
    sun = [round(max(0.0, 4000 * math.sin(each))) for each in day]
    load = [round(500 + 300 * math.cos(each * 3)) for each in day]
    price = [round(0.25 + 0.12 * math.cos(each * 2), 4) for each in day]
    return {
        "start": start.isoformat(),
        "lengths_s": [_STEP_S] * _STEPS,
        "made_at": now.isoformat(),
        "status": "solved",
        "cost": 4.2,
        "import_price": price,
        "export_price": [round(each / 3, 4) for each in price],
        "marginal_price": price,
        "guessed_from": 400,
        "carbon_g_per_kwh": None,
        "grid_w": [use - give for use, give in zip(load, sun, strict=True)],
        "load_w": load,
        "load_band_w": [[round(each * 0.7) for each in load], [round(each * 1.4) for each in load]],
        "pv_available_w": sun,
        "pv_available_band_w": [[round(each * 0.5) for each in sun], [round(each * 1.2) for each in sun]],
        "import_limit_w": [3000 if 60 <= step < 90 else None for step in range(_STEPS)],
        "devices": [
            _device("pv", "Roof", start, ["produce", "curtail"], None),
            _device("battery", "Battery", start, ["charge", "cover_house", "hold"], [0.5] * _STEPS),
            _device("ev_charger", "Car", start, ["off", "take"], None),
        ],
    }


def _device(
    kind: str, name: str, start: datetime, does: list[str], charge: list[float] | None
) -> dict[str, Any]:
    blocks = [
        {
            "start": (start + timedelta(seconds=first * _STEP_S)).isoformat(),
            "end": (start + timedelta(seconds=(first + _BLOCK_STEPS) * _STEP_S)).isoformat(),
            "does": does[first // _BLOCK_STEPS % len(does)],
            "power_w": 2000,
            "reason": "cheap",
            "numbers": {"price": 0.21, "saves": 0.08},
            "later": [],
        }
        for first in range(0, _STEPS, _BLOCK_STEPS)
    ]
    return {
        "device_id": kind,
        "kind": kind,
        "name": name,
        "power_w": [2000] * _STEPS,
        "state_of_charge": charge,
        "blocks": blocks,
        "alternative": None,
    }


def put_in(route: WebSocketRoute) -> None:
    """Pass everything on between browser and server, and put the long plan in place of the server's."""
    server = route.connect_to_server()
    plans: set[int] = set()

    def asked(message: str | bytes) -> None:
        for one in _each(message):
            if one.get("type") == "home_flex/watch" and one.get("topic") == "plan":
                plans.add(one["id"])
        server.send(message)

    def told(message: str | bytes) -> None:
        route.send(_changed(message, plans, lambda: long_plan(datetime.now(UTC))))

    route.on_message(asked)
    server.on_message(told)


def _each(message: str | bytes) -> list[dict[str, Any]]:
    found = json.loads(message)
    return found if isinstance(found, list) else [found]


def _changed(message: str | bytes, plans: set[int], plan: Callable[[], dict[str, Any]]) -> str | bytes:
    every = _each(message)
    of_plan = [one for one in every if one.get("id") in plans and "body" in one.get("event", {})]
    if not of_plan:
        return message
    for one in of_plan:
        one["event"]["body"]["plan"] = plan()
    return json.dumps(every)

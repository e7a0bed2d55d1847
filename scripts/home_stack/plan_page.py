"""The day's plan for a person who looks at the demo: told in words, and as a page in the sidebar."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from .api import HomeAssistantApi, wait_until
from .processes import ROOT, StackError

URL_PATH: Final = "home-plan"
_TEXTS: Final = ROOT / "custom_components" / "home_flex" / "translations" / "en.json"
_PLANNED: Final = ("_planned", "_planned_because", "_planned_then", "_next_planned_change")
_STRETCHES_TOLD: Final = 3


async def plan_told(api: HomeAssistantApi) -> list[str]:
    """Return the plan in a few lines; waits until there is one with every device."""

    async def planned() -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = await api.call("home_flex", "get_plan", {}, answers=True)
        except StackError:
            return None  # not made yet
        return answer if len(answer["devices"]) >= 2 else None

    plan = await wait_until(planned, "the first plan", timeout_s=60, every_s=1)
    sensors = json.loads(_TEXTS.read_text(encoding="utf-8"))["entity"]["sensor"]
    cost, currency = plan["cost"]["total"], plan["currency"]
    return [
        (
            f"planned until {_clock(plan['until'])}, which costs {cost:.2f} {currency}: "
            "see Plan in the sidebar; nothing follows it until you switch on 'Follow the plan'"
        ),
        *_lines(plan, sensors),
    ]


def _lines(plan: dict[str, Any], sensors: dict[str, Any]) -> Iterator[str]:
    kinds, reasons = sensors["planned"]["state"], sensors["plan_reason"]["state"]
    for device in plan["devices"]:
        parts = [
            f"from {_clock(each['start'])} {kinds[each['does']].lower()}"
            + (f" ({reasons[each['reason']['code']].lower()})" if each["reason"] else "")
            for each in device["stretches"][:_STRETCHES_TOLD]
        ]
        yield f"  {device['name']}: {'; '.join(parts)}"


def _clock(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone():%a %H:%M}"


async def show_plan(api: HomeAssistantApi) -> None:
    """Put a page with the plan into the sidebar."""
    states = await api.states()
    rows = [
        entity_id for entity_id in states if entity_id.startswith("sensor.") and entity_id.endswith(_PLANNED)
    ]
    site = [
        each
        for each in ("switch.home_follow_the_plan", "sensor.home_plan", "sensor.home_planned_cost")
        if each in states
    ]
    chart = {
        "type": "picture-entity",
        "entity": "image.home_plan_of_the_day",
        "show_name": False,
        "show_state": False,
        "grid_options": {"columns": "full"},
    }
    cards = [chart, {"type": "entities", "entities": site}, {"type": "entities", "entities": sorted(rows)}]
    await api.websocket(
        {
            "type": "lovelace/dashboards/create",
            "url_path": URL_PATH,
            "title": "Plan",
            "icon": "mdi:clipboard-text-clock-outline",
            "mode": "storage",
            "show_in_sidebar": True,
            "require_admin": False,
        }
    )
    view = {
        "title": "Plan",
        "type": "sections",
        "max_columns": 2,
        "sections": [{"type": "grid", "column_span": 2, "cards": cards}],
    }
    await api.websocket({"type": "lovelace/config/save", "url_path": URL_PATH, "config": {"views": [view]}})

"""Walks Home Assistant's config flows: fills forms, picks from menus, waits."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .api import ApiError, HomeAssistantApi, Json

_FLOWS = "/api/config/config_entries/flow"
_SUBENTRY_FLOWS = "/api/config/config_entries/subentries/flow"
_MOST_STEPS = 300
_PROGRESS_INTERVAL_S = 1.0


class FlowError(Exception):
    """A flow did not end with something kept; ``reason`` is the slug it gave."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


async def create_entry(api: HomeAssistantApi, domain: str, answers: Mapping[str, Any]) -> None:
    """Walk an integration's flow. Raises FlowError and ApiError."""
    await _walk(api, _FLOWS, {"handler": domain}, answers)


async def create_subentry(
    api: HomeAssistantApi, entry_id: str, kind: str, answers: Mapping[str, Any]
) -> None:
    """Walk the flow that adds a ``kind`` to an entry; ``answers`` may hold a ``menu`` option to pick.

    Raises FlowError and ApiError.
    """
    await _walk(api, _SUBENTRY_FLOWS, {"handler": [entry_id, kind]}, answers)


async def change_subentry(
    api: HomeAssistantApi, entry_id: str, kind: str, subentry_id: str, answers: Mapping[str, Any]
) -> None:
    """Walk the flow that changes a subentry. Raises FlowError and ApiError."""
    start = {"handler": [entry_id, kind], "subentry_id": subentry_id}
    try:
        await _walk(api, _SUBENTRY_FLOWS, start, answers)
    except FlowError as error:
        if error.reason != "reconfigure_successful":
            raise


async def _walk(api: HomeAssistantApi, flows: str, start: Json, answers: Mapping[str, Any]) -> None:
    result = await api.post(flows, start)
    path = f"{flows}/{result.get('flow_id')}"
    try:
        for _ in range(_MOST_STEPS):
            match result["type"]:
                case "create_entry":
                    return
                case "abort":
                    raise FlowError(result["reason"])
                case "menu":
                    result = await api.post(path, {"next_step_id": _pick(result, answers)})
                case "progress":
                    await asyncio.sleep(_PROGRESS_INTERVAL_S)
                    result = await api.get(path)
                case "form":
                    result = await api.post(path, _fill(result["data_schema"], answers))
                    if errors := result.get("errors"):
                        raise FlowError(next(iter(errors.values())))
                case kind:
                    raise FlowError(f"unknown_step_{kind}")
        raise FlowError("too_many_steps")
    finally:
        if result["type"] not in {"create_entry", "abort"}:
            with suppress(ApiError):
                await api.delete(path)


def _fill(schema: list[Json], answers: Mapping[str, Any]) -> Json:
    """Return a form's values: the answers, else what the form suggests. Raises FlowError for one unknown."""
    values: Json = {}
    for field in schema:
        name = field["name"]
        suggested = (field.get("description") or {}).get("suggested_value", field.get("default"))
        value = answers.get(name, suggested)
        if value is not None:
            values[name] = value
        elif field.get("required"):
            raise FlowError(f"unknown_field_{name}")
    return values


def _pick(menu: Json, answers: Mapping[str, Any]) -> str:
    """Return the answer for a menu. Raises FlowError with the menu's name when it does not offer it."""
    wanted = answers.get("menu")
    if wanted not in list(menu["menu_options"]):
        raise FlowError(str(menu["step_id"]))
    return str(wanted)

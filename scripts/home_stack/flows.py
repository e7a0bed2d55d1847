"""Walks Home Assistant's config flows as a person would: fills forms, picks from menus, waits."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from .api import HomeAssistantApi, Json
from .processes import ROOT, StackError

_FLOWS = "/api/config/config_entries/flow"
_SUBENTRY_FLOWS = "/api/config/config_entries/subentries/flow"
_OPTIONS_FLOWS = "/api/config/config_entries/options/flow"
_MOST_STEPS = 1000
_PROGRESS_INTERVAL_S = 0.25


class FlowError(StackError):
    """A flow did not end with something created; ``slug`` is the reason it gave."""

    def __init__(self, message: str, slug: str) -> None:
        """Keep the slug beside the words."""
        super().__init__(message)
        self.slug = slug


async def create_entry(api: HomeAssistantApi, domain: str, answers: Mapping[str, Any]) -> str:
    """Walk an integration's flow and return the new entry's id. Raises FlowError with the form's words."""
    first = await api.post(_FLOWS, {"handler": domain})
    result = await _walk(api, _FLOWS, first, answers, _words(domain, "config"), None)
    return str(result["result"]["entry_id"])


async def create_subentry(
    api: HomeAssistantApi,
    domain: str,
    entry_id: str,
    kind: str,
    answers: Mapping[str, Any],
    *,
    on_progress: Callable[[Json], None] | None = None,
) -> None:
    """Walk the flow that adds a ``kind`` to an entry. Raises FlowError with the form's words.

    ``answers`` hold fields by name, and under ``menu`` the option to pick from a menu.
    ``on_progress`` is told once when the flow waits for something, with the step's placeholders.
    """
    first = await api.post(_SUBENTRY_FLOWS, {"handler": [entry_id, kind]})
    words = _words(domain, "config_subentries", kind)
    await _walk(api, _SUBENTRY_FLOWS, first, answers, words, on_progress)


async def change_options(
    api: HomeAssistantApi, domain: str, entry_id: str, answers: Mapping[str, Any]
) -> None:
    """Walk the flow that changes an entry's options. Raises FlowError with the form's words."""
    first = await api.post(_OPTIONS_FLOWS, {"handler": entry_id})
    await _walk(api, _OPTIONS_FLOWS, first, answers, _words(domain, "options"), None)


async def _walk(
    api: HomeAssistantApi,
    flows: str,
    result: Json,
    answers: Mapping[str, Any],
    words: Json,
    on_progress: Callable[[Json], None] | None,
) -> Json:
    for _ in range(_MOST_STEPS):
        path = f"{flows}/{result.get('flow_id')}"
        match result["type"]:
            case "create_entry":
                return result
            case "abort":
                raise _refused(words.get("abort", {}), result["reason"], result)
            case "menu":
                result = await api.post(path, {"next_step_id": _pick(result, answers)})
            case "progress":
                if on_progress is not None:
                    on_progress(result)
                    on_progress = None
                await asyncio.sleep(_PROGRESS_INTERVAL_S)
                result = await api.get(path)
            case "form":
                result = await api.post(path, fill(result["data_schema"], answers))
                if result.get("errors"):
                    await api.delete(path)
                    slug = next(iter(result["errors"].values()))
                    raise _refused(words.get("error", {}), slug, result)
            case kind:
                raise StackError(f"A flow shows a step nobody can walk unattended: {kind}")
    raise StackError("A flow did not come to an end")


def fill(schema: list[Json], answers: Mapping[str, Any]) -> Json:
    """Return a form's values: the answers, else what the form suggests.

    Raises StackError for a required field that neither knows.
    """
    values: Json = {}
    for field in schema:
        name = field["name"]
        suggested = (field.get("description") or {}).get("suggested_value", field.get("default"))
        value = answers.get(name, suggested)
        if value is not None:
            values[name] = value
        elif field.get("required"):
            raise StackError(f"The form asks for {name!r}, and nobody knows it")
    return values


def _pick(menu: Json, answers: Mapping[str, Any]) -> str:
    options = list(menu["menu_options"])
    wanted = answers.get("menu")
    if wanted not in options:
        raise FlowError(f"The menu {menu['step_id']!r} offers {', '.join(options)}", menu["step_id"])
    return str(wanted)


def _refused(texts: Mapping[str, str], slug: str, result: Json) -> FlowError:
    """Return the refusal in the words a person would read."""
    text = texts.get(slug, slug)
    for name, value in (result.get("description_placeholders") or {}).items():
        text = text.replace(f"{{{name}}}", str(value))
    return FlowError(text, slug)


def _words(domain: str, *path: str) -> Json:
    """Return the English texts of a flow, as the user interface has them."""
    translations = ROOT / "custom_components" / domain / "translations" / "en.json"
    words: Json = json.loads(translations.read_text()) if translations.exists() else {}
    for key in path:
        words = words.get(key, {})
    return words

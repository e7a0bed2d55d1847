"""Adds to a home what its record tells, through Home Flex's own flows, each part once."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from home_common.settings import SettingsError

from ..record import HomeRecord
from .api import HomeAssistantApi, eventually
from .flows import FlowError, change_subentry, create_entry, create_subentry
from .memory import Memory
from .parts import Answers, NotYetError, Part, fingerprint, site_answers

DOMAIN = "home_flex"

_LOGGER = logging.getLogger(__name__)
_LOADED_PATIENCE_S = 60.0

# A flow ends so when what it would add is there already.
_IS_THERE = {"already_configured", "only_one", "single_instance_allowed"}


class RemovedError(Exception):
    """A person removed Home Flex; it is not brought back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Home Flex's config entry."""

    entry_id: str
    offers: frozenset[str]


async def set_location(api: HomeAssistantApi, memory: Memory, record: HomeRecord) -> None:
    """Tell Home Assistant where the home is, once. Raises ApiError."""
    if "location" in memory:
        return
    await api.command(
        "config/core/update",
        **record.location,
        location_name=record.site["name"],
        currency=record.site["currency"],
        unit_system="metric",
    )
    if await memory.stored("core.config", record.location["time_zone"]):
        memory.keep("location")


async def site(api: HomeAssistantApi, memory: Memory, record: HomeRecord) -> Site:
    """Return the site, created the first time. Raises RemovedError, FlowError and ApiError."""
    entry = await _entry(api)
    if entry is None and "site" in memory:
        raise RemovedError
    if entry is None:
        await create_entry(api, DOMAIN, site_answers(record))
        entry = await _entry(api)
        _LOGGER.info("Set Home Flex up")
    if entry is None:
        raise FlowError("entry_missing")
    if "site" not in memory and await memory.stored("core.config_entries", entry["entry_id"]):
        memory.keep("site")
    offers = entry.get("supported_subentry_types", {})
    return Site(entry_id=entry["entry_id"], offers=frozenset(offers))


async def add(api: HomeAssistantApi, memory: Memory, site: Site, part: Part) -> None:
    """Add one part to the site, unless it was before. Raises NotYetError when it has to wait, ApiError."""
    if part.kind not in site.offers or (part.name in memory and not part.follows_changes):
        return
    try:
        answers = await asyncio.to_thread(part.answers)
        mark = fingerprint(answers) if part.follows_changes else ""
        if part.name not in memory:
            await _loaded(api)
            await _create(api, site, part, answers)
        elif memory.fingerprint(part.name) != mark:
            await _loaded(api)
            await _change(api, site, part, answers)
        else:
            return
    except (FlowError, SettingsError) as error:
        raise NotYetError(str(error)) from error
    ids = [subentry["subentry_id"] for subentry in await subentries(api, site.entry_id)]
    if not await memory.stored("core.config_entries", *ids):
        raise NotYetError("Home Assistant to store it")
    memory.keep(part.name, mark)


async def subentries(api: HomeAssistantApi, entry_id: str) -> list[dict[str, Any]]:
    """Return all subentries of the site. Raises ApiError."""
    found: list[dict[str, Any]] = await api.command("config_entries/subentries/list", entry_id=entry_id)
    return found


async def _create(api: HomeAssistantApi, site: Site, part: Part, answers: Answers) -> None:
    try:
        await create_subentry(api, site.entry_id, part.kind, answers)
    except FlowError as error:
        if error.reason not in _IS_THERE:
            raise
    else:
        _LOGGER.info("Added %s", part.name)


async def _change(api: HomeAssistantApi, site: Site, part: Part, answers: Answers) -> None:
    """Follow new credentials; a person who removed the part, or has another one, keeps that."""
    for subentry in await subentries(api, site.entry_id):
        if (
            subentry["subentry_type"] == part.kind
            and subentry["unique_id"] == f"{part.kind}_{answers['ven_id']}"
        ):
            await change_subentry(api, site.entry_id, part.kind, subentry["subentry_id"], answers)
            _LOGGER.info("Changed %s", part.name)


async def _loaded(api: HomeAssistantApi) -> None:
    """Wait until the site runs: it is reloaded after each change. Raises NotYetError."""

    async def look() -> bool:
        entry = await _entry(api)
        return entry is not None and entry["state"] == "loaded"

    if not await eventually(look, timeout_s=_LOADED_PATIENCE_S):
        raise NotYetError("Home Flex to run")


async def _entry(api: HomeAssistantApi) -> dict[str, Any] | None:
    entries: list[dict[str, Any]] = await api.get(f"/api/config/config_entries/entry?domain={DOMAIN}")
    return entries[0] if entries else None

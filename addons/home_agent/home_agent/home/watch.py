"""Keeps the view of the home current: one connection, told of changes, opened again when it is lost."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from .link import HomeAssistantError, HomeAssistantLink, TokenRefusedError, connected
from .view import (
    FlexEntity,
    HomeView,
    States,
    count,
    device_links,
    dispatch_of,
    flex_entities,
    is_on,
    site_states,
)

_LOGGER = logging.getLogger(__name__)

_RETRY_S = 10.0
# Each refused log-in counts towards a ban of our address.
_REFUSED_RETRY_S = 300.0
_SETTLE_S = 2.0
_BAN_LOGGER = "homeassistant.components.http.ban"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Home:
    """What the registries say: ``base`` without states, the type of each device, Home Flex's entities."""

    base: HomeView
    kinds: dict[str, str]
    entities: list[FlexEntity]

    def view(self, states: States) -> HomeView:
        """Return the home with the states its entities have."""
        site = site_states(self.entities, states)
        return replace(
            self.base,
            devices=device_links(self.kinds, self.entities, states),
            dispatch=dispatch_of(site),
            aggregator_connected=is_on(site, "aggregator_connected"),
            store_connected=is_on(site, "measurement_store"),
            measurements_waiting=count(site, "measurements_waiting"),
            measurements_dropped=count(site, "measurements_dropped"),
        )


class HomeWatch:
    """The latest view, and commands on the same connection."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, owner: Path, on_change: Callable[[], None]
    ) -> None:
        """Log in with the token in the folder ``owner``; ``on_change`` is told of what is new in the view."""
        self.view = HomeView()
        self._session, self._url, self._owner = session, url, owner
        self._on_change = on_change
        self._link: HomeAssistantLink | None = None

    @property
    def url(self) -> str:
        """Home Assistant's address."""
        return self._url

    def token(self) -> str | None:
        """Return the owner's token that the first start left for the agent."""
        try:
            return (self._owner / "owner_token").read_text().strip() or None
        except OSError:
            return None

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a command as the owner. Raises HomeAssistantError."""
        if self._link is None:
            raise HomeAssistantError("Home Assistant is not reached")
        return await self._link.command(kind, **fields)

    async def auth_failures(self) -> int | None:
        """Return how many log-ins failed since Home Assistant started, as far as its log goes back."""
        try:
            log = await self.command("system_log/list")
        except HomeAssistantError:
            return None
        return sum(int(row.get("count", 1)) for row in log if row.get("name") == _BAN_LOGGER)

    async def measurements_waiting(self) -> int | None:
        """Return how many measurements wait for the store; its sensor is off unless asked for.

        A site that is being loaded, as after each change, is not asked: Home Assistant would log an error.
        """
        try:
            entries = await self.command("config_entries/get", domain="home_flex")
            if not any(entry["state"] == "loaded" for entry in entries):
                return None
            answer = await self.command(
                "call_service", domain="home_flex", service="get_status", return_response=True
            )
            waiting = answer["response"]["telemetry"]["points_waiting"]
        except HomeAssistantError, KeyError, TypeError:
            return None
        return waiting if isinstance(waiting, int) else None

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            pause = _RETRY_S
            if (token := await asyncio.to_thread(self.token)) is not None:
                try:
                    async with connected(self._session, self._url, token) as link:
                        self._link = link
                        await self._follow(link)
                except TokenRefusedError:
                    _LOGGER.warning("Home Assistant does not accept the agent's token")
                    pause = _REFUSED_RETRY_S
                except HomeAssistantError as error:
                    _LOGGER.debug("%s", error)
                finally:
                    self._link = None
                    # The dispatch last seen goes on: it decides about locks and reboots.
                    self._show(HomeView(dispatch=self.view.dispatch, version=self.view.version))
            await self._rest(pause, token)

    async def _rest(self, pause: float, token: str | None) -> None:
        """Wait before ``token`` is tried again; another one may be tried as soon as it is noticed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                while await asyncio.to_thread(self.token) == token:  # noqa: ASYNC110 # a file
                    await asyncio.sleep(_RETRY_S)

    async def _follow(self, link: HomeAssistantLink) -> None:
        """Take the home in, then every change of its states; anew when entities come or go or are renamed.

        Raises HomeAssistantError when the connection ends.
        """
        # Before the lists are read: what is registered meanwhile is told of.
        registered = await link.subscribe("subscribe_events", event_type="entity_registry_updated")
        while True:
            home = await _taken_in(link)
            followed = None
            if home.entities:
                ids = [entity.entity_id for entity in home.entities]
                followed = await link.subscribe("subscribe_entities", entity_ids=ids)
            else:
                self._show(home.view({}))
            await self._follow_states(link, home, until=registered)
            # More changes come with the first.
            await asyncio.sleep(_SETTLE_S)
            if followed is not None:
                await link.command("unsubscribe_events", subscription=followed)
            link.forget_events()

    async def _follow_states(self, link: HomeAssistantLink, home: _Home, *, until: int) -> None:
        states: dict[str, tuple[str, dict[str, Any]]] = {}
        async for message in link.events():
            if message.get("id") == until:
                return
            apply_changes(states, message.get("event", {}))
            self._show(home.view(states))
        raise HomeAssistantError("Home Assistant closed the connection")

    def _show(self, view: HomeView) -> None:
        """Keep a view. A queue that grows and shrinks all the time is no reason to look at the whole home."""
        is_news = replace(view, measurements_waiting=self.view.measurements_waiting) != self.view
        self.view = view
        if is_news:
            self._on_change()


def apply_changes(states: dict[str, tuple[str, dict[str, Any]]], event: dict[str, Any]) -> States:
    """Apply Home Assistant's compressed changes: ``a`` added, ``c`` changed, ``r`` removed."""
    for entity_id, new in event.get("a", {}).items():
        states[entity_id] = (str(new.get("s", "")), dict(new.get("a", {})))
    for entity_id, change in event.get("c", {}).items():
        state, attributes = states.get(entity_id, ("", {}))
        more, less = change.get("+", {}), change.get("-", {})
        attributes = {**attributes, **more.get("a", {})}
        for name in less.get("a", []):
            attributes.pop(name, None)
        states[entity_id] = (str(more.get("s", state)), attributes)
    for entity_id in event.get("r", []):
        states.pop(entity_id, None)
    return states


async def _taken_in(link: HomeAssistantLink) -> _Home:
    entries = await link.command("config_entries/get", domain="home_flex")
    entry_id = str(entries[0]["entry_id"]) if entries else None
    base = HomeView(reachable=True, version=link.version, home_flex_set_up=entry_id is not None)
    kinds: dict[str, str] = {}
    if entry_id is not None:
        rows = await link.command("config_entries/subentries/list", entry_id=entry_id)
        kinds = {str(row["subentry_id"]): str(row["subentry_type"]) for row in rows}
        base = replace(base, home_flex_version=await _version(link))
    registry = await link.command("config/entity_registry/list")
    return _Home(base=base, kinds=kinds, entities=flex_entities(registry, entry_id))


async def _version(link: HomeAssistantLink) -> str | None:
    with contextlib.suppress(HomeAssistantError):
        return str((await link.command("manifest/get", integration="home_flex")).get("version"))
    return None

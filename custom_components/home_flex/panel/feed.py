"""What browsers watch: each topic is made once, turned into bytes once, and sent to all who watch it.

A subscription outlives the site: while that is away its browsers are told so, and it goes on by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..coordinator import HomeFlexCoordinator

# The view comes each second; what comes in between waits for the next one.
_EACH_S: Final = 0.9
# Nothing for longer than this tells a browser that it is out of touch.
HEARTBEAT_S: Final = 10.0
# How many subscriptions one connection may have: a dashboard full of cards has some dozens.
MOST_OF_ONE: Final = 100
_BROKEN: Final = frozenset(
    {ConfigEntryState.SETUP_ERROR, ConfigEntryState.SETUP_RETRY, ConfigEntryState.MIGRATION_ERROR}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One thing to watch. ``depends_on``: while it is equal, the document is not made again."""

    document: Callable[[HomeFlexCoordinator], Mapping[str, Any]]
    depends_on: Callable[[HomeFlexCoordinator], object] = lambda coordinator: coordinator.data


@dataclass(kw_only=True, slots=True)
class _Sent:
    """What was made last of a topic, when it was looked at and sent; ``revision`` counts the changes."""

    made_of: object = None
    body: bytes = b""
    revision: int = 0
    looked_s: float = float("-inf")
    sent_s: float = float("-inf")


@dataclass(kw_only=True, slots=True)
class _Watched:
    """A topic with those who watch it: the connection and the id of its subscription."""

    topic: Topic
    last: _Sent = field(default_factory=_Sent)
    watchers: set[tuple[ActiveConnection, int]] = field(default_factory=set)


class Feed:
    """Everything that browsers watch of the site."""

    def __init__(self, hass: HomeAssistant, topics: Mapping[str, Topic]) -> None:
        """Start without a site and without anybody who watches."""
        self._hass = hass
        self._coordinator: HomeFlexCoordinator | None = None
        self._watched = {name: _Watched(topic=topic) for name, topic in topics.items()}
        self._is_due = False
        self._told_away: str | None = None
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)

    @property
    def watchers(self) -> int:
        """How many subscriptions there are."""
        return sum(len(watched.watchers) for watched in self._watched.values())

    def watched_by(self, connection: ActiveConnection) -> int:
        """Return how many subscriptions a connection has."""
        return sum(each is connection for watched in self._watched.values() for each, _ in watched.watchers)

    @callback
    def attach(self, coordinator: HomeFlexCoordinator) -> CALLBACK_TYPE:
        """Go on with a site that began to run; returns what tells everybody that it ends."""
        self._coordinator, self._told_away = coordinator, None
        unsubscribe = coordinator.async_add_listener(self._changed)
        for watched in self._watched.values():
            watched.last = _Sent(revision=watched.last.revision)
        self._changed()

        @callback
        def detach() -> None:
            unsubscribe()
            self._coordinator = None
            self._tell_away("restarting")

        return detach

    @callback
    def subscribe(self, connection: ActiveConnection, msg_id: int, name: str) -> CALLBACK_TYPE:
        """Watch a topic from now on, answered with what it is now; returns how to end that."""
        watched, now_s = self._watched[name], self._hass.loop.time()
        if self._coordinator is None:
            first = _state(self._why_away())
        else:
            if self._make(watched, self._coordinator):
                # It would be no news any more when it is looked at next.
                _send(watched.watchers, self._whole(watched.last))
                watched.last.sent_s = now_s
            first = self._whole(watched.last)
        if not watched.watchers:
            watched.last.sent_s = now_s
        watcher = (connection, msg_id)
        watched.watchers.add(watcher)
        connection.send_result(msg_id)
        _send([watcher], first)
        return lambda: watched.watchers.discard(watcher)

    @callback
    def _entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Tell those who watch that the home cannot start, is switched off, or is gone."""
        if entry.domain == DOMAIN and self._coordinator is None and self._why_away() != self._told_away:
            self._tell_away(self._why_away())

    def _tell_away(self, state: str) -> None:
        self._told_away = state
        for watched in self._watched.values():
            _send(watched.watchers, _state(state))

    @callback
    def _changed(self) -> None:
        """Send soon, apart from whoever tells of the change: a browser never stands in the way of control."""
        if not self._is_due:
            self._is_due = True
            self._hass.loop.call_soon(self._send_all)

    @callback
    def _send_all(self) -> None:
        self._is_due = False
        for watched in self._watched.values():
            if watched.watchers and self._hass.loop.time() - watched.last.looked_s >= _EACH_S:
                # Each by itself: one that cannot be made keeps no other from being sent.
                self._hass.loop.call_soon(self._send_one, watched)

    @callback
    def _send_one(self, watched: _Watched) -> None:
        if (coordinator := self._coordinator) is None:
            return
        now_s, last = self._hass.loop.time(), watched.last
        last.looked_s = now_s
        if self._make(watched, coordinator):
            _send(watched.watchers, self._whole(last))
        elif now_s - last.sent_s >= HEARTBEAT_S:
            _send(watched.watchers, self._heartbeat(last))
        else:
            return
        last.sent_s = now_s

    def _make(self, watched: _Watched, coordinator: HomeFlexCoordinator) -> bool:
        """Make what a topic is now; return whether it is another than before."""
        made_of, last = watched.topic.depends_on(coordinator), watched.last
        if last.body and made_of == last.made_of:
            return False
        body, last.made_of = json_bytes(watched.topic.document(coordinator)), made_of
        if body == last.body:
            return False
        last.body, last.revision = body, last.revision + 1
        return True

    def _why_away(self) -> str:
        entries = self._hass.config_entries.async_entries(DOMAIN)
        if not entries:
            return "absent"
        if all(entry.disabled_by for entry in entries):
            return "disabled"
        return "failed" if any(entry.state in _BROKEN for entry in entries) else "restarting"

    def _heartbeat(self, last: _Sent) -> bytes:
        return b'{"state":"running","revision":%d,"now":"%s"}' % (last.revision, _now())

    def _whole(self, last: _Sent) -> bytes:
        return self._heartbeat(last)[:-1] + b',"body":' + last.body + b"}"


def _now() -> bytes:
    return dt_util.utcnow().isoformat().encode()


def _state(state: str) -> bytes:
    return b'{"state":"%s","now":"%s"}' % (state.encode(), _now())


def _send(
    watchers: set[tuple[ActiveConnection, int]] | list[tuple[ActiveConnection, int]], event: bytes
) -> None:
    """Send the same bytes to all: only the id of the subscription differs."""
    for connection, msg_id in tuple(watchers):
        connection.send_message(b'{"id":%d,"type":"event","event":%s}' % (msg_id, event))

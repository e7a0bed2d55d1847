"""The wishes at run time: held, changed, ended in time, and kept a second after a change.

Nothing here waits for the disk: documents are handed over and written behind.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any, Protocol

from ..core.wishes import BatteryWishes, Change, Ended, Wishes, expired, next_change
from ..core.wishes.codec import Kept, decode, encode, still_unread
from ..core.wishes.ends import plugged, settled, unplugged
from ..core.wishes.unplugging import Edge, Plug, watch

_LOGGER = logging.getLogger(__name__)

DOCUMENT = "wishes"
KEEP_AFTER_S = 1.0

type Listener = Callable[[tuple[Ended, ...]], None]


class KeepsDocuments(Protocol):
    """Where the wishes are kept; written behind."""

    def put_document(self, key: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON object under ``key``."""
        ...


class WishService:
    """Holds the wishes of a site.

    ``clock`` tells aware UTC time, for ends; ``monotonic`` counts seconds, for durations; ``zone`` tells
    where the home is. ``advance`` is to be called each second: it never waits.
    """

    def __init__(
        self,
        document: object,
        *,
        documents: KeepsDocuments,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        zone: Callable[[], tzinfo],
    ) -> None:
        """Take up what was kept (None: nothing); what ended meanwhile ends now."""
        self._kept = decode(document)
        self._documents = documents
        self._clock = clock
        self._monotonic = monotonic
        self._zone = zone
        self._changed_at_s: float | None = None
        self._plugs: dict[str, Plug] = {}
        self._listeners: list[Listener] = []
        self._unheard: tuple[Ended, ...] = ()
        self._next_end = next_change(self.wishes)
        for row in self._kept.unread:
            _LOGGER.warning("A wish that was kept is not understood and set aside: %s", row.name)
        self._end()

    @property
    def wishes(self) -> Wishes:
        """What is wanted now."""
        return self._kept.wishes

    @property
    def not_understood(self) -> tuple[str, ...]:
        """Name what was kept and is not understood, as long as no new wish took its place."""
        return tuple(row.name for row in still_unread(self._kept))

    @property
    def now(self) -> datetime:
        """The time wishes go by."""
        return self._clock()

    @property
    def zone(self) -> tzinfo:
        """Where the home is."""
        return self._zone()

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with what ended, empty when something was changed; returns how to stop it.

        The first listener also hears what ended while nobody was there.
        """
        self._listeners.append(listener)
        unheard, self._unheard = self._unheard, ()
        if unheard:
            listener(unheard)

        def remove() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return remove

    def change(self, change: Change) -> Wishes:
        """Apply a change at once and keep it soon. Raises WishError, and changes nothing then."""
        self._take(change(self.wishes))
        return self.wishes

    def plug_seen(self, device_id: str, *, connected: bool | None) -> None:
        """Note whether a vehicle hangs on a charger (None: it cannot be read); to be called each second."""
        plug, edge = watch(self._plugs.get(device_id, Plug()), connected, self._monotonic())
        self._plugs[device_id] = plug
        if edge is not None:
            step = plugged if edge is Edge.PLUGGED else unplugged
            self._change_charger(device_id, lambda charger: step(charger, self._clock()))

    def target_reached(self, device_id: str, at: datetime) -> None:
        """Note that the car has what it was to have by ``at``: only that deadline is over."""
        self._change_charger(device_id, lambda charger: settled(charger, at))

    def advance(self, *, may_end: bool = True) -> None:
        """End what has come to its end, and hand over what has changed.

        ``may_end`` is False while the wall clock cannot be trusted: a wish then rather lasts too long.
        """
        if may_end and self._next_end is not None and self._clock() >= self._next_end:
            self._end()
        changed_at_s = self._changed_at_s
        if changed_at_s is not None and self._monotonic() - changed_at_s >= KEEP_AFTER_S:
            self.flush()

    def flush(self) -> None:
        """Hand over what has changed without waiting for more."""
        if self._changed_at_s is not None:
            self._changed_at_s = None
            self._documents.put_document(DOCUMENT, encode(self._kept))

    def _change_charger(self, device_id: str, step: Callable[[Any], Any]) -> None:
        charger = step(self.wishes.charger(device_id))
        self._take(replace(self.wishes, chargers={**self.wishes.chargers, device_id: charger}))

    def _end(self) -> None:
        wishes, ended = expired(self.wishes, self._clock())
        for each in ended:
            _LOGGER.info("The wish %s (%s) ended as it was to", each.wish, each.device_id or "site")
        if not self._listeners:
            self._unheard += ended
        if ended:
            self._take(wishes, ended)

    def _take(self, wishes: Wishes, ended: tuple[Ended, ...] = ()) -> None:
        if wishes == self.wishes:
            return
        self._kept = Kept(wishes=wishes, unread=tuple(still_unread(replace(self._kept, wishes=wishes))))
        self._next_end = next_change(wishes)
        if self._changed_at_s is None:
            self._changed_at_s = self._monotonic()
        for listener in tuple(self._listeners):
            listener(ended)


class ReadsSettings(Protocol):
    """What was kept before."""

    async def get_setting(self, key: str, default: Any = None) -> Any:
        """Return the JSON value under ``key``, or ``default``."""
        ...


async def kept_wishes(store: ReadsSettings, battery_ids: Iterable[str]) -> object:
    """Return the document of the wishes; a home without one has its reserves as settings of their own."""
    document = await store.get_setting(DOCUMENT)
    if document is not None:
        return document
    reserves = {each: await store.get_setting(f"reserve.{each}") for each in battery_ids}
    batteries = {
        each: BatteryWishes(reserve=reserve)
        for each, reserve in reserves.items()
        if isinstance(reserve, int | float) and 0.0 <= reserve <= 1.0
    }
    return encode(Kept(wishes=Wishes(batteries=batteries))) if batteries else None

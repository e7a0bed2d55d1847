"""Keeps the tags that may charge in the charger, so that it knows them while nobody can be asked."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .session import Session
from .settings import ChargerSettings, Patience, TagRule
from .tag_list_words import ListLimits, ListWords
from .tags import OUR_TAG

_LOGGER = logging.getLogger(__name__)

# Where a charger does not say how many it takes at once, fewer are tried until it takes them.
_AT_ONCE: Final = (50, 10, 1)
_LARGEST_VERSION: Final = 2**31 - 1
_ACCEPTED: Final = "Accepted"


class TagList:
    """The list of one charger: pushed when it is another than the charger has, and read back by its version.

    What was sent under which version is remembered, so that a change is sent as a difference. ``state`` is
    how it went: ``kept``, ``not_kept`` (another version was read back), ``refused``, ``not_supported``,
    ``cut`` (the charger keeps fewer); None while nothing was to be sent.
    """

    def __init__(
        self, document: Mapping[str, Any] | None, on_change: Callable[[Mapping[str, Any]], None]
    ) -> None:
        """Remember what ``document`` holds of an earlier run; ``on_change`` gets what is to be kept."""
        self.state: str | None = None
        self._on_change = on_change
        version, tags = (document or {}).get("version"), (document or {}).get("tags")
        is_known = isinstance(version, int) and isinstance(tags, list)
        self._version: int | None = version if is_known else None
        self._tags: tuple[str, ...] = tuple(str(tag) for tag in tags) if is_known and tags else ()

    def diagnostics(self) -> Mapping[str, Any]:
        """Return how it is with the list, without its tags."""
        return {"state": self.state, "version": self._version, "length": len(self._tags)}

    async def push(self, session: Session, patience: Patience, wanted: tuple[str, ...]) -> None:
        """Have the charger keep ``wanted``. A list that is not ours, and nothing to tell, are left alone."""
        if not wanted and not self._tags:
            return
        state, version, tags = await self._pushed(session, patience, wanted)
        if session.has_ended:
            return
        if state != self.state:
            self.state = state
            level = logging.DEBUG if state == "kept" else logging.WARNING
            _LOGGER.log(level, "A charger's list of tags: %s", state)
        if (version, tags) != (self._version, self._tags):
            self._version, self._tags = version, tags
            self._on_change({} if version is None else {"version": version, "tags": list(tags)})

    async def _pushed(
        self, session: Session, patience: Patience, wanted: tuple[str, ...]
    ) -> tuple[str, int | None, tuple[str, ...]]:
        """Push what is to be pushed; return how that went, and what the charger has now, where known."""
        words = session.dialect.tag_list
        told = await words.version(session, patience)
        if told is None:
            return "not_supported", self._version, self._tags
        limits = await words.prepare(session, patience)
        tags = wanted[: limits.most_tags]
        state = "kept" if len(tags) == len(wanted) else "cut"
        if told == self._version and set(tags) == set(self._tags):
            return state, self._version, self._tags
        version = await self._sent(session, patience, told, tags, limits)
        if version is None:
            return "refused", None, ()
        if await words.version(session, patience) != version:
            return "not_kept", None, ()
        return state, version, tags

    async def _sent(
        self,
        session: Session,
        patience: Patience,
        told: int,
        wanted: tuple[str, ...],
        limits: ListLimits,
    ) -> int | None:
        """Send what differs, else all; return the version of it, None when the charger takes neither."""
        words, at_once = session.dialect.tag_list, limits.most_at_once
        if told == self._version and told != 0:
            parts = list(_differences(self._tags, wanted, at_once or _AT_ONCE[-2]))
            version = await _send_parts(words, session, patience, told, parts)
            if version is not None:
                return version
        for size in (at_once,) if at_once else _AT_ONCE:
            parts = [
                {"is_full": start == 0, "added": wanted[start : start + size]}
                for start in range(0, max(1, len(wanted)), size)
            ]
            version = await _send_parts(words, session, patience, told, parts)
            if version is not None:
                return version
        return None


def wanted_tags(settings: Iterable[ChargerSettings]) -> tuple[str, ...]:
    """Return the tags that the sockets of a charger are for; none where any tag may charge at one of them."""
    sockets = list(settings)
    if any(each.tag_rule is TagRule.FREE for each in sockets):
        return ()
    listed = [tag for each in sockets if each.tag_rule is TagRule.LIST for tag in each.tags]
    return tuple(dict.fromkeys([OUR_TAG, *listed]))


def _differences(before: tuple[str, ...], after: tuple[str, ...], size: int) -> Iterable[dict[str, Any]]:
    """Return what differs, in parts of ``size``: what is taken away first, as there may be no room else."""
    changes = [("removed", tag) for tag in before if tag not in after]
    changes += [("added", tag) for tag in after if tag not in before]
    for start in range(0, len(changes), size):
        part = changes[start : start + size]
        yield {
            "is_full": False,
            **{word: tuple(tag for kind, tag in part if kind == word) for word in ("added", "removed")},
        }


async def _send_parts(
    words: ListWords, session: Session, patience: Patience, told: int, parts: list[dict[str, Any]]
) -> int | None:
    """Send part by part, each a version of its own; return the last one, None when one was not taken."""
    version = told
    for part in parts:
        version = version + 1 if version < _LARGEST_VERSION else 1
        if await words.send(session, patience, version=version, **part) != _ACCEPTED:
            return None
    return version

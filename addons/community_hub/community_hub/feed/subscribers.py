"""Who listens, and what waits for each: bounded, so that one that reads slowly costs nobody else anything."""

import asyncio
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

# What waits for a subscriber beyond that is dropped, the oldest first, and it is told so.
MOST_WAITING: Final = 256
LAGGING: Final = "lagging"


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """Something that happened. ``number`` is its place in the audit log, None for what is of the moment only.

    ``owners`` are the people whose homes it concerns.
    """

    type: str
    at: datetime
    object: str
    correlation_id: str
    details: dict[str, Any]
    number: int | None = None
    owners: frozenset[str] = frozenset()

    @property
    def topic(self) -> str:
        """What it is about: the part of its type before the point."""
        return self.type.partition(".")[0]

    def document(self) -> dict[str, Any]:
        """Return what is sent of it."""
        return {
            "type": self.type,
            "at": self.at.isoformat(),
            "object": self.object,
            "correlation_id": self.correlation_id,
            "details": self.details,
        }


@dataclass(kw_only=True, eq=False)
class Subscriber:
    """One who listens to some topics (none: all). ``person_id``: only what concerns that person's homes.

    ``listener``: whose it is, of whom there are a few at once.
    """

    topics: Collection[str] = ()
    person_id: str | None = None
    listener: str = ""
    _waiting: deque[Message] = field(default_factory=deque)
    _is_lagging: bool = False
    _something: asyncio.Event = field(default_factory=asyncio.Event)

    def wants(self, message: Message) -> bool:
        """Whether a message is for this subscriber."""
        is_own = self.person_id is None or self.person_id in message.owners
        return is_own and (not self.topics or message.topic in self.topics)

    def put(self, message: Message) -> None:
        """Let a message wait, if it is for this subscriber."""
        if not self.wants(message):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._is_lagging = True
        self._waiting.append(message)
        self._something.set()

    async def next(self) -> Message:
        """Return what waits longest, and wait for it; before that, that something was dropped."""
        while not self._waiting:
            self._something.clear()
            await self._something.wait()
        if self._is_lagging:
            self._is_lagging = False
            at = self._waiting[0].at
            return Message(type=LAGGING, at=at, object="", correlation_id="", details={})
        return self._waiting.popleft()

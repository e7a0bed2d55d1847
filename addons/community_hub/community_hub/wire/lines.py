"""Several sessions to publish over: the broker reads a few messages of one connection, and then of the next.

Mosquitto takes 8 kB or so from a connection in a turn, in which it also writes its database. Over one
connection a turn is three events; over several it is as many times that, and what a turn costs is shared.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final, Self

from .mqtt5 import Opening
from .session import Broker, Publication, Session, opened

LINES: Final = 8


@dataclass(frozen=True, slots=True)
class Lines:
    """Open sessions. What goes to one home goes over one of them, and arrives in the order it was given."""

    _sessions: Sequence[Session]

    @classmethod
    @asynccontextmanager
    async def opened(cls, broker: Broker, opening: Opening) -> AsyncIterator[Self]:
        """Open them, each under an id of its own. Raises SessionLostError, also when one is refused."""
        async with AsyncExitStack() as stack:
            openings = [replace(opening, client_id=f"{opening.client_id}.{n}") for n in range(LINES)]
            yield cls([await stack.enter_async_context(opened(broker, each)) for each in openings])

    async def publish(self, messages: Sequence[Publication], /) -> Sequence[int]:
        """Publish, and return the broker's reason for each; below 128 it has it. Raises SessionLostError."""
        numbers: list[list[int]] = [[] for _ in self._sessions]
        for number, message in enumerate(messages):
            numbers[hash(_home_of(message.topic)) % len(numbers)].append(number)
        reasons = [0] * len(messages)
        try:
            async with asyncio.TaskGroup() as tasks:
                for session, own in zip(self._sessions, numbers, strict=True):
                    if own:
                        tasks.create_task(_publish(session, messages, own, reasons))
        except ExceptionGroup as lost:
            raise lost.exceptions[0] from lost
        return reasons

    def check(self) -> None:
        """Raise SessionLostError when one of them is lost."""
        for session in self._sessions:
            session.check()


async def _publish(
    session: Session, messages: Sequence[Publication], numbers: Sequence[int], reasons: list[int]
) -> None:
    found = await session.publish([messages[number] for number in numbers])
    for number, reason in zip(numbers, found, strict=True):
        reasons[number] = reason


def _home_of(topic: str) -> str:
    """Return what of ``{prefix}/vens/{venID}/…`` is before the last two levels."""
    return topic.rsplit("/", 2)[0]

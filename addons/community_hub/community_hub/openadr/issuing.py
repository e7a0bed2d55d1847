"""Events that the hub itself makes: the same objects as any business's, told to homes and subscribers alike.

A dispatch makes thousands at once, one for each home that consented; they are written together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any, Final, NamedTuple, cast

from fastapi import Request
from pydantic_core import from_json
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hub import Hub
from ..store import Written, insert_rows
from ..store.tables import Event, ObjectTarget, Program, Subscription
from ..wire.events import message
from ..wire.outbox import put
from .access import SCOPES, Caller
from .kinds import EVENT, PROGRAM
from .notices import webhooks
from .objects import NewEvent, Notice, Objects, Tell
from .placing import Asked
from .shapes import EventRequest, ProgramRequest

# So many are made before the next ones are: what is made of 10,000 homes at once is hundreds of MB.
_AT_ONCE: Final = 1000
HUB_CLIENT: Final = "hub"
_HUB: Final = Caller(client_id=HUB_CLIENT, scopes=SCOPES, ven_id=None, targets=frozenset(), consented=None)
_EVENTS: Final = Event.metadata.tables[Event.__tablename__]
_TARGETS: Final = ObjectTarget.metadata.tables[ObjectTarget.__tablename__]


class HomeEvent(NamedTuple):
    """An event that is to be made for a home alone: its id, and its ``eventRequest``."""

    ven_id: str
    event_id: str
    document: Written


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuing:
    """How a hub issues: ``tell`` is given each change of single objects."""

    hub: Hub
    tell: Sequence[Tell]

    async def program(self, session: AsyncSession, request: Mapping[str, Any]) -> Program:
        """Make a programme. Raises Problem 409 for a name that is taken."""
        asked = self._asked(session, ProgramRequest.model_validate(request), None)
        return cast("Program", await self._objects(session, PROGRAM).create(asked))

    async def event(self, session: AsyncSession, request: Mapping[str, Any]) -> Event:
        """Make one event. Raises Problem 403 for a home without consent, 409 for no such programme."""
        asked = self._asked(session, EventRequest.model_validate(request), None)
        return cast("Event", await self._objects(session, EVENT).create(asked))

    async def change(self, session: AsyncSession, event: Event, request: Mapping[str, Any]) -> None:
        """Put another request in an event's place. Raises as ``event``."""
        asked = self._asked(session, EventRequest.model_validate(request), event)
        await self._objects(session, EVENT).update(event, asked)

    async def delete(self, session: AsyncSession, event_id: str) -> None:
        """Delete an event, where it is still there."""
        event = await session.get(Event, event_id)
        if event is not None:
            await self._objects(session, EVENT).delete(event)

    async def calls(
        self, session: AsyncSession, program_id: str, events: Iterable[HomeEvent], ends_at: datetime
    ) -> None:
        """Make homes' events, all at once.

        The caller has found in this transaction that each of the homes consents for the whole of it.
        """
        now = self.hub.clock()
        tell = webhooks(self.hub.clock) if await _is_anyone_subscribed(session) else None
        for some in batched(events, _AT_ONCE, strict=False):
            calls = [
                (ven_id, NewEvent(event_id, now, now, HUB_CLIENT, document, program_id, ends_at))
                for ven_id, event_id, document in some
            ]
            await self._write_calls(session, calls, now)
            if tell is None:
                continue
            for _, call in calls:
                row = Event(**call._asdict() | {"document": from_json(call.document)})
                await tell(session, Notice(operation="CREATE", kind=EVENT, row=row))

    async def _write_calls(
        self, session: AsyncSession, calls: Sequence[tuple[str, NewEvent]], now: datetime
    ) -> None:
        """Write events, and tell each home of its own: what ``over_mqtt`` would find, without looking."""
        await insert_rows(session, _EVENTS, NewEvent._fields, [call for _, call in calls])
        targets = [(call.id, ven_id) for ven_id, call in calls]
        await insert_rows(session, _TARGETS, ("object_id", "target"), targets)
        if self.hub.settings.mqtt_url is not None:
            prefix = self.hub.settings.mqtt_prefix
            await put(
                session,
                [message(prefix, call, ven_id, "CREATE", call.notification(), now) for ven_id, call in calls],
            )

    def _objects(self, session: AsyncSession, kind: Any) -> Objects:
        return Objects(session=session, kind=kind, caller=_HUB, tell=self.tell)

    def _asked(self, session: AsyncSession, shape: Any, existing: Any) -> Asked:
        return Asked(
            session=session,
            now=self.hub.clock(),
            caller=_HUB,
            vault=self.hub.vault,
            shape=shape,
            existing=existing,
        )


async def _is_anyone_subscribed(session: AsyncSession) -> bool:
    subscribed = exists().where(Subscription.object_types.contains(" EVENT ", autoescape=True))
    return bool(await session.scalar(select(subscribed)))


def issuing_of(request: Request) -> Issuing:
    """Return how the hub that answers a request issues."""
    return cast("Issuing", request.app.state.issuing)

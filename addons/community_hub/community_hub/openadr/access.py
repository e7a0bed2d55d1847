"""Who sends a request to the VTN, and what they see of it (OpenADR 3.1 object privacy).

Business logic (``read_all``) sees everything. A VEN sees a programme or an event when its own targets cover
those of the object *and* of its programme; its targets are those that the business gave it and its
resources, and its venID. A home of the community sees the events of those programmes alone that its resident
consents to. Of everything else a VEN sees what its client made.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, SQLColumnExpression, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts import tokens
from ..homes.consents import programs_of
from ..hub import hub_of
from ..store.tables import Client, Home, ObjectTarget, Resource, Ven
from ..web import Problem


class Scope(StrEnum):
    """What a client may do (OpenADR 3.1.1 securitySchemes). ``READ_BL`` is used there, and not declared."""

    READ_ALL = "read_all"
    READ_BL = "read_bl"
    READ_TARGETS = "read_targets"
    READ_VEN_OBJECTS = "read_ven_objects"
    WRITE_PROGRAMS = "write_programs"
    WRITE_EVENTS = "write_events"
    WRITE_REPORTS = "write_reports"
    WRITE_SUBSCRIPTIONS = "write_subscriptions"
    WRITE_VENS = "write_vens"


SCOPES: Final[frozenset[str]] = frozenset(Scope)
_BUSINESS: Final = frozenset({Scope.READ_ALL, Scope.READ_BL})


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A client and what its token may. ``targets`` are those of its VEN, where it has one.

    ``consented`` are the programmes that its resident consents to; None: it is no home of the community.
    """

    client_id: str
    scopes: frozenset[str]
    ven_id: str | None
    targets: frozenset[str]
    consented: frozenset[str] | None

    @property
    def is_business(self) -> bool:
        """Whether it is business logic; else it is a VEN."""
        return not _BUSINESS.isdisjoint(self.scopes)

    def require(self, *scopes: Scope) -> None:
        """Raise Problem 403 unless it has one of the scopes."""
        if self.scopes.isdisjoint(scopes):
            raise Problem(HTTPStatus.FORBIDDEN, "missing-scope", f"The token lacks {' or '.join(scopes)}.")


async def caller(request: Request) -> Caller:
    """Return who sends a request. Raises Problem 401."""
    hub = hub_of(request)
    now = hub.clock()
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    async with hub.store.reading() as session:
        token = await tokens.find(session, now, text.strip()) if scheme.lower() == "bearer" else None
        if token is None or token.client_id is None:
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "no-token",
                "Show a valid token of /auth/token.",
                {"WWW-Authenticate": "Bearer"},
            )
        client = await session.get_one(Client, token.client_id)
        found = await caller_of(session, client, now, frozenset(token.scopes))
    await tokens.touch(hub.store, now, token)
    return found


Calling = Annotated[Caller, Depends(caller)]


async def caller_of(
    session: AsyncSession, client: Client, now: datetime, scopes: frozenset[str] | None = None
) -> Caller:
    """Return a client as a caller, with all its scopes or those of its that a token has."""
    allowed = frozenset(client.scopes)
    ven_id = await session.scalar(select(Ven.id).where(Ven.client_id == client.id))
    targets: frozenset[str] = frozenset()
    consented: frozenset[str] | None = None
    if ven_id is not None:
        resources = select(Resource.id).where(Resource.ven_id == ven_id)
        query = select(ObjectTarget.target).where(
            or_(ObjectTarget.object_id == ven_id, ObjectTarget.object_id.in_(resources))
        )
        targets = frozenset(await session.scalars(query)) | {ven_id}
        if await session.get(Home, ven_id) is not None:
            consented = await programs_of(session, ven_id, now)
    return Caller(
        client_id=client.id,
        scopes=allowed if scopes is None else allowed & scopes,
        ven_id=ven_id,
        targets=targets,
        consented=consented,
    )


def covered(object_id: SQLColumnExpression[str], targets: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition that these targets cover all of an object's."""
    return ~exists().where(ObjectTarget.object_id == object_id, ObjectTarget.target.not_in(targets))


def holds(object_id: SQLColumnExpression[str], target: str) -> ColumnElement[bool]:
    """Return the condition that an object has this target."""
    return exists().where(ObjectTarget.object_id == object_id, ObjectTarget.target == target)

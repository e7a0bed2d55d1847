"""Objects of all kinds: made, found, changed, deleted. Each change is told in its own transaction."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select, delete, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..store import Written, new_id
from ..store.tables import Event, ObjectTarget, Report, Subscription
from ..store.tables.openadr import OpenADRObject
from ..web import Problem
from .access import Caller, Scope, covered, holds
from .kinds import BY_TYPE, EventQuery, Kind, Query, ReportQuery, SubscriptionQuery
from .placing import Asked, Placing, place

_LOG: Final = logging.getLogger(__name__)
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What happened to an object: an OpenADR ``notification``, with what it is looked up by."""

    operation: str
    kind: Kind
    row: OpenADRObject

    def notification(self) -> dict[str, Any]:
        """Return it as it is sent."""
        return {
            "objectType": self.kind.object_type,
            "operation": self.operation,
            "object": represented(self.kind, self.row),
        }


type Tell = Callable[[AsyncSession, Notice], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Objects:
    """The objects of one kind, in a transaction, as a caller sees them. ``tell`` is given each change."""

    session: AsyncSession
    kind: Kind
    caller: Caller
    tell: Sequence[Tell] = ()

    async def page(self, query: Query, now: datetime) -> list[dict[str, Any]]:
        """Return a page of them, oldest first. One that no client could read is left out, and logged."""
        table = self.kind.table
        found = await self.session.scalars(
            self.asked(query, now).order_by(table.created_at, table.id).offset(query.skip).limit(query.limit)
        )
        return [represented(self.kind, row) for row in found if is_readable(self.kind, row)]

    def asked(self, query: Query, now: datetime) -> Select[tuple[Any]]:
        """Return the selection of all that a query asks for."""
        return select(self.kind.table).where(self._visible(), *_conditions(self.kind, query, now))

    async def one(self, identifier: str, *, is_writing: bool = False) -> OpenADRObject:
        """Return one. Raises Problem 404, also for one that the caller may not see, or not change."""
        table = self.kind.table
        query = select(table).where(table.id == identifier, self._visible())
        if is_writing:
            query = query.where(self._changeable()).with_for_update()
        row = (await self.session.scalars(query)).one_or_none()
        if row is None:
            raise Problem(HTTPStatus.NOT_FOUND, "not-found", f"There is no such {self.kind.object_type}.")
        return row

    async def create(self, asked: Asked) -> OpenADRObject:
        """Make one. Raises Problem."""
        try:
            placing = await place(asked)
        except Problem as problem:
            if problem.status_code == HTTPStatus.CONFLICT:
                raise Problem(self.kind.conflict, problem.slug, problem.detail) from problem
            raise
        row = self.kind.table(
            id=placing.identifier or new_id(),
            created_at=asked.now,
            modified_at=asked.now,
            client_id=placing.client_id,
            document=placing.document,
            **placing.columns,
        )
        self.session.add(row)
        await self._settle(row, placing, self.kind.conflict)
        await self._told("CREATE", self.kind, row)
        return row

    async def update(self, row: OpenADRObject, asked: Asked) -> OpenADRObject:
        """Change one. Its modification time is later than any it had before. Raises Problem."""
        placing = await place(asked)
        row.client_id, row.document = placing.client_id, placing.document
        row.modified_at = max(asked.now, row.modified_at + _TICK)
        for name, value in placing.columns.items():
            setattr(row, name, value)
        await self._settle(row, placing, HTTPStatus.CONFLICT)
        await self._told("UPDATE", self.kind, row)
        return row

    async def delete(self, row: OpenADRObject) -> None:
        """Delete one, and what belongs to it."""
        await self._delete(self.kind, row)

    async def _delete(self, kind: Kind, row: OpenADRObject) -> None:
        for object_type, column in kind.children.items():
            child = BY_TYPE[object_type]
            for each in list(await self.session.scalars(select(child.table).where(column == row.id))):
                await self._delete(child, each)
        await self._told("DELETE", kind, row)
        await self.session.execute(delete(ObjectTarget).where(ObjectTarget.object_id == row.id))
        await self.session.delete(row)
        await self.session.flush()

    async def _settle(self, row: OpenADRObject, placing: Placing, conflict: HTTPStatus) -> None:
        try:
            await self.session.flush()
        except IntegrityError as error:
            raise Problem(conflict, "conflict", "The name, the client or the home is taken.") from error
        await self.session.execute(delete(ObjectTarget).where(ObjectTarget.object_id == row.id))
        self.session.add_all(ObjectTarget(object_id=row.id, target=target) for target in placing.targets)
        await self.session.flush()

    async def _told(self, operation: str, kind: Kind, row: OpenADRObject) -> None:
        for tell in self.tell:
            await tell(self.session, Notice(operation=operation, kind=kind, row=row))

    def _visible(self) -> ColumnElement[bool]:
        return visible(self.kind, self.caller)

    def _changeable(self) -> ColumnElement[bool]:
        is_shared = self.caller.is_business or self.kind.read is Scope.READ_TARGETS
        return true() if is_shared else self.kind.table.client_id == self.caller.client_id


def visible(kind: Kind, caller: Caller) -> ColumnElement[bool]:
    """Return the condition under which a caller sees an object (``access``)."""
    table = kind.table
    if caller.is_business:
        return true()
    if kind.read is not Scope.READ_TARGETS:
        return table.client_id == caller.client_id
    own: ColumnElement[bool] = covered(table.id, caller.targets)
    if table is not Event:
        return own
    own &= covered(Event.program_id, caller.targets)
    return own if caller.consented is None else own & Event.program_id.in_(caller.consented)


class NewEvent(NamedTuple):
    """An event that is about to be written, by its columns, as an ``EventRequest`` is kept."""

    id: str
    created_at: datetime
    modified_at: datetime
    client_id: str
    document: Written
    program_id: str
    ends_at: datetime

    def notification(self) -> bytes:
        """Return the OpenADR ``notification`` that it is made, as it is sent."""
        return (
            '{"objectType":"EVENT","operation":"CREATE","object":'
            f'{{"id":"{self.id}","createdDateTime":"{stamp(self.created_at)}",'
            f'"modificationDateTime":"{stamp(self.modified_at)}","objectType":"EVENT",{self.document[1:]}}}'
        ).encode()


def represented(kind: Kind, row: OpenADRObject) -> dict[str, Any]:
    """Return an object as it is sent."""
    metadata = {
        "id": row.id,
        "createdDateTime": stamp(row.created_at),
        "modificationDateTime": stamp(row.modified_at),
        "objectType": kind.object_type,
    }
    client = {"clientID": row.client_id} if kind.shows_client else {}
    return metadata | client | row.document


def _conditions(kind: Kind, query: Query, now: datetime) -> list[ColumnElement[bool]]:
    named: Mapping[str, Any] = query.model_dump(by_alias=True, exclude_none=True)
    found = [column == named[name] for name, column in kind.equals.items() if name in named]
    found += [holds(kind.table.id, target) for target in query.targets]
    match query:
        case EventQuery(active=True):
            found.append(or_(Event.ends_at.is_(None), Event.ends_at > now))
        case ReportQuery(program_id=str(program_id)):
            found.append(Report.event_id.in_(select(Event.id).where(Event.program_id == program_id)))
        case SubscriptionQuery():
            found += _subscription_conditions(query)
    return found


@lru_cache(maxsize=64)
def stamp(time: datetime) -> str:
    """Return a time as it is sent. What is made at once mostly has the same ones."""
    return time.isoformat().replace("+00:00", "Z")


def _subscription_conditions(query: SubscriptionQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.objects:
        told = (Subscription.object_types.contains(f" {each} ", autoescape=True) for each in query.objects)
        found.append(or_(*told))
    return found


def is_readable(kind: Kind, row: OpenADRObject) -> bool:
    """Whether what is stored still has its shape: one that has not makes a client refuse the whole list."""
    as_requested = {"clientID": row.client_id, "objectType": kind.stored_as} if kind.stored_as else {}
    try:
        kind.request.validate_python(as_requested | row.document)
    except ValidationError:
        _LOG.exception("%s %s is left out of a list: it is not what OpenADR has", kind.object_type, row.id)
        return False
    return True

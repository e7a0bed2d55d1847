"""What a request means beyond its shape: to what it belongs, whose it is, and whether it may be at all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.sealing import Vault
from ..core import Refusal, resolve_windows
from ..homes.consents import consenting
from ..store.tables import Client, Event, Home, Program, Ven
from ..store.tables.openadr import OpenADRObject
from ..web import Problem
from . import shapes
from .access import Caller, covered
from .sealed import seal_bearer_tokens
from .shapes import Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Placing:
    """Whose an object is, its columns, its document and its targets; its id where that is not a new one."""

    client_id: str
    columns: Mapping[str, Any]
    document: dict[str, Any]
    targets: frozenset[str]
    identifier: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request and what it is judged by. ``existing`` is the object that it changes."""

    session: AsyncSession
    now: datetime
    caller: Caller
    vault: Vault
    shape: Shape
    existing: OpenADRObject | None

    def placing(
        self,
        *,
        columns: Mapping[str, Any],
        client_id: str | None = None,
        document: dict[str, Any] | None = None,
    ) -> Placing:
        """Return the placing of an object, whose owner stays who it was."""
        kept = document if document is not None else self.shape.document()
        owner = self.existing.client_id if self.existing is not None else self.caller.client_id
        return Placing(
            client_id=client_id or owner,
            columns=columns,
            document=kept,
            targets=frozenset(kept.get("targets", ())),
        )


async def place(asked: Asked) -> Placing:
    """Judge a request. Raises Problem 403 for what is not the caller's, and 409 for what does not fit."""
    return await _PLACERS[type(asked.shape)](asked)


async def _program(asked: Asked) -> Placing:
    assert isinstance(asked.shape, shapes.ProgramRequest)  # noqa: S101 # by the table
    return asked.placing(columns={"name": asked.shape.program_name})


async def _event(asked: Asked) -> Placing:
    shape, existing = asked.shape, asked.existing
    assert isinstance(shape, shapes.EventRequest)  # noqa: S101 # by the table
    if existing is not None and existing.document["programID"] != shape.program_id:
        raise _conflict("An event stays in the programme it was created in.")
    if await asked.session.get(Program, shape.program_id) is None:
        raise _conflict("There is no such programme.")
    placing = asked.placing(columns={})
    start, end = _span(placing.document, asked.now)
    await _require_consents(asked, shape.program_id, placing.targets, start, end)
    return asked.placing(columns={"program_id": shape.program_id, "ends_at": end})


async def _report(asked: Asked) -> Placing:
    shape = asked.shape
    assert isinstance(shape, shapes.ReportRequest)  # noqa: S101 # by the table
    query = select(Event.id).where(Event.id == shape.event_id)
    if not asked.caller.is_business:
        targets = asked.caller.targets
        query = query.where(covered(Event.id, targets), covered(Event.program_id, targets))
    if await asked.session.scalar(query) is None:
        raise _conflict("There is no such event.")
    return asked.placing(columns={"event_id": shape.event_id, "client_name": shape.client_name})


async def _subscription(asked: Asked) -> Placing:
    shape = asked.shape
    assert isinstance(shape, shapes.SubscriptionRequest)  # noqa: S101 # by the table
    if shape.program_id is not None and await asked.session.get(Program, shape.program_id) is None:
        raise _conflict("There is no such programme.")
    document, sealed = seal_bearer_tokens(asked.vault, shape.document())
    told = sorted({each for operation in shape.object_operations for each in operation.objects})
    columns = {
        "program_id": shape.program_id,
        "client_name": shape.client_name,
        "object_types": f" {' '.join(told)} ",
        "bearer_tokens_sealed": sealed,
    }
    return asked.placing(columns=columns, document=document)


async def _ven_by_itself(asked: Asked) -> Placing:
    shape = asked.shape
    assert isinstance(shape, shapes.VenVenRequest)  # noqa: S101 # by the table
    is_renamed = asked.existing is None or asked.existing.id != shape.ven_name
    if is_renamed and await asked.session.get(Home, shape.ven_name) is not None:
        raise Problem(HTTPStatus.FORBIDDEN, "a-homes-name", "This is a home's venID: the business admits it.")
    return asked.placing(columns={"name": shape.ven_name}, document=_with_given_targets(asked))


async def _ven_by_business(asked: Asked) -> Placing:
    shape = asked.shape
    assert isinstance(shape, shapes.BlVenRequest)  # noqa: S101 # by the table
    _require_business(asked.caller)
    if await asked.session.get(Client, shape.client_id) is None:
        raise _conflict("There is no such client.")
    document = _without(shape.document(), "objectType", "clientID")
    placing = asked.placing(columns={"name": shape.ven_name}, client_id=shape.client_id, document=document)
    # A home is one thing over MQTT and over HTTPS: as a VEN it has the venID that it enrolled by.
    is_home = await asked.session.get(Home, shape.ven_name) is not None
    return replace(placing, identifier=shape.ven_name) if is_home else placing


async def _resource_by_its_ven(asked: Asked) -> Placing:
    shape = asked.shape
    assert isinstance(shape, shapes.VenResourceRequest)  # noqa: S101 # by the table
    if not asked.caller.is_business and shape.ven_id != asked.caller.ven_id:
        raise Problem(HTTPStatus.FORBIDDEN, "another-ven", "A VEN describes its own resources only.")
    ven = await _ven(asked, shape.ven_id)
    columns = {"ven_id": ven.id, "name": shape.resource_name}
    return asked.placing(columns=columns, client_id=ven.client_id, document=_with_given_targets(asked))


async def _resource_by_business(asked: Asked) -> Placing:
    shape = asked.shape
    assert isinstance(shape, shapes.BlResourceRequest)  # noqa: S101 # by the table
    _require_business(asked.caller)
    ven = await _ven(asked, shape.ven_id)
    if ven.client_id != shape.client_id:
        raise _conflict("The resource's clientID is not its VEN's.")
    document = _without(shape.document(), "objectType", "clientID")
    columns = {"ven_id": ven.id, "name": shape.resource_name}
    return asked.placing(columns=columns, client_id=ven.client_id, document=document)


_PLACERS: Final[Mapping[type[Shape], Callable[[Asked], Awaitable[Placing]]]] = {
    shapes.ProgramRequest: _program,
    shapes.EventRequest: _event,
    shapes.ReportRequest: _report,
    shapes.SubscriptionRequest: _subscription,
    shapes.VenVenRequest: _ven_by_itself,
    shapes.BlVenRequest: _ven_by_business,
    shapes.VenResourceRequest: _resource_by_its_ven,
    shapes.BlResourceRequest: _resource_by_business,
}


async def _require_consents(
    asked: Asked, program_id: str, targets: frozenset[str], start: datetime, end: datetime | None
) -> None:
    """Raise Problem 403 when a home that is named did not consent, as a whole, for the whole event."""
    homes = frozenset(await asked.session.scalars(select(Home.ven_id).where(Home.ven_id.in_(targets))))
    if not homes:
        return
    willing = homes
    for moment in (start, (end or start + timedelta(microseconds=1)) - timedelta(microseconds=1)):
        willing &= await consenting(asked.session, program_id, moment, homes, targets)
    if refused := sorted(homes - willing):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "no-consent",
            f"{len(refused)} homes did not consent to this programme at that time, such as {refused[0]}.",
        )


def _span(document: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime | None]:
    """Return when an event begins, and ends: None when that cannot be told, as without intervals."""
    try:
        windows = resolve_windows(document, document.get("intervals", ()), now)
    except Refusal:
        return now, None
    if not windows:
        return now, None
    start = min(window.start for window in windows)
    return max(start, now), max(window.shifted(1)[1] for window in windows)


async def _ven(asked: Asked, ven_id: str) -> Ven:
    ven = await asked.session.get(Ven, ven_id)
    if ven is None:
        raise _conflict("There is no such VEN.")
    return ven


def _require_business(caller: Caller) -> None:
    if not caller.is_business:
        raise Problem(HTTPStatus.FORBIDDEN, "only-business", "A VEN cannot give targets or clients.")


def _with_given_targets(asked: Asked) -> dict[str, Any]:
    """Return the document with the targets that the business gave before."""
    document = _without(asked.shape.document(), "objectType")
    given = asked.existing.document.get("targets") if asked.existing is not None else None
    return document if given is None else document | {"targets": given}


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def _conflict(detail: str) -> Problem:
    return Problem(HTTPStatus.CONFLICT, "conflict", detail)

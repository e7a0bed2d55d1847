"""``/openadr3/3.1``: the same five routes for each kind of object, and what is beside them."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import QueryParams

from ..hub import hub_of
from ..store.tables.openadr import OpenADRObject
from ..web import StrictRoute
from ..web.fields import ObjectId
from . import auth, homes_reports, notifiers
from .access import Caller, Calling, Scope
from .kinds import KINDS, REPORT, Kind, Query
from .objects import Objects, Tell, represented
from .placing import Asked
from .shapes import Shape

PREFIX = "/openadr3/3.1"


def vtn_router(tell: Sequence[Tell]) -> APIRouter:
    """Return all routes of the VTN. ``tell`` is given each change, in its transaction."""
    router = APIRouter(prefix=PREFIX, route_class=StrictRoute, include_in_schema=False)
    for kind in KINDS:
        router.include_router(_routes(kind, tell))
    router.include_router(auth.router)
    router.include_router(notifiers.router)
    return router


def _routes(kind: Kind, tell: Sequence[Tell]) -> APIRouter:
    router = APIRouter(prefix=f"/{kind.path}", route_class=StrictRoute)

    def objects(session: AsyncSession, caller: Caller) -> Objects:
        return Objects(session=session, kind=kind, caller=caller, tell=tell)

    @router.get("")
    async def search(request: Request, caller: Calling) -> JSONResponse:
        caller.require(Scope.READ_ALL, Scope.READ_BL, kind.read)
        query = _query(kind, request.query_params)
        hub = hub_of(request)
        async with hub.store.reading() as session:
            ours = objects(session, caller)
            lists = homes_reports.page if kind is REPORT else Objects.page
            return JSONResponse(await lists(ours, query, hub.clock()))

    @router.post("")
    async def create(request: Request, caller: Calling) -> JSONResponse:
        caller.require(kind.write)
        shape = await _shape(kind, request)
        async with hub_of(request).store.writing() as session:
            row = await objects(session, caller).create(_asked(request, session, caller, shape))
            return JSONResponse(represented(kind, row), HTTPStatus.CREATED)

    @router.get("/{identifier}")
    async def find(request: Request, caller: Calling, identifier: ObjectId) -> JSONResponse:
        caller.require(Scope.READ_ALL, Scope.READ_BL, kind.read)
        async with hub_of(request).store.reading() as session:
            if kind is REPORT and (told := await homes_reports.one(session, caller, identifier)) is not None:
                return JSONResponse(told)
            return JSONResponse(represented(kind, await objects(session, caller).one(identifier)))

    @router.put("/{identifier}")
    async def update(request: Request, caller: Calling, identifier: ObjectId) -> JSONResponse:
        caller.require(kind.write)
        shape = await _shape(kind, request)
        async with hub_of(request).store.writing() as session:
            ours = objects(session, caller)
            row = await ours.one(identifier, is_writing=True)
            row = await ours.update(row, _asked(request, session, caller, shape, row))
            return JSONResponse(represented(kind, row))

    @router.delete("/{identifier}")
    async def delete(request: Request, caller: Calling, identifier: ObjectId) -> JSONResponse:
        caller.require(kind.write)
        async with hub_of(request).store.writing() as session:
            ours = objects(session, caller)
            row = await ours.one(identifier, is_writing=True)
            document = represented(kind, row)
            await ours.delete(row)
            return JSONResponse(document)

    return router


def _asked(
    request: Request,
    session: AsyncSession,
    caller: Caller,
    shape: Shape,
    existing: OpenADRObject | None = None,
) -> Asked:
    hub = hub_of(request)
    return Asked(
        session=session, now=hub.clock(), caller=caller, vault=hub.vault, shape=shape, existing=existing
    )


async def _shape(kind: Kind, request: Request) -> Shape:
    """Return the body in its shape. Raises RequestValidationError, and Problem for what is no JSON."""
    try:
        return kind.request.validate_python(await request.json())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from error


def _query(kind: Kind, parameters: QueryParams) -> Query:
    """Return what a list is asked for. Raises RequestValidationError."""
    found: dict[str, Any] = {}
    for name, value in parameters.multi_items():
        found[name] = [*found[name], value] if name in found else [value]
    lists = {"targets", "objects"}
    named = {name: values if name in lists else values[-1] for name, values in found.items()}
    try:
        return kind.query.model_validate(named)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from error

"""``/api/v1/rehearsals``: what a dispatch would bring, and who, without anybody being told of it."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb
from ..flexibility.needs import NewDispatch
from ..hub import hub_of
from ..web import Problem, StrictRoute
from .running import rehearse

router = APIRouter(prefix="/api/v1/rehearsals", tags=["rehearsals"], route_class=StrictRoute)


@router.post("")
async def run(
    who: Asking, body: NewDispatch, request: Request, seed: Annotated[int, Query(ge=0, lt=2**31)] = 1
) -> dict[str, Any]:
    """Try a dispatch against simulated copies of the enrolled homes; the same seed is the same rehearsal."""
    require(who, Verb.WRITE, Thing.DISPATCH)
    rehearsing: asyncio.Lock = request.app.state.rehearsing
    if rehearsing.locked():
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "rehearsing", "Another rehearsal runs.", {"Retry-After": "10"}
        )
    async with rehearsing:
        return await rehearse(hub_of(request), body, seed=seed)

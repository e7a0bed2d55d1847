"""The audit log, for operator and auditor."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from ...hub import hub_of
from ...store import audit
from ...web import StrictRoute
from ...web.fields import Limit
from ..identity import Asking, require
from ..roles import Thing, Verb

router = APIRouter(prefix="/audit", tags=["audit"], route_class=StrictRoute)


@router.get("")
async def list_entries(
    who: Asking,
    request: Request,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Limit = 100,
) -> list[dict[str, Any]]:
    """List acts in their order, with the hashes that chain them; go on behind the last number."""
    require(who, Verb.READ, Thing.AUDIT)
    async with hub_of(request).store.reading() as session:
        return [
            {
                "number": entry.number,
                "at": entry.at,
                "actor": entry.actor,
                "act": entry.act,
                "object": entry.object,
                "details": entry.details,
                "previous_hash": entry.previous_hash,
                "hash": entry.hash,
            }
            for entry in await audit.entries(session, after=after, most=limit)
        ]


@router.get("/head")
async def show_head(who: Asking, request: Request) -> dict[str, Any]:
    """Reckon the whole chain again and tell its end; kept elsewhere, it shows a log that was made anew."""
    require(who, Verb.READ, Thing.AUDIT)
    async with hub_of(request).store.reading() as session:
        try:
            head = await audit.verify(session)
        except audit.AuditBrokenError as error:
            return {"is_whole": False, "broken_at": error.number}
        return {"is_whole": True, "number": head.number, "hash": head.hash}

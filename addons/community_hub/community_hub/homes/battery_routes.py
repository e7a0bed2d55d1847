"""``/api/v1/homes/{ven_id}/battery``: how a home's batteries do, as far as its resident shares it."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb
from ..hub import hub_of
from ..store.audit import Act, record
from ..store.tables import Home, SharedBatteries
from ..web import Problem, StrictRoute
from ..web.fields import ObjectId

router = APIRouter(prefix="/api/v1/homes", tags=["homes"], route_class=StrictRoute)


@router.get("/{ven_id}/battery")
async def read_batteries(who: Asking, ven_id: ObjectId, request: Request) -> dict[str, Any]:
    """Tell how a home's batteries do by its newest word: what is None the home does not know.

    Its household reads it, and the operator for as long as the resident shares it, which is noted.
    """
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.reading() as session:
        home = await session.get(Home, ven_id)
        is_own = home is not None and home.owner_id == who.person_id
        require(
            who, Verb.READ, Thing.ENERGY, owner_id=who.person_id if home is None or is_own else home.owner_id
        )
        shared = await session.get(SharedBatteries, ven_id)
    if home is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
    if not is_own and (shared is None or shared.until <= now):
        raise Problem(HTTPStatus.FORBIDDEN, "no-consent", "The resident does not share this.")
    if shared is None:
        return {"ven_id": ven_id, "told_at": None, "shared_until": None, "batteries": []}
    if not is_own:
        details = {"shared_until": shared.until.isoformat()}
        async with hub.store.writing() as session:
            act = Act(actor=who.person_id, act="battery.read", object=ven_id, details=details)
            await record(session, now, act)
    return {
        "ven_id": ven_id,
        "told_at": shared.told_at,
        "shared_until": shared.until if shared.until > now else None,
        "batteries": shared.batteries,
    }

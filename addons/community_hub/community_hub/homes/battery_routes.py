"""``/api/v1/homes/{ven_id}/battery``: how a home's batteries do, as far as its resident shares it."""

from typing import Any

from fastapi import APIRouter, Request

from ..accounts.identity import Asking
from ..hub import hub_of
from ..store.tables import SharedBatteries
from ..web import StrictRoute
from ..web.fields import ObjectId
from .sharing import is_own_home, not_shared, note_reading

router = APIRouter(prefix="/api/v1/homes", tags=["homes"], route_class=StrictRoute)


@router.get("/{ven_id}/battery")
async def read_batteries(who: Asking, ven_id: ObjectId, request: Request) -> dict[str, Any]:
    """Tell how a home's batteries do by its newest word: what is None the home does not know.

    Its household reads it, and the operator for as long as the resident shares it, which is noted.
    """
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.reading() as session:
        is_own = await is_own_home(session, who, ven_id)
        shared = await session.get(SharedBatteries, ven_id)
    if not is_own and (shared is None or shared.until <= now):
        raise not_shared()
    if shared is None:
        return {"ven_id": ven_id, "told_at": None, "shared_until": None, "batteries": []}
    if not is_own:
        details = {"shared_until": shared.until.isoformat()}
        await note_reading(hub, who, "battery.read", ven_id, details)
    return {
        "ven_id": ven_id,
        "told_at": shared.told_at,
        "shared_until": shared.until if shared.until > now else None,
        "batteries": shared.batteries,
    }

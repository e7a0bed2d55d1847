"""``/metrics``: the hub's figures in Prometheus' text format, for who has a token for them."""

from typing import cast

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from ..accounts.identity import Asking, require
from ..accounts.roles import Thing, Verb
from ..hub import hub_of
from ..web import StrictRoute
from .figures import read
from .requests import RequestFigures

router = APIRouter(tags=["metrics"], route_class=StrictRoute)


@router.get("/metrics", response_class=Response)
async def metrics(who: Asking, request: Request) -> Response:
    """Tell the figures of the community, and those of the worker that answers."""
    require(who, Verb.READ, Thing.METRICS)
    hub = hub_of(request)
    async with hub.store.reading() as session:
        found = await read(session, hub.clock())
    community = CollectorRegistry()
    community.register(found)
    own = cast("RequestFigures", request.app.state.request_figures).registry
    return Response(generate_latest(community) + generate_latest(own), media_type=CONTENT_TYPE_PLAIN_0_0_4)

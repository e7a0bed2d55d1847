"""The hub's figures, for Prometheus and as JSON; how its services are, and the community at a glance."""

from typing import Any, cast

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from ..accounts.identity import Asking, require
from ..accounts.roles import Reach, Thing, Verb, reach
from ..hub import hub_of
from ..web import StrictRoute
from .figures import read
from .overview import overview
from .requests import PREFIX, RequestFigures
from .status import State, services

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


@router.get("/stats")
async def stats(who: Asking, request: Request) -> dict[str, Any]:
    """Tell the community's figures as JSON: what ``/metrics`` tells of it, under the same names."""
    require(who, Verb.READ, Thing.METRICS)
    hub = hub_of(request)
    async with hub.store.reading() as session:
        found = await read(session, hub.clock())
    return {
        family.name.removeprefix(f"{PREFIX}_"): {
            "text": family.documentation,
            "values": [{"labels": sample.labels, "value": sample.value} for sample in family.samples],
        }
        for family in found.collect()
    }


@router.get("/services/status")
async def services_status(who: Asking, request: Request) -> dict[str, Any]:
    """Tell how each service is: ok, late, down, or off where it is not set up."""
    require(who, Verb.READ, Thing.METRICS)
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.reading() as session:
        found = await services(session, hub.settings, now)
    return {
        "at": now,
        "is_well": all(each.state in {State.OK, State.OFF} for each in found),
        "services": [{"name": each.name, "state": each.state} | each.facts for each in found],
    }


@router.get("/api/v1/overview")
async def read_overview(who: Asking, request: Request) -> dict[str, Any]:
    """Tell the community at a glance; a household its own homes."""
    require(who, Verb.READ, Thing.HOME, owner_id=who.person_id)
    hub = hub_of(request)
    owner_id = None if reach(who, Verb.READ, Thing.HOME) is Reach.ANY else who.person_id
    async with hub.store.reading() as session:
        return await overview(session, hub.clock(), owner_id)

"""Builds the hub's web application. Everything it needs is in ``Hub``; nothing is global."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Final

from fastapi import FastAPI
from sqlalchemy import select

from .accounts import housekeeping
from .accounts.openid_connect.relying_party import relying_parties
from .accounts.routes import router as accounts_router
from .alerts.routes import router as alerts_router
from .alerts.watching import AlertWatch
from .console.pages import install_console
from .console.rollouts import router as rollouts_router
from .energy.routes import router as energy_router
from .feed.feeding import Feed
from .feed.routes import router as feed_router
from .flexibility.calls_in_parts import Calls
from .flexibility.routes import router as flexibility_router
from .flexibility.watching import Watch
from .grid import hearing
from .grid.aggregator import aggregator_for
from .grid.homes import Homes
from .grid.portfolio import Portfolio
from .grid.routes import router as grid_router
from .grid.sending import GridSender
from .homes.battery_routes import router as battery_router
from .homes.health import router as health_router
from .homes.room_routes import router as rooms_router
from .homes.routes import router as homes_router
from .hub import Hub
from .mail.routes import router as mail_router
from .mail.sending import MailSender
from .market.routes import router as market_router
from .market.statement_routes import router as market_statements_router
from .metrics.requests import Counting, RequestFigures
from .metrics.routes import router as metrics_router
from .openadr.issuing import Issuing
from .openadr.notices import webhooks
from .openadr.objects import Tell
from .openadr.routes import vtn_router
from .openadr.webhooks import WebhookSender
from .outcomes.telling import OutcomeMail
from .rehearsal.routes import router as rehearsal_router
from .settlement.routes import router as settlement_router
from .statistics.ahead_routes import router as forecast_router
from .statistics.routes import router as statistics_router
from .web import PROBLEM_RESPONSES, Correlation, LimitedBodies, StrictRoute, install_problems
from .wire.events import over_mqtt

_ROUTERS: Final = (
    accounts_router,
    mail_router,
    health_router,
    homes_router,
    battery_router,
    rooms_router,
    energy_router,
    flexibility_router,
    settlement_router,
    feed_router,
    market_router,
    market_statements_router,
    rollouts_router,
    rehearsal_router,
    statistics_router,
    forecast_router,
    metrics_router,
    alerts_router,
)


def build(hub: Hub, *, tell: Sequence[Tell] = (), portfolio: Portfolio | None = None) -> FastAPI:
    """Return the application of an open hub. ``tell`` is given each change of an OpenADR object.

    ``portfolio`` is what grid operators are offered, None: the homes. While it runs, webhooks and messages to
    grid operators are sent, dispatches are watched, and what is over is deleted. The caller closes the store.
    """
    told = [webhooks(hub.clock), *tell]
    if hub.settings.mqtt_url is not None:
        told.append(over_mqtt(hub.clock, hub.settings.mqtt_prefix))
    issuing = Issuing(hub=hub, tell=told)
    feed = Feed(hub=hub)
    aggregator = aggregator_for(hub, portfolio or Homes(issuing=issuing))

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(WebhookSender(hub).run(), name="webhooks"),
                group.create_task(housekeeping.run(hub), name="housekeeping"),
                group.create_task(Calls(issuing=issuing).run(), name="calls"),
                group.create_task(Watch(issuing=issuing).run(), name="dispatches"),
                group.create_task(feed.run(), name="feed"),
                group.create_task(AlertWatch(hub=hub).run(), name="alerts"),
            ]
            if hub.settings.relay is not None:
                mail = MailSender(hub=hub, relay=hub.settings.relay)
                tasks.append(group.create_task(mail.run(), name="mail"))
                tasks.append(group.create_task(OutcomeMail(hub=hub).run(), name="outcomes"))
            if aggregator is not None:
                sender = GridSender(hub=hub, keys=aggregator.keys)
                tasks.append(group.create_task(sender.run(), name="grid operators"))
            yield
            for task in tasks:
                task.cancel()

    app = FastAPI(
        title="Home Flex community hub",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM_RESPONSES,
    )
    app.state.hub = hub
    app.state.issuing = issuing
    app.state.feed = feed
    app.state.relying_parties = relying_parties(hub.settings)
    app.state.request_figures = RequestFigures()
    # One at a time in a worker: each is minutes of work on the loop that answers everybody.
    app.state.rehearsing = asyncio.Lock()
    app.router.route_class = StrictRoute
    install_problems(app)
    for router in (*_ROUTERS, vtn_router(told)):
        app.include_router(router)
    if aggregator is not None:
        app.state.aggregator = aggregator
        app.include_router(hearing.router)
        app.include_router(grid_router)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Say that the hub runs, and that its database answers."""
        async with hub.store.reading() as session:
            await session.execute(select(1))
        return {"status": "ok"}

    install_console(app)
    app.add_middleware(LimitedBodies)
    app.add_middleware(Correlation)
    app.add_middleware(Counting, figures=app.state.request_figures)
    return app

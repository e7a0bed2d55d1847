"""Counts what is asked of this worker over HTTP, by route and answer."""

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX: Final = "home_flex_hub"
# What is asked for that is nothing here, under one name: who guesses paths makes no series of their own.
_NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS_S: Final = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)


class RequestFigures:
    """The worker's own figures. ``registry`` holds them, with those of its process."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.answered = Counter(
            f"{PREFIX}_http_requests",
            "Requests that were answered, by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.took_s = Histogram(
            f"{PREFIX}_http_request_seconds",
            "How long until an answer began.",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )


class Counting:
    """Counts each request when its answer begins."""

    def __init__(self, app: ASGIApp, *, figures: RequestFigures) -> None:
        """Wrap an application."""
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", _NO_ROUTE)
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._figures.answered.labels(method, route, message["status"]).inc()
                self._figures.took_s.labels(route).observe(time.perf_counter() - began_s)
            await send(message)

        await self._app(scope, receive, counted)

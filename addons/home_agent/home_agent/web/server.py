"""The agent's HTTP interface on the home's inner network; nginx shows the operator's part of it.

``/status…`` trusts nginx, which asks ``/check`` first and forwards no credentials; it holds nothing personal.
``/owner`` asks again by itself: it hands out the owner's first password, and what is typed into chargers.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web
from home_common.same_site import is_from_another_site

from ..commands.ledger import Ledger
from ..diagnostics.collect import Diagnostics
from .access import USERNAME, Access, Visitor
from .owner import OwnerHandover
from .page import HEADERS, status_page
from .passwords_page import chargers_page, language_of, owner_page, password_page, refusal_page

_LOGGER = logging.getLogger(__name__)

_CHALLENGE: Final = {"WWW-Authenticate": f'Basic realm="{USERNAME}", charset="UTF-8"'}
_NOTES_SHOWN: Final = 10

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebServer:
    """All routes."""

    def __init__(
        self,
        *,
        access: Access,
        owner: OwnerHandover,
        chargers: Callable[[], Mapping[str, str]],
        ledger: Ledger,
        diagnostics: Diagnostics,
        beat: Callable[[], dict[str, Any] | None],
        alive: Callable[[], bool],
    ) -> None:
        """``beat`` returns the latest heartbeat, ``alive`` whether the agent still does its work.

        ``chargers`` returns the chargers' passwords by identity, and may block for a moment.
        """
        self._access = access
        self._owner = owner
        self._chargers = chargers
        self._ledger = ledger
        self._diagnostics = diagnostics
        self._beat = beat
        self._alive = alive
        self._making_bundle = asyncio.Lock()

    def application(self) -> web.Application:
        """Return what is to be served."""
        application = web.Application(client_max_size=16 * 1024, middlewares=[_from_our_own_pages])
        application.add_routes(
            [
                web.get("/health", self._health),
                web.get("/check", self._check),
                web.get("/status", self._status),
                web.get("/status.json", self._status_json),
                web.get("/status/diagnostics.zip", self._bundle),
                web.get("/owner", self._owner_page),
                web.post("/owner", self._hand_over),
            ]
        )
        return application

    async def _health(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n") if self._alive() else web.Response(status=503, text="stuck\n")

    async def _check(self, request: web.Request) -> web.Response:
        if await self._access.visitor(request.headers.get("Authorization")) is Visitor.NOBODY:
            return web.Response(status=401, headers=_CHALLENGE)
        return web.Response(status=204)

    async def _status(self, _request: web.Request) -> web.Response:
        if (beat := self._beat()) is None:
            return web.Response(status=503, text="The first look at the home is under way.\n")
        notes = await asyncio.to_thread(self._ledger.notes, _NOTES_SHOWN)
        waits = await asyncio.to_thread(self._owner.waits)
        return _page(status_page(beat, reversed(notes), password_waits=waits))

    async def _status_json(self, _request: web.Request) -> web.Response:
        if (beat := self._beat()) is None:
            return web.json_response({"error": "starting"}, status=503)
        return web.json_response(beat, headers={"Cache-Control": "no-store"})

    async def _bundle(self, _request: web.Request) -> web.Response:
        if self._making_bundle.locked():
            return web.Response(status=429, text="A bundle is being made already.\n")
        async with self._making_bundle:
            content = await self._diagnostics.bundle()
        name = f"home-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return web.Response(body=content, content_type="application/zip", headers=headers)

    async def _owner_page(self, request: web.Request) -> web.Response:
        if not await self._is_operator(request):
            return web.Response(status=401, headers=_CHALLENGE)
        waits = await asyncio.to_thread(self._owner.waits)
        chargers = await asyncio.to_thread(self._chargers)
        return _page(owner_page(_language(request), waits=waits, has_chargers=bool(chargers)))

    async def _hand_over(self, request: web.Request) -> web.Response:
        if not await self._is_operator(request):
            return web.Response(status=401, headers=_CHALLENGE)
        wants_json = "application/json" in request.headers.get("Accept", "")
        try:
            if (await request.post()).get("show") == "chargers":
                return await self._charger_passwords(_language(request), wants_json=wants_json)
            return await self._owner_password(_language(request), wants_json=wants_json)
        except OSError:
            return _refused(_language(request), "disk", status=507, wants_json=wants_json)

    async def _owner_password(self, language: str, *, wants_json: bool) -> web.Response:
        taken = await asyncio.to_thread(self._owner.take)
        await self._note("owner_password", "DONE" if taken else "REFUSED")
        if taken is None:
            return _refused(language, "already", status=410, wants_json=wants_json)
        if wants_json:
            return _secret_json({"username": taken.username, "password": taken.password})
        return _page(password_page(language, taken.username, taken.password))

    async def _charger_passwords(self, language: str, *, wants_json: bool) -> web.Response:
        passwords = await asyncio.to_thread(self._chargers)
        await self._note("charger_passwords", "DONE")
        return _secret_json(passwords) if wants_json else _page(chargers_page(language, passwords))

    async def _note(self, command: str, status: str) -> None:
        """Add a line of audit. Raises OSError."""
        at = datetime.now(UTC).isoformat()
        await asyncio.to_thread(self._ledger.note, at=at, way="http", command=command, status=status)

    async def _is_operator(self, request: web.Request) -> bool:
        return await self._access.visitor(request.headers.get("Authorization")) is Visitor.OPERATOR


@web.middleware
async def _from_our_own_pages(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Refuse what another site makes a browser send: the browser adds the credentials by itself."""
    if request.method not in {"GET", "HEAD"} and is_from_another_site(request.headers):
        raise web.HTTPForbidden(text="This was sent from another site.\n")
    return await handler(request)


def _language(request: web.Request) -> str:
    return language_of(request.headers.get("Accept-Language", ""))


def _secret_json(body: Mapping[str, str]) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})


def _refused(language: str, reason: str, *, status: int, wants_json: bool) -> web.Response:
    if wants_json:
        return web.json_response({"error": reason}, status=status)
    return _page(refusal_page(language, reason), status=status)


def _page(text: str, *, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)

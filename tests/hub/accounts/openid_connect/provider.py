"""An OpenID provider of the tests' own, on real sockets: a stand-in that can be made to lie, stall and err.

It lets everybody in who comes, as ``subject``, and checks what a relying party owes it: its secret, PKCE, and
each code once. That the hub gets on with a provider that others wrote is shown by ``test_with_another``.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web
from community_hub.accounts.openid_connect.providers import Provider
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID: Final = "hub of the tests"
CLIENT_SECRET: Final = "a secret/of:the tests"
# To make one takes a while.
_KEYS: Final = [RSAKey.generate_key(2048, {"kid": f"key {number}"}) for number in (1, 2)]

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class StandIn:
    """A provider. ``claims`` are put over those of its tokens, of which None takes one away.

    ``header`` and ``signed_by`` are those of its tokens, ``listed`` the keys it tells, ``instead`` answers in
    the place of what has a path, and ``asked`` has every path and every address that browsers came with.
    """

    clock: Callable[[], datetime]
    subject: str = "anna"
    name: str = "city"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signed_by: Any = field(default_factory=lambda: _KEYS[0])
    listed: list[RSAKey] = field(default_factory=lambda: [_KEYS[0]])
    metadata: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, Handler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authorized: list[dict[str, str]] = field(default_factory=list)
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def provider(self, **changes: Any) -> Provider:
        """Return it as an operator sets it."""
        told = {
            "name": self.name,
            "title": "The city",
            "issuer": self.issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        return Provider(**(told | changes))

    def rotate(self) -> None:
        """Sign by another key, and list that alone."""
        self.signed_by, self.listed = _KEYS[1], [_KEYS[1]]

    def token(self, request: dict[str, str]) -> str:
        """Return what it vouches for in answer to a browser's request."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": self.subject,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": request["nonce"],
        } | self.claims
        told = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": getattr(self.signed_by, "kid", None)} | self.header
        header = {name: value for name, value in header.items() if value is not None}
        algorithm = str(header["alg"])
        if algorithm in {"none", "HS256"}:
            # By hand: no library does that.
            signed = f"{_part(header)}.{_part(told)}"
            is_signed = algorithm == "HS256"
            digest = hmac.digest(self.signed_by, signed.encode(), "sha256") if is_signed else b""
            return f"{signed}.{_encoded(digest)}"
        return jwt.encode(header, told, self.signed_by, algorithms=[algorithm])

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
        """Listen while the context lasts."""
        application = web.Application(middlewares=[self._noting])
        routes = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": self._listed,
            "/authorize": self._authorize,
            "/token": self._token,
        }
        for path, handler in routes.items():
            application.router.add_route("*", path, handler)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.issuer = f"{'http' if tls is None else 'https'}://{host}:{port}"
        try:
            yield
        finally:
            await runner.cleanup()

    @web.middleware
    async def _noting(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(request.path)
        return await self.instead.get(request.path, handler)(request)

    async def _discovery(self, _: web.Request) -> web.Response:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return web.json_response(told | self.metadata)

    async def _listed(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.listed]})

    async def _authorize(self, request: web.Request) -> web.Response:
        told = dict(request.query)
        self.authorized.append(told)
        code = f"code {len(self.authorized)}"
        self.codes[code] = told
        back = f"{told['redirect_uri']}?{urlencode({'code': code, 'state': told['state']})}"
        return web.Response(status=302, headers={"Location": back})

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        header = request.headers.get("Authorization", "")
        pair = base64.b64encode(b"hub%20of%20the%20tests:a%20secret%2Fof%3Athe%20tests").decode()
        is_known = header == f"Basic {pair}" or form.get("client_secret") == CLIENT_SECRET
        if asked is None or not is_known or asked["redirect_uri"] != form["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if asked["code_challenge"] != _encoded(hashlib.sha256(form["code_verifier"].encode()).digest()):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"token_type": "Bearer", "access_token": "-", "id_token": self.token(asked)})


def _part(told: dict[str, Any]) -> str:
    return _encoded(json.dumps(told).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


async def huge(_: web.Request) -> web.Response:
    """Answer more than anybody reads."""
    return web.Response(body=b'{"keys": "' + b"x" * 1_000_000 + b'"}', content_type="application/json")


async def packed(_: web.Request) -> web.Response:
    """Answer what unpacks to more."""
    answer = web.json_response({"keys": "x" * 1_000_000})
    answer.enable_compression(web.ContentCoding.gzip, strategy=0)
    answer.headers["Content-Encoding"] = "gzip"
    return answer


async def slow(request: web.Request) -> web.StreamResponse:
    """Answer a byte now and then, for ever."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b" ")
        await asyncio.sleep(0.05)


async def elsewhere(_: web.Request) -> web.Response:
    """Send on to another address."""
    return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})


async def broken(_: web.Request) -> web.Response:
    """Answer what is no JSON."""
    return web.Response(text="<html>")


def back_of(location: str) -> dict[str, str]:
    """Return what an address tells in its query."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

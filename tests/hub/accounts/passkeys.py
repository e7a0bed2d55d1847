"""A browser with an authenticator, before a hub."""

from typing import Any, Final

import httpx
from community_hub.accounts import totp
from community_hub.store.audit import entries
from community_hub.store.tables import Passkey, PasskeyChallenge
from sqlalchemy import func, select

from ..running import ORIGIN, PASSWORD, Running, made
from .authenticator import Authenticator

CHALLENGE: Final = "/api/v1/sessions/passkey/challenge"
SIGN_IN: Final = "/api/v1/sessions/passkey"
ADD: Final = "/api/v1/account/passkeys"
PROOF: Final = {"password": PASSWORD}
EMAIL: Final = "olga@hub.example"


async def add(
    visitor: httpx.AsyncClient, authenticator: Authenticator, name: str = "phone", **proof: Any
) -> dict[str, Any]:
    """Add a passkey of somebody who is signed in; return what was answered."""
    options = await made(visitor, f"{ADD}/challenge", PROOF | proof)
    body = {"name": name, "credential": authenticator.make(options, ORIGIN)}
    answer: dict[str, Any] = await made(visitor, ADD, body)
    return answer


async def signed_by(
    visitor: httpx.AsyncClient, authenticator: Authenticator, **otherwise: Any
) -> dict[str, Any]:
    """Let a passkey sign for this browser; return its credential."""
    options = await made(visitor, CHALLENGE, {})
    return authenticator.sign(options, ORIGIN, **otherwise)


async def try_in(hub: Running, authenticator: Authenticator, **otherwise: Any) -> httpx.Response:
    visitor = hub.visitor()
    credential = await signed_by(visitor, authenticator, **otherwise)
    return await visitor.post(SIGN_IN, json={"credential": credential})


async def try_password(hub: Running, **more: Any) -> httpx.Response:
    return await hub.visitor().post("/api/v1/sessions", json={"email": EMAIL, "password": PASSWORD, **more})


async def with_totp(hub: Running, visitor: httpx.AsyncClient) -> str:
    """Put an app's codes in force, of which the next is good at once; return their secret."""
    offer = await made(visitor, "/api/v1/account/second-factor", PROOF)
    path = "/api/v1/account/second-factor/confirmation"
    await made(visitor, path, {"code": code(hub, offer["secret"])})
    hub.clock.go_on(seconds=totp.STEP_S)
    secret: str = offer["secret"]
    return secret


def code(hub: Running, secret: str) -> str:
    """Return what the app shows now."""
    return totp.code(secret, int(hub.clock().timestamp()) // totp.STEP_S)


async def acts(hub: Running) -> list[tuple[str, dict[str, Any]]]:
    async with hub.store.reading() as session:
        return [(entry.act, entry.details) for entry in await entries(session)]


async def rows(hub: Running, table: type[Passkey | PasskeyChallenge]) -> int:
    async with hub.store.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0

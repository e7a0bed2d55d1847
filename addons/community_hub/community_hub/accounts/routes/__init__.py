"""``/api/v1``: accounts, tokens, clients and the audit log over HTTP."""

from fastapi import APIRouter

from . import account, audit, clients, identities, openid_connect, passkeys, people, tokens

router = APIRouter(prefix="/api/v1")
for _room in (account, identities, openid_connect, passkeys, people, tokens, clients, audit):
    router.include_router(_room.router)

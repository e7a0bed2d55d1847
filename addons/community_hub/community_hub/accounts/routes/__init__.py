"""``/api/v1``: accounts, tokens, clients and the audit log over HTTP."""

from fastapi import APIRouter

from . import account, audit, clients, passkeys, people, tokens

router = APIRouter(prefix="/api/v1")
for _room in (account, passkeys, people, tokens, clients, audit):
    router.include_router(_room.router)

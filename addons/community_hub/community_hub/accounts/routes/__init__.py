"""``/api/v1``: accounts, tokens, clients and the audit log over HTTP."""

from fastapi import APIRouter

from . import account, audit, clients, people, tokens

router = APIRouter(prefix="/api/v1")
for _room in (account, people, tokens, clients, audit):
    router.include_router(_room.router)

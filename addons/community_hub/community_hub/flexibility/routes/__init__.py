"""The routes of ``flexibility``: programmes, offers, invitations, dispatches, requests to a home."""

from fastapi import APIRouter

from . import dispatches, invitations, offers, programs, requests

router = APIRouter(prefix="/api/v1")
for each in (programs, offers, invitations, dispatches, requests):
    router.include_router(each.router)

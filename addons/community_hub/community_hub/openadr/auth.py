"""``/auth``: where and how a client gets its token (OAuth 2 client credentials, RFC 6749, 4.4).

The document has the credentials in the body; clients also send them by HTTP Basic (RFC 6749, 2.3.1). Both
are taken. A request may narrow the scopes of the client's record, and never widen them.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from ..accounts import tokens
from ..accounts.credentials import is_secret
from ..hub import hub_of
from ..store.audit import Act, record
from ..store.tables import Client

LIFETIME: Final = timedelta(hours=1)
_MOST_FIELDS: Final = 16
_LONGEST_ID: Final = 128

router = APIRouter()


class _OAuthError(Exception):
    """An error as RFC 6749, 5.2 names it."""

    def __init__(self, status: HTTPStatus, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


@router.get("/auth/server")
async def auth_server(request: Request) -> dict[str, str]:
    """Tell where tokens are had."""
    return {"tokenURL": f"{hub_of(request).settings.public_url}/openadr3/3.1/auth/token"}


@router.post("/auth/token")
async def token(request: Request) -> JSONResponse:
    """Give a token for a client's credentials."""
    try:
        return JSONResponse(await _granted(request))
    except _OAuthError as error:
        document = {"error": error.error, "error_description": error.description}
        is_unknown = error.status is HTTPStatus.UNAUTHORIZED
        headers = {"WWW-Authenticate": 'Basic realm="hub"'} if is_unknown else None
        return JSONResponse(document, error.status, headers)


async def _granted(request: Request) -> dict[str, Any]:
    fields = await _fields(request)
    grant_type = fields.get("grant_type")
    if not grant_type:
        raise _OAuthError(HTTPStatus.BAD_REQUEST, "invalid_request", "grant_type is missing.")
    if grant_type != "client_credentials":
        raise _OAuthError(HTTPStatus.BAD_REQUEST, "unsupported_grant_type", "Use client_credentials.")
    client_id, secret = _credentials(request, fields)
    hub = hub_of(request)
    now = hub.clock()
    async with hub.store.writing() as session:
        client = await session.get(Client, client_id)
        if client is None or client.revoked_at is not None or not is_secret(client.secret_hash, secret):
            raise _OAuthError(HTTPStatus.UNAUTHORIZED, "invalid_client", "The credentials are wrong.")
        scopes = _scopes(client, fields.get("scope", ""))
        await tokens.forget_expired(session, now)
        grant = tokens.Grant(name=client.name, scopes=scopes, lifetime=LIFETIME, client_id=client.id)
        made, text = tokens.make(session, now, grant)
        await record(session, now, Act(actor=client.id, act="token.grant", object=made.id, details={}))
    return {
        "access_token": text,
        "token_type": "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(made.scopes),
    }


async def _fields(request: Request) -> Mapping[str, str]:
    try:
        found = parse_qsl(
            (await request.body()).decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise _OAuthError(HTTPStatus.BAD_REQUEST, "invalid_request", "The body is no form.") from error
    fields = dict(found)
    if len(fields) != len(found):
        raise _OAuthError(HTTPStatus.BAD_REQUEST, "invalid_request", "A parameter is given twice.")
    return fields


def _credentials(request: Request, fields: Mapping[str, str]) -> tuple[str, str]:
    """Return id and secret, of the header or of the body, and never of both (RFC 6749, 2.3)."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        if "client_secret" in fields:
            raise _OAuthError(HTTPStatus.BAD_REQUEST, "invalid_request", "Credentials are given twice.")
        client_id, secret = _basic(encoded)
    elif "client_id" in fields and "client_secret" in fields:
        client_id, secret = fields["client_id"], fields["client_secret"]
    else:
        raise _OAuthError(HTTPStatus.BAD_REQUEST, "invalid_request", "Credentials are missing.")
    if not client_id.isprintable() or len(client_id) > _LONGEST_ID:
        raise _OAuthError(HTTPStatus.UNAUTHORIZED, "invalid_client", "The credentials are wrong.")
    return client_id, secret


def _basic(encoded: str) -> tuple[str, str]:
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise _OAuthError(
            HTTPStatus.UNAUTHORIZED, "invalid_client", "The credentials cannot be read."
        ) from error
    return unquote_plus(client_id), unquote_plus(secret)


def _scopes(client: Client, asked: str) -> frozenset[str]:
    allowed, wanted = frozenset(client.scopes), frozenset(asked.split())
    if wanted - allowed:
        raise _OAuthError(
            HTTPStatus.BAD_REQUEST, "invalid_scope", "The client may not have all of these scopes."
        )
    return wanted or allowed

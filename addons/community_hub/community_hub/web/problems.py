"""What a refused request is answered with: a problem document (RFC 9457).

Below ``/openadr3`` its media type is ``application/json``, as OpenADR 3.1.1 has it, and elsewhere
``application/problem+json``. Nothing of what a request that ends so asked for is stored or sent.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import Match

_MOST_NAMED: Final = 5
_METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")
_LOG: Final = logging.getLogger(__name__)
_DOCUMENT: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_DESCRIBED: Final = {"content": {"application/problem+json": {"schema": _DOCUMENT}}}
# What an OpenAPI document says of whatever is refused, and of what fails.
PROBLEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"description": "Refused", **_DESCRIBED},
    "5XX": {"description": "Failed", **_DESCRIBED},
}


class Problem(HTTPException):
    """A refusal: ``slug`` for programs, ``detail`` for people."""

    def __init__(
        self, status: HTTPStatus, slug: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Say what was refused and why."""
        super().__init__(status, detail, headers)
        self.slug = slug


def problem_response(
    request: Request, status: int, detail: str, *, slug: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the document of a problem. Without a slug its type is ``about:blank`` (RFC 9457, 4.2.1)."""
    document: dict[str, Any] = {
        "type": f"urn:home-flex:problem:{slug}" if slug else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    media_type = "application/json" if is_openadr(request) else "application/problem+json"
    return JSONResponse(document, status, headers, media_type)


def is_openadr(request: Request) -> bool:
    """Whether the request is to the VTN."""
    return request.url.path.startswith("/openadr3/")


def install_problems(app: FastAPI) -> None:
    """Let an application answer all that is refused, and all that fails, with problems."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(IntegrityError, _conflicting)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 # as it was installed
    slug = error.slug if isinstance(error, Problem) else ""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return problem_response(request, error.status_code, error.detail, slug=slug, headers=headers)


def _methods(request: Request) -> set[str]:
    """Return the methods of all routes of a path (RFC 9110, 10.2.1): each route alone knows only its own."""
    return {
        method
        for method in _METHODS
        for route in request.app.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 # as it was installed
    found = error.errors()
    named = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found[:_MOST_NAMED]]
    more = f"; and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return problem_response(
        request, HTTPStatus.BAD_REQUEST, _printable("; ".join(named) + more), slug="invalid-request"
    )


async def _conflicting(request: Request, _error: Exception) -> JSONResponse:
    return problem_response(
        request, HTTPStatus.CONFLICT, "Another request at the same time took its place.", slug="conflict"
    )


async def _busy(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("The database did not answer: %s", error)
    return problem_response(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The hub is busy. Try again soon.",
        slug="busy",
        headers={"Retry-After": "5"},
    )


async def _failed(request: Request, _error: Exception) -> JSONResponse:
    # Starlette logs it with its trace; who asked is told nothing of the inside.
    return problem_response(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "The hub failed. It has been noted.", slug="failure"
    )


def _printable(text: str) -> str:
    """Return what can be encoded: a name in the request may hold half of a character."""
    return text.encode("utf-8", "replace").decode()

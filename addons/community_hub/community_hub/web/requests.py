"""Requests within bounds: how large and how slow a body may be, and what its JSON may hold."""

import asyncio
import contextvars
import logging
import math
import re
from collections.abc import Callable, Coroutine, Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..core import Refusal, decode
from ..store import new_id
from .problems import Problem, problem_response

LARGEST_BODY: Final = 1_000_000
BODY_TIMEOUT_S: Final = 10.0
_LARGEST_WHOLE: Final = 2**63 - 1
_CORRELATION: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_HEADER: Final = b"x-correlation-id"
_ALWAYS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_LOG: Final = logging.getLogger(__name__)
_current: contextvars.ContextVar[str] = contextvars.ContextVar("correlation_id", default="")


def correlation_id() -> str:
    """Return the id of the request that is being answered, empty outside of one."""
    return _current.get()


class Correlation:
    """Gives each request an id, its own when it names a plain one, and says it in the answer.

    No answer is kept by a cache unless it says so, nor taken for anything but what it says it is.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        named = dict(scope["headers"]).get(_HEADER, b"").decode("latin-1")
        identifier = named if _CORRELATION.fullmatch(named) else new_id()

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                usual = [(name, value) for name, value in _ALWAYS if name not in said]
                message["headers"] = [*usual, *message["headers"], (_HEADER, identifier.encode())]
                _LOG.info("%s %s %s %s", identifier, scope["method"], scope["path"], message["status"])
            await send(message)

        token = _current.set(identifier)
        try:
            await self._app(scope, receive, told)
        finally:
            _current.reset(token)


class LimitedBodies:
    """Reads a request's body before anything works on it: at most 1 MB, within 10 s."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                body = await _body(receive)
        except TimeoutError:
            refusal = (HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time.", "slow-body")
        except _TooLargeError:
            refusal = (HTTPStatus.CONTENT_TOO_LARGE, "The body is larger than 1 MB.", "too-large")
        else:
            if body is not None:
                await self._app(scope, _replaying(body, receive), send)
            return
        status, detail, slug = refusal
        response = problem_response(
            Request(scope), status, detail, slug=slug, headers={"Connection": "close"}
        )
        await response(scope, receive, send)


class StrictRoute(APIRoute):
    """A route whose bodies are JSON without NaN, infinities, U+0000 and halves of characters."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which is given requests of that kind."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(_StrictRequest(request.scope, request.receive))

        return strict


class _StrictRequest(Request):
    async def json(self) -> Any:
        try:
            document = decode(await self.body(), max_bytes=LARGEST_BODY)
        except Refusal as refusal:
            raise Problem(HTTPStatus.BAD_REQUEST, "not-json", f"{refusal.message}.") from refusal
        if not all(_is_storable(value) for value in _values(document)):
            raise Problem(
                HTTPStatus.BAD_REQUEST,
                "not-storable",
                "A text holds U+0000 or half of a character, or a number is too large.",
            )
        return document


class _TooLargeError(Exception):
    pass


async def _body(receive: Receive) -> bytes | None:
    """Return the body, None when the other side went away."""
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts += message.get("body", b"")
        if len(parts) > LARGEST_BODY:
            raise _TooLargeError
        if not message.get("more_body", False):
            return bytes(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    messages: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replay() -> Message:
        message = next(messages, None)
        return message if message is not None else await receive()

    return replay


def _values(document: Any) -> Iterator[Any]:
    """Yield every name and every single value of a document."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        else:
            yield value


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) <= _LARGEST_WHOLE

"""Stands before hass-configurator: what ``requests.py`` does not name never reaches its handler."""

import io
import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from home_common.same_site import is_from_another_site

from .requests import READS, WRITES, RefusedError, Routes, parameters, route_of

MOST_BODY_BYTES = 4 * 1024 * 1024
_PATIENCE_S = 30

_LOGGER = logging.getLogger(__name__)


def guarded(handler: type[BaseHTTPRequestHandler], base: Path) -> type[BaseHTTPRequestHandler]:
    """Return ``handler``, a class with ``do_GET`` and ``do_POST``, kept to the files below ``base``."""
    return type("GuardedHandler", (_Guard, handler), {"base": base})


class _Guard(BaseHTTPRequestHandler):
    base: Path
    path: str
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
        """Pass a request that only reads on, stripped to its known parameters."""
        try:
            route, query = self._asked(self.path.partition("?")[2], READS)
        except RefusedError as error:
            self._refuse(error)
            return
        self.path = f"{route}?{query}" if query else route
        super().do_GET()  # type: ignore[misc] # the handler this stands before has it

    def do_POST(self) -> None:
        """Pass a request that changes something on, stripped to its known parameters, and write it down."""
        try:
            route, body = self._asked(self._body(), WRITES)
        except RefusedError as error:
            self._refuse(error)
            return
        named = body.partition("&text=")[0]
        _LOGGER.warning("audit: %s asks %s %.200s", self.client_address[0], route, named)
        self.path = route
        self.rfile = io.BytesIO(body.encode())
        self.headers.replace_header("Content-Length", str(len(body)))
        super().do_POST()  # type: ignore[misc] # the handler this stands before has it

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives
        """Leave the plain requests out of the log; the audit lines tell what matters."""

    def end_headers(self) -> None:
        """Add to every answer that nobody keeps it, guesses its type, or runs what is in a file."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        if "/api/" in self.path:
            self.send_header("Content-Security-Policy", "sandbox; default-src 'none'")
        super().end_headers()

    def _asked(self, encoded: str, routes: Routes) -> tuple[str, str]:
        if is_from_another_site(self.headers):
            raise RefusedError("another site may not ask")
        route = route_of(self.path, routes)
        return route, parameters(route, encoded, routes, self.base)

    def _body(self) -> str:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BODY_BYTES:
            raise RefusedError("the request is too long")
        try:
            return self.rfile.read(int(length)).decode()
        except UnicodeDecodeError:
            raise RefusedError("the request is no text") from None

    def _refuse(self, error: RefusedError) -> None:
        _LOGGER.warning("audit: refused %s: %s", self.client_address[0], error)
        self.close_connection = True
        self.send_error(HTTPStatus.FORBIDDEN, str(error))

"""A small client for InfluxDB's HTTP API: time-outs, no redirects, no secrets in errors."""

import gzip
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, override

_LARGEST_ANSWER_BYTES: Final = 64 * 1024 * 1024
_QUERY_TIMEOUT_S: Final = 120.0


class ApiError(Exception):
    """The server refused, or did not answer (then ``status`` is 0)."""

    def __init__(self, doing: str, status: int, code: str = "", message: str = "") -> None:
        """Keep what the server said, shortened; it never repeats a token."""
        super().__init__(f"{doing}: {status or 'no answer'} {code} {message[:200]}".rstrip())
        self.status = status
        self.code = code


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to an address nobody has configured."""

    @override
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class InfluxApi:
    """One server and the token to speak to it with."""

    url: str
    token: str | None = None
    timeout_s: float = 15.0

    def with_token(self, token: str) -> InfluxApi:
        """Return the same server, spoken to with another token."""
        return InfluxApi(url=self.url, token=token, timeout_s=self.timeout_s)

    def get(self, path: str, **query: str) -> Any:
        """Return the JSON object at a path. Raises ApiError."""
        return _object(self._call("GET", path, query=query))

    def text(self, path: str) -> str:
        """Return the text at a path. Raises ApiError."""
        return self._call("GET", path).decode(errors="replace")

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create something. Returns the JSON object of the answer. Raises ApiError."""
        return _object(self._call("POST", path, body=body))

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something. Returns the JSON object of the answer. Raises ApiError."""
        return _object(self._call("PATCH", path, body=body))

    def delete(self, path: str) -> None:
        """Remove something; that it is gone already is no error. Raises ApiError."""
        try:
            self._call("DELETE", path)
        except ApiError as error:
            if error.status != 404:
                raise

    def flux(self, query: str, *, org: str) -> str:
        """Run a Flux query. Returns annotated CSV with its data types. Raises ApiError."""
        dialect = {"header": True, "annotations": ["datatype"]}
        body = {"query": query, "type": "flux", "dialect": dialect}
        answer = self._call(
            "POST", "/api/v2/query", body=body, query={"org": org}, timeout_s=_QUERY_TIMEOUT_S
        )
        return answer.decode()

    def write(self, lines: str, *, org: str, bucket: str) -> None:
        """Write line protocol in nanoseconds. Raises ApiError for any answer but 204."""
        query = {"org": org, "bucket": bucket, "precision": "ns"}
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        self._call(
            "POST",
            "/api/v2/write",
            data=gzip.compress(lines.encode()),
            query=query,
            headers=headers,
            expected=204,
        )

    def _call(  # all that a request may have, for the methods above only
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        expected: int | None = None,
    ) -> bytes:
        doing = f"{method} {path}"
        url = f"{self.url.rstrip('/')}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        if body is not None:
            data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        request = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))  # noqa: S310 # http or https, checked with the settings
        if self.token is not None:
            request.add_unredirected_header("Authorization", f"Token {self.token}")
        try:
            with _OPENER.open(request, timeout=timeout_s or self.timeout_s) as answer:
                content: bytes = answer.read(_LARGEST_ANSWER_BYTES + 1)
                status: int = answer.status
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(doing, error) from None
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(doing, 0, type(error).__name__) from None
        if len(content) > _LARGEST_ANSWER_BYTES:
            raise ApiError(doing, status, "too large", "the answer is longer than anything expected")
        if expected is not None and status != expected:
            raise ApiError(doing, status, "unexpected", f"only {expected} says that it is stored")
        return content


def _refusal(doing: str, error: urllib.error.HTTPError) -> ApiError:
    try:
        said = json.loads(error.read(65_536))
        return ApiError(doing, error.code, str(said.get("code", "")), str(said.get("message", "")))
    except OSError, ValueError, AttributeError, http.client.HTTPException:
        return ApiError(doing, error.code)


def _object(content: bytes) -> Any:
    try:
        return json.loads(content) if content else {}
    except ValueError:
        raise ApiError("reading an answer", 0, "not JSON") from None

"""A fake of InfluxDB 2.9's HTTP API, as far as influxdb_edge and a writer of points use it.

After replication.go, remotes/, http/ and kit/transport of influxdb 2.9.1: a conflict is 422, a missing
permission 401, tokens are shown once and kept as hashes, the remote's token is never shown, the replication
queue has at least 33,554,430 bytes, an age is 0 or 60 s to 60 days, ``remoteBucketName`` is answered as
``RemoteBucketName``. Replication itself is not played. As a process it stands in for ``influxd`` and takes
its environment.
"""

import gzip
import json
import os
import signal
import sys
import threading
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, override

from .fake_points import BadLineError
from .fake_resources import (
    CREATE,
    KINDS,
    Entry,
    Refused,
    State,
    delete,
    entry_of,
    listed,
    not_found,
    patch,
    set_up,
    shown,
)


class FakeInfluxdb:
    """One server on a port, with a record of every request."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, file: Path | None = None) -> None:
        """Listen, and read what an earlier one left in the file."""
        self.state = State(file=file)
        self.state.load()
        self.requests: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer((host, port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Requests that change something; queries and points do not."""
        plain = {"/api/v2/query", "/api/v2/write"}
        return [entry for entry in self.requests if entry[0] != "GET" and entry[1] not in plain]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: Request) -> tuple[int, Any]:
        """Answer one request. Raises Refused."""
        self.requests.append((request.method, request.path))
        with self._lock:
            return _route(self.state, request)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, read."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str | None
    body: bytes

    @property
    def json(self) -> Entry:
        try:
            return dict(json.loads(self.body))
        except ValueError:
            raise Refused(400, "invalid", "bad JSON") from None


def _route(state: State, request: Request) -> tuple[int, Any]:
    parts = request.path.strip("/").split("/")
    match request.method, parts:
        case "GET", ["health"]:
            return 200, {"name": "influxdb", "status": state.health, "version": "v2.9.1"}
        case "GET", ["api", "v2", "setup"]:
            return 200, {"allowed": not state.is_set_up}
        case "POST", ["api", "v2", "setup"]:
            return 201, set_up(state, request.json)
    authorization = state.authorization(request.token) if request.token else None
    if authorization is None or authorization["status"] != "active":
        raise Refused(401, "unauthorized", "unauthorized access")
    return _route_of_clients(state, request, parts, authorization)


def _route_of_clients(
    state: State, request: Request, parts: list[str], authorization: Entry
) -> tuple[int, Any]:
    match request.method, parts:
        case "GET", ["metrics"]:
            return 200, state.metrics
        case "POST", ["api", "v2", "write"]:
            _write(state, request, authorization)
            return 204, None
        case "POST", ["api", "v2", "query"]:
            return 200, _query(state, request, authorization)
        case "GET", ["api", "v2", kind] if kind in KINDS:
            return 200, {kind: listed(state, kind, request.query, authorization)}
    if not authorization["operator"]:
        raise Refused(401, "unauthorized", f"{request.method} {request.path} is unauthorized")
    return _route_of_operator(state, request, parts)


def _route_of_operator(state: State, request: Request, parts: list[str]) -> tuple[int, Any]:
    match request.method, parts:
        case "POST", ["api", "v2", kind] if kind in KINDS:
            return 201, CREATE[kind](state, request.json)
        case "POST", ["api", "v2", "replications", stream_id, "validate"]:
            entry_of(state, "replications", stream_id)
            if not state.remote_takes_data:
                raise Refused(400, "invalid", "replication failed validation")
            return 204, None
        case "GET", ["api", "v2", kind, entry_id] if kind in KINDS:
            return 200, shown(entry_of(state, kind, entry_id))
        case "PATCH", ["api", "v2", kind, entry_id] if kind in KINDS:
            return 200, patch(state, kind, entry_of(state, kind, entry_id), request.json)
        case "DELETE", ["api", "v2", kind, entry_id] if kind in KINDS:
            delete(state, kind, entry_id)
            return 204, None
    raise not_found("path")


def _bucket(state: State, name: str, action: str, authorization: Entry) -> Entry:
    found = next((entry for entry in state.entries["buckets"].values() if entry["name"] == name), None)
    if found is None:
        raise not_found("bucket")
    may = authorization["operator"] or any(
        entry["action"] == action and entry["resource"]["id"] == found["id"]
        for entry in authorization["permissions"]
    )
    if not may:
        raise Refused(403, "forbidden", f"insufficient permissions for {action}")
    return found


def _write(state: State, request: Request, authorization: Entry) -> None:
    bucket = _bucket(state, request.query.get("bucket", ""), "write", authorization)
    try:
        dropped = state.points.write(bucket["name"], request.body.decode(), since_ns=_kept_since_ns(bucket))
    except BadLineError as error:
        raise Refused(400, "invalid", f"unable to parse: {error}") from None
    if dropped:
        message = f"partial write: dropped {dropped} points outside retention policy"
        raise Refused(422, "unprocessable entity", message)


def _kept_since_ns(bucket: Entry) -> int:
    rules = bucket["retentionRules"]
    return time.time_ns() - rules[0]["everySeconds"] * 10**9 if rules else 0


def _query(state: State, request: Request, authorization: Entry) -> str:
    flux = str(request.json["query"])
    _bucket(state, flux.partition('from(bucket: "')[2].partition('"')[0], "read", authorization)
    try:
        return state.points.query(flux)
    except ValueError as error:
        raise Refused(400, "invalid", str(error)) from None


def _handler(fake: FakeInfluxdb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Reads a request, answers as InfluxDB would."""

        def _serve(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            authorization = self.headers.get("Authorization", "")
            request = Request(
                method=self.command,
                path=path,
                query=dict(urllib.parse.parse_qsl(query)),
                token=authorization.removeprefix("Token ") if authorization.startswith("Token ") else None,
                body=body,
            )
            try:
                status, answer = fake.answer(request)
            except Refused as refused:
                status, answer = refused.status, {"code": refused.code, "message": refused.message}
            content = b"" if answer is None else _encoded(answer)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 # the base class's names

        @override
        def log_message(self, format: str, *args: object) -> None:  # the base class's name
            """Say nothing."""

    return Handler


def _encoded(answer: object) -> bytes:
    return answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()


def main() -> int:
    """Run as influxd does: settings from the environment, SIGTERM ends it with 0."""
    host, _, port = os.environ["INFLUXD_HTTP_BIND_ADDRESS"].rpartition(":")
    fake = FakeInfluxdb(host or "127.0.0.1", int(port), file=Path(os.environ["INFLUXD_BOLT_PATH"]))
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    fake.start()
    ended.wait()
    fake.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

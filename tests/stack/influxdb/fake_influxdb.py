"""A fake of InfluxDB 2.9's HTTP API, as far as influxdb_edge and a writer of points use it.

After replication.go, remotes/, http/ and kit/transport of influxdb 2.9.1: a conflict is 422, a missing
permission 401, tokens are shown once and kept as hashes, the remote's token is never shown, the replication
queue has at least 33,554,430 bytes, an age is 0 or 60 s to 60 days, ``remoteBucketName`` is answered as
``RemoteBucketName``. Replication itself is not played. As a process it stands in for ``influxd`` and takes
its environment.
"""

import gzip
import hashlib
import json
import os
import secrets
import signal
import sys
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, override

if __package__:
    from .fake_points import BadLineError, Points
else:  # run as a file, in influxd's place
    sys.path.insert(0, str(Path(__file__).parent))
    from fake_points import BadLineError, Points  # type: ignore[import-not-found,no-redef] # the same module

LEAST_QUEUE_BYTES = 33_554_430
DEFAULT_QUEUE_BYTES = 67_108_860
DEFAULT_AGE_S, LEAST_AGE_S, MOST_AGE_S = 604_800, 60, 5_184_000
_KINDS = ("orgs", "buckets", "tasks", "authorizations", "remotes", "replications")
_UNIQUE_NAMES = {"orgs", "buckets", "remotes", "replications"}

type Entry = dict[str, Any]


class Refused(Exception):  # noqa: N818 # an answer, not a fault
    """An answer other than success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep the answer."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def not_found(kind: str) -> Refused:
    return Refused(404, "not found", f"{kind} not found")


@dataclass(kw_only=True)
class State:
    """Everything a server knows; ``file`` makes it outlive the process."""

    file: Path | None = None
    entries: dict[str, dict[str, Entry]] = field(default_factory=lambda: {kind: {} for kind in _KINDS})
    remote_tokens: dict[str, str] = field(default_factory=dict)
    points: Points = field(default_factory=Points)
    metrics: str = ""
    remote_takes_data: bool = True
    health: str = "pass"

    def load(self) -> None:
        if self.file and self.file.exists():
            read = json.loads(self.file.read_text())
            self.entries, self.remote_tokens = read["entries"], read["remote_tokens"]

    def save(self) -> None:
        if self.file:
            self.file.write_text(json.dumps({"entries": self.entries, "remote_tokens": self.remote_tokens}))

    @property
    def is_set_up(self) -> bool:
        return bool(self.entries["orgs"])

    def authorization(self, token: str) -> Entry | None:
        digest = hashlib.sha256(token.encode()).hexdigest()
        return next(
            (entry for entry in self.entries["authorizations"].values() if entry["hash"] == digest), None
        )

    def add(self, kind: str, entry: Entry) -> Entry:
        if kind in _UNIQUE_NAMES and any(
            other["name"] == entry["name"] for other in self.entries[kind].values()
        ):
            raise Refused(422, "conflict", f"{kind} with name {entry['name']} already exists")
        entry["id"] = secrets.token_hex(8)
        self.entries[kind][entry["id"]] = entry
        self.save()
        return entry


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
            return 201, _set_up(state, request.json)
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
        case "GET", ["api", "v2", kind] if kind in _KINDS:
            return 200, {kind: _listed(state, kind, request.query, authorization)}
    if not authorization["operator"]:
        raise Refused(401, "unauthorized", f"{request.method} {request.path} is unauthorized")
    return _route_of_operator(state, request, parts)


def _route_of_operator(state: State, request: Request, parts: list[str]) -> tuple[int, Any]:
    match request.method, parts:
        case "POST", ["api", "v2", kind] if kind in _KINDS:
            return 201, _CREATE[kind](state, request.json)
        case "POST", ["api", "v2", "replications", stream_id, "validate"]:
            _entry(state, "replications", stream_id)
            if not state.remote_takes_data:
                raise Refused(400, "invalid", "replication failed validation")
            return 204, None
        case "GET", ["api", "v2", kind, entry_id] if kind in _KINDS:
            return 200, _shown(_entry(state, kind, entry_id))
        case "PATCH", ["api", "v2", kind, entry_id] if kind in _KINDS:
            return 200, _patch(state, kind, _entry(state, kind, entry_id), request.json)
        case "DELETE", ["api", "v2", kind, entry_id] if kind in _KINDS:
            _delete(state, kind, entry_id)
            return 204, None
    raise not_found("path")


def _entry(state: State, kind: str, entry_id: str) -> Entry:
    try:
        return state.entries[kind][entry_id]
    except KeyError:
        raise not_found(kind.removesuffix("s")) from None


def _shown(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name not in {"hash", "operator"}}


def _listed(state: State, kind: str, query: Mapping[str, str], authorization: Entry) -> list[Entry]:
    found = list(state.entries[kind].values())
    if kind in {"remotes", "replications"} and len(query.get("orgID", "")) != 16:
        raise Refused(400, "invalid", "invalid or missing org ID")
    if not authorization["operator"]:
        allowed = {
            entry["resource"]["id"] for entry in authorization["permissions"] if entry["action"] == "read"
        }
        found = [entry for entry in found if entry["id"] in allowed]
    return [_shown(entry) for entry in found[: int(query.get("limit", "20"))]]


def _set_up(state: State, body: Entry) -> Entry:
    if state.is_set_up:
        raise Refused(422, "conflict", "onboarding has already been completed")
    if len(body["password"]) < 8:
        raise Refused(400, "invalid", "passwords must be at least 8 characters long")
    org = state.add("orgs", {"name": body["org"]})
    rule = {
        "type": "expire",
        "everySeconds": body["retentionPeriodSeconds"],
        "shardGroupDurationSeconds": 86_400,
    }
    state.add(
        "buckets", {"name": body["bucket"], "orgID": org["id"], "type": "user", "retentionRules": [rule]}
    )
    digest = hashlib.sha256(body["token"].encode()).hexdigest()
    operator = {"description": "operator's Token", "status": "active", "permissions": [], "operator": True}
    state.add("authorizations", operator | {"hash": digest, "orgID": org["id"]})
    return {"org": org}


def _create_org(state: State, body: Entry) -> Entry:
    return state.add("orgs", {"name": body["name"]})


def _create_bucket(state: State, body: Entry) -> Entry:
    _entry(state, "orgs", body["orgID"])
    _check_retention(body["retentionRules"])
    return state.add("buckets", {"type": "user", **body})


def _check_retention(rules: list[Entry]) -> None:
    for rule in rules:
        if 0 < rule["everySeconds"] < 3600:
            raise Refused(422, "unprocessable entity", "retention policy duration must be at least 1h0m0s")
        if rule["everySeconds"] and rule["shardGroupDurationSeconds"] > rule["everySeconds"]:
            raise Refused(422, "unprocessable entity", "shard-group duration must be at most the retention")


def _create_task(state: State, body: Entry) -> Entry:
    if not body["flux"].startswith("option task = {name: "):
        raise Refused(400, "invalid", "missing required option: 'task'")
    name = body["flux"].split('"')[1]
    return state.add("tasks", {"status": "active", **body, "name": name})


def _create_authorization(state: State, body: Entry) -> Entry:
    token = secrets.token_urlsafe(48)
    digest = hashlib.sha256(token.encode()).hexdigest()
    kept = {"status": "active", **body, "hash": digest, "operator": False}
    return {**_shown(state.add("authorizations", kept)), "token": token}


def _create_remote(state: State, body: Entry) -> Entry:
    token = body.pop("remoteAPIToken")
    remote = state.add("remotes", body)
    state.remote_tokens[remote["id"]] = token
    state.save()
    return remote


def _create_replication(state: State, body: Entry) -> Entry:
    _entry(state, "remotes", body["remoteID"])
    if body["localBucketID"] not in state.entries["buckets"]:
        raise Refused(400, "invalid", f'local bucket "{body["localBucketID"]}" not found')
    _check_replication(body)
    return state.add(
        "replications",
        {
            "maxQueueSizeBytes": DEFAULT_QUEUE_BYTES,
            "dropNonRetryableData": False,
            "remoteBucketID": None,
            "remainingBytesToBeSynced": 0,
            "currentQueueSizeBytes": 0,
            **_as_answered(body),
            "maxAgeSeconds": body.get("maxAgeSeconds") or DEFAULT_AGE_S,
        },
    )


def _as_answered(body: Entry) -> Entry:
    return {
        ("RemoteBucketName" if name == "remoteBucketName" else name): value for name, value in body.items()
    }


def _check_replication(body: Entry) -> None:
    if body.get("maxQueueSizeBytes", DEFAULT_QUEUE_BYTES) < LEAST_QUEUE_BYTES:
        raise Refused(400, "invalid", f"maxQueueSize too small, must be at least {LEAST_QUEUE_BYTES}")
    age = body.get("maxAgeSeconds", 0)
    if age != 0 and not LEAST_AGE_S <= age <= MOST_AGE_S:
        raise Refused(400, "invalid", "maxAgeSeconds must be 0 (use default) or between 60 and 5184000")


_CREATE: Mapping[str, Callable[[State, Entry], Entry]] = {
    "orgs": _create_org,
    "buckets": _create_bucket,
    "tasks": _create_task,
    "authorizations": _create_authorization,
    "remotes": _create_remote,
    "replications": _create_replication,
}


def _patch(state: State, kind: str, entry: Entry, body: Entry) -> Entry:
    if kind == "buckets":
        _check_retention(body.get("retentionRules", []))
    if kind == "replications":
        _check_replication(body)
        body = _as_answered(body)
    if kind == "remotes" and (token := body.pop("remoteAPIToken", None)):
        state.remote_tokens[entry["id"]] = token
    entry |= body
    state.save()
    return _shown(entry)


def _delete(state: State, kind: str, entry_id: str) -> None:
    _entry(state, kind, entry_id)
    if kind == "remotes" and any(
        stream["remoteID"] == entry_id for stream in state.entries["replications"].values()
    ):
        raise Refused(500, "internal error", "FOREIGN KEY constraint failed")
    del state.entries[kind][entry_id]
    state.save()


def _bucket(state: State, name: str, action: str, authorization: Entry) -> str:
    found = next((entry for entry in state.entries["buckets"].values() if entry["name"] == name), None)
    if found is None:
        raise not_found("bucket")
    may = authorization["operator"] or any(
        entry["action"] == action and entry["resource"]["id"] == found["id"]
        for entry in authorization["permissions"]
    )
    if not may:
        raise Refused(403, "forbidden", f"insufficient permissions for {action}")
    return name


def _write(state: State, request: Request, authorization: Entry) -> None:
    bucket = _bucket(state, request.query.get("bucket", ""), "write", authorization)
    try:
        state.points.write(bucket, request.body.decode())
    except BadLineError as error:
        raise Refused(400, "invalid", f"unable to parse: {error}") from None


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

"""What the fake InfluxDB keeps, and the rules of InfluxDB 2.9 for creating and changing it."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .fake_points import Points

LEAST_QUEUE_BYTES = 33_554_430
DEFAULT_QUEUE_BYTES = 67_108_860
DEFAULT_AGE_S, LEAST_AGE_S, MOST_AGE_S = 604_800, 60, 5_184_000
KINDS = ("orgs", "buckets", "tasks", "authorizations", "remotes", "replications")
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
    entries: dict[str, dict[str, Entry]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
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


def entry_of(state: State, kind: str, entry_id: str) -> Entry:
    try:
        return state.entries[kind][entry_id]
    except KeyError:
        raise not_found(kind.removesuffix("s")) from None


def shown(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name not in {"hash", "operator"}}


def listed(state: State, kind: str, query: Mapping[str, str], authorization: Entry) -> list[Entry]:
    found = list(state.entries[kind].values())
    if kind in {"remotes", "replications"} and len(query.get("orgID", "")) != 16:
        raise Refused(400, "invalid", "invalid or missing org ID")
    if not authorization["operator"]:
        allowed = {
            entry["resource"]["id"] for entry in authorization["permissions"] if entry["action"] == "read"
        }
        found = [entry for entry in found if entry["id"] in allowed]
    return [shown(entry) for entry in found[: int(query.get("limit", "20"))]]


def set_up(state: State, body: Entry) -> Entry:
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
    entry_of(state, "orgs", body["orgID"])
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
    return {**shown(state.add("authorizations", kept)), "token": token}


def _create_remote(state: State, body: Entry) -> Entry:
    token = body.pop("remoteAPIToken")
    remote = state.add("remotes", body)
    state.remote_tokens[remote["id"]] = token
    state.save()
    return remote


def _create_replication(state: State, body: Entry) -> Entry:
    entry_of(state, "remotes", body["remoteID"])
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


CREATE: Mapping[str, Callable[[State, Entry], Entry]] = {
    "orgs": _create_org,
    "buckets": _create_bucket,
    "tasks": _create_task,
    "authorizations": _create_authorization,
    "remotes": _create_remote,
    "replications": _create_replication,
}


def patch(state: State, kind: str, entry: Entry, body: Entry) -> Entry:
    if kind == "buckets":
        _check_retention(body.get("retentionRules", []))
    if kind == "replications":
        _check_replication(body)
        body = _as_answered(body)
    if kind == "remotes" and (token := body.pop("remoteAPIToken", None)):
        state.remote_tokens[entry["id"]] = token
    entry |= body
    state.save()
    return shown(entry)


def delete(state: State, kind: str, entry_id: str) -> None:
    entry_of(state, kind, entry_id)
    if kind == "remotes" and any(
        stream["remoteID"] == entry_id for stream in state.entries["replications"].values()
    ):
        raise Refused(500, "internal error", "FOREIGN KEY constraint failed")
    del state.entries[kind][entry_id]
    state.save()

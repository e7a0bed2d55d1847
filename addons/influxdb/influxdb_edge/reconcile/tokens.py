"""Scoped tokens for the clients, handed over in credential files that only they and we read."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from home_common.secret_files import write_secret

from ..api import ApiError, InfluxApi
from ..flux import ORG, QUARTERS, RAW

_LOGGER = logging.getLogger(__name__)
_HOME_GROUP: Final = 2000

type Permission = tuple[str, str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A client, named as its credential folder, and what it may do."""

    name: str
    action: Literal["read", "write"]
    buckets: Sequence[str]


CLIENTS: Final = (
    Client(name="home_assistant", action="write", buckets=(RAW,)),
    Client(name="home_agent", action="read", buckets=(RAW, QUARTERS)),
)


def ensure_tokens(api: InfluxApi, org_id: str, bucket_ids: Mapping[str, str], credentials: Path) -> None:
    """Give each client a token of exactly its permissions; a good one stays as it is."""
    present = api.get("/api/v2/authorizations", orgID=org_id).get("authorizations", [])
    for client in CLIENTS:
        folder = credentials / client.name
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        description = f"home_flex {client.name}"
        ours = [entry for entry in present if entry.get("description") == description]
        permissions = [
            {
                "action": client.action,
                "resource": {"type": "buckets", "id": bucket_ids[name], "orgID": org_id},
            }
            for name in client.buckets
        ]
        if not _is_good(api, folder / "influxdb_token", ours, permissions):
            _replace(api, org_id, description, folder / "influxdb_token", ours, permissions)
            _LOGGER.info("Gave %s a new token: %s %s", client.name, client.action, ", ".join(client.buckets))
        _keep_org(folder / "influxdb_org")


def _is_good(
    api: InfluxApi, path: Path, ours: Sequence[Mapping[str, Any]], permissions: Sequence[Mapping[str, Any]]
) -> bool:
    if (
        len(ours) != 1
        or ours[0].get("status") != "active"
        or _set(ours[0]["permissions"]) != _set(permissions)
    ):
        return False
    try:
        token = path.read_text().strip()
    except FileNotFoundError:
        return False
    return bool(token) and _is_accepted(api.with_token(token))


def _is_accepted(client: InfluxApi) -> bool:
    # Tokens are hashed: the only way to compare one is to use it. Any valid token may list what it sees.
    try:
        client.get("/api/v2/buckets", limit="1")
    except ApiError as error:
        if error.status in {401, 403}:
            return False
        raise
    return True


def _replace(  # a step of ensure_tokens
    api: InfluxApi,
    org_id: str,
    description: str,
    path: Path,
    old: Sequence[Mapping[str, Any]],
    permissions: Sequence[Mapping[str, Any]],
) -> None:
    created = api.post(
        "/api/v2/authorizations", {"orgID": org_id, "description": description, "permissions": permissions}
    )
    write_secret(path, created["token"], group_id=_home_group())
    # Last: the client has a good token at every moment. A kill before leaves two; the next start mends it.
    for entry in old:
        api.delete(f"/api/v2/authorizations/{entry['id']}")


def _home_group() -> int | None:
    """Return the group that reads credentials, when this process may give a file to it."""
    may = os.geteuid() == 0 or _HOME_GROUP in {os.getegid(), *os.getgroups()}
    return _HOME_GROUP if may else None


def _keep_org(path: Path) -> None:
    try:
        if path.read_text() == ORG:
            return
    except FileNotFoundError:
        pass
    write_secret(path, ORG, group_id=_home_group())


def _set(permissions: Sequence[Mapping[str, Any]]) -> set[Permission]:
    return {
        (entry["action"], entry["resource"]["type"], entry["resource"].get("id")) for entry in permissions
    }

"""The remote and the replication of the downsampled bucket, or their removal when none is configured."""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from home_common.secret_files import write_secret

from ..api import ApiError, InfluxApi
from ..configuration import Configuration, Replication
from ..flux import QUARTERS

_LOGGER = logging.getLogger(__name__)
_NAME: Final = "community"


def ensure_replication(
    api: InfluxApi, org_id: str, bucket_ids: Mapping[str, str], configuration: Configuration
) -> str | None:
    """Create, change or remove. Returns the id of the replication, None when the data stays in the home.

    A queue outlives every change but that of the bucket it is fed from: a new token goes into the remote.
    """
    remote = _named(api.get("/api/v2/remotes", orgID=org_id).get("remotes"))
    stream = _named(api.get("/api/v2/replications", orgID=org_id).get("replications"))
    fingerprint = configuration.data / "secrets" / "replication_token.sha256"
    wanted = configuration.replication
    if wanted is None:
        _remove(api, remote, stream, fingerprint)
        return None
    remote_id = _ensure_remote(api, org_id, remote, wanted, fingerprint)
    identity = {"remoteID": remote_id, "localBucketID": bucket_ids[QUARTERS]}
    if stream is not None and any(stream[name] != value for name, value in identity.items()):
        _LOGGER.warning(
            "The replication belongs to another bucket or remote: made anew, what it still held is gone"
        )
        api.delete(f"/api/v2/replications/{stream['id']}")
        stream = None
    return _ensure_stream(api, stream, _stream_fields(wanted), {"orgID": org_id, "name": _NAME, **identity})


def _ensure_remote(
    api: InfluxApi, org_id: str, remote: Mapping[str, Any] | None, wanted: Replication, fingerprint: Path
) -> str:
    fields: dict[str, Any] = {"remoteURL": wanted.url, "allowInsecureTLS": False}
    if wanted.org_id is not None:
        fields["remoteOrgID"] = wanted.org_id
    # InfluxDB never tells the remote's token: we remember which one it has. 256 random bits need no salt.
    digest = hashlib.sha256(wanted.token.encode()).hexdigest()
    known = fingerprint.read_text() if fingerprint.exists() else ""
    if remote is None:
        created = api.post(
            "/api/v2/remotes", {"orgID": org_id, "name": _NAME, "remoteAPIToken": wanted.token, **fields}
        )
        _LOGGER.info("Created the remote %s", wanted.url)
        remote_id = str(created["id"])
    else:
        remote_id = str(remote["id"])
        changes = {name: value for name, value in fields.items() if remote.get(name) != value}
        if known != digest:
            changes["remoteAPIToken"] = wanted.token
        if changes:
            api.patch(f"/api/v2/remotes/{remote_id}", changes)
            _LOGGER.info("Changed the remote: %s", ", ".join(sorted(changes)))
    if known != digest:
        write_secret(fingerprint, digest)
    return remote_id


def _stream_fields(wanted: Replication) -> dict[str, Any]:
    bucket = {"remoteBucketID": wanted.bucket_id} if wanted.bucket_id else {"remoteBucketName": wanted.bucket}
    return {
        **bucket,
        "maxQueueSizeBytes": wanted.max_queue_bytes,
        "maxAgeSeconds": wanted.max_age_s,
        "dropNonRetryableData": wanted.drop_non_retryable,
    }


def _ensure_stream(
    api: InfluxApi, stream: Mapping[str, Any] | None, fields: Mapping[str, Any], identity: Mapping[str, Any]
) -> str:
    if stream is None:
        created = api.post("/api/v2/replications", {**identity, **fields})
        stream_id = str(created["id"])
        _LOGGER.info("Created the replication")
    else:
        stream_id = str(stream["id"])
        changes = {name: value for name, value in fields.items() if _present(stream, name) != value}
        if not changes:
            return stream_id
        api.patch(f"/api/v2/replications/{stream_id}", changes)
        _LOGGER.info(
            "Changed the replication: %s (a new age limit counts from the next start)",
            ", ".join(sorted(changes)),
        )
    _try(api, stream_id)
    return stream_id


def _try(api: InfluxApi, stream_id: str) -> None:
    # A remote that is away now is no reason not to queue for it.
    try:
        api.post(f"/api/v2/replications/{stream_id}/validate", {})
    except ApiError as error:
        _LOGGER.warning("The remote does not take data yet: %s", error)
    else:
        _LOGGER.info("The remote takes data")


def _present(stream: Mapping[str, Any], name: str) -> Any:
    # InfluxDB 2.x takes remoteBucketName and answers RemoteBucketName (replication.go).
    return stream.get(name, stream.get(name[0].upper() + name[1:]))


def _remove(
    api: InfluxApi, remote: Mapping[str, Any] | None, stream: Mapping[str, Any] | None, fingerprint: Path
) -> None:
    if stream is not None:
        api.delete(f"/api/v2/replications/{stream['id']}")
        _LOGGER.info("Removed the replication: none is configured")
    if remote is not None:
        api.delete(f"/api/v2/remotes/{remote['id']}")
        _LOGGER.info("Removed the remote: none is configured")
    fingerprint.unlink(missing_ok=True)


def _named(found: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    return next((entry for entry in found or [] if entry["name"] == _NAME), None)

"""The two buckets, their retention and the span of their shards."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from ..api import InfluxApi
from ..configuration import Configuration
from ..flux import QUARTERS, RAW

_LOGGER = logging.getLogger(__name__)
_SECONDS_A_DAY: Final = 86_400
# Few and long shards: on 2 GB, compaction of many small ones is what runs out of memory.
_SHARD_DAYS: Final = {RAW: 7, QUARTERS: 30}


def ensure_buckets(api: InfluxApi, org_id: str, configuration: Configuration) -> dict[str, str]:
    """Create or change the buckets as needed. Returns the id by name."""
    found = {
        bucket["name"]: bucket for bucket in api.get("/api/v2/buckets", orgID=org_id, limit="100")["buckets"]
    }
    retention = {RAW: configuration.retention_s, QUARTERS: configuration.retention_15m_s}
    return {name: _ensure(api, org_id, found.get(name), name, seconds) for name, seconds in retention.items()}


def _ensure(api: InfluxApi, org_id: str, found: Mapping[str, Any] | None, name: str, retention_s: int) -> str:
    rule = {
        "type": "expire",
        "everySeconds": retention_s,
        "shardGroupDurationSeconds": min(_SHARD_DAYS[name] * _SECONDS_A_DAY, retention_s),
    }
    if found is None:
        created = api.post("/api/v2/buckets", {"orgID": org_id, "name": name, "retentionRules": [rule]})
        _LOGGER.info("Created bucket %s, kept %d days", name, retention_s // _SECONDS_A_DAY)
        return str(created["id"])
    if not any(rule.items() <= present.items() for present in found.get("retentionRules", [])):
        api.patch(f"/api/v2/buckets/{found['id']}", {"retentionRules": [rule]})
        _LOGGER.info("Changed bucket %s: kept %d days", name, retention_s // _SECONDS_A_DAY)
    return str(found["id"])

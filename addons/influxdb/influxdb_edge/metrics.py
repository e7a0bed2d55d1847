"""Reads the replication counters from InfluxDB's /metrics (Prometheus text)."""

import re
from collections.abc import Mapping
from typing import Final

_SAMPLE: Final = re.compile(
    r'^replications_queue_(?P<name>\w+)\{[^}]*replicationID="(?P<id>[0-9a-f]{16})"[^}]*\} (?P<value>\S+)',
    re.MULTILINE,
)


def replication_counters(text: str, replication_id: str) -> Mapping[str, float]:
    """Return one replication's counters by name, without ``replications_queue_``, summed over labels."""
    counters: dict[str, float] = {}
    for sample in _SAMPLE.finditer(text):
        if sample["id"] == replication_id:
            counters[sample["name"]] = counters.get(sample["name"], 0.0) + float(sample["value"])
    return counters

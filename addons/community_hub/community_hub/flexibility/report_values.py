"""What a report says, by the type of its payloads."""

from collections.abc import Mapping
from typing import Any


def values_by_type(report: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the newest values of each payload type in a report, over all its resources and intervals."""
    found: dict[str, list[Any]] = {}
    for resource in report.get("resources") or ():
        for interval in resource.get("intervals") or ():
            for payload in interval.get("payloads") or ():
                found[payload["type"]] = payload["values"]
    return found

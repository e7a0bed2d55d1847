"""Judges the replication queue from one poll to the next. Pure: values and times in, a judgement out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

# InfluxDB waits up to 15 minutes between attempts: only what lasts longer than two of them is trouble.
STALLED_AFTER: Final = timedelta(minutes=35)
NEARLY_FULL: Final = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueSample:
    """What InfluxDB said at one moment. Counters begin at 0 with its start."""

    at: datetime
    remaining_bytes: int
    queue_bytes: int
    most_bytes: int
    latest_response_code: int | None
    points_not_queued: int
    bytes_dropped: int

    @classmethod
    def of(cls, at: datetime, replication: Mapping[str, Any], counters: Mapping[str, float]) -> QueueSample:
        """Take it from the API's answer and the counters of /metrics."""
        return cls(
            at=at,
            remaining_bytes=int(replication.get("remainingBytesToBeSynced") or 0),
            queue_bytes=int(replication.get("currentQueueSizeBytes") or 0),
            most_bytes=int(replication["maxQueueSizeBytes"]),
            latest_response_code=replication.get("latestResponseCode"),
            points_not_queued=int(counters.get("points_failed_to_queue", 0)),
            bytes_dropped=int(counters.get("remote_write_bytes_dropped", 0)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueHealth:
    """The latest sample and since when the queue has not become shorter (None: it is empty)."""

    sample: QueueSample
    not_shorter_since: datetime | None

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong, as stable names."""
        sample = self.sample
        stuck = self.not_shorter_since is not None and sample.at - self.not_shorter_since >= STALLED_AFTER
        refused = sample.latest_response_code not in {None, 0, 204}
        found = {
            # The code alone tells little: streams have stood still while it said 204 (influxdb #23868).
            "replication_stalled": stuck and not refused,
            "replication_blocked": stuck and refused,
            "replication_queue_nearly_full": sample.remaining_bytes > NEARLY_FULL * sample.most_bytes,
            "replication_points_dropped": sample.points_not_queued > 0 or sample.bytes_dropped > 0,
        }
        return tuple(name for name, is_so in found.items() if is_so)


def judge(before: QueueHealth | None, sample: QueueSample) -> QueueHealth:
    """Return the health after one more sample."""
    if sample.remaining_bytes == 0:
        return QueueHealth(sample=sample, not_shorter_since=None)
    if (
        before is None
        or before.not_shorter_since is None
        or sample.remaining_bytes < before.sample.remaining_bytes
    ):
        return QueueHealth(sample=sample, not_shorter_since=sample.at)
    return QueueHealth(sample=sample, not_shorter_since=before.not_shorter_since)

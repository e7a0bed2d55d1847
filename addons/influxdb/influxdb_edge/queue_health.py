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
    """What InfluxDB said at one moment. Counters begin at 0 with its start.

    ``uptime_s`` is the moment by a clock that nobody sets.
    """

    at: datetime
    uptime_s: float
    remaining_bytes: int
    queue_bytes: int
    most_bytes: int
    latest_response_code: int | None
    points_not_queued: int
    bytes_dropped: int

    @classmethod
    def of(
        cls, at: datetime, uptime_s: float, replication: Mapping[str, Any], counters: Mapping[str, float]
    ) -> QueueSample:
        """Take it from the API's answer and the counters of /metrics."""
        return cls(
            at=at,
            uptime_s=uptime_s,
            remaining_bytes=int(replication.get("remainingBytesToBeSynced") or 0),
            queue_bytes=int(replication.get("currentQueueSizeBytes") or 0),
            most_bytes=int(replication["maxQueueSizeBytes"]),
            latest_response_code=replication.get("latestResponseCode"),
            points_not_queued=int(counters.get("points_failed_to_queue", 0)),
            bytes_dropped=int(counters.get("remote_write_bytes_dropped", 0)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueHealth:
    """The latest sample and for how long the queue has not become shorter (None: it is empty)."""

    sample: QueueSample
    not_shorter_since_s: float | None

    @property
    def not_shorter_for(self) -> timedelta | None:
        """For how long the queue has not become shorter."""
        since_s = self.not_shorter_since_s
        return None if since_s is None else timedelta(seconds=self.sample.uptime_s - since_s)

    @property
    def not_shorter_since(self) -> datetime | None:
        """Since when, by the clock of now."""
        return None if self.not_shorter_for is None else self.sample.at - self.not_shorter_for

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong, as stable names."""
        sample = self.sample
        stuck = self.not_shorter_for is not None and self.not_shorter_for >= STALLED_AFTER
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
        return QueueHealth(sample=sample, not_shorter_since_s=None)
    if (
        before is None
        or before.not_shorter_since_s is None
        or sample.remaining_bytes < before.sample.remaining_bytes
    ):
        return QueueHealth(sample=sample, not_shorter_since_s=sample.uptime_s)
    return QueueHealth(sample=sample, not_shorter_since_s=before.not_shorter_since_s)

"""Finds by counting, hour by hour, what came late in the home and what the community lacks."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from home_common.files import write_json

from . import flux
from .annotated_csv import hour_counts, lines
from .api import ApiError, InfluxApi

_LOGGER = logging.getLogger(__name__)
HOUR: Final = timedelta(hours=1)
# Home Flex writes every 30 s, the task runs a minute after the quarter.
_SETTLED: Final = timedelta(minutes=5)
_LINES_A_REQUEST: Final = 2000
_MOST_HOURS_A_RUN: Final = 48

type Counts = Mapping[datetime, int]


class HourLedger:
    """How many raw values each hour had when it was downsampled last; a file, to outlive restarts."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier run left; unreadable, it costs downsampling again and nothing else."""
        self._path = path
        self._counts: dict[str, int] = {}
        try:
            read = json.loads(path.read_text())
            self._counts = {str(hour): int(count) for hour, count in read.items()}
        except OSError, ValueError, AttributeError, TypeError:
            self._counts = {}

    def changed(self, counts: Counts) -> list[datetime]:
        """Return the hours whose number differs from the one downsampled, oldest first."""
        return sorted(hour for hour, count in counts.items() if self._counts.get(hour.isoformat()) != count)

    def note(self, counts: Counts, *, forget_before: datetime) -> None:
        """Keep these numbers, and drop those of hours too old to matter."""
        self._counts |= {hour.isoformat(): count for hour, count in counts.items()}
        begin = forget_before.isoformat()
        self._counts = {hour: count for hour, count in self._counts.items() if hour >= begin}
        write_json(self._path, self._counts)


def downsample_late(
    api: InfluxApi, ledger: HourLedger, now: datetime, *, back: timedelta, keep: timedelta
) -> int:
    """Downsample again the whole hours in which raw values were added since. Returns how many.

    ``back``: how far to look; ``keep``: how long the ledger remembers (at least ``back``). Raises ApiError
    and CsvError.
    """
    stop = whole_hour(now - _SETTLED)
    counts = hour_counts(api.flux(flux.count_per_hour(flux.RAW, whole_hour(stop - back), stop), org=flux.ORG))
    changed = ledger.changed(counts)
    for hour in changed:
        api.flux(flux.downsample(hour, hour + HOUR), org=flux.ORG)
        ledger.note({hour: counts[hour]}, forget_before=stop - keep)
    if changed:
        _LOGGER.info("Downsampled %d hours in which values were added", len(changed))
    return len(changed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gaps:
    """Hours of which the community has fewer values than the home, as last counted."""

    checked_at: datetime
    missing_hours: tuple[datetime, ...]
    stubborn_hours: tuple[datetime, ...]
    """Those that were missing at the check before too, although their values were written again then."""
    rewritten_hours: int
    """How many were written again after this count."""


def close_gaps(
    api: InfluxApi, remote: RemoteEnd, now: datetime, *, back: timedelta, before: Gaps | None
) -> Gaps:
    """Count at both ends and write again what is missing. Raises ApiError, CsvError.

    Whether it helped is for the next check to say: some stores show what they took after seconds only.
    """
    # The present hour and the one before may still be on their way.
    stop = whole_hour(now) - HOUR
    start = whole_hour(stop - back)
    earlier = before.missing_hours if before else ()
    ours = hour_counts(api.flux(flux.count_per_hour(flux.QUARTERS, start, stop), org=flux.ORG))
    missing = _missing(ours, remote.count(start, stop))
    rewritten = missing[:_MOST_HOURS_A_RUN]
    for hour in rewritten:
        remote.write(lines(api.flux(flux.points(flux.QUARTERS, hour, hour + HOUR), org=flux.ORG)))
    if missing:
        _LOGGER.warning(
            "The community lacks values of %d hours; wrote %d again", len(missing), len(rewritten)
        )
    return Gaps(
        checked_at=now,
        # What a longer look found stays known until the next long one.
        missing_hours=tuple(sorted({*missing, *(hour for hour in earlier if hour < start)})),
        stubborn_hours=tuple(hour for hour in missing if hour in earlier),
        rewritten_hours=len(rewritten),
    )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RemoteEnd:
    """The community's ingest service, as far as counting and back-filling need it."""

    api: InfluxApi
    org: str
    bucket: str

    def count(self, start: datetime, stop: datetime) -> dict[datetime, int]:
        """Return the number of this home's values in each hour that has some. Raises ApiError."""
        span = {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "stop": f"{stop:%Y-%m-%dT%H:%M:%SZ}"}
        answer: Any = self.api.get("/api/v2/points_per_hour", **span)
        try:
            return {
                datetime.fromisoformat(hour): int(count) for hour, count in answer["points_per_hour"].items()
            }
        except KeyError, ValueError, TypeError, AttributeError:
            raise ApiError("counting at the community", 200, "unexpected") from None

    def write(self, points: Iterable[str]) -> None:
        """Write in requests of a bounded size. Raises ApiError."""
        batch: list[str] = []
        for line in points:
            batch.append(line)
            if len(batch) == _LINES_A_REQUEST:
                self._send(batch)
                batch = []
        if batch:
            self._send(batch)

    def _send(self, batch: list[str]) -> None:
        self.api.write("\n".join(batch), org=self.org, bucket=self.bucket)


def whole_hour(moment: datetime) -> datetime:
    """Return the begin of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _missing(ours: Counts, theirs: Counts) -> list[datetime]:
    return sorted(hour for hour, count in ours.items() if theirs.get(hour, 0) < count)

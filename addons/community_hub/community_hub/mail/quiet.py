"""Hours in which no mail goes out, by the clock where its reader lives. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """From ``start`` until ``end``, over midnight where that is earlier; the same twice: none."""

    start: time
    end: time
    zone: ZoneInfo

    @classmethod
    def of(cls, start: str, end: str, zone: str) -> Self:
        """Read them, of times as HH:MM. Raises ValueError and ZoneInfoNotFoundError."""
        return cls(start=time.fromisoformat(start), end=time.fromisoformat(end), zone=ZoneInfo(zone))

    def over_at(self, now: datetime) -> datetime | None:
        """Return the end of those that ``now`` lies in, in UTC and later than ``now``; None: of none."""
        local = now.astimezone(self.zone)
        at = local.time()
        is_over_midnight = self.end < self.start
        is_quiet = at >= self.start or at < self.end if is_over_midnight else self.start <= at < self.end
        if not is_quiet:
            return None
        day = local.date() + timedelta(days=1 if at >= self.end else 0)
        # In the hour that comes twice, the end of the same one.
        end = datetime.combine(day, self.end, self.zone).replace(fold=local.fold)
        return end.astimezone(UTC)

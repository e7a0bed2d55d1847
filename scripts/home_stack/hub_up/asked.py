"""What an event asks of a home at a time, read from its OpenADR 3.1 document."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

_DURATION: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_RELATIVE: Final = "DISPATCH_SETPOINT_RELATIVE"
_LIMIT: Final = "IMPORT_CAPACITY_LIMIT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """What is asked from ``start`` until ``end``: W more (negative: less), or a limit of import in W."""

    start: datetime
    end: datetime
    change_w: float | None = None
    limit_w: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """An event; ``stretches`` in the order of time, at least one."""

    event_id: str
    stretches: tuple[Stretch, ...]

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        """Read an event. Raises KeyError and ValueError for one that a home refuses."""
        stretches = []
        for interval in event["intervals"]:
            period: dict[str, str] = interval.get("intervalPeriod") or event["intervalPeriod"]
            start = datetime.fromisoformat(period["start"])
            values = {each["type"]: float(each["values"][0]) * 1000 for each in interval["payloads"]}
            stretches.append(
                Stretch(
                    start=start,
                    end=start + _length(period["duration"]),
                    change_w=values.get(_RELATIVE),
                    limit_w=values.get(_LIMIT),
                )
            )
        if not stretches:
            raise ValueError("an event without intervals")
        return cls(event_id=event["id"], stretches=tuple(sorted(stretches, key=lambda each: each.start)))

    @property
    def start(self) -> datetime:
        """When it begins."""
        return self.stretches[0].start

    @property
    def end(self) -> datetime:
        """When it is over."""
        return max(each.end for each in self.stretches)

    @property
    def asks_less(self) -> bool:
        """Whether it asks for less consumption; else for more."""
        return not any((each.change_w or 0.0) > 0 for each in self.stretches)

    def at(self, now: datetime) -> Stretch | None:
        """Return what is asked now."""
        return next((each for each in self.stretches if each.start <= now < each.end), None)


def _length(text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is no duration that a home reads")
    hours, minutes, seconds = match.groups(default="0")
    return timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))

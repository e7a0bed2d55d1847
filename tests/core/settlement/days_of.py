"""Days for the tests: hours of energy, written short."""

from collections.abc import Sequence
from datetime import date, timedelta

from custom_components.home_flex.core.settlement.days import Asked, UseDay

HOUR_S = 3600
# A Wednesday.
TODAY = date(2026, 11, 25)


def day(when: date, use_wh: int | Sequence[int | None], **marks: bool) -> UseDay:
    """Return a day of 24 hours; one number stands for each of them."""
    hours = (use_wh,) * 24 if isinstance(use_wh, int) else tuple(use_wh)
    return UseDay(date=when, use_wh=hours, **{"is_working": when.weekday() < 5, **marks})


def past(levels_wh: Sequence[int], today: date = TODAY) -> tuple[UseDay, ...]:
    """Return a day for each level, the last of them yesterday."""
    count = len(levels_wh)
    return tuple(day(today - timedelta(days=count - index), level) for index, level in enumerate(levels_wh))


def asked(today: UseDay, days: Sequence[UseDay], first: int = 17, last: int = 19, **more: object) -> Asked:
    """Return a question about the hours from five to seven in the evening."""
    return Asked(today=today, past=tuple(days), first=first, last=last, interval_s=HOUR_S, **more)  # type: ignore[arg-type] # tests hand on what they name

"""An event of the resident's own, as the actions ask for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from ..core.events.model import Event, Interval, Payload, PayloadType, Source
from .view import RequestError

LONGEST_DISPATCH = timedelta(days=7)


def own_event(
    asked: Mapping[PayloadType, float | None],
    *,
    now: datetime,
    start: datetime | None,
    duration: timedelta,
    name: str | None,
    priority: int | None,
) -> Event:
    """Return an event of one interval from ``start`` (None: now) that asks for these values in W.

    Raises RequestError.
    """
    begin = max(start or now, now)
    if not timedelta(0) < duration <= LONGEST_DISPATCH:
        raise RequestError("invalid_duration", "The duration must be between 0 and 7 days")
    payloads = tuple(Payload(type=kind, value=value) for kind, value in asked.items() if value is not None)
    if not payloads:
        raise RequestError("nothing_to_do", "Give at least one limit or setpoint")
    return Event(
        event_id=str(uuid4()),
        program_id="home_flex",
        name=name,
        source=Source.RESIDENT,
        priority=priority,
        created=now,
        modified=now,
        intervals=(Interval(id=0, start=begin, end=begin + duration, payloads=payloads),),
    )

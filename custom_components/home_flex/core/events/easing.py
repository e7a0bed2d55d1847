"""An event that is joined partly: the home gives half of what it would have to, as it was expected to draw.

Powers in W (positive = consumption). What is asked stays with the event, and it is settled by that.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ..model import SITE
from .model import Event, Interval, Payload, PayloadType

# Which part of what is asked is given by joining partly.
PART: Final = 0.5
_EASABLE: Final = frozenset(
    {
        PayloadType.IMPORT_CAPACITY_LIMIT,
        PayloadType.EXPORT_CAPACITY_LIMIT,
        PayloadType.DISPATCH_SETPOINT,
        PayloadType.DISPATCH_SETPOINT_RELATIVE,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What the home is expected to draw at its meter in [start, end) without the event, W."""

    start: datetime
    end: datetime
    power_w: float


def eased_w(bound_w: float, expected_w: float, sign: float = 1.0) -> float:
    """Return a bound (from above: 1, from below: -1) moved half of the way to where it would not bind."""
    return bound_w if sign * expected_w <= sign * bound_w else _halfway_w(bound_w, expected_w)


def _halfway_w(asked_w: float, expected_w: float) -> float:
    return asked_w + PART * (expected_w - asked_w)


def is_easable(event: Event) -> bool:
    """Whether half of what an event asks can be said: it asks powers of the whole home, and nothing else."""
    asked = {payload.type for interval in event.intervals for payload in interval.payloads}
    return event.scope == SITE and bool(asked) and asked <= _EASABLE


def eased(event: Event, expected: Iterable[Expected]) -> tuple[Interval, ...]:
    """Return the intervals of an event as they hold for a home that joins it partly.

    Cut where another power is ``expected``; where none is, what is asked stays as it is. Raises ValueError
    for an event that is not easable.
    """
    if not is_easable(event):
        raise ValueError("Of this event there is no half")
    steps = sorted(expected, key=lambda each: each.start)
    return tuple(part for interval in event.intervals for part in _parts(interval, steps))


def _parts(interval: Interval, steps: Sequence[Expected]) -> Iterator[Interval]:
    last: Interval | None = None
    for start, end, power_w in _cut(interval, steps):
        part = replace(
            interval,
            start=start,
            end=end,
            payloads=tuple(_payload(each, power_w) for each in interval.payloads),
        )
        if last is not None and last.payloads == part.payloads:
            last = replace(last, end=end)
            continue
        if last is not None:
            yield last
        last = part
    if last is not None:
        yield last


def _cut(interval: Interval, steps: Sequence[Expected]) -> Iterator[tuple[datetime, datetime, float | None]]:
    """Yield the stretches of an interval with what is expected in each, None where nothing is."""
    at = interval.start
    for step in steps:
        start, end = max(at, step.start), min(interval.end, step.end)
        if start >= end:
            continue
        if at < start:
            yield at, start, None
        yield start, end, step.power_w
        at = end
    if at < interval.end or interval.start == interval.end:
        yield at, interval.end, None


def _payload(payload: Payload, expected_w: float | None) -> Payload:
    if payload.type is PayloadType.DISPATCH_SETPOINT_RELATIVE:
        return replace(payload, value=float(round(PART * payload.value)))
    if expected_w is None:
        return payload
    match payload.type:
        case PayloadType.EXPORT_CAPACITY_LIMIT:
            value = eased_w(payload.value, -expected_w)
        case PayloadType.DISPATCH_SETPOINT:
            value = _halfway_w(payload.value, expected_w)
        case _:
            value = eased_w(payload.value, expected_w)
    return replace(payload, value=float(round(value)))

"""From what was dispatched to the events that homes are sent: one each, OpenADR 3.1 ``eventRequest``.

While it is called a home is asked for a change of its consumption; after that it is held to its usual load by
an import limit until its slot of release, and open again by the event's end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from ..arrays import Whole
from .release import NOT_CALLED

_CHANGE: Final = "DISPATCH_SETPOINT_RELATIVE"
_LIMIT: Final = "IMPORT_CAPACITY_LIMIT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """The need that homes are called for: intervals of ``interval_s`` from ``start`` on (aware UTC).

    ``asks_less``: whether homes are to draw less (or give more), else more.
    """

    program_id: str
    name: str
    start: datetime
    interval_s: int
    asks_less: bool


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Held:
    """How homes are held after it, arrays of shape (homes,): the limit in W, and the slot of release."""

    limit_w: Whole
    until: Whole
    slot_s: int


def event_requests(
    occasion: Occasion, homes: Sequence[str], called_w: Whole, held: Held | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (home, ``eventRequest``) of each home that is called, in the order given.

    ``called_w`` (homes, intervals): by how many W each is asked to move, at least 0. Intervals with the same
    power are one. Raises ValueError for a power below zero and a start without UTC.
    """
    if (called_w < 0).any():
        raise ValueError("a home is called for at least 0 W")
    if occasion.start.utcoffset() != timedelta(0):
        raise ValueError("a start is told in UTC")
    for place, home in enumerate(homes):
        powers = called_w[place].tolist()
        if not any(powers):
            continue
        stretches = [*_changes(occasion, powers), *_holding(occasion, len(powers), held, place)]
        yield home, _request(occasion, home, stretches)


type _Stretch = tuple[datetime, timedelta, str, float]


def _changes(occasion: Occasion, powers: Sequence[int]) -> Iterator[_Stretch]:
    sign = -1 if occasion.asks_less else 1
    for power, group in groupby(enumerate(powers), key=lambda each: each[1]):
        numbers = [number for number, _ in group]
        start = occasion.start + timedelta(seconds=occasion.interval_s * numbers[0])
        if power:
            length = timedelta(seconds=occasion.interval_s * len(numbers))
            yield start, length, _CHANGE, sign * power / 1000


def _holding(occasion: Occasion, intervals: int, held: Held | None, place: int) -> Iterator[_Stretch]:
    if held is None or held.until[place] in {NOT_CALLED, 0}:
        return
    end = occasion.start + timedelta(seconds=occasion.interval_s * intervals)
    length = timedelta(seconds=held.slot_s * int(held.until[place]))
    yield end, length, _LIMIT, int(held.limit_w[place]) / 1000


def _request(occasion: Occasion, home: str, stretches: Sequence[_Stretch]) -> dict[str, Any]:
    return {
        "objectType": "EVENT",
        "programID": occasion.program_id,
        "eventName": occasion.name,
        "targets": [home],
        "payloadDescriptors": [
            {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": kind, "units": "KW"}
            for kind in sorted({kind for _, _, kind, _ in stretches})
        ],
        "intervals": [
            {
                "id": number,
                "intervalPeriod": {
                    "start": start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "duration": f"PT{int(length.total_seconds())}S",
                },
                "payloads": [{"type": kind, "values": [kw]}],
            }
            for number, (start, length, kind, kw) in enumerate(stretches)
        ],
    }

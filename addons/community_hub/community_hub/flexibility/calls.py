"""From what was dispatched to the events that homes are sent, OpenADR 3.1 ``eventRequest``.

While it is called a home is asked for a change of its consumption. After that it may be held to its usual
load by an import limit until its slot of release: an event of its own, so that what it holds is no delivery.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ..arrays import Whole

_CHANGE: Final = "DISPATCH_SETPOINT_RELATIVE"
_LIMIT: Final = "IMPORT_CAPACITY_LIMIT"
_PRICE: Final = "PRICE"
# What came of it is settled by the meter's quarter-hours as well.
_METERING: Final = {
    "payloadType": "USAGE",
    "readingType": "DIRECT_READ",
    "units": "KWH",
    "reportIntervals": "SUB_INTERVALS",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """The need that homes are called for: intervals of ``interval_s`` from ``start`` on (aware UTC).

    ``asks_less``: whether homes are to draw less (or give more), else more. ``price_per_kwh`` is what is paid
    for it, in ``currency``; None: the home knows it by its programme.
    """

    program_id: str
    name: str
    start: datetime
    interval_s: int
    asks_less: bool
    price_per_kwh: Decimal | None = None
    currency: str = "EUR"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Held:
    """How homes are held after it, of shape (homes,): the limit in W, and the slot of ``Release.start``."""

    limit_w: Whole
    until: Whole
    slot_s: int


def event_requests(
    occasion: Occasion,
    homes: Sequence[str],
    called_w: Whole,
    groups: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (home, ``eventRequest``) of each home that is called, in the order given.

    ``called_w`` (homes, intervals): by how many W each is asked to move, at least 0. Intervals with the same
    power are one. ``groups``: what of a home is asked, where not the whole home is. Raises ValueError for a
    power below zero and a start without UTC.
    """
    if (called_w < 0).any():
        raise ValueError("a home is called for at least 0 W")
    if occasion.start.utcoffset() != timedelta(0):
        raise ValueError("a start is told in UTC")
    periods = _Periods(occasion.start)
    for place, home in enumerate(homes):
        powers = called_w[place].tolist()
        if any(powers):
            target = groups.get(home, home)
            yield home, _request(occasion, target, list(_changes(occasion, powers)), periods)


def holding_requests(
    occasion: Occasion, homes: Sequence[str], intervals: int, held: Held
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (home, ``eventRequest``) of each home that is held after ``intervals`` of the occasion."""
    periods = _Periods(occasion.start)
    first_s = intervals * occasion.interval_s
    for place, home in enumerate(homes):
        if (slots := int(held.until[place])) > 0:
            limit_kw = int(held.limit_w[place]) / 1000
            stretch = _Stretch(first_s, first_s + slots * held.slot_s, _LIMIT, limit_kw)
            yield home, _request(occasion, home, [stretch], periods)


class _Stretch(NamedTuple):
    """From and until when (s after the start of the occasion) what has which value (kW)."""

    first_s: int
    end_s: int
    kind: str
    kw: float


class _Periods(dict[tuple[int, int], dict[str, str]]):
    """Periods as they are written, each once: many homes share them."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._start = start

    def __missing__(self, stretch: tuple[int, int]) -> dict[str, str]:
        first_s, end_s = stretch
        start = self._start + timedelta(seconds=first_s)
        self[stretch] = {
            "start": start.isoformat().replace("+00:00", "Z"),
            "duration": f"PT{end_s - first_s}S",
        }
        return self[stretch]


def _changes(occasion: Occasion, powers: Sequence[int]) -> Iterator[_Stretch]:
    sign, length_s = -1 if occasion.asks_less else 1, occasion.interval_s
    first = 0
    for number in range(1, len(powers) + 1):
        if number < len(powers) and powers[number] == powers[first]:
            continue
        if powers[first]:
            yield _Stretch(first * length_s, number * length_s, _CHANGE, sign * powers[first] / 1000)
        first = number


def _request(
    occasion: Occasion, target: str, stretches: Sequence[_Stretch], periods: _Periods
) -> dict[str, Any]:
    kinds = sorted({stretch.kind for stretch in stretches})
    prices = {kind: _prices(occasion, kind) for kind in kinds}
    descriptors = [
        {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": kind, "units": "KW"} for kind in kinds
    ]
    if any(prices.values()):
        price = {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": _PRICE, "units": "KWH"}
        descriptors.append(price | {"currency": occasion.currency})
    return {
        "objectType": "EVENT",
        "programID": occasion.program_id,
        "eventName": occasion.name,
        "targets": [target],
        "reportDescriptors": [_METERING] if _CHANGE in kinds else [],
        "payloadDescriptors": descriptors,
        "intervals": [
            {
                "id": number,
                "intervalPeriod": periods[first_s, end_s],
                "payloads": [{"type": kind, "values": [kw]}, *prices[kind]],
            }
            for number, (first_s, end_s, kind, kw) in enumerate(stretches)
        ],
    }


def _prices(occasion: Occasion, kind: str) -> list[dict[str, Any]]:
    """Return what a kWh pays, beside the change that it is paid for."""
    if occasion.price_per_kwh is None or kind != _CHANGE:
        return []
    return [{"type": _PRICE, "values": [float(occasion.price_per_kwh)]}]

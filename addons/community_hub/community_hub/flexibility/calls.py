"""From what was dispatched to the events that homes are sent, OpenADR 3.1 ``eventRequest`` as they are kept.

While it is called a home is asked for a change of its consumption. After that it may be held to its usual
load by an import limit until its slot of release: an event of its own, so that what it holds is no delivery.

What the requests of one occasion have in common is written once, and each of them as JSON at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from ..arrays import Whole
from ..store import Written, as_json

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

# From and until when a value stands, s after the start of the occasion.
type _Stretches = tuple[tuple[int, int], ...]


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
) -> Iterator[tuple[str, Written]]:
    """Yield (home, ``eventRequest``) of each home that is called, in the order given.

    ``called_w`` (homes, intervals): by how many W each is asked to move, at least 0. Intervals with the same
    power are one. ``groups``: what of a home is asked, where not the whole home is. Raises ValueError for a
    power below zero and a start without UTC.
    """
    if (called_w < 0).any():
        raise ValueError("a home is called for at least 0 W")
    if occasion.start.utcoffset() != timedelta(0):
        raise ValueError("a start is told in UTC")
    writer = _Writer(occasion, _CHANGE)
    sign, length_s = -1 if occasion.asks_less else 1, occasion.interval_s
    for home, powers in zip(homes, called_w.tolist(), strict=True):
        if runs := _runs(powers):
            stretches = tuple((first * length_s, end * length_s) for first, end in runs)
            values_w = [sign * powers[first] for first, _ in runs]
            yield home, writer.request(groups.get(home, home), stretches, values_w)


def holding_requests(
    occasion: Occasion, homes: Sequence[str], intervals: int, held: Held
) -> Iterator[tuple[str, Written]]:
    """Yield (home, ``eventRequest``) of each home that is held after ``intervals`` of the occasion."""
    writer = _Writer(occasion, _LIMIT)
    first_s = intervals * occasion.interval_s
    for place, home in enumerate(homes):
        if (slots := int(held.until[place])) > 0:
            stretch = (first_s, first_s + slots * held.slot_s)
            yield home, writer.request(home, (stretch,), [int(held.limit_w[place])])


def _runs(powers: Sequence[int]) -> list[tuple[int, int]]:
    """Return the intervals from and until which one power is asked for."""
    changes = [number for number in range(1, len(powers)) if powers[number] != powers[number - 1]]
    runs = pairwise((0, *changes, len(powers)))
    return [(first, end) for first, end in runs if powers[first]]


class _Writer:
    """Writes the requests of an occasion, each of values of one kind.

    How stretches and values are written is remembered: many homes are called in the same ones.
    """

    def __init__(self, occasion: Occasion, kind: str) -> None:
        price = occasion.price_per_kwh if kind == _CHANGE else None
        descriptors = [{"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": kind, "units": "KW"}]
        if price is not None:
            paid = {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": _PRICE, "units": "KWH"}
            descriptors.append(paid | {"currency": occasion.currency})
        common = {
            "programID": occasion.program_id,
            "eventName": occasion.name,
            "reportDescriptors": [_METERING] if kind == _CHANGE else [],
            "payloadDescriptors": descriptors,
        }
        self._head = f'{as_json(common)[:-1]},"targets":['.replace("%", "%%")
        self._before = f'"payloads":[{{"type":{as_json(kind)},"values":['
        # What a kWh pays, beside the change that it is paid for.
        paid_too = "" if price is None else f",{as_json({'type': _PRICE, 'values': [float(price)]})}"
        self._after = f"]}}{paid_too}]}}"
        self._start = occasion.start
        self._templates: dict[_Stretches, str] = {}
        self._kw = cache(_kw)

    def request(self, target: str, stretches: _Stretches, power_w: Sequence[int]) -> Written:
        """Return an ``eventRequest`` with a value for each stretch."""
        if (template := self._templates.get(stretches)) is None:
            template = self._templates[stretches] = self._template(stretches)
        return Written(template % (as_json(target), *map(self._kw, power_w)))

    def _template(self, stretches: _Stretches) -> str:
        """Return an ``eventRequest`` with places for its target and for the value of each stretch.

        Stretches of one length without a gap have one period, the event's; others each their own.
        """
        first_s, end_s = stretches[0]
        regular = tuple(
            (first_s + n * (end_s - first_s), end_s + n * (end_s - first_s)) for n in range(len(stretches))
        )
        shared = f"{self._period(first_s, end_s)}," if stretches == regular else ""
        intervals = ",".join(
            f'{{"id":{number},{"" if shared else self._period(*stretch) + ","}{self._before}%s{self._after}'
            for number, stretch in enumerate(stretches)
        )
        return f'{self._head}%s],{shared}"intervals":[{intervals}]}}'

    def _period(self, first_s: int, end_s: int) -> str:
        start = (self._start + timedelta(seconds=first_s)).isoformat().replace("+00:00", "Z")
        return f'"intervalPeriod":{as_json({"start": start, "duration": f"PT{end_s - first_s}S"})}'


def _kw(power_w: int) -> str:
    return repr(power_w / 1000)

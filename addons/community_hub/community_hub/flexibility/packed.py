"""Offers as numbers: written once, when a home tells them, and read as arrays of thousands. Pure.

Whole numbers of 32 bits, little-endian, in rows of one interval each. ``expected``: start (s after
``told_at``), length (s), baseline (W). A side: the energy in all from it on (Wh), then the powers (W) of its
points and their prices (millionths a kWh), each in the order of the curve, the last one repeated to the
length of the longest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import Flags, Whole
from .direction import Direction
from .told import Point, Side, ToldOffer

NOT_TOLD: Final = -(2**31)
_NUMBER: Final = np.dtype("<i4")
_EXPECTED: Final = 3


class Packed(NamedTuple):
    """An offer as a table keeps it."""

    expected: bytes
    less: bytes
    more: bytes


class Row(NamedTuple):
    """A home's offer as it is read, of one side."""

    ven_id: str
    told_at: datetime
    expected: bytes
    side: bytes
    stored_wh: int | None
    capacity_wh: int | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Offered:
    """What is offered in the intervals of a window, of shape (homes, intervals); powers also by point.

    An interval that a home did not tell has no length and no power. ``price_micro`` and ``energy_wh`` are
    ``NOT_TOLD`` where they are not.
    """

    start_s: Whole
    end_s: Whole
    baseline_w: Whole
    energy_wh: Whole
    power_w: Whole
    price_micro: Whole

    @property
    def most_w(self) -> Whole:
        """The most that is offered in each interval."""
        return self.power_w[:, :, -1]

    def of(self, places: Whole) -> Offered:
        """Return what some homes offer, in the order of their places."""
        return Offered(**{each.name: getattr(self, each.name)[places] for each in fields(self)})

    def within(self, numbers: slice) -> Offered:
        """Return what is offered in some of the intervals."""
        return Offered(**{each.name: getattr(self, each.name)[:, numbers] for each in fields(self)})

    def touches(self, start_s: float, end_s: float) -> Flags:
        """Return which intervals have any time in common with a span."""
        found: Flags = (self.start_s < end_s) & (self.end_s > start_s) & (self.end_s > self.start_s)
        return found


@dataclass(frozen=True, kw_only=True, eq=False)
class StandingOffers:
    """What homes told, in their order: what they draw anyway of shape (homes, intervals), and one side.

    Times are seconds since 1970 of UTC. Beyond what a home told stand intervals of no length.
    """

    ven_ids: tuple[str, ...]
    told_at: tuple[datetime, ...]
    start_s: Whole
    end_s: Whole
    baseline_w: Whole
    offered: Offered
    stored_wh: int
    capacity_wh: int

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """Each home's place."""
        return {ven_id: place for place, ven_id in enumerate(self.ven_ids)}

    def places(self, ven_ids: Sequence[str]) -> Whole:
        """Return the places of homes that are among them, in the order given."""
        return np.array([self.place_of[ven_id] for ven_id in ven_ids], dtype=np.int64)

    def baseline_at(self, moment_s: float) -> tuple[Flags, Whole]:
        """Return which homes told what they draw at a moment, and what (W), 0 where they did not."""
        place = place_at(self.start_s, self.end_s, moment_s)
        if not self.baseline_w.size:
            return np.zeros(len(place), dtype=np.bool_), np.zeros_like(place)
        found = np.take_along_axis(self.baseline_w, np.maximum(place, 0)[:, None], axis=1)[:, 0]
        return place >= 0, np.where(place >= 0, found, 0)


def place_at(start_s: Whole, end_s: Whole, moment_s: float) -> Whole:
    """Return in which interval of each home a moment lies, of shape (homes,); -1: in none."""
    within = (start_s <= moment_s) & (end_s > moment_s)
    if not within.shape[1]:
        return np.full(len(within), -1, dtype=np.int64)
    return np.where(within.any(axis=1), within.argmax(axis=1), -1)


def packed(offer: ToldOffer) -> Packed:
    """Return an offer as numbers. Raises OverflowError for times that are farther off than any offer's."""
    told_s = _seconds(offer.told_at)
    rows = []
    for each in offer.intervals:
        start_s = _seconds(each.start)
        rows.append((start_s - told_s, _seconds(each.end) - start_s, each.baseline_w))
    less, more = (
        _packed_side([each.sides[direction] for each in offer.intervals])
        for direction in (Direction.LESS, Direction.MORE)
    )
    return Packed(np.array(rows, dtype=_NUMBER).tobytes(), less, more)


def _packed_side(sides: Sequence[Side]) -> bytes:
    longest = max((len(side.points) for side in sides), default=0)
    rows = []
    for side in sides:
        last = side.points[-1] if side.points else Point(0, 0)
        points = [*side.points, *[last] * (longest - len(side.points))]
        rows.append(
            [
                NOT_TOLD if side.energy_wh is None else side.energy_wh,
                *(point.power_w for point in points),
                *(NOT_TOLD if point.price_micro is None else point.price_micro for point in points),
            ]
        )
    return np.array(rows, dtype=_NUMBER).tobytes()


def standing(rows: Iterable[Row], window: tuple[datetime, datetime]) -> StandingOffers:
    """Return offers as arrays; what is offered only in the intervals that touch a window."""
    told = list(rows)
    by_shape: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, row in enumerate(told):
        by_shape[len(row.expected) // (_EXPECTED * _NUMBER.itemsize), len(row.side)].append(place)
    most = max((intervals for intervals, _ in by_shape), default=0)
    told_s = np.array([_seconds(row.told_at) for row in told], dtype=np.int64)
    start_s = np.zeros((len(told), most), dtype=np.int64)
    end_s, baseline_w = np.zeros_like(start_s), np.zeros_like(start_s)
    for (intervals, _), places in by_shape.items():
        block = _block([told[place].expected for place in places], intervals)
        start_s[places, :intervals] = told_s[places, None] + block[:, :, 0]
        end_s[places, :intervals] = start_s[places, :intervals] + block[:, :, 1]
        baseline_w[places, :intervals] = block[:, :, 2]
        if intervals < most:
            last = end_s[places, intervals - 1 : intervals]
            start_s[places, intervals:], end_s[places, intervals:] = last, last
    return StandingOffers(
        ven_ids=tuple(row.ven_id for row in told),
        told_at=tuple(row.told_at for row in told),
        start_s=start_s,
        end_s=end_s,
        baseline_w=baseline_w,
        offered=_offered(told, by_shape, (start_s, end_s, baseline_w), window),
        stored_wh=sum(row.stored_wh or 0 for row in told),
        capacity_wh=sum(row.capacity_wh or 0 for row in told),
    )


def _offered(
    told: Sequence[Row],
    by_shape: Mapping[tuple[int, int], Sequence[int]],
    expected: tuple[Whole, Whole, Whole],
    window: tuple[datetime, datetime],
) -> Offered:
    start_s, end_s, _ = expected
    touches = (start_s < window[1].timestamp()) & (end_s > window[0].timestamp()) & (end_s > start_s)
    homes, most = touches.shape
    is_touched = touches.any(axis=1) if most else np.zeros(homes, dtype=np.bool_)
    first = touches.argmax(axis=1) if most else np.zeros(homes, dtype=np.int64)
    after = most - touches[:, ::-1].argmax(axis=1) if most else first
    count = np.where(is_touched, after - first, 0)
    number = np.arange(int(count.max(initial=0)))
    is_told = number < count[:, None]
    which = np.minimum(first[:, None] + number, max(most - 1, 0))
    start_s, end_s, baseline_w = (
        np.where(is_told, np.take_along_axis(each, which, axis=1), 0) for each in expected
    )
    points = max((1, *(_points(size, intervals) for intervals, size in by_shape)))
    power_w = np.zeros((*which.shape, points), dtype=np.int64)
    price_micro = np.zeros_like(power_w)
    energy_wh = np.full(which.shape, NOT_TOLD, dtype=np.int64)
    for (intervals, size), places in by_shape.items():
        own = _points(size, intervals)
        block = _block([told[place].side for place in places], intervals)
        each = np.arange(len(places))[:, None]
        block = block[each, np.minimum(which[places], intervals - 1)].astype(np.int64)
        block[~is_told[places]] = np.array([NOT_TOLD, *[0] * (2 * own)])
        energy_wh[places] = block[:, :, 0]
        if own:
            # Beyond its last point a curve goes on with it: steps of 0 W.
            column = np.minimum(np.arange(points), own - 1)
            power_w[places] = block[:, :, 1 + column]
            price_micro[places] = block[:, :, 1 + own + column]
    return Offered(
        start_s=start_s,
        end_s=end_s,
        baseline_w=baseline_w,
        energy_wh=energy_wh,
        power_w=power_w,
        price_micro=price_micro,
    )


def _block(blobs: Sequence[bytes], intervals: int) -> NDArray[np.int32]:
    return np.frombuffer(b"".join(blobs), _NUMBER).reshape(len(blobs), intervals, -1)


def _points(size: int, intervals: int) -> int:
    """Return how many points a side of so many bytes has in each interval."""
    return (size // _NUMBER.itemsize // intervals - 1) // 2


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp() // 1)

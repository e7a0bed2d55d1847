"""What a home told of itself: its forecast report, read as offers. Pure; the report is nobody's promise yet.

A home tells half-hours that exclude each other: what is offered in one is not there in the next. How much
energy it can give in all from an interval on it may tell beside (``*_REGULATION_ENERGY``), and at which
prices (``*_REGULATION_CURVE``: power in kW and price a kWh beyond the point before, in turn).
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ..core import Refusal, parse_duration, parse_time
from .direction import MICRO, Direction
from .offers import MOST_MICRO, MOST_W

_MOST_INTERVALS: Final = 192
MOST_POINTS: Final = 8
_SIDE: Final[Mapping[Direction, str]] = {Direction.LESS: "UP", Direction.MORE: "DOWN"}


class Point(NamedTuple):
    """A power in all (W) and the price of a kWh beyond the point before (millionths); None: not told."""

    power_w: int
    price_micro: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """What is offered in one direction for a whole interval; ``energy_wh`` in all from it on, where told."""

    points: tuple[Point, ...]
    energy_wh: int | None

    @property
    def most_w(self) -> int:
        """The most that is offered."""
        return self.points[-1].power_w if self.points else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldInterval:
    """An interval: what is drawn without any event on the mean (W, negative: given), and what is offered."""

    start: datetime
    end: datetime
    baseline_w: int
    sides: Mapping[Direction, Side]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldOffer:
    """A home's forecast, intervals in their order, and its batteries in Wh where it has any."""

    ven_id: str
    told_at: datetime
    intervals: tuple[ToldInterval, ...]
    stored_wh: int | None = None
    capacity_wh: int | None = None

    def at(self, moment: datetime) -> ToldInterval | None:
        """Return the interval that a moment lies in."""
        return next((each for each in self.intervals if each.start <= moment < each.end), None)


def read_offer(ven_id: str, told_at: datetime, payload: bytes) -> ToldOffer | None:
    """Return what a forecast report offers; None for a report that is none."""
    try:
        report = json.loads(payload)["object"]
        [resource] = report["resources"]
        rows = resource["intervals"][:_MOST_INTERVALS]
        intervals = tuple(sorted((_interval(row) for row in rows), key=lambda each: each.start))
        stored_wh, capacity_wh = _storage(_values(rows[0])) if rows else (None, None)
    except Refusal, LookupError, TypeError, ValueError, OverflowError, RecursionError:
        return None
    return ToldOffer(
        ven_id=ven_id,
        told_at=told_at,
        intervals=intervals,
        stored_wh=stored_wh,
        capacity_wh=capacity_wh,
    )


def _interval(row: Mapping[str, Any]) -> ToldInterval:
    period = row["intervalPeriod"]
    start, end = _span(period["start"], period["duration"])
    values = _values(row)
    return ToldInterval(
        start=start,
        end=end,
        baseline_w=round(_number(values["BASELINE"]) * 1000),
        sides={direction: _side(values, name) for direction, name in _SIDE.items()},
    )


def _values(row: Mapping[str, Any]) -> Mapping[str, Sequence[Any]]:
    return {each["type"]: each["values"] for each in row["payloads"]}


def _side(values: Mapping[str, Sequence[Any]], name: str) -> Side:
    available = values.get(f"{name}_REGULATION_AVAILABLE")
    most_w = min(max(round(_number(available) * 1000), 0), MOST_W) if available is not None else 0
    curve = values.get(f"{name}_REGULATION_CURVE")
    energy = values.get(f"{name}_REGULATION_ENERGY")
    return Side(
        points=() if most_w == 0 else _points(curve, most_w),
        energy_wh=None if energy is None else max(round(_number(energy) * 1000), 0),
    )


def _points(curve: Sequence[Any] | None, most_w: int) -> tuple[Point, ...]:
    """Return the points of a curve up to what is available, made convex: no kW is cheaper than one before."""
    if curve is None:
        return (Point(most_w, None),)
    found: list[Point] = []
    pairs = list(zip(curve[::2], curve[1::2], strict=True))
    for power_kw, price in pairs[:MOST_POINTS]:
        power_w = min(round(_number([power_kw]) * 1000), most_w)
        price_micro = min(round(_number([price]) * MICRO), MOST_MICRO)
        least_w, least_micro = (found[-1].power_w, found[-1].price_micro) if found else (0, -MOST_MICRO)
        if power_w > least_w:
            found.append(Point(power_w, max(price_micro, least_micro or -MOST_MICRO)))
    return tuple(found)


def _storage(values: Mapping[str, Sequence[Any]]) -> tuple[int | None, int | None]:
    if "STORAGE_USABLE_CAPACITY" not in values:
        return None, None
    capacity_wh = round(_number(values["STORAGE_USABLE_CAPACITY"]) * 1000)
    level = values.get("STORAGE_CHARGE_LEVEL")
    return None if level is None else round(_number(level) * capacity_wh), capacity_wh


@lru_cache(maxsize=4096)
def _span(start: str, duration: str) -> tuple[datetime, datetime]:
    """Return the bounds of an interval: homes tell the same half-hours."""
    first = parse_time(start, "start")
    length: timedelta = parse_duration(duration, "duration")
    return first, first + length


def _number(values: Sequence[Any]) -> float:
    [value] = values
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a value is one finite number")
    return float(value)

"""As dispatched: what was not steered as it was measured, what was steered re-run as without the event.

Ours. The rest of the home and its sun are measured during the event itself, so that neither weather nor a
guest is guessed; only what Home Flex moved is computed: cars by where they were plugged and the energy that
their session took, batteries by the rule or plan that was known *before the event was announced*, heat pumps
and other loads by like days, and a roof that was held back by what was forecast before. It credits what Home
Flex steered and nothing else, and holds only where all that was steered has its own meter: a steered device
that has none leaves no baseline by this rule. How far it is off is tried on earlier like days on which
nothing was asked (placebo.py); what whole watt-hours and whole per cent of a battery leave open is added in
quadrature.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil, isqrt
from typing import Final

from ..exact import half_up
from ..rerun import MS_AN_HOUR, Battery, BatteryRule, Car, batteries_run
from .placebo import MOST_DAYS, half_width_wh
from .rule import Baseline, Missing

NAME: Final = "as_dispatched"
# Nine of ten values of a normal distribution lie within so many standard deviations.
_NINE_OF_TEN: Final = Fraction(1645, 1000)


class NotMetered(StrEnum):
    """Why what was steered cannot be re-run."""

    # It has no meter of its own, or nobody knows what it would have done.
    STEERED_DEVICE = "steered_device"
    # What the sun would have given was not seen.
    LIMITED_SUN = "limited_sun"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What was used in the window of a day without an event, and what a re-run says of it, Wh.

    The re-run has loads as they were measured. ``heat_wh``: of each load what it would have used in the
    event's own intervals, if what is said of it were as far off as on that day.
    """

    date: date
    used_wh: int
    said_wh: int
    heat_wh: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """What is known of the window, in Wh of each interval; positive = consumption.

    ``rest_wh``: the grid without sun, batteries, and each steered device, None where it is not known.
    ``sun_wh``: what the sun gave, at most 0; where the event limited it, what it would have given.
    ``heat_wh``: of each steered heat pump or other load what it would have used. ``batteries``: each with its
    rule in every interval. ``most_w``: what the fuse lets through. ``lengths_ms``: how long each interval is.
    ``tried``: the same on earlier days, of windows of ``tried_ms``, latest first. ``unknown``: why there is
    nothing to reckon with, None where all is known. ``sun_held_ms``: for how long of each interval the event
    held the sun back, so that ``sun_wh`` is estimated there and not measured; empty where it never did.
    """

    lengths_ms: tuple[int, ...]
    rest_wh: tuple[int | None, ...]
    sun_wh: tuple[int | None, ...]
    cars: tuple[Car, ...] = ()
    heat_wh: tuple[tuple[int, ...], ...] = ()
    batteries: tuple[tuple[Battery, tuple[BatteryRule, ...]], ...] = ()
    most_w: int
    tried: tuple[Tried, ...] = ()
    tried_ms: int = 0
    unknown: NotMetered | None = None
    sun_held_ms: tuple[int, ...] = ()


def as_dispatched(window: Dispatched) -> Baseline | Missing | NotMetered:
    """Return what the grid connection would have taken in each interval, import minus export, in whole Wh."""
    if window.unknown is not None:
        return window.unknown
    use_wh = _net_wh(window, window.heat_wh)
    if use_wh is None:
        return Missing.NOT_MEASURED_AFTER
    return Baseline(
        use_wh=use_wh,
        days=tuple(each.date for each in window.tried),
        half_width_wh=_half_width_wh(window, sum(use_wh)),
    )


def _net_wh(window: Dispatched, heat_wh: Sequence[Sequence[int]]) -> tuple[int, ...] | None:
    """Return what the connection would have taken with loads like that."""
    rest_wh, sun_wh = _known(window.rest_wh), _known(window.sun_wh)
    if rest_wh is None or sun_wh is None:
        return None
    cars_wh = _sums(len(rest_wh), [car.use_wh() for car in window.cars])
    loads_wh = _sums(len(rest_wh), heat_wh)
    house_wh = [sum(parts) for parts in zip(rest_wh, sun_wh, loads_wh, strict=True)]
    rows = batteries_run(window.batteries, lengths_ms=window.lengths_ms, house_wh=house_wh, cars_wh=cars_wh)
    batteries_wh = _sums(len(rest_wh), rows)
    net = (sum(parts) for parts in zip(house_wh, cars_wh, batteries_wh, strict=True))
    most_wh = [window.most_w * length_ms // MS_AN_HOUR for length_ms in window.lengths_ms]
    return tuple(min(max(net_wh, -most), most) for net_wh, most in zip(net, most_wh, strict=True))


def _half_width_wh(window: Dispatched, sum_wh: int) -> int | None:
    """Return how near the truth lies, rounded up: what was tried, and how finely is told what is re-run."""
    width_wh = half_width_wh([_off_wh(window, each, sum_wh) for each in window.tried[:MOST_DAYS]])
    return None if width_wh is None else _root_up(width_wh**2 + _NINE_OF_TEN**2 * _variance(window, sum_wh))


def _off_wh(window: Dispatched, then: Tried, sum_wh: int) -> int:
    """Return how far off the measured part of the window is, were all as far off as on a day tried."""
    with_load_off = sum(_net_wh(window, then.heat_wh) or ())
    share = Fraction(sum(window.lengths_ms), window.tried_ms)
    return half_up((then.used_wh - then.said_wh) * share) + with_load_off - sum_wh


def _variance(window: Dispatched, sum_wh: int) -> Fraction:
    """Return what whole Wh and whole per cent of a battery leave open, as a variance in square Wh.

    Source: JCGM 100:2008 (GUM), F.2.2.1: what is told in steps has the variance of a twelfth of a step
    squared; 5.1.3: what it does to the result is found by moving it. What cannot be moved both ways (an
    empty battery) counts as the larger of the two.
    """
    told = 2 + len(window.cars) + len(window.heat_wh) + len(window.batteries)
    moved_wh = max(abs(_sum_with_wh(window, sign) - sum_wh) for sign in (-1, 1))
    return Fraction(told * len(window.lengths_ms) + (2 * moved_wh) ** 2, 12)


def _sum_with_wh(window: Dispatched, sign: int) -> int:
    """Return the sum of the window if each battery held half a per cent more or less."""
    batteries = []
    for battery, rules in window.batteries:
        held_wh = battery.stored_wh + sign * half_up(Fraction(battery.highest_wh, 200))
        stored_wh = min(max(held_wh, battery.lowest_wh), battery.highest_wh)
        batteries.append((replace(battery, stored_wh=stored_wh), rules))
    return sum(_net_wh(replace(window, batteries=tuple(batteries)), window.heat_wh) or ())


def _root_up(square: Fraction) -> int:
    whole = ceil(square)
    root = isqrt(whole)
    return root if root**2 == whole else root + 1


def _known(values: Sequence[int | None]) -> list[int] | None:
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None


def _sums(length: int, rows: Sequence[Sequence[int]]) -> list[int]:
    return [sum(row[index] for row in rows) for index in range(length)]

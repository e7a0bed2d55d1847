"""As dispatched: what was not steered as it was measured, what was steered re-run as without the event.

Ours. The rest of the home and its sun are measured during the event itself, so that neither weather nor a
guest is guessed; only what Home Flex moved is computed: cars by where they were plugged and the energy that
their session took, batteries by the rule or plan that was known *before the event was announced*, heat pumps
and other loads by like days, and a roof that was held back by what was forecast before. It credits what Home
Flex steered and nothing else, and holds only where all that was steered has its own meter: a steered device
that has none leaves no baseline by this rule. How far it is off is tried on earlier like days on which
nothing was asked (placebo.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from ..exact import half_up
from ..rerun import MS_AN_HOUR, Battery, BatteryRule, Car, batteries_run
from .placebo import half_width_wh
from .rule import Baseline, Missing

NAME: Final = "as_dispatched"


class NotMetered(StrEnum):
    """Why what was steered cannot be re-run."""

    # It has no meter of its own, or nobody knows what it would have done.
    STEERED_DEVICE = "steered_device"
    # What the sun would have given was not seen.
    LIMITED_SUN = "limited_sun"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What was used in the window of a day without an event, and what a re-run says of it, Wh."""

    date: date
    used_wh: int
    said_wh: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """What is known of the window, in Wh of each interval; positive = consumption.

    ``rest_wh``: the grid without sun, batteries, and each steered device, None where it is not known.
    ``sun_wh``: what the sun gave, at most 0; where the event limited it, what it would have given.
    ``heat_wh``: of each steered heat pump or other load what it would have used. ``batteries``: each with its
    rule in every interval. ``most_w``: what the fuse lets through. ``lengths_ms``: how long each interval is.
    ``tried``: the same on earlier days, of windows of ``tried_ms``, latest first. ``unknown``: why there is
    nothing to reckon with, None where all is known.
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


def as_dispatched(window: Dispatched) -> Baseline | Missing | NotMetered:
    """Return what the grid connection would have taken in each interval, import minus export, in whole Wh."""
    if window.unknown is not None:
        return window.unknown
    rest_wh, sun_wh = _known(window.rest_wh), _known(window.sun_wh)
    if rest_wh is None or sun_wh is None:
        return Missing.NOT_MEASURED_AFTER
    cars_wh = _sums(len(rest_wh), [car.use_wh() for car in window.cars])
    heat_wh = _sums(len(rest_wh), window.heat_wh)
    house_wh = [sum(parts) for parts in zip(rest_wh, sun_wh, heat_wh, strict=True)]
    rows = batteries_run(window.batteries, lengths_ms=window.lengths_ms, house_wh=house_wh, cars_wh=cars_wh)
    batteries_wh = _sums(len(rest_wh), rows)
    net = (sum(parts) for parts in zip(house_wh, cars_wh, batteries_wh, strict=True))
    most_wh = [window.most_w * length_ms // MS_AN_HOUR for length_ms in window.lengths_ms]
    return Baseline(
        use_wh=tuple(min(max(net_wh, -most), most) for net_wh, most in zip(net, most_wh, strict=True)),
        days=tuple(each.date for each in window.tried),
        half_width_wh=_half_width_wh(window),
    )


def _half_width_wh(window: Dispatched) -> int | None:
    """Return how near the truth lies for the part of the windows tried that was measured."""
    width_wh = half_width_wh(each.used_wh - each.said_wh for each in window.tried)
    if width_wh is None:
        return None
    return half_up(Fraction(width_wh * sum(window.lengths_ms), window.tried_ms))


def _known(values: Sequence[int | None]) -> list[int] | None:
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None


def _sums(length: int, rows: Sequence[Sequence[int]]) -> list[int]:
    return [sum(row[index] for row in rows) for index in range(length)]

"""As dispatched: what was not steered as it was measured, what was steered re-run as without the event.

Ours. The rest of the home and its sun are measured during the event itself, so that neither weather nor a
guest is guessed; only what Home Flex moved is computed: cars by where they were plugged and the energy that
their session took, batteries by the rule or plan that was known *before the event was announced*, heat
pumps by like days. It credits what Home Flex steered and nothing else, and holds only where all that was
steered has its own meter: a steered device that has none leaves no baseline by this rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..rerun import Battery, BatteryRule, Car, batteries_run
from .rule import Baseline, Missing

NAME: Final = "as_dispatched"


class NotMetered(StrEnum):
    """A device was steered that has no meter of its own."""

    STEERED_DEVICE = "steered_device"


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    """What is known of the window, in Wh of each interval; positive = consumption.

    ``rest_wh``: the grid without sun, batteries, and each steered device, None where it is not known.
    ``sun_wh``: what the sun gave, at most 0; where the event limited it, what it would have given.
    ``heat_wh``: of each steered heat pump what it would have used. ``batteries``: each with its rule in
    every interval. ``most_wh``: what the fuse lets through in an interval.
    """

    rest_wh: tuple[int | None, ...]
    sun_wh: tuple[int | None, ...]
    cars: tuple[Car, ...] = ()
    heat_wh: tuple[tuple[int, ...], ...] = ()
    batteries: tuple[tuple[Battery, tuple[BatteryRule, ...]], ...] = ()
    most_wh: int
    is_all_metered: bool = True


def as_dispatched(window: Dispatched) -> Baseline | Missing | NotMetered:
    """Return what the grid connection would have taken in each interval, import minus export, in whole Wh."""
    if not window.is_all_metered:
        return NotMetered.STEERED_DEVICE
    rest_wh, sun_wh = _known(window.rest_wh), _known(window.sun_wh)
    if rest_wh is None or sun_wh is None:
        return Missing.NOT_MEASURED_AFTER
    cars_wh = _sums(len(rest_wh), [car.use_wh() for car in window.cars])
    heat_wh = _sums(len(rest_wh), window.heat_wh)
    house_wh = [sum(parts) for parts in zip(rest_wh, sun_wh, heat_wh, strict=True)]
    batteries_wh = _sums(len(rest_wh), batteries_run(window.batteries, house_wh=house_wh, cars_wh=cars_wh))
    net = (sum(parts) for parts in zip(house_wh, cars_wh, batteries_wh, strict=True))
    return Baseline(use_wh=tuple(min(max(net_wh, -window.most_wh), window.most_wh) for net_wh in net))


def _known(values: Sequence[int | None]) -> list[int] | None:
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None


def _sums(length: int, rows: Sequence[Sequence[int]]) -> list[int]:
    return [sum(row[index] for row in rows) for index in range(length)]

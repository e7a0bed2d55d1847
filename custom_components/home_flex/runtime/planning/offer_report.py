"""What is offered, as the aggregator is told it: half-hour by half-hour."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from ...core.events.forecast_report import ExpectedInterval, Priced, Storage
from ...core.model import TimeGrid, floor
from ...core.planner.offer import Direction, Envelope
from ...core.planner.problem import Problem, Series
from .offers import MadeOffers

HALF_HOUR_S: Final = 1800
_HALF_HOUR: Final = timedelta(seconds=HALF_HOUR_S)
# As far as it is offered.
_INTERVALS: Final = 24


def expected(made: MadeOffers) -> list[ExpectedInterval]:
    """Return the next half-hours; what is not offered at all in one is told as 0."""
    envelope = made.envelope
    first = floor(envelope.grid.start, HALF_HOUR_S)
    if first < envelope.grid.start:
        first += _HALF_HOUR
    most_w = {
        (offer.start, direction): offer.most_w
        for direction in Direction
        for offer in envelope.of(direction, HALF_HOUR_S)
    }
    return [
        ExpectedInterval(
            start=start,
            end=end,
            baseline_w=_mean_w(envelope.grid, envelope.baseline_w, start, end),
            up_w=most_w.get((start, Direction.UP)),
            down_w=most_w.get((start, Direction.DOWN)),
            up=_priced(envelope, start, Direction.UP),
            down=_priced(envelope, start, Direction.DOWN),
        )
        for start, end in pairwise(first + index * _HALF_HOUR for index in range(_INTERVALS + 1))
        if end <= envelope.grid.end
    ]


def _priced(envelope: Envelope, start: datetime, direction: Direction) -> Priced | None:
    """Return at which price the half-hour from ``start`` on is offered; None where nothing is."""
    offered = [offer for offer in envelope.offers if offer.start == start and offer.direction is direction]
    half_hour = next((offer for offer in offered if offer.duration_s == HALF_HOUR_S), None)
    if half_hour is None or half_hour.most_w <= 0.0:
        return None
    return Priced(
        points=tuple((point.power_w, point.per_kwh) for point in half_hour.points),
        energy_wh=max(offer.most_w * offer.duration_s / 3600 for offer in offered),
    )


def storage_of(problem: Problem) -> Storage | None:
    """Return the batteries that are planned together, None where there is none."""
    if not (batteries := problem.batteries):
        return None
    return Storage(
        stored_wh=math.fsum(one.stored_wh for one in batteries),
        capacity_wh=math.fsum(one.capacity_wh for one in batteries),
        charge_w=math.fsum(one.charge_w for one in batteries),
        discharge_w=math.fsum(one.discharge_w for one in batteries),
    )


def _mean_w(grid: TimeGrid, powers_w: Series, start: datetime, end: datetime) -> float:
    return math.fsum(_energies_ws(grid, powers_w, start, end)) / (end - start).total_seconds()


def _energies_ws(grid: TimeGrid, powers_w: Series, start: datetime, end: datetime) -> Iterator[float]:
    for step, power_w in zip(grid, powers_w, strict=True):
        common = min(step.end, end) - max(step.start, start)
        if common > timedelta():
            yield power_w * common.total_seconds()

"""What joining an event costs: joined, partly joined and skipped are each planned, and compared.

In total, and with each device alone while all others keep to the plan without the event.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from ..events.easing import Expected, eased_w
from .bending import Bend
from .plan import Plan
from .planner import Planner
from .problem import Commitment, MeterLimit, Problem, Series
from .sketch import FloatArray

_NOTHING_WH = 1.0


class Joining(StrEnum):
    """What may be done about an event."""

    JOIN = "join"
    PARTLY = "partly"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventAhead:
    """An event that was announced: what it promises or limits at the meter, and what a kWh of it pays.

    ``pays_per_kwh``: in each step, for each kWh by which the home then draws less or more than without the
    event, in the direction that is asked; empty where nothing is known to be paid.
    """

    event_id: str
    commitments: tuple[Commitment, ...] = ()
    limits: tuple[MeterLimit, ...] = ()
    pays_per_kwh: Series = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One way to answer, beside skipping the event: differences of two plans that were both solved.

    ``money``: what the home pays more (less where negative) without what the event ``pays``; ``carbon_g``
    likewise, None without carbon. ``comfort``: what is bent further than without the event.
    ``moved_wh``: by how much the event's steps change as it asks; ``is_kept``: whether all it asks is met.
    """

    joining: Joining
    money: float
    pays: float
    comfort: tuple[Bend, ...]
    carbon_g: float | None
    moved_wh: float
    is_kept: bool
    plan: Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The options of the whole home, and of each device alone (join or skip)."""

    event_id: str
    options: Mapping[Joining, Option]
    devices: Mapping[str, Mapping[Joining, Option]]


class Choices:
    """Prices choices; ``clock`` tells monotonic seconds, no plan takes much longer than ``limit_s``."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, limit_s: float = 2.0) -> None:
        """Start without a model."""
        self._planner = Planner(clock=clock, limit_s=limit_s)

    def choice(self, problem: Problem, event: EventAhead, plan: Plan | None = None) -> Choice:
        """Return what answering an event costs; ``problem`` is the home without it.

        ``plan``: the one until now, which is left only where that is worth it.
        """
        skipped = self._planner.plan(problem, plan)
        half = partly(event, skipped.net_w)
        options = {
            Joining.JOIN: self._option(Joining.JOIN, joined(problem, event), event, skipped),
            Joining.PARTLY: self._option(Joining.PARTLY, joined(problem, half), event, skipped),
            Joining.SKIP: _compared(Joining.SKIP, event, skipped, skipped),
        }
        devices = {
            device_id: self._alone(problem, event, skipped, device_id) for device_id in _movable(problem)
        }
        return Choice(event_id=event.event_id, options=options, devices=devices)

    def _alone(
        self, problem: Problem, event: EventAhead, skipped: Plan, device_id: str
    ) -> dict[Joining, Option]:
        only = with_others_fixed(problem, skipped, device_id)
        without = self._planner.plan(only, skipped)
        return {
            Joining.JOIN: self._option(Joining.JOIN, joined(only, event), event, without),
            Joining.SKIP: _compared(Joining.SKIP, event, without, without),
        }

    def _option(self, joining: Joining, problem: Problem, event: EventAhead, skipped: Plan) -> Option:
        return _compared(joining, event, self._planner.plan(problem, skipped), skipped)


def _compared(joining: Joining, event: EventAhead, plan: Plan, skipped: Plan) -> Option:
    missing_wh = missing_of(event, plan)
    moved_wh = missing_of(event, skipped) - missing_wh
    paid = _paid(event, skipped, plan) if moved_wh > 0.0 else 0.0
    is_carbon_known = plan.carbon_g is not None and skipped.carbon_g is not None
    return Option(
        joining=joining,
        money=plan.money.total - skipped.money.total,
        pays=paid,
        comfort=tuple(_further(plan.bent, skipped.bent, event)),
        carbon_g=(plan.carbon_g or 0.0) - (skipped.carbon_g or 0.0) if is_carbon_known else None,
        moved_wh=moved_wh,
        is_kept=missing_wh < _NOTHING_WH,
        plan=plan,
    )


def missing_of(event: EventAhead, plan: Plan) -> float:
    """Return by how many Wh a plan is beyond what an event asks."""
    return float(_beyond_w(event, plan) @ np.array(plan.grid.lengths_h))


def _paid(event: EventAhead, skipped: Plan, plan: Plan) -> float:
    """Return what is paid for how much nearer a plan is to what an event asks, step by step."""
    if not event.pays_per_kwh:
        return 0.0
    moved_kw = (_beyond_w(event, skipped) - _beyond_w(event, plan)) / 1000
    return float((moved_kw * np.array(plan.grid.lengths_h)) @ np.array(event.pays_per_kwh))


def _beyond_w(event: EventAhead, plan: Plan) -> FloatArray:
    net_w = np.array(plan.net_w)
    beyond_w = np.zeros(len(net_w))
    for one in event.commitments:
        beyond_w = np.maximum(beyond_w, np.maximum(net_w - one.upper_w, one.lower_w - net_w))
    for limit in event.limits:
        beyond_w = np.maximum(beyond_w, np.maximum(net_w - limit.import_w, -net_w - limit.export_w))
    return beyond_w


def expected_without(choice: Choice) -> list[Expected]:
    """Return what the home is expected to draw in each step if it skips the event."""
    plan = choice.options[Joining.SKIP].plan
    return [
        Expected(start=step.start, end=step.end, power_w=power_w)
        for step, power_w in zip(plan.grid, plan.net_w, strict=True)
    ]


def partly(event: EventAhead, net_w: Series) -> EventAhead:
    """Return an event that asks for half of what a plan's net power lacks."""
    return replace(
        event,
        commitments=tuple(
            replace(one, upper_w=_eased(one.upper_w, net_w, 1.0), lower_w=_eased(one.lower_w, net_w, -1.0))
            for one in event.commitments
        ),
        limits=tuple(
            replace(
                one,
                import_w=_eased(one.import_w, net_w, 1.0),
                export_w=_eased(one.export_w, tuple(-each for each in net_w), 1.0),
            )
            for one in event.limits
        ),
    )


def _eased(bound_w: Series, net_w: Series, sign: float) -> Series:
    """Return a bound (from above: 1, from below: -1) moved half of the way to where it would not bind."""
    return tuple(eased_w(bound, net, sign) for bound, net in zip(bound_w, net_w, strict=True))


def _further(bent: Iterable[Bend], before: Iterable[Bend], event: EventAhead) -> Iterator[Bend]:
    """Yield what is bent further than before, by how much; what is beyond the event itself is no comfort."""
    own = {one.commitment_id for one in event.commitments} | {one.limit_id for one in event.limits}
    already = {(bend.wish, bend.subject_id): bend.amount for bend in before}
    for bend in bent:
        more = bend.amount - already.get((bend.wish, bend.subject_id), 0.0)
        if bend.subject_id not in own and more > _NOTHING_WH:
            yield replace(bend, amount=more)


def joined(problem: Problem, event: EventAhead) -> Problem:
    """Return the home with what the event asks."""
    return replace(
        problem,
        commitments=(*problem.commitments, *event.commitments),
        meter_limits=(*problem.meter_limits, *event.limits),
    )


def with_others_fixed(problem: Problem, plan: Plan, device_id: str) -> Problem:
    """Return the home with one device; what all others do in a plan is part of the house's load."""
    others = {key: np.array(one.power_w) for key, one in plan.devices.items() if key != device_id}
    load_w = np.array(problem.load_w) + sum(others.values(), np.zeros(len(problem.load_w)))
    circuits = tuple(
        replace(
            limit,
            load_w=_series(
                np.array(limit.load_w)
                + sum((limit.shares.get(key, 0.0) * each for key, each in others.items()), 0.0)
            ),
        )
        for limit in problem.circuit_limits
    )
    return replace(
        problem,
        load_w=_series(load_w),
        circuit_limits=circuits,
        pv=tuple(one for one in problem.pv if one.device_id == device_id),
        batteries=tuple(one for one in problem.batteries if one.device_id == device_id),
        consumers=tuple(one for one in problem.consumers if one.device_id == device_id),
        fast_charges=tuple(one for one in problem.fast_charges if one.device_id == device_id),
        appliances=tuple(one for one in problem.appliances if one.device_id == device_id),
        thermal_stores=tuple(one for one in problem.thermal_stores if one.device_id == device_id),
        error_paths=(),
    )


def _movable(problem: Problem) -> Iterator[str]:
    yield from (one.device_id for one in problem.pv if one.curtailable)
    yield from (one.device_id for one in problem.fast_charges)
    for devices in (problem.batteries, problem.consumers, problem.appliances, problem.thermal_stores):
        yield from (one.device_id for one in devices)


def _series(values: FloatArray) -> Series:
    return tuple(values.tolist())

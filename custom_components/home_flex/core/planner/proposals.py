"""What may be changed when a wish is bent: for each kind of wish, what is worth trying, in its order."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol

import numpy as np

from .bending import Bend, BentWish
from .problem import Appliance, Battery, CircuitLimit, Consumer, LimitOwner, Problem, Series, ThermalStore

_PART_WH: Final = 100.0
_PART_W: Final = 100.0
_PART_S: Final = 900.0
_LATEST_S: Final = 43_200.0
# No connection is raised further than this.
_MOST_RAISED_W: Final = 12_800.0
# Limits that the resident can have changed; a grid operator's is none of them.
_NEGOTIABLE: Final = frozenset({LimitOwner.FUSE, LimitOwner.CONTRACT, LimitOwner.RESIDENT})


class ChangeKind(StrEnum):
    """What is changed; ``amount`` of a change is in the unit that is named here."""

    LESS_ENERGY = "less_energy"  # Wh less by the deadline
    LATER = "later"  # s later
    HIGHER_LIMIT = "higher_limit"  # W more
    LEAVE_EVENT = "leave_event"  # 1
    CHARGE_FROM_GRID = "charge_from_grid"  # 1
    LOWER_RESERVE = "lower_reserve"  # Wh less
    WIDER_COMFORT = "wider_comfort"  # Wh of heat


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A change of a setting: ``made`` gives the home with an amount of it, ``least`` to ``most`` parts."""

    kind: ChangeKind
    subject_id: str
    made: Callable[[float], Problem]
    part: float = 1.0
    least: int = 1
    most: int = 1


type _Maker = Callable[[Problem, Bend], Iterator[Proposal]]


def proposals(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    """Yield what may be tried, what asks least of people first."""
    for maker in _MAKERS.get(bend.wish, ()):
        yield from maker(problem, bend)


def _later(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    def stays(one: Consumer, amount: float) -> Consumer:
        ready = _step_after(problem, one.ready_step, amount)
        there = tuple(may or one.ready_step <= at < ready for at, may in enumerate(one.available))
        return replace(one, ready_step=ready, available=there)

    for car in problem.consumers:
        if car.device_id == bend.subject_id and (most := _quarters_left(problem, car.ready_step)):
            yield Proposal(
                kind=ChangeKind.LATER,
                subject_id=car.device_id,
                made=lambda amount: _with_consumer(problem, bend.subject_id, lambda one: stays(one, amount)),
                part=_PART_S,
                most=most,
            )


def _programme_later(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    def ends(one: Appliance, amount: float) -> Appliance:
        return replace(one, latest_end_step=_step_after(problem, one.latest_end_step, amount))

    for programme in problem.appliances:
        if programme.device_id == bend.subject_id and (
            most := _quarters_left(problem, programme.latest_end_step)
        ):
            yield Proposal(
                kind=ChangeKind.LATER,
                subject_id=programme.device_id,
                made=lambda amount: replace(
                    problem,
                    appliances=_changed(problem.appliances, bend.subject_id, lambda one: ends(one, amount)),
                ),
                part=_PART_S,
                most=most,
            )


def _less_energy(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    def needs(one: Consumer, amount: float) -> Consumer:
        return replace(one, need_wh=max(one.need_wh - amount, 0.0))

    for car in problem.consumers:
        if car.device_id == bend.subject_id:
            yield Proposal(
                kind=ChangeKind.LESS_ENERGY,
                subject_id=car.device_id,
                made=lambda amount: _with_consumer(problem, bend.subject_id, lambda one: needs(one, amount)),
                part=_PART_WH,
                least=math.ceil(bend.amount / _PART_WH),
                most=math.ceil(car.need_wh / _PART_WH),
            )


def _lower_reserve(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    def keeps(one: Battery, amount: float) -> Battery:
        return replace(one, reserve_wh=max(one.reserve_wh - amount, 0.0))

    yield _of_amount(
        ChangeKind.LOWER_RESERVE,
        bend,
        lambda amount: _with_battery(problem, bend.subject_id, lambda one: keeps(one, amount)),
    )


def _wider_comfort(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    def allows(one: ThermalStore, amount: float) -> ThermalStore:
        if bend.wish is BentWish.TOO_COLD:
            return replace(one, low_wh=_raised(one.low_wh, -amount))
        return replace(one, high_wh=_raised(one.high_wh, amount))

    yield _of_amount(
        ChangeKind.WIDER_COMFORT,
        bend,
        lambda amount: replace(
            problem,
            thermal_stores=_changed(problem.thermal_stores, bend.subject_id, lambda one: allows(one, amount)),
        ),
    )


def _of_amount(kind: ChangeKind, bend: Bend, made: Callable[[float], Problem]) -> Proposal:
    """Return a proposal of just what was bent, rounded up."""
    parts = math.ceil(bend.amount / _PART_WH)
    return Proposal(kind=kind, subject_id=bend.subject_id, made=made, part=_PART_WH, least=parts, most=parts)


def _leave_event(problem: Problem, bend: Bend) -> Iterator[Proposal]:  # noqa: ARG001 # a maker takes both
    for name in [one.commitment_id for one in problem.commitments]:
        yield Proposal(kind=ChangeKind.LEAVE_EVENT, subject_id=name, made=_without_promise(problem, name))
    for name in [one.limit_id for one in problem.meter_limits if one.owner is LimitOwner.EVENT]:
        yield Proposal(kind=ChangeKind.LEAVE_EVENT, subject_id=name, made=_without_limit(problem, name))


def _without_promise(problem: Problem, name: str) -> Callable[[float], Problem]:
    # Free in all steps, so that the matrix is the same.
    free, below = (math.inf,) * len(problem.grid), (-math.inf,) * len(problem.grid)
    left = tuple(
        replace(one, upper_w=free, lower_w=below) if one.commitment_id == name else one
        for one in problem.commitments
    )
    return _just(replace(problem, commitments=left))


def _without_limit(problem: Problem, name: str) -> Callable[[float], Problem]:
    kept = tuple(one for one in problem.meter_limits if one.limit_id != name)
    return _just(replace(problem, meter_limits=kept))


def _just(problem: Problem) -> Callable[[float], Problem]:
    return lambda _: problem


def _charge_from_grid(problem: Problem, bend: Bend) -> Iterator[Proposal]:  # noqa: ARG001 # a maker takes both
    for name in [one.device_id for one in problem.batteries if not one.may_import]:
        allowed = _with_battery(problem, name, lambda one: replace(one, may_import=True))
        yield Proposal(kind=ChangeKind.CHARGE_FROM_GRID, subject_id=name, made=_just(allowed))


def _higher_limit(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    """Yield limits that may be higher; a fuse at the meter with all of its phases, as one is built in."""
    own = bend.wish in (BentWish.IMPORT_LIMIT, BentWish.EXPORT_LIMIT, BentWish.CIRCUIT_LIMIT)
    at_meter = [one.limit_id for one in problem.meter_limits if one.owner in _NEGOTIABLE]
    at_circuits = [
        one.limit_id
        for one in problem.circuit_limits
        if one.owner in _NEGOTIABLE and not any(_is_phase(one.limit_id, whole) for whole in at_meter)
    ]
    for name in (*at_meter, *at_circuits):
        if not own or name == bend.subject_id or _is_phase(bend.subject_id, name):
            yield Proposal(
                kind=ChangeKind.HIGHER_LIMIT,
                subject_id=name,
                made=_with_higher_limit(problem, name),
                part=_PART_W,
                most=int(_MOST_RAISED_W / _PART_W),
            )


_OF_LIMITS: tuple[_Maker, ...] = (_leave_event, _higher_limit)
_MAKERS: Mapping[BentWish, tuple[_Maker, ...]] = {
    BentWish.READY_BY: (_later, _less_energy, _leave_event, _charge_from_grid, _higher_limit),
    BentWish.SLOWED: _OF_LIMITS,
    BentWish.PROGRAMME: (_programme_later, *_OF_LIMITS),
    BentWish.RESERVE: (_lower_reserve, _charge_from_grid, *_OF_LIMITS),
    BentWish.TOO_COLD: (_wider_comfort, *_OF_LIMITS),
    BentWish.TOO_HOT: (_wider_comfort, *_OF_LIMITS),
    BentWish.COMMITMENT: (_leave_event, _charge_from_grid, _higher_limit),
    BentWish.IMPORT_LIMIT: _OF_LIMITS,
    BentWish.EXPORT_LIMIT: _OF_LIMITS,
    BentWish.CIRCUIT_LIMIT: _OF_LIMITS,
}


class _Device(Protocol):
    @property
    def device_id(self) -> str: ...


def _changed[D: _Device](devices: tuple[D, ...], device_id: str, change: Callable[[D], D]) -> tuple[D, ...]:
    return tuple(change(one) if one.device_id == device_id else one for one in devices)


def _with_consumer(problem: Problem, device_id: str, change: Callable[[Consumer], Consumer]) -> Problem:
    return replace(problem, consumers=_changed(problem.consumers, device_id, change))


def _with_battery(problem: Problem, device_id: str, change: Callable[[Battery], Battery]) -> Problem:
    return replace(problem, batteries=_changed(problem.batteries, device_id, change))


def _with_higher_limit(problem: Problem, name: str) -> Callable[[float], Problem]:
    def made(by_w: float) -> Problem:
        return replace(
            problem,
            meter_limits=tuple(
                replace(one, import_w=_raised(one.import_w, by_w), export_w=_raised(one.export_w, by_w))
                if one.limit_id == name
                else one
                for one in problem.meter_limits
            ),
            circuit_limits=tuple(
                _with_higher_ends(one, problem, name, by_w)
                if one.limit_id == name or _is_phase(one.limit_id, name)
                else one
                for one in problem.circuit_limits
            ),
        )

    return made


def _is_phase(limit_id: str, of: str) -> bool:
    """Return whether a limit is one phase (``main.l2``) of what another limits as a whole (``main``)."""
    return limit_id.startswith(f"{of}.l")


def _with_higher_ends(one: CircuitLimit, problem: Problem, name: str, by_w: float) -> CircuitLimit:
    """Return a circuit's limit that is higher; a phase by its part of the whole."""
    by = np.full(len(one.upper_w), by_w)
    for whole in problem.meter_limits:
        if whole.limit_id == name:
            upper_w, whole_w = np.array(one.upper_w), np.array(whole.import_w)
            parts = np.divide(upper_w, whole_w, out=np.ones_like(by), where=whole_w > 0.0)
            by *= np.clip(parts, 0.0, 1.0)
    return replace(
        one,
        upper_w=tuple((one.upper_w + by).tolist()),
        lower_w=tuple((one.lower_w - by).tolist()),
    )


def _raised(series: Series, by: float) -> Series:
    return tuple(each + by for each in series)


def _quarters_left(problem: Problem, step: int) -> int:
    """Return how many quarter-hours a deadline may be later, within the plan and half a day."""
    bounds = problem.grid.bounds()
    left_s = (bounds[-1] - bounds[min(max(step, 0), len(bounds) - 1)]).total_seconds()
    return int(min(_LATEST_S, left_s) // _PART_S)


def _step_after(problem: Problem, step: int, later_s: float) -> int:
    """Return the step that begins no later than so long after the beginning of another."""
    bounds = problem.grid.bounds()
    until = bounds[min(max(step, 0), len(bounds) - 1)] + timedelta(seconds=later_s)
    return sum(bound <= until for bound in bounds) - 1

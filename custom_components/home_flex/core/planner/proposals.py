"""What may be changed when a wish is bent: for each kind of wish, what is worth trying, in its order."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from .bending import Bend, BentWish
from .problem import Consumer, LimitOwner, Problem, Series

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
    for one in problem.consumers:
        if one.device_id == bend.subject_id:
            most = int(min(_LATEST_S, _until_end_s(problem, one.ready_step)) // _PART_S)

            def made(amount: float, one: Consumer = one) -> Problem:
                ready = _step_after(problem, one.ready_step, amount)
                stays = tuple(may or one.ready_step <= at < ready for at, may in enumerate(one.available))
                return _with_consumer(problem, replace(one, ready_step=ready, available=stays))

            if most >= 1:
                yield Proposal(
                    kind=ChangeKind.LATER, subject_id=one.device_id, made=made, part=_PART_S, most=most
                )


def _programme_later(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    for one in problem.appliances:
        if one.device_id == bend.subject_id:
            most = int(min(_LATEST_S, _until_end_s(problem, one.latest_end_step)) // _PART_S)

            def made(amount: float, device_id: str = one.device_id) -> Problem:
                return replace(
                    problem,
                    appliances=tuple(
                        replace(each, latest_end_step=_step_after(problem, each.latest_end_step, amount))
                        if each.device_id == device_id
                        else each
                        for each in problem.appliances
                    ),
                )

            if most >= 1:
                yield Proposal(
                    kind=ChangeKind.LATER, subject_id=one.device_id, made=made, part=_PART_S, most=most
                )


def _less_energy(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    for one in problem.consumers:
        if one.device_id == bend.subject_id:

            def made(amount: float, one: Consumer = one) -> Problem:
                return _with_consumer(problem, replace(one, need_wh=max(one.need_wh - amount, 0.0)))

            yield Proposal(
                kind=ChangeKind.LESS_ENERGY,
                subject_id=one.device_id,
                made=made,
                part=_PART_WH,
                least=math.ceil(bend.amount / _PART_WH),
                most=math.ceil(one.need_wh / _PART_WH),
            )


def _lower_reserve(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    def made(amount: float) -> Problem:
        return replace(
            problem,
            batteries=tuple(
                replace(one, reserve_wh=max(one.reserve_wh - amount, 0.0))
                if one.device_id == bend.subject_id
                else one
                for one in problem.batteries
            ),
        )

    least = math.ceil(bend.amount / _PART_WH)
    yield Proposal(
        kind=ChangeKind.LOWER_RESERVE,
        subject_id=bend.subject_id,
        made=made,
        part=_PART_WH,
        least=least,
        most=least,
    )


def _wider_comfort(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    is_cold = bend.wish is BentWish.TOO_COLD

    def made(amount: float) -> Problem:
        return replace(
            problem,
            thermal_stores=tuple(
                replace(
                    one,
                    low_wh=_raised(one.low_wh, -amount if is_cold else 0.0),
                    high_wh=_raised(one.high_wh, 0.0 if is_cold else amount),
                )
                if one.device_id == bend.subject_id
                else one
                for one in problem.thermal_stores
            ),
        )

    least = math.ceil(bend.amount / _PART_WH)
    yield Proposal(
        kind=ChangeKind.WIDER_COMFORT,
        subject_id=bend.subject_id,
        made=made,
        part=_PART_WH,
        least=least,
        most=least,
    )


def _leave_event(problem: Problem, bend: Bend) -> Iterator[Proposal]:  # noqa: ARG001 # a maker takes both
    for promise in problem.commitments:

        def without(_: float, name: str = promise.commitment_id) -> Problem:
            # Free in all steps, so that the matrix is the same.
            free = (math.inf,) * len(problem.grid)
            return replace(
                problem,
                commitments=tuple(
                    replace(one, upper_w=free, lower_w=_negative(free)) if one.commitment_id == name else one
                    for one in problem.commitments
                ),
            )

        yield Proposal(kind=ChangeKind.LEAVE_EVENT, subject_id=promise.commitment_id, made=without)
    for limit in problem.meter_limits:
        if limit.owner is LimitOwner.EVENT:

            def unlimited(_: float, name: str = limit.limit_id) -> Problem:
                kept = tuple(one for one in problem.meter_limits if one.limit_id != name)
                return replace(problem, meter_limits=kept)

            yield Proposal(kind=ChangeKind.LEAVE_EVENT, subject_id=limit.limit_id, made=unlimited)


def _charge_from_grid(problem: Problem, bend: Bend) -> Iterator[Proposal]:  # noqa: ARG001 # a maker takes both
    for battery in problem.batteries:
        if not battery.may_import:

            def made(_: float, name: str = battery.device_id) -> Problem:
                return replace(
                    problem,
                    batteries=tuple(
                        replace(one, may_import=True) if one.device_id == name else one
                        for one in problem.batteries
                    ),
                )

            yield Proposal(kind=ChangeKind.CHARGE_FROM_GRID, subject_id=battery.device_id, made=made)


def _higher_limit(problem: Problem, bend: Bend) -> Iterator[Proposal]:
    names = [
        one.limit_id for one in (*problem.meter_limits, *problem.circuit_limits) if one.owner in _NEGOTIABLE
    ]
    if bend.wish in (BentWish.IMPORT_LIMIT, BentWish.EXPORT_LIMIT, BentWish.CIRCUIT_LIMIT):
        names = [name for name in names if name == bend.subject_id]
    for name in names:

        def made(amount: float, name: str = name) -> Problem:
            return _with_higher_limit(problem, name, amount)

        yield Proposal(
            kind=ChangeKind.HIGHER_LIMIT,
            subject_id=name,
            made=made,
            part=_PART_W,
            most=int(_MOST_RAISED_W / _PART_W),
        )


_OF_LIMITS: tuple[_Maker, ...] = (_leave_event, _higher_limit)
_MAKERS: Mapping[BentWish, tuple[_Maker, ...]] = {
    BentWish.READY_BY: (_later, _less_energy, _leave_event, _charge_from_grid, _higher_limit),
    BentWish.PROGRAMME: (_programme_later, *_OF_LIMITS),
    BentWish.RESERVE: (_lower_reserve, _charge_from_grid, *_OF_LIMITS),
    BentWish.TOO_COLD: (_wider_comfort, *_OF_LIMITS),
    BentWish.TOO_HOT: (_wider_comfort, *_OF_LIMITS),
    BentWish.COMMITMENT: (_leave_event, _charge_from_grid, _higher_limit),
    BentWish.IMPORT_LIMIT: _OF_LIMITS,
    BentWish.EXPORT_LIMIT: _OF_LIMITS,
    BentWish.CIRCUIT_LIMIT: _OF_LIMITS,
}


def _with_consumer(problem: Problem, changed: Consumer) -> Problem:
    return replace(
        problem,
        consumers=tuple(changed if one.device_id == changed.device_id else one for one in problem.consumers),
    )


def _with_higher_limit(problem: Problem, limit_id: str, by_w: float) -> Problem:
    return replace(
        problem,
        meter_limits=tuple(
            replace(one, import_w=_raised(one.import_w, by_w), export_w=_raised(one.export_w, by_w))
            if one.limit_id == limit_id
            else one
            for one in problem.meter_limits
        ),
        circuit_limits=tuple(
            replace(one, upper_w=_raised(one.upper_w, by_w), lower_w=_raised(one.lower_w, -by_w))
            if one.limit_id == limit_id
            else one
            for one in problem.circuit_limits
        ),
    )


def _raised(series: Series, by: float) -> Series:
    return tuple(each + by for each in series)


def _negative(series: Series) -> Series:
    return tuple(-each for each in series)


def _until_end_s(problem: Problem, step: int) -> float:
    bounds = problem.grid.bounds()
    return (bounds[-1] - bounds[min(max(step, 0), len(bounds) - 1)]).total_seconds()


def _step_after(problem: Problem, step: int, later_s: float) -> int:
    """Return the step that begins no later than so long after the beginning of another."""
    bounds = problem.grid.bounds()
    until = bounds[min(max(step, 0), len(bounds) - 1)] + timedelta(seconds=later_s)
    return sum(bound <= until for bound in bounds) - 1

"""A plan as it is shown: of each device what it does now, until when, why, and what comes next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from ...core.forecast import Quality
from ...core.planner.bending import Bend, LeftOut, LeftOutCode
from ...core.planner.choice import Choice
from ...core.planner.offer import Direction
from ...core.planner.plan import DevicePlan, IntentKind, Plan, PlanStatus
from ...core.planner.reason import Reason
from ...core.planner.smallest_change import Change
from .measured import LOAD
from .outlook import Outlook


class ReasonSince(NamedTuple):
    """A reason, and since when it is that of what a device does."""

    start: datetime
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Steps in a row in which a device does one thing, at first for ``reason``.

    ``power_w`` is the mean, positive = consumption; ``later_reasons``: for what other reasons it goes on.
    """

    start: datetime
    end: datetime
    kind: IntentKind
    power_w: float
    reason: Reason | None
    later_reasons: tuple[ReasonSince, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecastView:
    """Which forecast is in use, and how it did in the last weeks (None: not measured yet).

    ``rejected``: those that are not used, as they did worse than "like yesterday".
    A quality's ``bias_w`` is above 0 when more came than was expected.
    """

    source: str
    quality: Quality | None
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """What the plan has for a device: what it does now, and what comes ``then`` (None: nothing else).

    ``worth_per_kwh`` is what a stored kWh is worth now, None for what stores nothing; ``forecast`` that of
    what the device gives or draws.
    """

    now: Stretch
    then: Stretch | None = None
    worth_per_kwh: float | None = None
    forecast: ForecastView | None = None


class WaysOut(NamedTuple):
    """What a plan bent, and the changes that would make it possible; None where nobody looked yet."""

    bend: Bend
    changes: tuple[Change, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanView:
    """The plan that is there: when it was made, what it is, and what it costs until ``until``.

    ``left_out``: what of the input it could not use. ``cost_today``: what is bought less what is sold until
    midnight, by the home's clock.
    ``load_forecast``: that of the house, None where nothing was measured yet. ``flexibility_w``: what is
    offered now, up and down, empty while that is not reckoned; ``choices``: what announced events cost.
    ``bent``: what it could not keep, and the changes that would make it possible.
    """

    made_at: datetime
    until: datetime
    status: PlanStatus
    cost: float
    is_followed: bool
    load_forecast: ForecastView | None = None
    flexibility_w: Mapping[Direction, float] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    bent: tuple[WaysOut, ...] = ()
    prices_guessed_from: datetime | None = None
    cost_today: float | None = None
    left_out: tuple[LeftOut, ...] = ()


def forecasts_of(outlook: Outlook) -> dict[str, ForecastView]:
    """Return the forecasts in use by ``measured.LOAD`` or the device that they are of."""
    load = {} if outlook.load is None else {LOAD: outlook.load}
    return {
        key: ForecastView(
            source=each.source, quality=outlook.qualities.get(key), rejected=outlook.rejected.get(key, ())
        )
        for key, each in {**load, **outlook.loads, **outlook.production}.items()
    }


def with_poor_forecasts(plan: Plan, outlook: Outlook) -> Plan:
    """Return a plan that also says of what no forecast was better than "like yesterday"."""
    told = tuple(
        LeftOut(code=LeftOutCode.LOAD_UNFORESEEN)
        if key == LOAD
        else LeftOut(code=LeftOutCode.DEVICE_UNFORESEEN, subject_id=key)
        for key in outlook.by_yesterday
    )
    return replace(plan, left_out=(*plan.left_out, *told)) if told else plan


def stretches(plan: Plan, device: DevicePlan) -> Iterator[Stretch]:
    """Yield what a device does, one stretch after the other."""
    bounds, lengths_h = plan.grid.bounds(), plan.grid.lengths_h
    first = 0
    for index in range(1, len(bounds)):
        if index < len(device.intents) and device.intents[index].kind is device.intents[first].kind:
            continue
        hours = sum(lengths_h[first:index])
        energy_wh = sum(
            power_w * length_h
            for power_w, length_h in zip(device.power_w[first:index], lengths_h[first:index], strict=True)
        )
        yield Stretch(
            start=bounds[first],
            end=bounds[index],
            kind=device.intents[first].kind,
            power_w=energy_wh / hours,
            reason=device.reasons[first] if device.reasons else None,
            later_reasons=tuple(_later_reasons(bounds, device.reasons, first, index)),
        )
        first = index


def _later_reasons(
    bounds: Sequence[datetime], reasons: Sequence[Reason], first: int, end: int
) -> Iterator[ReasonSince]:
    """Yield each reason that is another than in the step before; its numbers alone make no other."""
    for index in range(first + 1, min(end, len(reasons))):
        before, reason = reasons[index - 1], reasons[index]
        if (reason.code, reason.subject) != (before.code, before.subject):
            yield ReasonSince(start=bounds[index], reason=reason)


def planned(plan: Plan, device_id: str, now: datetime, does: Sequence[Stretch]) -> Planned | None:
    """Return what the plan has for a device at ``now``; None outside the plan, and of an unknown device.

    What it does now has the reason of this step. ``does``: its ``stretches``, which are the same as long as
    the plan is.
    """
    device, index = plan.devices.get(device_id), plan.grid.index_at(now)
    if device is None or index is None:
        return None
    ahead = [each for each in does if each.end > now]
    return Planned(
        now=replace(ahead[0], reason=device.reasons[index]) if device.reasons else ahead[0],
        then=ahead[1] if len(ahead) > 1 else None,
        worth_per_kwh=None if device.worth_per_kwh is None else device.worth_per_kwh[index],
    )

"""Runs a rehearsal: the real dispatch, intake, watch and settlement, on a scratch store and clock."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..flexibility.calls_in_parts import issue_waiting
from ..flexibility.delivering import delivery
from ..flexibility.direction import kilo, kilos
from ..flexibility.dispatching import announce, chosen
from ..flexibility.history import proven_by
from ..flexibility.needs import NewDispatch, Wanted
from ..flexibility.told import read_offer
from ..flexibility.watching import Watch
from ..hub import Hub
from ..openadr.issuing import Issuing
from ..settlement.closing import close
from ..store import Store
from ..store.audit import SYSTEM
from ..store.tables import Dispatch, OutgoingMessage, SettlementLine
from ..web import Problem
from ..wire.intake import Intake
from ..wire.leading import Leading
from ..wire.mqtt5 import Message
from .copied_homes import Called, Copy, Habit
from .forecasts import forecasts_of
from .scratch import fill, scratch

_STEP: Final = timedelta(minutes=1)
_PREFIX: Final = "rehearsal"
# Each minute of each copy is reckoned: 2,000 homes for four hours.
MOST_HOMES: Final = 2000
MOST_HOME_MINUTES: Final = 480_000
# Homes are told so long before the event.
_BEFORE: Final = timedelta(minutes=30)
# Of a home without a past: what is believed of it until it has one.
_NEW: Final = Habit(takes_part=0.95, share=0.9, deviation=0.1)


@dataclass(kw_only=True)
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(kw_only=True)
class _Stage:
    """The scratch hub, its homes, and the events that have come to them."""

    hub: Hub
    clock: _Clock
    issuing: Issuing
    intake: Intake
    copies: Mapping[str, Copy]
    events: dict[str, list[Called]] = field(default_factory=lambda: defaultdict(list))
    seen: int = 0

    async def step(self, dispatch_id: str) -> None:
        """Let events arrive, homes answer and measure, and the watch look."""
        now = self.clock()
        reports = [
            (ven_id, self.copies[ven_id].answers(event, now)) for ven_id, event in await self._arrived()
        ]
        reports += [
            (ven_id, self.copies[ven_id].measures(event, now))
            for ven_id, events in self.events.items()
            for event in events
            if event.start <= now
        ]
        await self.take(reports)
        await Watch(issuing=self.issuing).look(dispatch_id)

    async def take(self, reports: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Let reports in as from the broker."""
        await self.intake.take(
            [
                Message(f"{_PREFIX}/vens/{ven_id}/reports/create", json.dumps(report).encode(), 1, ())
                for ven_id, report in reports
            ]
        )

    async def _arrived(self) -> list[tuple[str, Called]]:
        query = select(OutgoingMessage).where(OutgoingMessage.number > self.seen)
        async with self.hub.store.reading() as session:
            rows = list(await session.scalars(query.order_by(OutgoingMessage.number)))
        found = []
        for row in rows:
            self.seen = row.number
            if row.topic.endswith("/create"):
                event = Called.by(json.loads(row.payload)["object"])
                self.events[row.ven_id].append(event)
                found.append((row.ven_id, event))
        return found


async def rehearse(hub: Hub, wanted: NewDispatch, *, seed: int) -> dict[str, Any]:
    """Return what a dispatch would bring, and who. Nothing of it is stored or sent. Raises Problem.

    Each home's copy offers what the home forecast last, of the same time of day where that is another day.
    """
    now = hub.clock()
    need = wanted.wanted(now)
    clock = _Clock(now=need.span.start - _BEFORE)
    async with scratch() as store:
        async with hub.store.reading() as session:
            forecasts = await forecasts_of(session, now, need, clock())
            _require_bounded(len(forecasts), need)
            await fill(store, session, now)
            habits = await _habits(session, now, sorted(forecasts))
        stage = await _staged(hub, store, clock, forecasts, habits, seed=seed)
        made = await _run(stage, need)
        return await _outcome(stage, made, now)


def _require_bounded(homes: int, need: Wanted) -> None:
    """Raise Problem 409 for more than a worker can reckon beside its other work."""
    if homes > MOST_HOMES:
        detail = f"A rehearsal copies {MOST_HOMES} homes at most: choose a group."
        raise Problem(HTTPStatus.CONFLICT, "too-many-homes", detail)
    if homes * ((need.span.end - need.span.start) // _STEP) > MOST_HOME_MINUTES:
        detail = f"A rehearsal reckons {MOST_HOME_MINUTES} minutes of homes at most: choose fewer or less."
        raise Problem(HTTPStatus.CONFLICT, "too-long", detail)


async def _staged(
    hub: Hub,
    store: Store,
    clock: _Clock,
    forecasts: Mapping[str, Mapping[str, Any]],
    habits: Mapping[str, Habit],
    *,
    seed: int,
) -> _Stage:
    settings = replace(hub.settings, mqtt_url="mqtt://rehearsal", mqtt_prefix=_PREFIX)
    scratch_hub = replace(hub, store=store, clock=clock, settings=settings)
    leading = Leading(store=store, holder="rehearsal", lease_s=0)
    await leading.wait()
    offers = {
        ven_id: read_offer(ven_id, clock(), json.dumps(report).encode())
        for ven_id, report in forecasts.items()
    }
    stage = _Stage(
        hub=scratch_hub,
        clock=clock,
        issuing=Issuing(hub=scratch_hub, tell=()),
        intake=Intake(store=store, leading=leading, prefix=_PREFIX, clock=clock),
        copies={
            ven_id: Copy(ven_id=ven_id, offer=offer, habit=habits[ven_id], seed=seed)
            for ven_id, offer in offers.items()
            if offer is not None
        },
    )
    await stage.take(list(forecasts.items()))
    return stage


async def _run(stage: _Stage, need: Wanted) -> Dispatch:
    async with stage.hub.store.writing() as session:
        choice = await chosen(session, stage.clock(), need)
        made = await announce(session, stage.issuing, need, choice, actor=SYSTEM)
    await issue_waiting(stage.issuing, made.id)
    while stage.clock() < need.span.end:
        await stage.step(made.id)
        stage.clock.now += _STEP
    at = stage.clock()
    await stage.take(
        [
            (ven_id, stage.copies[ven_id].settles(event, at))
            for ven_id, events in stage.events.items()
            for event in events
        ]
    )
    return made


async def _outcome(stage: _Stage, made: Dispatch, now: datetime) -> dict[str, Any]:
    async with stage.hub.store.writing() as session:
        made = await session.get_one(Dispatch, made.id)
        found = await delivery(session, stage.clock(), made)
        closing = await close(session, stage.clock(), made, actor=SYSTEM)
        lines = {line.ven_id: line for line in closing.lines}
    hours = made.interval_s / 3600
    return {
        "at": now,
        "start": made.starts_at,
        "end": made.ends_at,
        "direction": made.direction,
        "homes_offering": len(stage.copies),
        "homes_called": len(found.homes),
        "rounds": made.round,
        "need_kw": kilos(made.figures["need_w"]),
        "expected_kw": kilos(made.figures["expected_w"]),
        "needed_kwh": kilo(sum(made.figures["need_w"]) * hours),
        "delivered_kwh": kilo(closing.settlement.delivered_wh),
        "amount": f"{closing.settlement.amount / 100:.2f}",
        "currency": made.currency,
        "by_home": [
            {
                "ven_id": home.row.ven_id,
                "name": home.name,
                "feeder": home.feeder,
                "called_kwh": kilo(home.row.called_wh),
                "delivered_kwh": kilo(_delivered_wh(lines[home.row.ven_id])),
                "took_part": not home.is_out,
                "round": home.row.round,
            }
            for home in found.homes
        ],
    }


def _delivered_wh(line: SettlementLine) -> int:
    return line.delivered_wh or 0


async def _habits(session: AsyncSession, now: datetime, ven_ids: Sequence[str]) -> dict[str, Habit]:
    known = await proven_by(session, now, ven_ids)
    lines = (await session.execute(select(SettlementLine.ven_id, SettlementLine.state))).tuples().all()
    times: dict[str, list[bool]] = defaultdict(list)
    for ven_id, state in lines:
        times[ven_id].append(state != "left")
    return {
        ven_id: _NEW
        if ven_id not in times
        else Habit(
            # As if it had been asked once before, and came.
            takes_part=(sum(times[ven_id]) + 1) / (len(times[ven_id]) + 1),
            share=float(known.share[place]),
            deviation=float(known.variance[place]) ** 0.5,
        )
        for place, ven_id in enumerate(ven_ids)
    }

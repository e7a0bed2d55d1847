"""What comes of a dispatch while it runs: by the homes' own meters against their own baselines, or unknown.

Nothing is counted because it was sent. A home that is silent delivers nothing that is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..store.tables import DeliverySample, Dispatch, DispatchedHome, Home
from .direction import Direction, kilo
from .dispatched import withdrawn
from .reported import MEASURED, SETTLED, STATES, Reported, Standing, is_silent, newest_of

# A home measures every ten seconds while it is called; of many events at once less often.
SILENT_AFTER: Final = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeDelivery:
    """A called home: what it said, and what its meter says. W and Wh, in the direction that is asked for."""

    row: DispatchedHome
    name: str
    feeder: str | None
    standing: Standing
    status: str | None
    delivered_w: int | None
    delivered_wh: int | None
    baseline_kw: float | None
    demand_kw: float | None
    told_at: datetime | None

    @property
    def is_out(self) -> bool:
        """Whether it takes no part: others are to make up for it."""
        return self.standing in {Standing.LEFT, Standing.REFUSED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """All of a dispatch at a moment. ``called_w`` and ``needed_w``: 0 before and after it."""

    at: datetime
    homes: Sequence[HomeDelivery]
    needed_w: int
    called_w: int

    @property
    def delivered_w(self) -> int | None:
        """What is known to come now; None where nobody told anything."""
        known = [home.delivered_w for home in self.homes if home.delivered_w is not None]
        return sum(known) if known else None

    @property
    def delivered_wh(self) -> int | None:
        """What is known to have come in all."""
        known = [home.delivered_wh for home in self.homes if home.delivered_wh is not None]
        return sum(known) if known else None


async def delivery(session: AsyncSession, now: datetime, made: Dispatch) -> Delivery:
    """Return what comes of a dispatch, from what homes have reported until now."""
    query = (
        select(DispatchedHome, Home.name, Home.feeder)
        .join(Home)
        .where(DispatchedHome.dispatch_id == made.id, DispatchedHome.event_id.is_not(None))
        .order_by(DispatchedHome.rank, DispatchedHome.ven_id)
    )
    rows = (await session.execute(query)).all()
    states = await newest_of(session, made, STATES)
    measured = await newest_of(session, made, (*MEASURED, *SETTLED))
    gone = await withdrawn(session, now, made)
    interval = current_interval(made, now)
    homes = [
        _home(now, made, row, (name, feeder), states.get(row.ven_id), measured.get(row.ven_id))
        for row, name, feeder in rows
    ]
    homes = [replace(home, standing=Standing.LEFT) if home.row.ven_id in gone else home for home in homes]
    called_w = 0
    if interval is not None:
        called_w = sum(home.row.called_w[interval] for home in homes if home.row.state == "called")
    return Delivery(
        at=now,
        homes=homes,
        needed_w=0 if interval is None else made.figures["need_w"][interval],
        called_w=called_w,
    )


def current_interval(made: Dispatch, now: datetime) -> int | None:
    """Return the interval of a dispatch that a moment lies in, None before and after it."""
    if not made.starts_at <= now < made.ends_at:
        return None
    return int((now - made.starts_at).total_seconds()) // made.interval_s


async def samples_of(session: AsyncSession, dispatch_id: str) -> list[DeliverySample]:
    """Return what was noted of a dispatch minute by minute."""
    query = (
        select(DeliverySample).where(DeliverySample.dispatch_id == dispatch_id).order_by(DeliverySample.at)
    )
    return list(await session.scalars(query))


def told_of(found: Delivery, made: Dispatch) -> dict[str, Any]:
    """Return what is told of all homes together."""
    homes = [home for home in found.homes if home.row.state == "called"]
    delivering = [home for home in homes if (home.delivered_w or 0) > 0]
    delivered_w = found.delivered_w
    return {
        "dispatch_id": made.id,
        "at": found.at,
        "needed_kw": kilo(found.needed_w),
        "called_kw": kilo(found.called_w),
        "delivered_kw": kilo(delivered_w),
        "delivered_kwh": kilo(found.delivered_wh),
        "expected_kwh": kilo(sum(made.figures["expected_w"]) * made.interval_s / 3600),
        "is_short": found.needed_w > 0 and (delivered_w or 0) < found.needed_w,
        "homes": {
            "called": len(homes),
            "accepted": sum(home.standing is Standing.IN for home in homes),
            "asked": sum(home.standing is Standing.ASKED for home in homes),
            "delivering": len(delivering),
            "silent": sum(home.standing is Standing.SILENT for home in homes),
            "left": sum(home.is_out for home in found.homes),
        },
    }


def told_of_home(home: HomeDelivery, interval: int | None) -> dict[str, Any]:
    """Return what is told of one home."""
    called_w = 0 if interval is None else home.row.called_w[interval]
    return {
        "ven_id": home.row.ven_id,
        "name": home.name,
        "status": home.status,
        "standing": home.standing,
        "called_kw": kilo(called_w),
        "delivered_kw": kilo(home.delivered_w),
        "delivered_kwh": kilo(home.delivered_wh),
        "baseline_kw": home.baseline_kw,
        "demand_kw": home.demand_kw,
        "told_at": home.told_at,
        "left": home.is_out,
    }


def _home(
    now: datetime,
    made: Dispatch,
    row: DispatchedHome,
    known: tuple[str, str | None],
    state: Reported | None,
    measured: Reported | None,
) -> HomeDelivery:
    newest = max((each for each in (state, measured) if each), key=lambda each: each.at, default=None)
    baseline_kw = measured.number("BASELINE") if measured else None
    demand_kw = measured.number("DEMAND") if measured else None
    delta_kwh = measured.number("DELTA_USAGE") if measured else None
    sign = 1 if made.direction == Direction.LESS else -1
    is_running = made.starts_at <= now < made.ends_at and not is_silent(measured, now, SILENT_AFTER)
    return HomeDelivery(
        row=row,
        name=known[0],
        feeder=known[1],
        standing=_standing(state, measured),
        status=newest.text("INSTRUCTION_STATUS") if newest else None,
        delivered_w=round(sign * (baseline_kw - demand_kw) * 1000)
        if is_running and baseline_kw is not None and demand_kw is not None
        else None,
        delivered_wh=None if delta_kwh is None else round(-sign * delta_kwh * 1000),
        baseline_kw=baseline_kw,
        demand_kw=demand_kw,
        told_at=newest.at if newest else None,
    )


def _standing(state: Reported | None, measured: Reported | None) -> Standing:
    if state is None:
        return Standing.SILENT if measured is None else Standing.IN
    return state.standing


def by_ven(found: Delivery) -> Mapping[str, HomeDelivery]:
    """Return the homes of a delivery by their venID."""
    return {home.row.ven_id: home for home in found.homes}

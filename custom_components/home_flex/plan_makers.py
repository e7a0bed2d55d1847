"""What the plan of a site is made with in Home Assistant: its prices, its place, its clock, its executor."""

import time
from collections.abc import Awaitable, Callable, Collection
from decimal import Decimal
from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .core.forecast import Place
from .core.model import Site, TimeGrid
from .core.planner.plan import Plan
from .core.planner.planner import Planner
from .core.planner.problem import Problem, Signals
from .core.signals import Signal, SignalKind, Wanted, fixed
from .history.store import HistoryStore
from .runtime.journal import Journal
from .runtime.planning.forecasting import Outlooks, Sources
from .runtime.planning.measured import DOCUMENT, Measured
from .runtime.planning.prices import planned_signals
from .runtime.planning.service import PlanMakers
from .settings import utc_now


async def async_plan_makers(
    hass: HomeAssistant,
    site: Site,
    store: HistoryStore,
    journal: Journal,
    roofs: Callable[[], Collection[str]],
) -> PlanMakers:
    """Take up what was measured, and return who notes, looks ahead and solves; ``roofs``: the PV devices."""
    measured = Measured(
        await store.get_setting(DOCUMENT), documents=journal, clock=utc_now, monotonic_s=time.monotonic
    )

    def in_executor[T](work: Callable[[], T]) -> Awaitable[T]:
        return hass.async_add_executor_job(work)

    async def signals(grid: TimeGrid) -> Signals:
        return _fixed_prices(site, grid)

    sources = Sources(
        signals=signals,
        roofs=roofs,
        marks=dict,
        zone=dt_util.get_default_time_zone,
        place=partial(_place, hass),
    )
    planner: list[Planner] = []

    def solve(problem: Problem, last: Plan | None) -> Plan:
        # The solver is loaded with the first plan, beside the event loop.
        if not planner:
            planner.append(Planner())
        return planner[0].plan(problem, last)

    async def plans(problem: Problem, last: Plan | None) -> Plan:
        return await in_executor(partial(solve, problem, last))

    return PlanMakers(
        note=measured.note,
        outlook=Outlooks(measured, sources, clock=utc_now, executor=in_executor),
        plans=plans,
    )


def _fixed_prices(site: Site, grid: TimeGrid) -> Signals:
    """Return the prices that were typed with the site; one that was not is not known."""
    buys, sells = (
        _fixed_price(site, grid, kind, price_per_kwh)
        for kind, price_per_kwh in (
            (SignalKind.IMPORT_PRICE, site.import_price_per_kwh),
            (SignalKind.EXPORT_PRICE, site.export_price_per_kwh),
        )
    )
    return planned_signals(grid, buys, sells)


def _fixed_price(site: Site, grid: TimeGrid, kind: SignalKind, price_per_kwh: Decimal | None) -> Signal:
    unit = f"{site.currency}/kWh"
    if price_per_kwh is None:
        return Signal(kind=kind, unit=unit, slots=())
    return fixed(
        price_per_kwh,
        Wanted(kind=kind, unit=unit, start=grid.start, end=grid.end, known_at=grid.start),
    )


def _place(hass: HomeAssistant) -> Place | None:
    """Return where the home stands; None until somebody said so."""
    latitude, longitude = hass.config.latitude, hass.config.longitude
    return Place(latitude_deg=latitude, longitude_deg=longitude) if latitude or longitude else None

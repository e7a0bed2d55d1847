"""What the plan of a site is made with in Home Assistant: its prices, its place, its clock, its executor."""

import time
from collections.abc import Awaitable, Callable
from functools import cache, partial

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .core.forecast import Place
from .core.model import DeviceKind, PvReading, TimeGrid
from .core.planner.bending import Bend
from .core.planner.choice import Choice, Choices, EventAhead
from .core.planner.envelope import Envelopes
from .core.planner.offer import Envelope
from .core.planner.plan import Plan
from .core.planner.planner import Planner
from .core.planner.problem import Problem, Signals
from .core.planner.refine import Refiner
from .core.planner.smallest_change import Change, SmallestChanges
from .core.signals import Signal, SignalKind
from .history.store import HistoryStore
from .holidays import Holidays
from .outside_sun import async_outside_sun
from .runtime.controller import SiteController
from .runtime.journal import Journal
from .runtime.planning.forecasting import Executor, Outlooks, Sources
from .runtime.planning.heat_learning import HEAT, HeatLearner
from .runtime.planning.loads import LOAD_KINDS
from .runtime.planning.measured import DOCUMENT, Measured
from .runtime.planning.one_at_a_time import OneAtATime
from .runtime.planning.prices import planned_signals
from .runtime.planning.service import PlanMakers
from .settings import utc_now
from .site_prices import SitePrices


async def async_plan_makers(
    hass: HomeAssistant,
    prices: SitePrices,
    store: HistoryStore,
    journal: Journal,
    site: Callable[[], SiteController],
) -> PlanMakers:
    """Take up what was measured, and return who notes, looks ahead and solves; ``site`` is asked later."""
    measured = Measured(
        await store.get_setting(DOCUMENT), documents=journal, clock=utc_now, monotonic_s=time.monotonic
    )

    def in_executor[T](work: Callable[[], T]) -> Awaitable[T]:
        return hass.async_add_executor_job(work)

    sources = Sources(
        signals=partial(_signals, prices),
        peaks=prices.peaks,
        roofs=lambda: _roofs(site()),
        loads=lambda: [key for key, slot in site().slots.items() if slot.kind in LOAD_KINDS],
        chargers=lambda: [key for key, slot in site().slots.items() if slot.kind is DeviceKind.EV_CHARGER],
        wishes=lambda: site().wishes.wishes.site,
        holidays=Holidays(hass),
        outside=partial(async_outside_sun, hass),
        zone=dt_util.get_default_time_zone,
        place=partial(_place, hass),
    )
    # The solver is loaded with the first plan, beside the event loop.
    planner, in_turn = cache(Planner), OneAtATime(in_executor)

    async def plans(problem: Problem, last: Plan | None) -> Plan:
        return await in_turn(lambda: planner().plan(problem, last))

    return PlanMakers(
        note=measured.note,
        learn=measured.learn,
        outlook=Outlooks(measured, sources, clock=utc_now, executor=in_executor),
        plans=plans,
        reckons=_Reckons(in_executor),
        heat=HeatLearner(await store.get_setting(HEAT), documents=journal),
    )


class _Reckons:
    """What might be, reckoned in the executor with models of its own, one question at a time."""

    def __init__(self, in_executor: Executor) -> None:
        self._in_turn = OneAtATime(in_executor)
        self._planner = cache(Planner)
        self._envelopes = cache(Envelopes)
        self._choices = cache(Choices)
        self._changes = cache(SmallestChanges)
        self._refiner = cache(Refiner)

    async def plan(self, problem: Problem) -> Plan:
        return await self._in_turn(lambda: self._planner().plan(problem))

    async def refined(self, problem: Problem, plan: Plan) -> Plan:
        return await self._in_turn(lambda: self._refiner().refined(problem, plan))

    async def envelope(self, problem: Problem, plan: Plan) -> Envelope:
        return await self._in_turn(lambda: self._envelopes().envelope(problem, plan))

    async def choice(self, problem: Problem, event: EventAhead, plan: Plan) -> Choice:
        return await self._in_turn(lambda: self._choices().choice(problem, event, plan))

    async def changes(self, problem: Problem, plan: Plan, bend: Bend) -> tuple[Change, ...]:
        return await self._in_turn(lambda: self._changes().of(problem, plan, bend))


def _roofs(site: SiteController) -> dict[str, float]:
    """Return what each PV device gives at most in W, as far as it was read."""
    read = {key: slot.reading for key, slot in site.slots.items()}
    return {key: one.rated_power_w for key, one in read.items() if isinstance(one, PvReading)}


def _signals(prices: SitePrices, grid: TimeGrid) -> Signals:
    """Return what a kWh costs, brings and emits on a grid; what is not known is a hole."""

    def told(kind: SignalKind) -> Signal:
        return prices.signal(kind, grid.start, grid.end)

    has_carbon = SignalKind.CARBON_INTENSITY in prices.tariffs.contracts
    return planned_signals(
        grid,
        told(SignalKind.IMPORT_PRICE),
        told(SignalKind.EXPORT_PRICE),
        told(SignalKind.CARBON_INTENSITY) if has_carbon else None,
    )


def _place(hass: HomeAssistant) -> Place | None:
    """Return where the home stands; None until somebody said so."""
    latitude, longitude = hass.config.latitude, hass.config.longitude
    return Place(latitude_deg=latitude, longitude_deg=longitude) if latitude or longitude else None

"""The plan at run time: made anew when what it depends on changed, and held until the next one is there.

Nothing waits for it: control reads the plan that is there, and goes by its own rules where there is none.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from ...core.control.demand import Demand
from ...core.control.state import DeviceState, PowerBalance
from ...core.kinds.heat_pump import HeatPumpReading
from ...core.kinds.water_heater import WaterHeaterReading
from ...core.model import QUARTER_HOUR_S, Site, TimeGrid, floor, tiers
from ...core.planner.choice import Choice
from ...core.planner.plan import Plan
from ...core.planner.problem import Problem
from ...core.settlement.tally import PlannedStep
from ...core.wishes import Wishes
from ..seldom import SeldomWarnings
from .alternatives import AlternativeService
from .asking import Home, problem_of
from .behind import behind_of
from .changes import ChangeService
from .heat_learning import HeatLearner
from .load_steering import load_demands
from .made import MadePlan, stretches_of
from .measured import LOAD
from .noted import noted
from .offers import MadeOffers, OfferService, Reckons, offers_now
from .outlook import Outlook
from .planned_steps import planned_steps
from .showing import Planned, PlanView, forecasts_of, planned, with_poor_forecasts
from .simulating import Difference, WhatIf, changed
from .steering import planned_demands, steered

_LOGGER = logging.getLogger(__name__)

# Several changes at once are planned for together.
DEBOUNCE_S: Final = 5.0
# Prices and forecasts change by the quarter-hour.
_QUARTER = timedelta(seconds=QUARTER_HOUR_S)
# A plan may take this long, with all error paths, before it is said to have failed.
SOLVE_TIMEOUT_S: Final = 60.0


class Plans(Protocol):
    """Solves off the event loop; ``last`` is the plan before, which a new one does not leave without need."""

    async def __call__(self, problem: Problem, last: Plan | None) -> Plan:
        """Return a plan; there always is one."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanMakers:
    """Who notes powers, says what is expected over a grid (it may wait, bounded), solves, and reckons.

    ``note`` is told each second what the house draws besides its devices (``measured.LOAD``), and what each
    PV device gives and each load draws (0 or more), in W, and whether each charger has a car; ``learn`` the
    same of past half-hours (since 1970) that are known from elsewhere; ``heat`` learns from heaters.
    """

    note: Callable[[Mapping[str, float | None]], None]
    learn: Callable[[Mapping[str, Mapping[int, float]]], None]
    outlook: Callable[[TimeGrid], Awaitable[Outlook]]
    plans: Plans
    reckons: Reckons
    heat: HeatLearner


class PlanService:
    """Holds the plan of a site. ``run`` makes it anew; ``look`` tells it each second what it depends on.

    ``reckon`` makes what belongs beside it: a better plan where there may be one, ``changes`` and ``offers``;
    ``alternatives`` are reckoned when asked. ``home`` gives the home as it is now; ``on_plan`` is called
    after each new plan, ``on_offers`` with what is offered anew.
    """

    def __init__(
        self,
        *,
        site: Site,
        home: Callable[[], Home],
        makers: PlanMakers,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
        on_plan: Callable[[], None],
        on_offers: Callable[[MadeOffers], None],
    ) -> None:
        """Start without a plan."""
        self.made: MadePlan | None = None
        # Counts the plans that were there: which one it is.
        self.held = 0
        self.offers = OfferService(
            reckons=makers.reckons, clock=clock, monotonic_s=monotonic_s, on_offers=on_offers
        )
        self.changes = ChangeService(finds=makers.reckons, monotonic_s=monotonic_s)
        self.alternatives = AlternativeService(plans=makers.reckons, monotonic_s=monotonic_s)
        self._site = site
        self._home = home
        self._makers = makers
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._on_plan = on_plan
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)
        self._depends_on: object = None
        self._behind: frozenset[str] = frozenset()
        self._cost_today: float | None = None
        self._wake = asyncio.Event()
        self._has_changed = False
        self._making = asyncio.Lock()
        self._planned = asyncio.Event()

    @property
    def plan(self) -> Plan | None:
        """The plan that is there."""
        return None if self.made is None else self.made.plan

    def look(self, depends_on: object, devices: Iterable[DeviceState]) -> None:
        """Take note of what the plan depends on, as a value: another than before calls for a new plan.

        So does a device that newly fell behind its plan.
        """
        behind = frozenset() if self.made is None else behind_of(self.made, devices, self._clock())
        if depends_on != self._depends_on or behind - self._behind:
            self._wake.set()
        self._has_changed |= depends_on != self._depends_on
        self._depends_on, self._behind = depends_on, behind

    def replan(self) -> None:
        """Make a new plan soon."""
        self._wake.set()

    def demands(self, devices: Iterable[DeviceState]) -> tuple[Demand, ...]:
        """Return what the plan asks of the devices now."""
        if (plan := self.plan) is None:
            return ()
        now = self._clock()
        return (*planned_demands(plan, now), *load_demands(plan, now, devices))

    def steered(self, state: DeviceState) -> DeviceState:
        """Return a device's state with what the plan has for it now."""
        if self.plan is None:
            return state
        return steered(state, self.plan, self._clock(), voltage_v=self._site.nominal_voltage_v)

    def steps(self, wishes: Wishes) -> tuple[PlannedStep, ...]:
        """Return what the plan has for batteries and cars, where the resident has it followed."""
        return () if self.plan is None or not wishes.site.follow_plan else planned_steps(self.plan)

    def note(self, balance: PowerBalance | None, devices: Iterable[DeviceState], *, away: bool) -> None:
        """Take note of what the house draws besides its devices, each load and each roof: for forecasts."""
        if balance is None:
            return
        now_s, devices = self._monotonic_s(), list(devices)
        for one in devices:
            if isinstance(reading := one.reading, HeatPumpReading | WaterHeaterReading):
                self._makers.heat.note(one.device_id, reading.power_w, reading.temperature_c, now_s)
        self._makers.note(noted(balance, devices, away=away))

    def learn(self, powers_w: Mapping[str, Mapping[int, float]]) -> None:
        """Take in what is known of past half-hours from elsewhere, and plan by it."""
        self._makers.learn(powers_w)
        self.replan()

    def planned(self, device_id: str) -> Planned | None:
        """Return what the plan has for a device now; None without a plan and for what is not planned."""
        if self.made is None:
            return None
        does = self.made.stretches.get(device_id, ())
        found = planned(self.made.plan, device_id, self._clock(), does)
        return None if found is None else replace(found, forecast=self.made.forecasts.get(device_id))

    @property
    def choices(self) -> Mapping[str, Choice]:
        """What announced events cost, by their ids."""
        return {} if self.offers.made is None else self.offers.made.choices

    def view(self, wishes: Wishes) -> PlanView | None:
        """Return the plan as it is shown, None while there is none."""
        if (made := self.made) is None:
            return None
        guessed = made.problem.signals.guessed_from
        return PlanView(
            made_at=made.made_at,
            until=made.plan.grid.end,
            status=made.plan.status,
            cost=made.plan.money.total,
            is_followed=wishes.site.follow_plan,
            load_forecast=made.forecasts.get(LOAD),
            flexibility_w={} if (offers := self.offers.made) is None else offers_now(offers, self._clock()),
            choices=self.choices,
            bent=self.changes.of(made),
            prices_guessed_from=None if guessed is None else made.problem.grid.bounds()[guessed],
            cost_today=self._cost_today,
            left_out=made.plan.left_out,
        )

    async def simulate(self, what: WhatIf) -> Difference | None:
        """Return what would be planned if something were other than it is; None without a plan.

        Raises TimeoutError where others are reckoned for too long before it.
        """
        if (made := self.made) is None:
            return None
        async with asyncio.timeout(SOLVE_TIMEOUT_S):
            before = await self._makers.reckons.plan(made.problem)
            after = await self._makers.reckons.plan(changed(made.problem, what))
        return Difference(before=before, after=after)

    async def run(self) -> None:
        """Plan until cancelled: soon after a change, and at each quarter-hour."""
        while True:
            self._wake.clear()
            await self.make()
            await self._until_due()

    async def reckon(self) -> None:
        """Reckon until cancelled, after each plan: a better one, ways out and offers."""
        while True:
            await self._planned.wait()
            self._planned.clear()
            await self.refine()
            if (made := self.made) is not None:
                await self.changes.make(made)
                await self.offers.make()

    async def _until_due(self) -> None:
        now = self._clock()
        due_s = (floor(now, QUARTER_HOUR_S) + _QUARTER - now).total_seconds()
        try:
            async with asyncio.timeout(max(DEBOUNCE_S, due_s)):
                await self._wake.wait()
        except TimeoutError:
            return
        await asyncio.sleep(DEBOUNCE_S)

    async def make(self) -> None:
        """Make a plan; one that cannot be made leaves the one before, which ends by itself."""
        async with self._making:
            await self._make()

    def _home_now(self) -> Home:
        home = self._home()
        return replace(
            home, learned={one.device_id: self._makers.heat.of(one.device_id) for one in home.devices}
        )

    async def _make(self) -> None:
        now = self._clock()
        # What was wanted before is no reason to stay with the plan before.
        last, self._has_changed = None if self._has_changed else self.plan, False
        grid = _still_ahead(tiers(now), now)
        try:
            async with asyncio.timeout(SOLVE_TIMEOUT_S):
                home, outlook = self._home_now(), await self._makers.outlook(grid)
                problem = problem_of(home, grid, outlook, now)
                plan = with_poor_forecasts(await self._makers.plans(problem, last), outlook)
        except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
            self._warnings.warn(
                "plan", "No plan could be made; every device goes by its rules", exc_info=True
            )
            return
        made = MadePlan(
            plan=plan,
            problem=problem,
            home=home,
            outlook=outlook,
            made_at=now,
            stretches=stretches_of(plan),
            forecasts=forecasts_of(outlook),
        )
        self._hold(made)
        self._planned.set()

    async def refine(self) -> None:
        """Look for a better plan than the one that is there; a new one meanwhile is not replaced."""
        if (made := self.made) is None:
            return
        try:
            async with asyncio.timeout(SOLVE_TIMEOUT_S):
                plan = await self._makers.reckons.refined(made.problem, made.plan)
        except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
            self._warnings.warn("refine", "A better plan could not be looked for", exc_info=True)
            return
        if plan is not made.plan and self.made is made:
            self._hold(made.with_plan(plan))

    def _hold(self, made: MadePlan) -> None:
        self.made, self._cost_today = made, made.cost_today
        self.held += 1
        self.offers.planned(made)
        self._on_plan()


def _still_ahead(grid: TimeGrid, now: datetime) -> TimeGrid:
    """Return the grid from the step on that holds ``now``: nothing can be done any more in those before."""
    index = grid.index_at(now) or 0
    return TimeGrid(start=grid.bounds()[index], lengths_s=grid.lengths_s[index:])

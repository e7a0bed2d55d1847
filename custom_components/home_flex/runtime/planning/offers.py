"""What the home can offer beside its plan, and what joining each announced event costs: made after plans.

The envelope is made at most each quarter-hour, beside the event loop; nothing waits for it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

from ...core.model import QUARTER_HOUR_S, floor
from ...core.planner.choice import Choice, EventAhead
from ...core.planner.offer import Direction, Envelope
from ...core.planner.plan import Plan, PlanStatus
from ...core.planner.problem import LimitOwner, Problem
from ..seldom import SeldomWarnings
from .asking import Home, paid_by, problem_of
from .changes import FindsChanges
from .limits import ahead
from .made import MadePlan

_LOGGER = logging.getLogger(__name__)

# The shortest time for which something is offered is what the sensors show.
SHOWN_S: Final = 900
# Of more events than these nobody asks what they cost.
_MOST_EVENTS: Final = 5
# All error paths of a large home take some seconds.
_TIMEOUT_S: Final = 120.0


class Reckons(FindsChanges, Protocol):
    """Solves beside the event loop, one thing at a time, and leaves the plan's own model alone."""

    async def plan(self, problem: Problem) -> Plan:
        """Return a plan of what might be."""
        ...

    async def refined(self, problem: Problem, plan: Plan) -> Plan:
        """Return a plan that is better by more than leaving ``plan`` costs, else ``plan``."""
        ...

    async def envelope(self, problem: Problem, plan: Plan) -> Envelope:
        """Return what may be offered beside a plan."""
        ...

    async def choice(self, problem: Problem, event: EventAhead, plan: Plan) -> Choice:
        """Return what answering an event costs; ``problem`` is without it."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeOffers:
    """What is offered beside a plan, what announced events cost by their ids, and when that was reckoned."""

    envelope: Envelope
    made_at: datetime
    plan: MadePlan
    choices: Mapping[str, Choice] = field(default_factory=dict)

    def now_w(self, direction: Direction, now: datetime) -> float:
        """Return the most that is offered now for a quarter-hour, W."""
        starts = [one for one in self.envelope.of(direction, SHOWN_S) if one.end > now]
        # The windows begin with half-hours: of the next one it is known, and soon it is now.
        offer = min(starts, key=lambda one: one.start, default=None)
        return 0.0 if offer is None else offer.most_w


def offers_now(made: MadeOffers, now: datetime) -> dict[Direction, float]:
    """Return the most that is offered now, up and down."""
    return {direction: made.now_w(direction, now) for direction in Direction}


class OfferService:
    """Holds what is offered beside the plan it was told of last; ``on_offers`` is called with each."""

    def __init__(
        self,
        *,
        reckons: Reckons,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
        on_offers: Callable[[MadeOffers], None],
    ) -> None:
        """Start without offers."""
        self.made: MadeOffers | None = None
        self._reckons = reckons
        self._clock = clock
        self._on_offers = on_offers
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)
        self._plan: MadePlan | None = None

    def planned(self, made: MadePlan) -> None:
        """Take note of a new plan."""
        self._plan = made

    async def make(self, *, anew: bool = False) -> None:
        """Reckon what may be offered beside the last plan; the envelope again in the next quarter-hour.

        ``anew``: the envelope in any case. What cannot be reckoned leaves what was there.
        """
        plan = self._plan
        if plan is None or plan.plan.status is PlanStatus.SAFE_RULE:
            return
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                envelope, made_at = await self._envelope(plan, anew=anew)
                choices = {key: await self._choice(plan, key) for key in [*plan.home.asked_by][:_MOST_EVENTS]}
        except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
            self._warnings.warn("offers", "What the home can offer could not be reckoned", exc_info=True)
            return
        is_new = self.made is None or made_at != self.made.made_at
        self.made = MadeOffers(envelope=envelope, made_at=made_at, plan=plan, choices=choices)
        if is_new:
            self._on_offers(self.made)

    async def _envelope(self, plan: MadePlan, *, anew: bool) -> tuple[Envelope, datetime]:
        now, before = self._clock(), self.made
        if before is not None and not anew:
            is_same_quarter = floor(before.made_at, QUARTER_HOUR_S) == floor(now, QUARTER_HOUR_S)
            if is_same_quarter and _offers_with(before.plan) == _offers_with(plan):
                return before.envelope, before.made_at
        return await self._reckons.envelope(plan.problem, plan.plan), now

    async def _choice(self, plan: MadePlan, event_id: str) -> Choice:
        grid = plan.plan.grid
        problem = problem_of(without_event(plan.home, event_id), grid, plan.outlook, plan.made_at)
        return await self._reckons.choice(problem, event_ahead(plan, event_id), plan.plan)


def _offers_with(plan: MadePlan) -> tuple[object, ...]:
    """Return what calls for another envelope at once: what was accepted, and which devices there are."""
    return plan.home.answers, frozenset(plan.plan.devices)


def without_event(home: Home, event_id: str) -> Home:
    """Return a home of which one event asks nothing."""
    return replace(
        home,
        asked_in=lambda step: [each for each in home.asked_in(step) if each.source_id != event_id],
    )


def event_ahead(plan: MadePlan, event_id: str) -> EventAhead:
    """Return what an announced event asks at the meter, whether or not the resident joins it."""
    setpoint = plan.problem.preferences.bend.setpoint
    pays = paid_by(plan.home, event_id, plan.plan.grid)
    promised = setpoint + max(0.0, *pays)
    found = ahead(plan.home.site, plan.plan.grid, plan.home.asked_by[event_id], promised)
    return EventAhead(
        event_id=event_id,
        pays_per_kwh=pays,
        commitments=tuple(replace(each, commitment_id=event_id) for each in found.commitments),
        limits=tuple(
            replace(each, limit_id=event_id) for each in found.limits if each.owner is not LimitOwner.FUSE
        ),
    )

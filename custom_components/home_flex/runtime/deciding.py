"""One decision for the site: what is known, asked and planned, and what the arbiter makes of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from ..core.control.arbiter import arbitrate
from ..core.control.demand import Demand
from ..core.control.state import Decision, SiteState
from .device_slot import DeviceSlot
from .home_settings import Heard
from .inputs import Inputs
from .kept_control import KeptControl
from .physics_watch import PhysicsWatch
from .plan_inputs import PlanInputs
from .planning.service import PlanService
from .wishes import WishService


class Deciding:
    """Has the arbiter decide, and tells each device slot what is wanted of it.

    ``decision`` is the last one, None before the first; ``decided`` is when it was made. ``physics`` watches
    what the meter says of what devices were told.
    """

    def __init__(
        self,
        *,
        slots: Mapping[str, DeviceSlot],
        inputs: Inputs,
        plan_inputs: PlanInputs,
        planning: PlanService | None,
        control: KeptControl,
        wishes: WishService,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
    ) -> None:
        """Take the parts; ``planning`` None: nobody plans."""
        self.decision: Decision | None = None
        self.decided = clock()
        self.physics = PhysicsWatch()
        self._slots = slots
        self._inputs = inputs
        self._plan_inputs = plan_inputs
        self._planning = planning
        self._control = control
        self._wishes = wishes
        self._clock = clock
        self._monotonic_s = monotonic_s

    def decide(self, heard: Heard) -> None:
        """Decide on what is known now, and hand on what is wanted of each device."""
        now = self.decided = self._clock()
        state, demanded = self._planned(self._inputs.state(heard, now), self._inputs.demands())
        self.decision, self._control.memory = arbitrate(
            state, demanded, self._control.memory, self._monotonic_s()
        )
        if self._planning is not None:
            self._planning.note(self.decision.balance, state.devices, away=self._wishes.wishes.site.away)
        for setpoint in self.decision.setpoints:
            self._slots[setpoint.device_id].want(setpoint)
        self.physics.look(self._slots.values(), self._control.memory, self._monotonic_s())
        for slot in self._inputs.flexible():
            if (memory := self._control.memory.devices.get(slot.device_id)) is not None:
                slot.judge(memory.judgement)
        self._control.keep()

    def _planned(
        self, state: SiteState, demanded: tuple[Demand, ...]
    ) -> tuple[SiteState, tuple[Demand, ...]]:
        """Return the state and the demands with what the plan asks, where the resident has it followed."""
        planning = self._planning
        if planning is None:
            return state, demanded
        planning.look(self._plan_inputs.depends_on(state), state.devices)
        if not self._wishes.wishes.site.follow_plan:
            return state, demanded
        steered = tuple(planning.steered(one) for one in state.devices)
        return replace(state, devices=steered), (*planning.demands(state.devices), *demanded)

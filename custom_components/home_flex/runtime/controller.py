"""The site at run time, without Home Assistant: devices in, decisions out, events reported.

With each meter reading, each change of an event and at least each second the arbiter decides and every
device slot is told what is wanted of it.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from ..aggregator.link import Incoming
from ..core.events.model import EventRecord, EventStatus
from ..core.events.outcome import StatusChanged
from ..core.events.possible import SiteEnvelope, site_envelope
from ..core.model import ChargerReading, DeviceKind, MeterReading, Site
from ..history.telemetry import TelemetryHealth
from .clock_watch import ClockWatch
from .control_loop import ControlLoop
from .deciding import Deciding
from .device_slot import DeviceSlot
from .event_inbox import EventInbox
from .event_service import EventService
from .event_settlement import Settlement
from .first_telegram import FirstTelegram
from .group_limits import GroupLimits
from .home_settings import Heard, HomeSettings
from .house_rules import household_of
from .inputs import Inputs
from .invitation_service import InvitationService
from .journal import Journal
from .kept_control import KeptControl
from .lasting_defaults import LastingDefaults
from .ledger import Ledger
from .plan_inputs import PlanInputs
from .planning.asking import Home
from .planning.offer_report import expected, storage_of
from .planning.offers import MadeOffers
from .planning.service import PlanMakers, PlanService
from .requests import Requests
from .scope_samples import scope_samples
from .seldom import SeldomWarnings
from .view import SiteView
from .viewing import Moment, Viewer
from .wishes import WishService

_LOGGER = logging.getLogger(__name__)

type StatusListener = Callable[[EventRecord, EventStatus | None], None]


class SiteController:
    """Runs one site. ``on_view`` is called with a fresh view after each tick.

    ``ask_again`` lets the aggregator be asked for its open events, ``monotonic_s`` gives seconds that only
    grow, ``settlement`` says what came of events.
    """

    def __init__(  # noqa: PLR0913 # the parts of a site
        self,
        *,
        site: Site,
        journal: Journal,
        ven_id: str | None,
        grid_operator_programs: frozenset[str],
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
        wishes: WishService,
        groups: GroupLimits,
        settings: HomeSettings,
        on_view: Callable[[SiteView], None],
        ask_again: Callable[[], None],
        settlement: Settlement,
        makers: PlanMakers | None = None,
    ) -> None:
        """Take the parts; ``load`` and ``run`` bring them to life."""
        self.site = site
        self.slots: dict[str, DeviceSlot] = {}
        self.wishes = wishes
        self.groups = groups
        self.settings = settings
        self._defaults = LastingDefaults(site, settings.network)
        self.events = EventService(
            journal=journal,
            ven_id=ven_id,
            inbox=EventInbox(
                ven_id=ven_id or "",
                grid_operator_programs=grid_operator_programs,
                group_ids=frozenset(each.group.group_id for each in groups.groups),
                clock=clock,
            ),
            clock=clock,
            monotonic_s=monotonic_s,
            on_status=self._status_changed,
            envelope=self._envelope,
            ask_again=ask_again,
            settlement=settlement,
            planned=lambda: () if self.planning is None else self.planning.steps(wishes.wishes),
            zone=lambda: wishes.zone,
            household=lambda: household_of(wishes.wishes),
        )
        self.invitations = InvitationService(
            events=self.events,
            journal=journal,
            paused=lambda: wishes.wishes.site.paused,
            clock=clock,
            monotonic_s=monotonic_s,
        )
        self.aggregator_connected: bool | None = None if ven_id is None else False
        self.aggregator_reason: str | None = None
        self.telemetry_health: Callable[[], TelemetryHealth] | None = None
        self.ledger = Ledger(journal)
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._clock_watch = ClockWatch(clock, monotonic_s)
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)
        self._ask_again = ask_again
        self._on_view = on_view
        self._control = KeptControl(journal, clock, monotonic_s)
        self._first_telegram = FirstTelegram(self.slots, monotonic_s)
        self._heard = Heard()
        self._loop = ControlLoop(
            tick=self.tick,
            due_in_s=self.events.due_in_s,
            on_failing=lambda: self._on_view(self.view()),
            monotonic_s=monotonic_s,
        )
        self._inputs = Inputs(
            site=site,
            slots=self.slots,
            wishes=wishes,
            events=self.events,
            groups=groups,
            settings=settings,
            clock_watch=self._clock_watch,
            monotonic_s=monotonic_s,
        )
        self._plan_inputs = PlanInputs(inputs=self._inputs, control=self._control, monotonic_s=monotonic_s)
        self.planning = (
            None
            if makers is None
            else PlanService(
                site=site,
                home=self._home,
                makers=makers,
                clock=clock,
                monotonic_s=monotonic_s,
                on_plan=self._loop.wake,
                on_offers=self._offered,
            )
        )
        self._deciding = Deciding(
            slots=self.slots,
            inputs=self._inputs,
            plan_inputs=self._plan_inputs,
            planning=self.planning,
            control=self._control,
            wishes=wishes,
            clock=clock,
            monotonic_s=monotonic_s,
        )
        self._viewer = Viewer(
            slots=self.slots,
            wishes=wishes,
            events=self.events,
            invitations=self.invitations,
            groups=groups,
            journal=journal,
            control=self._control,
            clock_watch=self._clock_watch,
            planning=self.planning,
        )
        self.requests = Requests(
            events=self.events,
            invitations=self.invitations,
            wishes=wishes,
            groups=groups,
            clock=clock,
            decide=self.tick,
            choices=lambda: {} if self.planning is None else self.planning.choices,
            device_ids=lambda: {slot.device_id for slot in self._inputs.flexible()},
        )
        self._listeners: list[StatusListener] = []

    async def load(self) -> None:
        """Take up what was durable before the restart."""
        await self.events.load()
        await self.invitations.load()
        await self._control.load()

    async def run(self) -> None:
        """Read, decide and write until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for slot in self.slots.values():
                tasks.create_task(slot.run(), name=f"home_flex {slot.name}")
            tasks.create_task(self._loop.run(), name="home_flex control")
            if self.planning is not None:
                tasks.create_task(self.planning.run(), name="home_flex plan")
                tasks.create_task(self.planning.reckon(), name="home_flex beside the plan")

    def add_listener(self, listener: StatusListener) -> Callable[[], None]:
        """Call ``listener`` with each change of an event's state; returns how to stop it."""
        self._listeners.append(listener)

        def remove() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return remove

    def reading_changed(self, slot: DeviceSlot) -> None:
        """Take note that a device spoke or fell silent; a new meter reading is decided on at once."""
        if slot.kind is DeviceKind.GRID_METER:
            if isinstance(slot.reading, MeterReading):
                for scope, sample in scope_samples(
                    self.slots,
                    [each.group for each in self.groups.groups],
                    slot.reading,
                    self.wishes.wishes,
                    voltage_v=self.site.nominal_voltage_v,
                ):
                    self.events.sample(scope, sample)
            self._loop.wake()

    def receive(self, incoming: Incoming) -> None:
        """Take a message of the aggregator to whom it is for."""
        if incoming.kind in ("invitation", "verdict"):
            self.invitations.hear(incoming)
            self._loop.wake()
        else:
            self.events.receive(incoming)

    def connection_changed(self, connected: bool, reason: str | None) -> None:
        """Take note that the link to the aggregator came or went."""
        self.aggregator_connected = connected
        self.aggregator_reason = reason
        self._loop.wake()

    async def tick(self) -> None:
        """Decide once and tell every device; after a start, once the meter has spoken."""
        if (step_s := self._clock_watch.look()) is not None:
            self._clock_stepped(step_s)
        may_end = self._clock_watch.is_settled
        self.wishes.advance(may_end=may_end)
        if self.wishes.wishes.site.paused:
            self.events.stay_out()
        self._heard = self.settings.heard()
        for group_id, dims in self._heard.signals.items():
            self.groups.signalled(group_id, dims)
        for slot in self._inputs.flexible():
            self._take_wishes(slot)
        self._defaults.tell(self.slots.values(), self.wishes.wishes)
        self.events.advance(may_end=may_end)
        self.invitations.advance()
        if not self._first_telegram.is_awaited(in_hand=self._control.is_in_hand):
            self._deciding.decide(self._heard)
        self._on_view(self.view())
        self.ledger.write()

    def view(self) -> SiteView:
        """Return the site as it is now."""
        return self._viewer.view(
            Moment(
                time=self._clock(),
                decided=self._deciding.decided,
                decision=self._deciding.decision,
                quiet=self._heard.quiet,
                cars=self._heard.cars,
                aggregator_connected=self.aggregator_connected,
                aggregator_reason=self.aggregator_reason,
                telemetry=self.telemetry_health() if self.telemetry_health else None,
                physics=self._deciding.physics.findings,
                control_fails=self._loop.is_failing,
            )
        )

    def _home(self) -> Home:
        """Return the home as a plan takes it."""
        return self._plan_inputs.home(self._heard, self._clock())

    def _offered(self, made: MadeOffers) -> None:
        """Tell the aggregator what is offered, and show it."""
        if intervals := expected(made):
            self.events.tell_expected(intervals, storage_of(made.plan.problem))
        self._loop.wake()

    def _take_wishes(self, slot: DeviceSlot) -> None:
        if slot.kind is DeviceKind.EV_CHARGER:
            reading = slot.reading
            connected = reading.vehicle_connected if isinstance(reading, ChargerReading) else None
            self.wishes.plug_seen(slot.device_id, connected=connected)

    def _status_changed(self, outcome: StatusChanged) -> None:
        for listener in tuple(self._listeners):
            listener(outcome.record, outcome.previous)
        self._loop.wake()

    def _clock_stepped(self, step_s: float) -> None:
        self._warnings.warn("step", f"The clock of this machine was set by {step_s:+.0f} s")
        self.events.clock_stepped()
        self._ask_again()

    def _envelope(self) -> SiteEnvelope:
        """Return what the site could ever be at its meter."""
        slots = self.slots.values()
        batteries = sum(slot.kind is DeviceKind.BATTERY for slot in slots)
        return site_envelope(self.site, [slot.reading for slot in slots], batteries=batteries)

"""The home as a plan takes it: what is there, what is asked and paid ahead, and what calls for a new plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from ..core.control.commands import demands
from ..core.control.demand import Demand
from ..core.control.state import SiteState
from ..core.events.book import EventBook
from ..core.events.model import OPEN, Event, EventRecord, EventStatus, Source
from ..core.events.prices import paid_at
from ..core.events.schedule import commands_at, spared_at
from ..core.model import ChargerReading, Reading, Step
from ..core.planner.preferences import preferences_for
from ..core.wishes import demands as wished
from .event_service import EventService
from .home_settings import Heard
from .inputs import Inputs
from .kept_control import KeptControl
from .planning.asking import Home
from .wishes import WishService

_ANSWERED: Final = frozenset({EventStatus.ACCEPTED, EventStatus.STARTED})


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanInputs:
    """The parts of a site that say what lies ahead of it; ``inputs`` is how it stands now."""

    inputs: Inputs
    control: KeptControl
    monotonic_s: Callable[[], float]

    def home(self, heard: Heard, now: datetime) -> Home:
        """Return the home as a plan takes it."""
        state = self.inputs.state(heard, now)
        registers = None if state.meter is None else state.meter.registers
        return Home(
            site=self.inputs.site,
            network=self.inputs.settings.network,
            devices=state.devices,
            asked_in=self._asked_in,
            asked_by=self._announced(),
            answers=self._answers(),
            paid_in=self._paid_in(),
            wishes=self._wishes.wishes,
            preferences=preferences_for(self._wishes.wishes.site.goal),
            zone=self._wishes.zone,
            on_for_s=self._on_for_s(),
            month_peak_w=None if registers is None else registers.month_peak_w,
            month_peak_time=None if registers is None else registers.month_peak_time,
            spared_in=lambda step: spared_at(self._events.book, _middle(step)),
        )

    def depends_on(self, state: SiteState) -> object:
        """Return what calls for a new plan when it changes: wishes, events, and what is there."""
        return (
            self._wishes.wishes,
            self._events.programmes,
            self._answers(),
            tuple(
                (one.device_id, one.reach, one.reading is None or _is_empty(one.reading))
                for one in state.devices
            ),
        )

    def _answers(self) -> tuple[object, ...]:
        """Return which version of each event stands, and what the resident, or a rule, said of it."""
        return tuple(
            (
                record.event.event_id,
                record.event.modified,
                record.status,
                record.opted_out,
                record.eased,
                record.spared,
            )
            for record in self._events.book.records.values()
        )

    @property
    def _wishes(self) -> WishService:
        return self.inputs.wishes

    @property
    def _events(self) -> EventService:
        return self.inputs.events

    def _on_for_s(self) -> dict[str, float]:
        """Return for how long each load that runs was seen to run."""
        now_s, memories = self.monotonic_s(), self.control.memory.devices
        return {key: now_s - one.load.since_s for key, one in memories.items() if one.load.is_on}

    def _asked_in(self, step: Step) -> tuple[Demand, ...]:
        """Return what events and wishes demand in a step that lies ahead, as far as is known now."""
        middle = _middle(step)
        lasting = (
            each for each in wished(self._wishes.wishes, ()) if each.until is None or each.until > middle
        )
        return (*demands(commands_at(self._events.book, middle), middle), *lasting)

    def _announced(self) -> dict[str, Callable[[Step], Sequence[Demand]]]:
        """Return what each event that is announced or runs would demand in a step, the first to start first.

        Of one that runs the steps ahead are what is left of it.
        """
        waiting = [each for each in self._events.book.records.values() if each.status in _ANSWERED]
        return {
            each.event.event_id: partial(_asked_by, replace(each, opted_out=False, eased=()))
            for each in sorted(waiting, key=lambda each: each.event.start)
        }

    def _paid_in(self) -> dict[str, Callable[[Step], float | None]]:
        """Return what a kWh of each open event of the aggregator pays in a step ahead, by its id."""
        return {
            each.event.event_id: partial(self._paid, each.event)
            for each in self._events.book.records.values()
            if each.status in OPEN and each.event.source is Source.AGGREGATOR
        }

    def _paid(self, event: Event, step: Step) -> float | None:
        programme = self._events.programmes.get(event.program_id)
        return paid_at(
            event,
            _middle(step),
            currency=self.inputs.site.currency,
            agreed_per_kwh=None if programme is None else programme.pays_per_kwh,
        )


def _middle(step: Step) -> datetime:
    return step.start + (step.end - step.start) / 2


def _asked_by(record: EventRecord, step: Step) -> tuple[Demand, ...]:
    middle = _middle(step)
    book = EventBook(records={record.event.event_id: record})
    return demands(commands_at(book, middle), middle)


def _is_empty(reading: Reading) -> bool:
    """Return whether it is a charger without a car."""
    return isinstance(reading, ChargerReading) and not reading.vehicle_connected

"""What the arbiter is given at one tick: the site as it is, and everything that is demanded of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ..core.control.commands import demands
from ..core.control.demand import Demand
from ..core.control.state import DeviceState, MeterState, SiteState
from ..core.events.book import EventBook
from ..core.events.model import OPEN, Event, EventRecord, EventStatus, Source
from ..core.events.prices import paid_at
from ..core.events.schedule import commands_at
from ..core.kinds import is_flexible
from ..core.kinds.sub_meter import SubMeterReading
from ..core.model import ChargerReading, DeviceKind, MeterReading, Reading, Site, Step
from ..core.wishes import NO_CAR, started_within, steered
from ..core.wishes import demands as wished
from .clock_watch import ClockWatch
from .device_slot import DeviceSlot
from .event_service import EventService
from .group_limits import GroupLimits
from .home_settings import Heard, HomeSettings
from .wishes import WishService


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """The parts of a site that say what is there, and what is wanted of it."""

    site: Site
    slots: Mapping[str, DeviceSlot]
    wishes: WishService
    events: EventService
    groups: GroupLimits
    settings: HomeSettings
    clock_watch: ClockWatch
    monotonic_s: Callable[[], float]

    def state(self, heard: Heard, now: datetime) -> SiteState:
        """Return the site as it is, with what the resident wishes of each device."""
        meter = next((slot for slot in self.slots.values() if slot.kind is DeviceKind.GRID_METER), None)
        return SiteState(
            site=self.site,
            meter=meter.reading if meter is not None and isinstance(meter.reading, MeterReading) else None,
            meter_heard_s=meter.heard_s if meter is not None else -1.0,
            devices=tuple(self._device_state(slot, heard, now) for slot in self.flexible()),
            preference=self.settings.preference,
            prices=heard.prices,
            network=self.settings.network,
            circuit_meters={**heard.circuit_meters, **self._sub_meters()},
        )

    def _sub_meters(self) -> Mapping[str, MeterState]:
        """Return what each sub-meter told last; a circuit may have it as its own."""
        return {
            slot.device_id: MeterState(reading=slot.reading.as_meter(), heard_s=slot.heard_s)
            for slot in self.slots.values()
            if isinstance(slot.reading, SubMeterReading)
        }

    def demands(self) -> tuple[Demand, ...]:
        """Return what events, groups and wishes demand, of one owner the strongest last."""
        chargers = [slot.device_id for slot in self.flexible() if slot.kind is DeviceKind.EV_CHARGER]
        return (*self.commanded(), *self.groups.demands(), *wished(self.wishes.wishes, chargers))

    def commanded(self) -> tuple[Demand, ...]:
        """Return what events demand: while a step of the clock is fresh, all that may be in force."""
        book = self.events.book
        return tuple(
            each for time in self.clock_watch.times for each in demands(commands_at(book, time), time)
        )

    def asked_in(self, step: Step) -> tuple[Demand, ...]:
        """Return what events and wishes demand in a step that lies ahead, as far as is known now."""
        middle = step.start + (step.end - step.start) / 2
        lasting = (
            each for each in wished(self.wishes.wishes, ()) if each.until is None or each.until > middle
        )
        return (*demands(commands_at(self.events.book, middle), middle), *lasting)

    def announced(self) -> dict[str, Callable[[Step], Sequence[Demand]]]:
        """Return what each event that is announced would demand in a step, the first to start first."""
        waiting = [each for each in self.events.book.records.values() if each.status is EventStatus.ACCEPTED]
        return {
            each.event.event_id: partial(_asked_by, replace(each, opted_out=False))
            for each in sorted(waiting, key=lambda each: each.event.start)
        }

    def paid_in(self) -> dict[str, Callable[[Step], float | None]]:
        """Return what a kWh of each open event of the aggregator pays in a step ahead, by its id."""
        return {
            each.event.event_id: partial(self._paid, each.event)
            for each in self.events.book.records.values()
            if each.status in OPEN and each.event.source is Source.AGGREGATOR
        }

    def _paid(self, event: Event, step: Step) -> float | None:
        programme = self.events.programmes.get(event.program_id)
        return paid_at(
            event,
            step.start + (step.end - step.start) / 2,
            currency=self.site.currency,
            agreed_per_kwh=None if programme is None else programme.pays_per_kwh,
        )

    def plan_depends_on(self, state: SiteState) -> object:
        """Return what calls for a new plan when it changes: wishes, events, and what is there."""
        return (
            self.wishes.wishes,
            self.events.programmes,
            tuple(
                (record.event.event_id, record.event.modified, record.status, record.opted_out)
                for record in self.events.book.records.values()
            ),
            tuple(
                (one.device_id, one.reach, one.reading is None or _is_empty(one.reading))
                for one in state.devices
            ),
        )

    def flexible(self) -> list[DeviceSlot]:
        """Return the devices that can be steered."""
        return [slot for slot in self.slots.values() if is_flexible(slot.kind)]

    def _device_state(self, slot: DeviceSlot, heard: Heard, now: datetime) -> DeviceState:
        wishes, zone = self.wishes.wishes, self.wishes.zone
        state = steered(
            slot.state(),
            wishes,
            now,
            zone,
            on_reached=self.wishes.target_reached,
            quiet=slot.device_id in heard.quiet,
            car=heard.cars.get(slot.device_id, NO_CAR),
        )
        return started_within(state, wishes, now, self.monotonic_s(), zone)


def _asked_by(record: EventRecord, step: Step) -> tuple[Demand, ...]:
    middle = step.start + (step.end - step.start) / 2
    book = EventBook(records={record.event.event_id: record})
    return demands(commands_at(book, middle), middle)


def _is_empty(reading: Reading) -> bool:
    """Return whether it is a charger without a car."""
    return isinstance(reading, ChargerReading) and not reading.vehicle_connected

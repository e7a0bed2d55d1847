"""What the arbiter is given at one tick: the site as it is, and everything that is demanded of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..core.control.commands import demands
from ..core.control.demand import Demand
from ..core.control.state import DeviceState, MeterState, SiteState
from ..core.events.schedule import commands_at, spared_at
from ..core.kinds import is_flexible
from ..core.kinds.sub_meter import SubMeterReading
from ..core.model import DeviceKind, MeterReading, Site
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
        spared = {each for time in self.clock_watch.times for each in spared_at(self.events.book, time)}
        return SiteState(
            site=self.site,
            meter=meter.reading if meter is not None and isinstance(meter.reading, MeterReading) else None,
            meter_heard_s=meter.heard_s if meter is not None else -1.0,
            devices=tuple(
                replace(self._device_state(slot, heard, now), is_spared=slot.device_id in spared)
                for slot in self.flexible()
            ),
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
        book, asked = self.events.book, self.events.asked
        return tuple(
            each
            for time in self.clock_watch.times
            for each in demands(commands_at(book, time, asked=asked), time)
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
